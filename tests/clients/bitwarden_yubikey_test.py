#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The official CLI with YubiKeys: each code opens one login, also where the validation server is one
that takes a code twice."""

import json
import unittest

from bitwarden_life import CONFIG, PASSWORD, Household
from coffer_server import Coffer, scratch
from suite import main
from vault_api import Account, password_hash
from yubico_server import ValidationServer

REFUSED = "(?i)two-step token is invalid"


class YubiKeys(Household, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validation = ValidationServer()
        cls.coffer = Coffer(["https://127.0.0.1:0"], config=CONFIG + cls.validation.config()).start()
        cls.home = scratch("coffer-bw-")
        cls.alice = cls.person("alice")
        cls.key = cls.validation.make_key("cccccccfhcbe")
        cls.foreign = cls.validation.make_key("vvvvvvvfhcbe")
        cls.set_up(cls.alice, cls.key)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.validation.close()

    @classmethod
    def person(cls, name, coffer=None):
        coffer = coffer or cls.coffer
        email = f"{name}@example.org"
        coffer.add_vault_user(email, PASSWORD)
        account = Account(email)
        account.hash = password_hash(email, PASSWORD)
        answer = account.login(coffer.wire("https"))
        if answer.status != 200:
            raise AssertionError(answer.body)
        return account

    @classmethod
    def set_up(cls, account, key, coffer=None):
        wire = (coffer or cls.coffer).wire("https")
        body = {"masterPasswordHash": account.hash, "key1": key.type(), "nfc": False}
        answer = account.call(wire, "PUT", "/api/two-factor/yubikey", body)
        if answer.status != 200:
            raise AssertionError(answer.body)
        return json.loads(answer.body)

    def login(self, bw, otp):
        bw.environment["BW_SESSION"] = bw.run("login", self.alice.email, PASSWORD, "--method", "3",
                                              "--code", otp, "--raw").strip()
        self.assertEqual(bw.status(), "unlocked")

    def refused(self, bw, otp, why=REFUSED):
        said = bw.refused("login", self.alice.email, PASSWORD, "--method", "3", "--code", otp)
        self.assertRegex(said, why)
        self.assertEqual(bw.status(), "unauthenticated")

    def test_a_code_opens_one_login(self):
        bw = self.device("new", "first")
        otp = self.key.type()
        self.login(bw, otp)
        self.assertIn("Syncing complete", bw.run("sync", "--force"))
        self.assertEqual(self.validation.asked[-1], "OK")

        other = self.device("new", "second")
        self.refused(other, otp)
        self.assertEqual(self.validation.asked[-1], "REPLAYED_OTP")
        self.login(other, self.key.type())

    def test_a_code_opens_one_login_where_the_validation_server_does_not_count(self):
        self.validation.careful = False
        self.addCleanup(setattr, self.validation, "careful", True)
        otp = self.key.type()
        self.login(self.device("new", "careless"), otp)
        self.refused(self.device("new", "replay"), otp)
        self.assertEqual(self.validation.asked[-1], "OK")

    def test_the_key_of_somebody_else_is_refused(self):
        bw = self.device("new", "foreign")
        asked = len(self.validation.asked)
        self.refused(bw, self.foreign.type())
        self.assertEqual(len(self.validation.asked), asked)
        self.refused(bw, self.key.identifier + "c" * 32)
        self.assertEqual(self.validation.asked[-1], "BAD_OTP")
        self.coffer.server.wait_for_line(r"YubiKey was refused\. IP: 127\.0\.0\.1")

    def test_a_validation_server_that_is_gone_is_named(self):
        server = ValidationServer()
        self.addCleanup(server.close)
        with Coffer(["https://127.0.0.1:0"], config=CONFIG + server.config()) as coffer:
            key = server.make_key("cccccccfhcbe")
            bob = self.person("bob", coffer)
            self.set_up(bob, key, coffer)
            server.close()
            answer = bob.login(coffer.wire("https"), twoFactorProvider=3, twoFactorToken=key.type())
            self.assertEqual(answer.status, 400)
            self.assertIn("does not answer", json.loads(answer.body)["ErrorModel"]["Message"])
            coffer.server.wait_for_line(r"validation service for YubiKeys does not answer")


if __name__ == "__main__":
    main()
