# SPDX-License-Identifier: BSD-2-Clause
"""The life of a vault as the official Bitwarden CLI leads it, over HTTPS with the local CA.

A step is a test, in the order of their names, so that a failure says where; a second device then shows
that it was the server that kept it all. The programs beside this one run it with a client each.
"""

import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from bitwarden_client import FIELDS, KINDS, Bw, item  # noqa: E402
from coffer_server import Coffer, scratch  # noqa: E402

PASSWORD = "a long master password"
# Clients log in from one address here, more often than people do.
CONFIG = "vault:\n  login_burst: 100\n"


class Household:
    """A server, and the devices of those who use it."""

    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(["https://127.0.0.1:0"], config=CONFIG).start()
        cls.home = scratch("coffer-bw-")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.home)
        cls.coffer.close()

    @classmethod
    def device(cls, version, name):
        folder = cls.home / f"{version}-{name}"
        folder.mkdir()
        bw = Bw(version, folder, cls.coffer.ca)
        bw.run("config", "server", cls.coffer.url("https"))
        return bw


class Life(Household):
    """Subclasses name the version."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.email = f"{cls.version}@example.org"
        cls.coffer.add_vault_user(cls.email, PASSWORD)
        cls.bw = cls.device(cls.version, "first")
        cls.items = {}
        cls.kinds = {k: v for k, v in KINDS.items() if k != "ssh" or cls.version == "new"}

    def named(self, name):
        return self.bw.json("get", "item", self.items[name]["id"])

    def test_01_the_server_is_configured(self):
        self.assertEqual(self.bw.run("config", "server").strip(), self.coffer.url("https"))
        self.assertEqual(self.bw.status(), "unauthenticated")

    def test_02_a_wrong_password_is_refused_in_plain_words(self):
        said = self.bw.refused("login", self.email, "not " + PASSWORD)
        self.assertRegex(said, "(?i)username or password is incorrect|invalid master password")
        unknown = self.bw.refused("login", "nobody@example.org", PASSWORD)
        self.assertRegex(unknown, "(?i)username or password is incorrect|invalid master password")
        self.assertEqual(self.bw.status(), "unauthenticated")

    def test_03_login_unlocks(self):
        self.bw.login(self.email.upper(), PASSWORD)
        self.assertEqual(self.bw.status(), "unlocked")
        self.assertEqual(self.bw.json("status")["userEmail"], self.email)

    def test_04_lock_and_unlock(self):
        self.bw.run("lock")
        self.assertEqual(self.bw.status(), "locked")
        # The newest says what its cryptography met, the older one what it means.
        self.assertRegex(self.bw.refused("unlock", "not " + PASSWORD),
                         "(?i)invalid master password|cryptography error")
        self.bw.unlock(PASSWORD)
        self.assertEqual([f["name"] for f in self.bw.json("list", "folders")], ["No Folder"])

    def test_05_sync(self):
        self.assertIn("Syncing complete", self.bw.run("sync"))
        self.assertIn("Syncing complete", self.bw.run("sync", "--force"))
        self.assertRegex(self.bw.run("sync", "--last"), r"^\d{4}-\d\d-\d\dT")

    def test_06_a_folder_is_made_and_renamed(self):
        folder = self.bw.create("folder", {"name": "Work"})
        type(self).folder = self.bw.edit("folder", folder["id"], {"name": "Work & Söhne"})
        names = [f["name"] for f in self.bw.json("list", "folders")]
        self.assertIn("Work & Söhne", names)
        self.assertNotIn("Work", names)

    def test_07_an_item_of_every_type_is_made(self):
        for name, (kind, data) in self.kinds.items():
            with self.subTest(name):
                wanted = item(kind, f"My {name}", folderId=self.folder["id"], fields=FIELDS, **data)
                self.items[name] = self.bw.create("item", wanted)
                self.assert_same(self.named(name), wanted)
        self.assertEqual(len(self.bw.json("list", "items")), len(self.kinds))

    def assert_same(self, found, wanted):
        """Everything that was asked for is there; the client adds members of its own."""
        for member in ("type", "name", "notes", "folderId", "favorite", "reprompt"):
            self.assertEqual(found.get(member), wanted[member], member)
        for member in ("login", "secureNote", "card", "identity", "sshKey"):
            for key, value in (wanted[member] or {}).items():
                if key == "uris":
                    self.assertEqual([(u["uri"], u.get("match")) for u in found["login"]["uris"]],
                                     [(u["uri"], u["match"]) for u in value])
                else:
                    self.assertEqual(found[member].get(key), value, key)
        self.assertEqual([(f["name"], f["value"], f["type"]) for f in found.get("fields", [])],
                         [(f["name"], f["value"], f["type"]) for f in wanted["fields"]])

    def test_08_items_are_found_by_search_folder_and_part(self):
        found = self.bw.json("list", "items", "--search", "My login")
        self.assertEqual([i["id"] for i in found], [self.items["login"]["id"]])
        in_folder = self.bw.json("list", "items", "--folderid", self.folder["id"])
        self.assertEqual(len(in_folder), len(self.kinds))
        login = self.items["login"]["id"]
        secret = KINDS["login"][1]["login"]
        self.assertEqual(self.bw.run("get", "password", login).strip(), secret["password"])
        self.assertEqual(self.bw.run("get", "username", login).strip(), secret["username"])
        self.assertEqual(self.bw.run("get", "uri", login).strip(), secret["uris"][0]["uri"])
        self.assertRegex(self.bw.run("get", "totp", login), r"^\d{6}")
        self.assertEqual(self.bw.run("get", "notes", self.items["note"]["id"]).rstrip("\n"),
                         KINDS["note"][1]["notes"].rstrip("\n"))

    def test_09_an_item_of_every_type_is_edited(self):
        for name in self.kinds:
            with self.subTest(name):
                value = self.named(name)
                value.update(name=f"Changed {name}", favorite=True, notes="changed", folderId=None)
                if name == "login":
                    value["login"]["password"] = "another password"
                self.bw.edit("item", value["id"], value)
                found = self.named(name)
                self.assertEqual([found.get(k) for k in ("name", "favorite", "notes", "folderId")],
                                 [f"Changed {name}", True, "changed", None])
        history = self.named("login")["passwordHistory"]
        self.assertEqual([h["password"] for h in history], [KINDS["login"][1]["login"]["password"]])

    def test_10_an_item_of_every_type_goes_to_the_trash_and_comes_back(self):
        for name, known in self.items.items():
            with self.subTest(name):
                self.bw.run("delete", "item", known["id"])
                self.assertNotIn(known["id"], [i["id"] for i in self.bw.json("list", "items")])
                self.assertIn(known["id"], [i["id"] for i in self.bw.json("list", "items", "--trash")])
                self.bw.run("restore", "item", known["id"])
                self.assertIn(known["id"], [i["id"] for i in self.bw.json("list", "items")])

    def test_11_an_item_is_deleted_for_good(self):
        extra = self.bw.create("item", item(2, "Extra", secureNote={"type": 0}))
        self.bw.run("delete", "item", extra["id"], "--permanent")
        self.assertIn("Not found", self.bw.refused("get", "item", extra["id"]))
        self.bw.run("sync", "--force")
        self.assertIn("Not found", self.bw.refused("get", "item", extra["id"]))

    def test_12_a_folder_is_deleted_and_its_item_stays(self):
        value = self.named("card")
        value["folderId"] = self.folder["id"]
        self.bw.edit("item", value["id"], value)
        self.bw.run("delete", "folder", self.folder["id"])
        self.bw.run("sync", "--force")
        self.assertNotIn(self.folder["id"], [f["id"] for f in self.bw.json("list", "folders")])
        self.assertIsNone(self.named("card").get("folderId"))

    def test_13_everything_is_exported(self):
        exported = json.loads(self.bw.run("export", "--format", "json", "--raw"))
        self.assertEqual({i["name"] for i in exported["items"]},
                         {f"Changed {name}" for name in self.kinds})
        sealed = json.loads(self.bw.run("export", "--format", "encrypted_json", "--raw"))
        self.assertTrue(sealed["encrypted"])
        self.assertEqual(len(sealed["items"]), len(self.kinds))
        self.assertIn("Changed login", self.bw.run("export", "--format", "csv", "--raw"))

    def test_14_another_device_sees_the_same_after_a_restart_of_the_server(self):
        # On the same port: the devices know the server by its address.
        self.coffer.listen = [self.coffer.url("https")]
        self.coffer.stop()
        self.coffer.start()
        other = self.device(self.version, "second")
        other.login(self.email, PASSWORD)
        mine = {i["id"]: without_client_noise(i) for i in self.bw.json("list", "items")}
        theirs = {i["id"]: without_client_noise(i) for i in other.json("list", "items")}
        self.assertEqual(mine, theirs)
        # What one changes the other gets by an ordinary sync.
        value = self.named("note")
        value["notes"] = "written by the first"
        self.bw.edit("item", value["id"], value)
        self.assertIn("Syncing complete", other.run("sync"))
        if self.version == "old":
            other.recall()
        self.assertEqual(other.json("get", "item", value["id"])["notes"], "written by the first")
        other.run("logout")

    def test_15_logout(self):
        self.bw.run("logout")
        self.assertEqual(self.bw.status(), "unauthenticated")
        self.assertRegex(self.bw.refused("list", "items"), "(?i)not logged in")


def without_client_noise(value):
    return {k: v for k, v in value.items() if k not in ("object", "passwordHistory")}
