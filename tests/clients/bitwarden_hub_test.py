#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Another device hears of everything that the official CLI changes, each by its type, in the order of the
changes. What no command of the CLI causes (types 4, 10, 11, 15 and 16) is in signalr_test.py."""

import json
import queue
import unittest

from bitwarden_life import PASSWORD, Household
from bitwarden_client import KINDS, encoded, item  # bitwarden_life says where it is.
from hub_listener import HubListener, require_signalr
from suite import main
from vault_api import Account, password_hash


class Heard(Household, unittest.TestCase):
    """Subclasses would name another version; the one of 2023 writes what the newest does."""

    @classmethod
    def setUpClass(cls):
        require_signalr()
        super().setUpClass()
        email = "hub@example.org"
        cls.coffer.add_vault_user(email, PASSWORD)
        cls.bw = cls.device("new", "writer")
        cls.bw.login(email, PASSWORD)
        phone = Account(email)
        phone.hash = password_hash(email, PASSWORD)
        with cls.coffer.wire("https") as wire:
            assert phone.login(wire).status == 200
        cls.listener = HubListener(cls.coffer, "/notifications/hub", phone.token)
        assert cls.listener.next(30)[0] == "open"

    @classmethod
    def tearDownClass(cls):
        cls.listener.close()
        super().tearDownClass()

    def hears(self, *numbers):
        """The payload of the last of these updates; nothing else is said."""
        for number in numbers:
            event, message = self.listener.next()
            self.assertEqual((event, message["Type"]), ("ReceiveMessage", number), message)
        with self.assertRaises(queue.Empty):
            self.listener.next(0.3)
        return message["Payload"]

    def hears_of(self, number, thing):
        payload = self.hears(number)
        self.assertEqual(payload["Id"], thing["id"])
        # JavaScript's dates have milliseconds.
        if "revisionDate" in thing:
            self.assertEqual(payload["RevisionDate"][:23], thing["revisionDate"][:23])

    def test_items(self):
        kind, data = KINDS["login"]
        made = self.bw.create("item", item(kind, "first", **data))
        self.hears_of(1, made)
        self.hears_of(0, self.bw.edit("item", made["id"], {**made, "name": "second"}))
        file = self.home / "file.bin"
        file.write_bytes(b"attached")
        self.bw.run("create", "attachment", "--itemid", made["id"], "--file", str(file))
        self.assertEqual(self.hears(0)["Id"], made["id"])
        [attached] = self.bw.json("get", "item", made["id"])["attachments"]
        self.bw.run("delete", "attachment", attached["id"], "--itemid", made["id"])
        self.assertEqual(self.hears(0)["Id"], made["id"])
        self.bw.run("delete", "item", made["id"])
        self.assertEqual(self.hears(0)["Id"], made["id"])
        self.bw.run("restore", "item", made["id"])
        self.assertEqual(self.hears(0)["Id"], made["id"])
        self.bw.run("delete", "item", made["id"], "--permanent")
        self.assertEqual(self.hears(2)["Id"], made["id"])

    def test_folders(self):
        made = self.bw.create("folder", {"name": "first"})
        self.assertEqual(self.hears(7)["Id"], made["id"])
        self.bw.edit("folder", made["id"], {"name": "second"})
        self.assertEqual(self.hears(8)["Id"], made["id"])
        self.bw.run("delete", "folder", made["id"])
        self.assertEqual(self.hears(3)["Id"], made["id"])

    def test_import(self):
        file = self.home / "import.json"
        file.write_text(json.dumps({"encrypted": False, "folders": [], "items": [
            item(2, "imported", secureNote={"type": 0})]}))
        self.bw.run("import", "bitwardenjson", str(file))
        self.hears(5)

    def test_sends(self):
        made = self.bw.json("send", "--fullObject", "--name", "first", "text")
        self.assertEqual(self.hears(12)["Id"], made["id"])
        made["name"] = "second"
        self.bw.run("send", "edit", encoded(made))
        self.assertEqual(self.hears(13)["Id"], made["id"])
        self.bw.run("send", "receive", made["accessUrl"])
        self.assertEqual(self.hears(13)["Id"], made["id"])
        self.bw.run("send", "delete", made["id"])
        self.assertEqual(self.hears(14)["Id"], made["id"])
        file = self.home / "send.bin"
        file.write_bytes(b"shared")
        made = self.bw.json("send", "--fullObject", "--file", str(file))
        self.assertEqual(self.hears(12)["Id"], made["id"])


if __name__ == "__main__":
    main()
