#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The routes that official clients ask of a server for one person are all there, each with its guard.

vault_routes.csv lists them; `coffer routes --json` says what is served.
"""

import csv
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402

GUARDS = {"anyone": {"anyone"}, "session": {"vault session", "vault session (access_token)"},
          "send": {"send token"}}


def shape(pattern):
    """A pattern whose parameters have lost their names: {path*} stays apart from {id}."""
    return re.sub(r"\{[^}]*?(\*?)\}", r"{\1}", pattern)


def expected():
    with open(Path(__file__).with_name("vault_routes.csv"), encoding="utf-8") as table:
        return list(csv.DictReader(line for line in table if not line.startswith("#")))


class VaultRoutes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with Coffer() as coffer:
            served = [route for route in coffer.routes() if route["service"] == "vault"]
        cls.guards = {(route["method"], shape(route["pattern"])): route["guard"] for route in served}

    def test_every_route_is_served_to_those_it_is_for(self):
        rows = expected()
        self.assertGreater(len(rows), 200)
        for row in rows:
            with self.subTest(route=f"{row['method']} {row['path']}"):
                guard = self.guards.get((row["method"], shape(row["path"])))
                if row["method"] == "HEAD":  # The row of GET answers it.
                    guard = guard or self.guards.get(("GET", shape(row["path"])))
                self.assertIsNotNone(guard, "is not served")
                self.assertIn(guard, GUARDS[row["caller"]])


if __name__ == "__main__":
    main()
