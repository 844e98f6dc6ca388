#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may make an account on a box as it comes: whoever is first, then whom its owner has invited."""

import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account  # noqa: E402


class SignUp(unittest.TestCase):
    def setUp(self):
        self.coffer = Coffer().start()
        self.addCleanup(self.coffer.close)

    def register(self, email):
        with self.coffer.wire(timeout=60) as wire:
            return Account(email).register(wire).status

    def command(self, *arguments):
        return self.coffer.run("vault", "user", *arguments, check=False)

    def test_of_many_who_come_first_one_gets_an_account(self):
        statuses = []
        threads = [threading.Thread(target=lambda i=i: statuses.append(self.register(f"{i}@example.org")))
                   for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [200] + [400] * 7)
        self.assertEqual(len(self.command("list").stdout.splitlines()), 1)

    def test_the_owner_invites_while_the_server_runs(self):
        self.assertEqual(self.register("ann@example.org"), 200)
        self.assertEqual(self.register("guest@example.org"), 400)
        self.assertEqual(self.command("invite", "Guest@Example.org").returncode, 0)
        self.assertEqual(self.register("stranger@example.org"), 400)
        self.assertEqual(self.register("guest@example.org"), 200)
        refused = self.command("invite", "guest@example.org")
        self.assertEqual(refused.returncode, 1)
        self.assertIn("exists already", refused.stderr)

        self.command("invite", "late@example.org")
        self.assertEqual(self.command("uninvite", "late@example.org").returncode, 0)
        self.assertEqual(self.command("uninvite", "late@example.org").returncode, 1)
        self.assertEqual(self.register("late@example.org"), 400)


if __name__ == "__main__":
    main()
