#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Security keys and passkeys in real Chromium, with its virtual authenticators.

The page is served by the vault itself, in the place of a web vault, so that its origin is the
vault's. It does what a client's page does; what clients seal is random here.
"""

import json
import os
import sys
import unittest
import uuid
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from chromium import Authenticator, Chromium, ScriptError  # noqa: E402
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, sealed  # noqa: E402

PAGES = Path(__file__).resolve().parent / "pages"
FACTOR = "/api/two-factor/webauthn"
# What official clients are: a key to touch, and a laptop that knows its owner's finger.
KEY = {"transport": "usb", "hasResidentKey": False, "hasUserVerification": False}
LAPTOP = {"transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
          "isUserVerified": True, "hasPrf": True}


class WithBrowser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(listen=["https://127.0.0.1:0"], config=(
            f"vault:\n  signups: open\n  login_burst: 1000\n"
            f"  password_iterations: 100000\nweb_vault:\n  folder: {PAGES}\n"))
        cls.addClassCleanup(cls.coffer.close)
        cls.coffer.start()
        cls.origin = f"https://localhost:{urlsplit(cls.coffer.url('https')).port}"
        cls.browser = Chromium()
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.page = self.browser.open(self.origin + "/")
        self.account = Account(f"{uuid.uuid4()}@example.test")
        body = {"email": self.account.email, "name": "Test", "masterPasswordHash": self.account.hash,
                "key": sealed(), "kdf": 0, "kdfIterations": 600000,
                "keys": {"publicKey": "AAAA", "encryptedPrivateKey": sealed()}}
        self.done("POST", "/identity/accounts/register", body)
        self.token = None
        self.token = self.login()["body"]["access_token"]
        self.secret = {"masterPasswordHash": self.account.hash}

    def call(self, method, path, body=None):
        return self.page.evaluate("call", method, path, body, getattr(self, "token", None))

    def done(self, method, path, body=None):
        answer = self.call(method, path, body)
        self.assertEqual(answer["status"], 200, answer)
        return answer["body"]

    def login(self, **factor):
        form = {"grant_type": "password", "username": self.account.email,
                "password": self.account.hash, "scope": "api offline_access", "client_id": "web",
                "deviceType": 9, "deviceIdentifier": self.account.device, "deviceName": "chromium",
                **factor}
        return self.page.evaluate("call", "POST", "/identity/connect/token", urlencode(form), None)

    def plug_in(self, options):
        authenticator = Authenticator(self.page, **options)
        self.addCleanup(authenticator.unplug)
        return authenticator

    def counter(self, authenticator):
        (credential,) = authenticator.credentials()
        return credential["signCount"]


class SecurityKeys(WithBrowser):
    """The second factor."""

    def register(self, slot):
        options = self.done("POST", "/api/two-factor/get-webauthn-challenge", self.secret)
        made = self.page.evaluate("register", options, {"old": True})
        return self.call("PUT", FACTOR, {"id": slot, "name": f"key {slot}", **self.secret,
                                         "deviceResponse": made["deviceResponse"]})

    def challenge(self):
        answer = self.login()
        self.assertEqual(answer["status"], 400, answer)
        self.assertEqual(answer["body"]["TwoFactorProviders"], ["7"])
        return answer["body"]["TwoFactorProviders2"]["7"]

    def login_with_key(self):
        shown = self.page.evaluate("assert", self.challenge(), {"old": True})
        return self.login(twoFactorProvider=7, twoFactorToken=json.dumps(shown["deviceResponse"]))

    def test_two_keys_are_registered_used_and_removed(self):
        first = self.plug_in(KEY)
        self.assertEqual(self.register(1)["status"], 200)
        # The browser itself refuses a key that is excluded.
        with self.assertRaisesRegex(ScriptError, "InvalidStateError"):
            self.register(2)
        (in_drawer,) = first.unplug()
        second = self.plug_in(KEY)
        answer = self.register(2)
        self.assertEqual([k["name"] for k in answer["body"]["keys"]], ["key 1", "key 2"])

        before = self.counter(second)
        self.assertEqual(self.login_with_key()["status"], 200)
        self.assertEqual(self.login_with_key()["status"], 200)
        self.assertGreater(self.counter(second), before + 1)
        (second_in_drawer,) = second.unplug()
        first = self.plug_in(KEY)
        first.put(in_drawer)
        self.assertEqual(self.login_with_key()["status"], 200)

        removed = self.done("DELETE", FACTOR, {"id": 1, **self.secret})
        self.assertEqual([k["id"] for k in removed["keys"]], [2])
        self.assertEqual(len(self.challenge()["allowCredentials"]), 1)
        first.unplug()
        second = self.plug_in(KEY)
        second.put(second_in_drawer)
        self.assertEqual(self.login_with_key()["status"], 200)
        self.done("PUT", "/api/two-factor/disable", {"type": 7, **self.secret})
        self.assertEqual(self.login()["status"], 200)

    def test_a_copy_of_a_key_is_refused(self):
        key = self.plug_in(KEY)
        self.assertEqual(self.register(1)["status"], 200)
        (copy,) = key.credentials()
        for _ in range(2):
            self.assertEqual(self.login_with_key()["status"], 200)
        (newest,) = key.credentials()
        key.put(copy)
        refused = self.login_with_key()
        self.assertEqual(refused["status"], 400)
        self.assertNotIn("TwoFactorProviders2", refused["body"])
        key.put(newest)
        self.assertEqual(self.login_with_key()["status"], 200)

    def test_an_answer_opens_one_login(self):
        self.plug_in(KEY)
        self.assertEqual(self.register(1)["status"], 200)
        shown = self.page.evaluate("assert", self.challenge(), {"old": True})["deviceResponse"]
        token = json.dumps(shown)
        self.assertEqual(self.login(twoFactorProvider=7, twoFactorToken=token)["status"], 200)
        self.assertEqual(self.login(twoFactorProvider=7, twoFactorToken=token)["status"], 400)


class Passkeys(WithBrowser):
    """Login and unlock."""

    def create(self, keys):
        asked = self.done("POST", "/api/webauthn/attestation-options", self.secret)
        made = self.page.evaluate("register", asked["options"], {"prf": True})
        self.done("POST", "/api/webauthn", {
            "deviceResponse": made["deviceResponse"], "name": "laptop", "token": asked["token"],
            "supportsPrf": made["prf"], **keys})
        return made

    def passkey_login(self):
        asked = self.done("GET", "/identity/accounts/webauthn/assertion-options")
        shown = self.page.evaluate("assert", asked["options"], {"prf": True})
        form = {"grant_type": "webauthn", "scope": "api offline_access", "client_id": "web",
                "deviceType": 9, "deviceIdentifier": str(uuid.uuid4()), "deviceName": "chromium",
                "token": asked["token"], "deviceResponse": json.dumps(shown["deviceResponse"])}
        answer = self.page.evaluate("call", "POST", "/identity/connect/token", urlencode(form), None)
        return answer, shown

    def unlock_options(self):
        return self.done("GET", "/api/sync")["userDecryption"]["webAuthnPrfOptions"]

    def test_a_passkey_is_made_logs_in_unlocks_and_is_deleted(self):
        self.plug_in(LAPTOP)
        keys = {"encryptedUserKey": "4." + sealed().split("|")[1], "encryptedPublicKey": sealed(),
                "encryptedPrivateKey": sealed()}
        made = self.create(keys)
        self.assertTrue(made["prf"])
        (listed,) = self.done("GET", "/api/webauthn")["data"]
        self.assertEqual((listed["name"], listed["prfStatus"]), ("laptop", 0))

        answer, shown = self.passkey_login()
        self.assertEqual(answer["status"], 200, answer)
        option = answer["body"]["UserDecryptionOptions"]["WebAuthnPrfOption"]
        self.assertEqual(option["EncryptedPrivateKey"], keys["encryptedPrivateKey"])
        self.assertEqual(option["EncryptedUserKey"], keys["encryptedUserKey"])
        self.assertEqual(option["CredentialId"], made["deviceResponse"]["id"])
        # What unlocks is the same every time.
        self.assertEqual(len(shown["prf"]), 64)
        again, second = self.passkey_login()
        self.assertEqual((again["status"], second["prf"]), (200, shown["prf"]))

        self.token = again["body"]["access_token"]
        (unlock,) = self.unlock_options()
        self.assertEqual(unlock["encryptedUserKey"], keys["encryptedUserKey"])
        self.assertEqual(unlock["credentialId"], made["deviceResponse"]["id"])

        self.done("POST", f"/api/webauthn/{listed['id']}/delete", self.secret)
        self.assertEqual(self.done("GET", "/api/webauthn")["data"], [])
        self.assertIsNone(self.unlock_options())
        self.assertEqual(self.passkey_login()[0]["status"], 400)

    def test_a_passkey_learns_to_unlock_later(self):
        self.plug_in(LAPTOP)
        self.create({})
        (listed,) = self.done("GET", "/api/webauthn")["data"]
        self.assertEqual(listed["prfStatus"], 1)
        self.assertIsNone(self.unlock_options())

        asked = self.done("POST", "/api/webauthn/assertion-options", self.secret)
        shown = self.page.evaluate("assert", asked["options"], {"prf": True})
        keys = {"encryptedUserKey": "4." + sealed().split("|")[1], "encryptedPublicKey": sealed(),
                "encryptedPrivateKey": sealed()}
        self.done("PUT", "/api/webauthn", {"deviceResponse": shown["deviceResponse"],
                                           "token": asked["token"], **keys})
        (unlock,) = self.unlock_options()
        self.assertEqual(unlock["encryptedPrivateKey"], keys["encryptedPrivateKey"])

    def test_a_passkey_whose_owner_is_not_verified_opens_nothing(self):
        laptop = self.plug_in(LAPTOP)
        self.create({})
        self.page.call("WebAuthn.setUserVerified", authenticatorId=laptop.id, isUserVerified=False)
        with self.assertRaisesRegex(ScriptError, "NotAllowedError"):
            self.passkey_login()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    main()
