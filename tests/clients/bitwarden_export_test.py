#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A large export of the newest official CLI comes in and goes out again, in clear and under a password,
and nothing that its format keeps is lost on the way through the server.
"""

import json
import time
import unittest
import sys

from bitwarden_life import PASSWORD, Household
from bitwarden_client import FIELDS, KINDS  # bitwarden_life says where it is.
from suite import main

ITEMS, FOLDERS = 2000, 30
FILE_PASSWORD = "of the file alone"
WORDS = ("plain", "Grüße aus Köln", "ключ", "鍵\U0001f511", "عربى", "a \"quoted\" \\ name", "<b>&amp;</b>",
         "tab\tinside", "e\u0301 combined")
# What the client makes anew when it imports.
OF_THE_IMPORT = {"id", "folderId", "creationDate", "revisionDate", "organizationId", "collectionIds"}


def export_file():
    """An export as the web vault writes one; the same at every call."""
    folders = [{"id": f"00000000-0000-4000-8000-{number:012}", "name": f"{WORDS[number % len(WORDS)]} {number}"}
               for number in range(FOLDERS)]
    kinds = list(KINDS.values())
    items = []
    for number in range(ITEMS):
        kind, data = kinds[number % len(kinds)]
        value = {"id": f"00000000-0000-4000-9000-{number:012}", "organizationId": None,
                 "collectionIds": None, "type": kind, "name": f"{WORDS[number % len(WORDS)]} {number}",
                 "folderId": folders[number % FOLDERS]["id"] if number % 3 else None,
                 "notes": [None, "short", f"line {number}\n" * 300][number % 7 % 3],
                 "favorite": number % 11 == 0, "reprompt": int(number % 13 == 0),
                 "fields": FIELDS if number % 4 == 0 else [], "passwordHistory": None,
                 "creationDate": "2024-01-02T03:04:05.678Z", "revisionDate": "2025-01-02T03:04:05.678Z",
                 "deletedDate": None, **json.loads(json.dumps(data))}
        if kind == 1:
            value["login"]["password"] = f"{WORDS[number % len(WORDS)]} secret {number}"
            value["passwordHistory"] = [
                {"password": f"older {number}", "lastUsedDate": "2024-05-06T07:08:09.123Z"}] * (number % 3)
        if "notes" in data:
            value["notes"] = data["notes"]
        items.append(value)
    return {"encrypted": False, "folders": folders, "items": items}


def content(exported):
    """What an export says, whatever the ids are: the folders' names, and the items by name."""
    folders = {folder["id"]: folder["name"] for folder in exported["folders"]}
    items = {}
    for value in exported["items"]:
        kept = {k: without_nothing(v) for k, v in value.items() if k not in OF_THE_IMPORT}
        items[value["name"]] = {k: v for k, v in kept.items() if v not in (None, [], {})}
        items[value["name"]]["folder"] = folders.get(value.get("folderId"))
    return sorted(folders.values()), items


def without_nothing(value):
    """The client leaves out some members that are null, and writes others that were absent."""
    if isinstance(value, dict):
        return {k: without_nothing(v) for k, v in value.items() if v not in (None, [])}
    if isinstance(value, list):
        return [without_nothing(v) for v in value]
    return value


class RoundTrip(Household, unittest.TestCase):
    maxDiff = 4000

    def person(self, name):
        self.coffer.add_vault_user(f"{name}@example.org", PASSWORD)
        bw = self.device("new", name)
        bw.login(f"{name}@example.org", PASSWORD)
        return bw

    def timed(self, what, act):
        begin = time.monotonic()
        done = act()
        print(f"{what} of {ITEMS} items: {time.monotonic() - begin:.1f} s", file=sys.stderr)
        return done

    def assert_same(self, found, wanted):
        folders, items = content(found)
        wanted_folders, wanted_items = content(wanted)
        self.assertEqual(folders, wanted_folders)
        self.assertEqual(set(items), set(wanted_items))
        for name, value in wanted_items.items():
            self.assertEqual(items[name], value)

    def test_everything_comes_back(self):
        wanted = export_file()
        path = self.home / "export.json"
        path.write_text(json.dumps(wanted))
        first = self.person("first")
        self.timed("import", lambda: first.run("import", "bitwardenjson", str(path)))
        exported = json.loads(self.timed(
            "export", lambda: first.run("export", "--format", "json", "--raw")))
        self.assertEqual(len(exported["items"]), ITEMS)
        self.assert_same(exported, wanted)

        sealed = self.home / "sealed.json"
        first.run("export", "--format", "encrypted_json", "--password", FILE_PASSWORD, "--output",
                  str(sealed))
        self.assertTrue(json.loads(sealed.read_text())["passwordProtected"])
        self.assertNotIn("secret", sealed.read_text())
        second = self.person("second")
        second.environment["FILE_PASSWORD"] = FILE_PASSWORD
        self.timed("import under a password", lambda: second.run(
            "import", "--passwordenv", "FILE_PASSWORD", "bitwardenjson", str(sealed)))
        self.assert_same(json.loads(second.run("export", "--format", "json", "--raw")), wanted)


if __name__ == "__main__":
    main()
