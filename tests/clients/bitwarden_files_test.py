#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Files on items, as the official Bitwarden CLIs attach, fetch and remove them."""

import os
import unittest

from bitwarden_life import KINDS, PASSWORD, Household, item
from suite import main


class Files(Household, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.coffer.add_vault_user("files@example.org", PASSWORD)
        cls.devices = {}
        for version in ("new", "old"):
            cls.devices[version] = cls.device(version, "files")
            cls.devices[version].login("files@example.org", PASSWORD)
        cls.folder = cls.home / "somewhere"
        cls.folder.mkdir()

    def item(self, version):
        bw = self.devices[version]
        return bw, bw.create("item", item(1, f"for files, {version}", **KINDS["login"][1]))["id"]

    def attach(self, bw, identifier, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return bw.json("create", "attachment", "--file", str(path), "--itemid", identifier)

    def fetched(self, bw, identifier, name):
        target = self.folder / "fetched"
        bw.run("get", "attachment", name, "--itemid", identifier, "--output", str(target))
        return target.read_bytes()

    def on_disk(self):
        folder = self.coffer.data / "vault/attachments"
        return [p for p in folder.rglob("*") if p.is_file()]

    def live(self, version):
        before = len(self.on_disk())
        bw, identifier = self.item(version)
        contents = {"plain.txt": b"content", "ключ \U0001f511 %22 a b.bin": os.urandom(70_000),
                    "large": os.urandom(20 << 20)}
        for name, content in contents.items():
            shown = self.attach(bw, identifier, name, content)
            self.assertIn(name, [a["fileName"] for a in shown["attachments"]])
        # A change of the item without a sync: the client has the revision that it was told.
        changed = bw.json("get", "item", identifier)
        changed["name"] = "changed"
        bw.edit("item", identifier, changed)

        other = self.device(version, f"second-{version}")
        other.login("files@example.org", PASSWORD)
        for reader in (bw, other):
            reader.run("sync")
            seen = reader.json("get", "item", identifier)["attachments"]
            self.assertEqual(sorted(a["fileName"] for a in seen), sorted(contents))
            for attachment in seen:
                content = contents[attachment["fileName"]]
                self.assertEqual(self.fetched(reader, identifier, attachment["id"]), content)
        self.assertEqual(self.fetched(other, identifier, "plain.txt"), b"content")

        for attachment in seen:
            other.run("delete", "attachment", attachment["id"], "--itemid", identifier)
        bw.run("sync")
        self.assertFalse(bw.json("get", "item", identifier).get("attachments"))
        self.assertEqual(len(self.on_disk()), before)
        self.coffer.run("check")

    def test_newest(self):
        self.live("new")

    def test_of_2023(self):
        self.live("old")


if __name__ == "__main__":
    main()
