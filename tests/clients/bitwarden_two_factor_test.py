#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The official CLI at the second step of a login: authenticator, mailed code, recovery.

The CLI logs in with second factors but sets none up; that is done over the routes that the web vault
calls.
"""

import base64
import hashlib
import hmac
import json
import struct
import time
import unittest

from bitwarden_life import CONFIG, PASSWORD, Household
from coffer_server import Coffer, scratch
from mail_server import MailServer
from suite import main
from vault_api import Account, password_hash

STEP = 30  # Seconds.


def totp(key, step):
    """RFC 6238 with SHA-1 and six digits."""
    digest = hmac.new(base64.b32decode(key), struct.pack(">Q", step), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start:start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


class App:
    """An authenticator app whose owner never shows a code twice: it takes the step after the last one
    used, which the server's tolerance for clocks allows to be the next half minute's."""

    def __init__(self, key):
        self.key = key
        self.step = 0

    def code(self):
        now = int(time.time()) // STEP
        self.step = max(self.step + 1, now)
        if self.step > now + 1:
            time.sleep((self.step - 1) * STEP - time.time())
        return totp(self.key, self.step)

    def last(self):
        return totp(self.key, self.step)

    def wrong(self):
        near = {totp(self.key, int(time.time()) // STEP + n) for n in range(-3, 4)}
        return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555",
                                      "666666", "777777") if code not in near)


class SecondStep(Household, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mail = MailServer().start()
        cls.coffer = Coffer(["https://127.0.0.1:0"], config=CONFIG + "  origin: https://vault.example.test\n" + cls.mail.config()).start()
        cls.home = scratch("coffer-bw-")

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.mail.close()

    def person(self, name):
        """An account with the password of this program, and a session to manage it with."""
        email = f"{name}@example.org"
        self.coffer.add_vault_user(email, PASSWORD)
        account = Account(email)
        account.hash = password_hash(email, PASSWORD)
        self.assertEqual(account.login(self.wire()).status, 200)
        return account

    def wire(self):
        return self.coffer.wire("https")

    def ask(self, account, method, path, **body):
        answer = account.call(self.wire(), method, path, {"masterPasswordHash": account.hash, **body})
        self.assertEqual(answer.status, 200, answer.body)
        return json.loads(answer.body) if answer.body else None

    def read(self, account, path):
        return json.loads(account.call(self.wire(), "GET", path).body)

    def with_app(self, account):
        key = self.ask(account, "POST", "/api/two-factor/get-authenticator")["key"]
        app = App(key)
        self.ask(account, "PUT", "/api/two-factor/authenticator", key=key, token=app.code())
        return app

    def login(self, bw, account, method=None, code=None):
        step = [] if method is None else ["--method", str(method), "--code", code]
        bw.environment["BW_SESSION"] = bw.run("login", account.email, PASSWORD, *step, "--raw").strip()

    def refused(self, bw, account, method=None, code=None):
        step = [] if method is None else ["--method", str(method), "--code", code]
        said = bw.refused("login", account.email, PASSWORD, *step)
        self.assertEqual(bw.status(), "unauthenticated")
        return said

    def test_a_code_of_the_app_is_asked_for_and_opens_one_login(self):
        alice = self.person("alice")
        app = self.with_app(alice)
        bw = self.device("new", "app")
        self.assertRegex(self.refused(bw, alice), "(?i)code is required|no provider selected")
        self.assertRegex(self.refused(bw, alice, 0, app.wrong()), "(?i)two-step token is invalid")
        self.coffer.server.wait_for_line(
            r"Invalid TOTP code! Server time: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC IP: 127\.0\.0\.1$")
        self.assertRegex(self.refused(bw, alice, 0, app.last()), "(?i)two-step token is invalid")

        self.login(bw, alice, 0, app.code())
        self.assertEqual(bw.status(), "unlocked")
        self.assertIn("Syncing complete", bw.run("sync", "--force"))

        other = self.device("new", "replay")
        self.assertRegex(self.refused(other, alice, 0, app.last()), "(?i)two-step token is invalid")
        self.login(other, alice, 0, app.code())
        self.assertEqual(other.status(), "unlocked")

    def test_a_code_is_mailed_when_the_client_asks_and_opens_one_login(self):
        bob = self.person("bob")
        address = "bobs.codes@example.org"
        self.ask(bob, "POST", "/api/two-factor/send-email", email=address)
        code = self.mail.wait_for(address).code
        self.ask(bob, "PUT", "/api/two-factor/email", email=address, token=code)

        bw = self.device("new", "mail")
        self.assertRegex(self.refused(bw, bob, 1, code), "(?i)two-step token is invalid")
        said = bw.refused("login", bob.email, PASSWORD, "--method", "1")
        self.assertRegex(said, "(?i)code is required")
        code = self.mail.wait_for(address).code
        self.login(bw, bob, 1, code)
        self.assertEqual(bw.status(), "unlocked")
        other = self.device("new", "mail-again")
        self.assertRegex(self.refused(other, bob, 1, code), "(?i)two-step token is invalid")

    def test_an_api_key_needs_no_code(self):
        carol = self.person("carol")
        self.with_app(carol)
        key = self.ask(carol, "POST", "/api/accounts/api-key")["apiKey"]
        user = self.read(carol, "/api/accounts/profile")["id"]
        bw = self.device("new", "key")
        bw.environment.update(BW_CLIENTID=f"user.{user}", BW_CLIENTSECRET=key)
        bw.run("login", "--apikey")
        self.assertEqual(bw.status(), "locked")
        bw.unlock(PASSWORD)
        self.assertEqual(bw.status(), "unlocked")

    def test_after_recovery_no_code_is_asked_for(self):
        dora = self.person("dora")
        self.with_app(dora)
        code = self.ask(dora, "POST", "/api/two-factor/get-recover")["code"]
        bw = self.device("new", "recovery")
        self.refused(bw, dora)
        form = {"twoFactorProvider": 8, "twoFactorToken": code.lower(), "twoFactorRemember": 0}
        self.assertEqual(dora.login(self.wire(), **form).status, 200)
        self.assertEqual(self.read(dora, "/api/two-factor")["data"], [])
        self.mail.wait_for(dora.email, "second factors")
        self.login(bw, dora)
        self.assertEqual(bw.status(), "unlocked")


if __name__ == "__main__":
    main()
