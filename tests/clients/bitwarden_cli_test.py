#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The newest official Bitwarden CLI, and an account that it shares with the one of 2023."""

import unittest

from bitwarden_life import KINDS, PASSWORD, Household, Life, item
from suite import main


class Newest(Life, unittest.TestCase):
    version = "new"


class Derivation(Household, unittest.TestCase):
    """An account whose keys are derived by Argon2id, used by both."""

    def test_both_log_in_and_share_an_item(self):
        self.coffer.add_vault_user("argon@example.org", PASSWORD, "argon2id")
        ids = {}
        for version in ("new", "old"):
            bw = self.device(version, "argon")
            bw.login("argon@example.org", PASSWORD)
            ids[version] = bw.create("item", item(1, f"by {version}", **KINDS["login"][1]))["id"]
            self.assertEqual(sorted(i["id"] for i in bw.json("list", "items")), sorted(ids.values()))


if __name__ == "__main__":
    main()
