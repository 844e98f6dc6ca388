#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Many people who want to log in at once, more than the box can hash for: nobody else is kept waiting.

What needs no password hashed is answered as ever: sessions are prolonged, API keys and approved requests
log in, and whoever has tried too often is told so.
"""

import json
import sys
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account  # noqa: E402

# One hash at a time and one that waits: a handful of logins is a storm.
CONFIG = """
vault:
  signups: open
  login_burst: 3
  login_refill: 1h
  password_iterations: 600000
http:
  hash_threads: 1
  hash_queue: 1
  trusted_proxies: [127.0.0.1]
"""
FORM = ("Content-Type", "application/x-www-form-urlencoded")
STORM = 8


class Storm:
    """Logins of strangers from ever other addresses, for as long as the block runs."""

    def __init__(self, coffer):
        self.coffer, self.over, self.statuses, self.tried = coffer, threading.Event(), [], 0
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self._run) for _ in range(STORM)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        deadline = time.monotonic() + 30
        while 503 not in self.statuses and time.monotonic() < deadline:
            time.sleep(0.02)
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def _run(self):
        with self.coffer.wire(timeout=120) as wire:
            while not self.over.is_set():
                with self.lock:
                    self.tried += 1
                    number = self.tried
                status = log_in(wire, f"198.51.100.{number % 250}", f"{number}@example.org").status
                self.statuses.append(status)
                if status == 503:
                    time.sleep(0.05)


def ask_token(wire, address, **fields):
    return wire.request("POST", "/identity/connect/token", [FORM, ("X-Forwarded-For", address)],
                        urlencode(fields).encode())


def log_in(wire, address, email):
    return ask_token(wire, address, grant_type="password", username=email, password="wrong",
                     scope="api offline_access", client_id="cli", deviceType=25, deviceIdentifier=email,
                     deviceName="test")


class LoginStorm(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(config=CONFIG).start()
        cls.addClassCleanup(cls.coffer.close)
        cls.wire = cls.coffer.wire(timeout=120)
        cls.addClassCleanup(cls.wire.close)
        cls.ann = Account("ann@example.org")
        assert cls.ann.register(cls.wire).status == 200
        assert cls.ann.login(cls.wire).status == 200
        answer = cls.ann.call(cls.wire, "POST", "/api/accounts/api-key", {"masterPasswordHash": cls.ann.hash})
        cls.key = json.loads(answer.body)["apiKey"]
        cls.user = json.loads(cls.ann.call(cls.wire, "GET", "/api/accounts/profile").body)["id"]

    def approved(self):
        """The id and code of a request to log in that another device has approved."""
        body = {"email": self.ann.email, "publicKey": "MIIBIjANBg", "deviceIdentifier": self.ann.device,
                "accessCode": "c" * 25, "type": 0}
        answer = self.wire.request("POST", "/api/auth-requests",
                                   [("Content-Type", "application/json"), ("Device-Type", "25")],
                                   json.dumps(body).encode())
        made = json.loads(answer.body)["id"]
        answer = self.ann.call(self.wire, "PUT", f"/api/auth-requests/{made}", {
            "requestApproved": True, "deviceIdentifier": self.ann.device, "key": "4.AAAA"})
        self.assertEqual(answer.status, 200, answer.body)
        return made, body["accessCode"]

    def test_what_needs_no_hash_is_answered_in_a_storm(self):
        request, code = self.approved()
        throttled = "203.0.113.5"
        device = {"deviceType": 25, "deviceIdentifier": self.ann.device, "deviceName": "test"}
        with Storm(self.coffer) as storm:
            for _ in range(20):
                answer = ask_token(self.wire, "192.0.2.1", grant_type="refresh_token", client_id="cli",
                                   refresh_token=self.ann.refresh)
                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual(self.ann.call(self.wire, "GET", "/api/accounts/revision-date").status, 200)
            answer = ask_token(self.wire, "192.0.2.2", grant_type="client_credentials", scope="api",
                               client_id=f"user.{self.user}", client_secret=self.key, **device)
            self.assertEqual(answer.status, 200, answer.body)
            answer = ask_token(self.wire, "192.0.2.3", grant_type="password", scope="api offline_access",
                               client_id="cli", username=self.ann.email, password=code, authRequest=request,
                               **device)
            self.assertEqual(answer.status, 200, answer.body)
            answer = self.wire.request(
                "POST", "/identity/accounts/register/send-verification-email",
                [("Content-Type", "application/json")], json.dumps({"email": "new@example.org"}).encode())
            self.assertEqual(answer.status, 200, answer.body)
            # Its address is turned away before it could take somebody's place.
            statuses = [log_in(self.wire, throttled, "x@example.org").status for _ in range(4)]
            self.assertEqual(statuses[-1], 429, statuses)
        self.assertIn(503, storm.statuses)  # It was one.
        self.assertLessEqual(set(storm.statuses), {400, 429, 503})


if __name__ == "__main__":
    main()
