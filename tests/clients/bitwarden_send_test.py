#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sends as the official Bitwarden CLIs make, receive, edit and delete them.

The newest speaks the protocol with tokens, the one of 2023 the one before it. Whoever receives has no
account: another folder of state, which only knows the server.
"""

import os
import unittest

from bitwarden_life import PASSWORD, Household
from bitwarden_client import encoded  # bitwarden_life says where it is.
from suite import main


class Sends(Household):
    """Subclasses name the version."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email = f"{cls.version}@example.org"
        cls.coffer.add_vault_user(cls.email, PASSWORD)
        cls.owner = cls.device(cls.version, "owner")
        cls.owner.login(cls.email, PASSWORD)
        cls.guest = cls.device(cls.version, "guest")
        cls.folder = cls.home / "files"
        cls.folder.mkdir()

    def share(self, *arguments):
        """`bw send`, as JSON."""
        shared = self.owner.json("send", "--fullObject", *arguments)
        self.settle()
        return shared

    def share_protected(self, password, text=None, path=None):
        """A text or a file behind a password, made from the client's own template."""
        value = self.owner.json("send", "template", "send.file" if path else "send.text")
        value.update(name="protected", password=password, notes=None, maxAccessCount=None)
        if text:
            value["text"] = {"text": text, "hidden": False}
        if path:
            value["file"] = {"fileName": str(path)}
        shared = self.owner.json("send", "create", encoded(value))
        self.settle()
        return shared

    def settle(self):
        if self.owner.forgetful:
            self.owner.recall()

    def on_disk(self):
        return [p for p in (self.coffer.data / "vault/sends").rglob("*") if p.is_file()]

    def stored(self, shared):
        self.owner.run("sync", "--force")
        return self.owner.json("send", "get", shared["id"])

    def gone(self, shared, *arguments):
        said = self.guest.refused("send", "receive", *arguments, shared["accessUrl"])
        self.assertRegex(said, "(?i)not found|does not exist|unavailable|no longer")

    def test_a_text_is_received_by_whoever_has_the_link(self):
        words = "words for a guest — ключ \U0001f511"
        shared = self.share("-n", "for a guest", words)
        self.assertTrue(shared["accessUrl"].startswith(self.coffer.url("https") + "/#/send/"))
        self.assertEqual(self.guest.run("send", "receive", shared["accessUrl"]).strip(), words)
        self.assertEqual(self.guest.json("send", "receive", "--obj", shared["accessUrl"])["name"],
                         "for a guest")
        self.assertEqual(self.stored(shared)["accessCount"], 2)
        self.assertIn(shared["id"], [s["id"] for s in self.owner.json("send", "list")])
        self.assertEqual(self.owner.run("send", "get", "--text", shared["id"]).strip(), words)

    def test_a_file_is_received_whole(self):
        content = os.urandom(3 << 20)
        path = self.folder / "a file ü.bin"
        path.write_bytes(content)
        shared = self.share("-f", str(path))
        self.assertEqual(shared["file"]["fileName"], path.name)
        target = self.folder / "received"
        self.guest.run("send", "receive", "--output", str(target), shared["accessUrl"])
        self.assertEqual(target.read_bytes(), content)
        self.assertEqual(self.stored(shared)["accessCount"], 1)
        self.assertEqual(len(self.on_disk()), 1)
        self.owner.run("send", "delete", shared["id"])
        self.assertEqual(self.on_disk(), [])

    def test_a_password_is_asked_for(self):
        shared = self.share_protected("open sesame", text="behind a password")
        self.assertTrue(shared["passwordSet"])
        url = shared["accessUrl"]
        self.assertRegex(self.guest.refused("send", "receive", url), "(?i)password")
        said = self.guest.refused("send", "receive", "--password", "open simsim", url)
        self.assertRegex(said, "(?i)invalid|incorrect|wrong|password")
        self.assertEqual(self.guest.run("send", "receive", "--password", "open sesame", url).strip(),
                         "behind a password")
        path = self.folder / "protected"
        path.write_bytes(b"protected bytes")
        file = self.share_protected("open sesame", path=path)
        target = self.folder / "unprotected"
        self.guest.run("send", "receive", "--password", "open sesame", "--output", str(target),
                       file["accessUrl"])
        self.assertEqual(target.read_bytes(), b"protected bytes")

        self.owner.run("send", "remove-password", shared["id"])
        self.settle()
        self.assertEqual(self.guest.run("send", "receive", url).strip(), "behind a password")
        self.assertFalse(self.stored(shared)["passwordSet"])

    def test_an_access_that_is_not_allowed_is_not_given(self):
        shared = self.share("--maxAccessCount", "1", "once")
        self.assertEqual(self.guest.run("send", "receive", shared["accessUrl"]).strip(), "once")
        self.gone(shared)
        self.assertEqual(self.stored(shared)["accessCount"], 1)

    def test_an_edit_is_seen_by_the_next_who_receives(self):
        shared = self.share("before")
        value = self.stored(shared)
        value["name"] = "renamed"
        value["text"]["text"] = "after"
        self.edit(value)
        self.assertEqual(self.guest.run("send", "receive", shared["accessUrl"]).strip(), "after")
        value = self.stored(shared)
        self.assertEqual(value["name"], "renamed")
        value["disabled"] = True
        self.edit(value)
        self.gone(shared)
        value["disabled"] = False
        self.edit(value)
        self.assertEqual(self.guest.run("send", "receive", shared["accessUrl"]).strip(), "after")

    def edit(self, value):
        self.owner.run("send", "edit", "--itemid", value["id"], encoded(value))
        self.settle()

    def test_a_deleted_one_is_gone(self):
        shared = self.share("short-lived")
        self.owner.run("send", "delete", shared["id"])
        self.settle()
        self.assertNotIn(shared["id"], [s["id"] for s in self.owner.json("send", "list")])
        # Whether there ever was one is not told: the newest may be asked for a password in vain.
        said = self.guest.refused("send", "receive", shared["accessUrl"])
        self.assertNotIn("short-lived", said)


class Newest(Sends, unittest.TestCase):
    version = "new"


class Of2023(Sends, unittest.TestCase):
    version = "old"


if __name__ == "__main__":
    main()
