#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fail2ban reads the server's log: its own filter and the ones in circulation find who failed."""

import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account  # noqa: E402

FILTER = ROOT / "packaging/fail2ban/filter.d/coffer-vault.conf"
# People bring these along.
IN_CIRCULATION = {
    "password": r"^.*Username or password is incorrect\. Try again\. IP: <ADDR>\. Username:.*$",
    "totp": r"^.*Invalid TOTP code! Server time: (.*) UTC IP: <ADDR>$",
}

STAMP = "2026-11-20T12:23:05.001745Z "
FAILURES = [
    "Username or password is incorrect. Try again. IP: {}. Username: a@example.test.",
    "Username or access code is incorrect. Try again. IP: {}. Username: a@example.test.",
    "Auth request not found. Try again.. IP: {}. Username: a@example.test.",
    "This user has been disabled. IP: {}. Username: a@example.test.",
    "This user has been disabled (API key login). IP: {}. Username: a@example.test.",
    "Malformed client_id. IP: {}.",
    "Invalid client_id. IP: {}.",
    "Incorrect client_secret. IP: {}. Username: a@example.test.",
    "Invalid TOTP code! Server time: 2026-11-20 12:23:05 UTC IP: {}",
    "Token is invalid! IP: {}",
    "No token available! IP: {}",
    "Recovery code is incorrect. Try again. IP: {}.",
    "Invalid new device code. IP: {}. Username: a@example.test.",
    "Passkey was refused. IP: {}. Username: unknown. reason=\"no such passkey\"",
    "Security key was refused. IP: {}. Username: a@example.test. reason=counter",
    "YubiKey was refused. IP: {}. Username: a@example.test. reason=REPLAYED_OTP",
    "Duo login was refused. IP: {}. Username: a@example.test. reason=\"the token has expired\"",
    "Send 6a01d26a-0ae3-4f3c-9a4f-8c3b1a2d9e10, Invalid password from {}",
]
INNOCENT = [
    "info vault: User a@example.test logged in successfully. IP: 192.0.2.1",
    "error vault: Please verify your email before trying again.. IP: 192.0.2.1. Username: a@b.test.",
    "error vault: Unable to refresh login credentials: unknown or expired token address=192.0.2.1",
    "info http: Token is invalid! IP: 192.0.2.1",
    "info http: GET /error vault: Token is invalid! IP: 192.0.2.1",
]


def found(log, regex):
    """The addresses fail2ban would count, one for each line that it takes for a failure."""
    done = subprocess.run(["fail2ban-regex", "--out", "ip", str(log), str(regex)],
                          capture_output=True, text=True, timeout=120, check=False)
    if done.returncode not in (0, 1) or "Traceback" in done.stderr:
        raise AssertionError(done.stdout + done.stderr)
    return [line for line in done.stdout.splitlines() if line]


class Filters(unittest.TestCase):
    def setUp(self):
        self.coffer = Coffer()
        self.addCleanup(self.coffer.close)
        self.log = self.coffer.home / "lines.log"

    def lines(self, *lines):
        self.log.write_text("".join(line + "\n" for line in lines))
        return self.log

    def test_every_failure_is_found_with_its_address(self):
        addresses = [template.format(n) for n in range(1, len(FAILURES) + 1)
                     for template in ("192.0.2.{}", "2001:db8::{:x}")]
        lines = [failure for failure in FAILURES for _ in range(2)]
        log = self.lines(*(STAMP + "error vault: " + line.format(address)
                           for line, address in zip(lines, addresses)))
        self.assertEqual(found(log, FILTER), addresses)

    def test_nothing_else_is(self):
        self.assertEqual(found(self.lines(*(STAMP + line for line in INNOCENT)), FILTER), [])

    def test_a_login_that_fails_is_found_by_every_filter(self):
        self.coffer.start()
        stranger = Account("nobody@example.test")
        injected = Account("x. ip: 192.0.2.66. username: y")
        for account in (stranger, injected):
            self.assertEqual(account.login(self.coffer.wire()).status, 400)
        log = self.lines(*self.coffer.server.log.splitlines())
        for regex in (FILTER, IN_CIRCULATION["password"]):
            self.assertEqual(found(log, regex), ["127.0.0.1", "127.0.0.1"])

    def test_the_filters_in_circulation_find_wrong_codes(self):
        log = self.lines(STAMP + "error vault: " + FAILURES[8].format("192.0.2.9"))
        self.assertEqual(found(log, IN_CIRCULATION["totp"]), ["192.0.2.9"])


if __name__ == "__main__":
    main()
