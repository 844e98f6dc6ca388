#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Whoever was told that something is stored sees it at once, over any connection.

Writes go through one connection to the database and reads through several: a reader left on an old
snapshot would show a client the past.
"""

import json
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, sealed  # noqa: E402

CONFIG = "vault:\n  signups: open\n  password_iterations: 100000\n  login_burst: 100\n"
CLIENTS, ROUNDS = 6, 40


class ReadYourWrites(unittest.TestCase):
    def setUp(self):
        self.coffer = Coffer(config=CONFIG)
        self.addCleanup(self.coffer.close)
        self.coffer.start()
        self.wrong = []

    def live(self, number):
        """One client: writes over one connection, reads over another, never the past."""
        account = Account(f"reader{number}@example.test")
        with self.coffer.wire() as writes, self.coffer.wire() as reads:
            account.register(writes)
            account.login(writes)
            item = json.loads(account.call(writes, "POST", "/api/ciphers", cipher()).body)["id"]
            revision = 0
            for _ in range(ROUNDS):
                name = sealed()
                changed = account.call(writes, "PUT", f"/api/ciphers/{item}", cipher(name))
                moved = int(account.call(reads, "GET", "/api/accounts/revision-date").body)
                sync = json.loads(account.call(reads, "GET", "/api/sync").body)
                one = json.loads(account.call(reads, "GET", f"/api/ciphers/{item}").body)
                if changed.status != 200 or moved <= revision or one["name"] != name or [
                        c["name"] for c in sync["ciphers"]] != [name]:
                    self.wrong.append((number, changed.status, revision, moved))
                revision = moved

    def test_many_clients_at_once(self):
        threads = [threading.Thread(target=self.live, args=(n,)) for n in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.wrong, [])


if __name__ == "__main__":
    main()
