# SPDX-License-Identifier: BSD-2-Clause
"""A vault whose mails a real SMTP server takes, for tests that read them and follow what they say."""

import unittest
from urllib.parse import parse_qs, urlsplit

from coffer_server import Coffer
from mail_server import MailServer
from vault_api import Account

ORIGIN = "https://vault.example.test"
# Hashing is not what is tested here.
VAULT = f"vault:\n  origin: {ORIGIN}\n  signups: open\n  password_iterations: 100000\n"
VAULT += "  login_burst: 1000\n  anonymous_burst: 1000\n"
PASSWORD = "s3cret-of-the-box"


def query(link):
    """The page of a link to the web vault, and its parameters."""
    page, _, parameters = urlsplit(link).fragment.partition("?")
    return page, {name: value for name, [value] in parse_qs(parameters).items()}


class MailedVault(unittest.TestCase):
    """One vault and one mail server for the tests of a class.

    vault: the configuration's part for the vault; more: further parts.
    """

    vault = VAULT
    more = ""

    @classmethod
    def setUpClass(cls):
        cls.server = MailServer("tls", "box", PASSWORD).start()
        cls.addClassCleanup(cls.server.close)
        cls.coffer = Coffer(config=cls.vault + cls.server.config() + cls.more).start()
        cls.addClassCleanup(cls.coffer.close)

    def account(self, name, **more):
        account = Account(f"{name}@example.test")
        with self.coffer.wire() as wire:
            self.assertEqual(account.register(wire, **more).status, 200)
        self.server.wait_for(account.email, "Welcome")
        return self.logged_in(account)

    def logged_in(self, account):
        with self.coffer.wire() as wire:
            answer = account.login(wire)
        self.assertEqual(answer.status, 200, answer.body)
        return account

    def call(self, account, path, body=None, status=200, method="POST"):
        with self.coffer.wire() as wire:
            answer = account.call(wire, method, path, body or {}, anonymous=not account.token)
        self.assertEqual(answer.status, status, answer.body)
        return answer
