#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every vault route, asked for by those whom it is not for.

A session that has ended in any way gets 401 everywhere; another person's things do not exist; a link or
token for one thing opens no other; and nothing of the owner's has changed afterwards.
"""

import json
import re
import sqlite3
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import access_tokens  # noqa: E402
from coffer_server import Coffer, scratch  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, form, sealed  # noqa: E402

CONFIG = """
vault:
  signups: open
  password_iterations: 100000
  login_burst: 1000
  anonymous_burst: 100000
"""
DELETION = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime(time.time() + 7 * 86400))
# Anybody who is logged in may ask for these of anybody.
SHARED = re.compile(r"^/api/users/")


class Things:
    """One of everything that belongs to an account, made through the routes themselves."""

    def __init__(self, account, wire):
        self.account, self.wire = account, wire
        self.folder = self.made("POST", "/api/folders", {"name": sealed()})["id"]
        self.item = self.made("POST", "/api/ciphers", cipher())["id"]
        self.attachment = account.attach(wire, self.item, b"attached" * 100)
        self.send = self.made("POST", "/api/sends", self.send_form(0, text={"text": sealed(), "hidden": False}))
        file_send = self.made("POST", "/api/sends/file/v2",
                              self.send_form(1, file={"fileName": sealed()}, fileLength=64))["sendResponse"]
        kind, body = form(("data", sealed(), b"s" * 64))
        answer = wire.request("POST", f"/api/sends/{file_send['id']}/file/{file_send['file']['id']}",
                              [("Authorization", f"Bearer {account.token}"), ("Content-Type", kind)], body)
        assert answer.status == 200, answer.body
        self.file_send, self.send_file = file_send["id"], file_send["file"]["id"]
        self.contact = self.made("POST", "/api/emergency-access/invite",
                                 {"email": "grantee@example.org", "type": 0, "waitTimeDays": 7}, None)
        self.contact = self.made("GET", "/api/emergency-access/trusted")["data"][0]["id"]
        self.request = self.made("POST", "/api/auth-requests", {
            "email": account.email, "publicKey": "MIIBIjANBg", "deviceIdentifier": account.device,
            "accessCode": "c" * 25, "type": 0})["id"]
        self.device = self.made("GET", "/api/devices")["data"][0]["id"]

    def made(self, method, path, body=None, *_):
        headers = [("Authorization", f"Bearer {self.account.token}"), ("Device-Type", "25")]
        data = None
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            data = json.dumps(body).encode()
        answer = self.wire.request(method, path, headers, data)
        assert answer.status == 200, f"{method} {path}: {answer.status} {answer.body[:300]}"
        return json.loads(answer.body) if answer.body else None

    @staticmethod
    def send_form(kind, **more):
        return {"type": kind, "name": sealed(), "notes": None, "key": sealed(), "maxAccessCount": None,
                "expirationDate": None, "deletionDate": DELETION, "disabled": False, "hideEmail": False,
                "password": None, "authType": 2, **more}

    def path(self, pattern):
        """The pattern with the ids of these things."""
        first = {"/api/folders": self.folder, "/api/ciphers": self.item, "/api/sends": self.send["id"],
                 "/api/emergency-access": self.contact, "/api/auth-requests": self.request,
                 "/api/devices/identifier": self.account.device, "/api/devices": self.device}
        main_id = next((i for prefix, i in first.items() if pattern.startswith(prefix)), self.item)
        if pattern.startswith("/api/sends") and "file" in pattern.lower():
            main_id = self.file_send
        inner = {"attachment": self.attachment, "file": self.send_file, "cipher": self.item}

        def value(match):
            name = match[1].lower()
            if match.start() == pattern.index("{"):
                return main_id if "fileid" not in name else self.send_file
            return next((i for word, i in inner.items() if word in name), main_id)
        return re.sub(r"\{([^}]*)\}", value, pattern)


class Permissions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(config=CONFIG).start()
        cls.addClassCleanup(cls.coffer.close)
        cls.key = cls.coffer.data / "vault" / "rsa_key.pem"
        cls.wire = cls.coffer.wire()
        cls.addClassCleanup(cls.wire.close)
        cls.ann, cls.ben, cls.eve = (cls.sign_up(name) for name in ("ann", "ben", "eve"))
        cls.things = Things(cls.ann, cls.wire)
        cls.routes = [r for r in cls.coffer.routes() if r["service"] == "vault"]
        cls.guarded = [r for r in cls.routes if r["guard"].startswith("vault session")]

    @classmethod
    def sign_up(cls, name):
        account = Account(f"{name}@example.org")
        assert account.register(cls.wire).status == 200
        assert account.login(cls.wire).status == 200
        return account

    def ask(self, method, path, token=None, body=None):
        headers = [("Authorization", f"Bearer {token}")] if token else []
        data = None
        if method in ("POST", "PUT", "DELETE") and body is not None:
            headers.append(("Content-Type", "application/json"))
            data = json.dumps(body).encode()
        return self.coffer.fetch(method, path, headers, data)

    def everywhere_unauthorized(self, token):
        self.assertGreater(len(self.guarded), 150)
        for route in self.guarded:
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.ask(route["method"], self.things.path(route["pattern"]), token, {})
                self.assertEqual(answer.status, 401)

    def state_of(self, account):
        sync = json.loads(self.ask("GET", "/api/sync", account.token).body)
        for one in sync["ciphers"]:
            for attached in one["attachments"] or []:
                attached.pop("url")  # Signed anew each time.
        return sync

    def test_an_expired_token_is_none(self):
        self.everywhere_unauthorized(access_tokens.expired(self.ann.token, self.key))

    def test_a_token_signed_by_another_server_is_none(self):
        home = scratch()
        key = access_tokens.new_key(home / "key.pem")
        self.everywhere_unauthorized(access_tokens.signed(access_tokens.claims_of(self.ann.token), key))

    def test_a_token_for_something_else_is_none(self):
        for kind in ("register_verify", "send_access", "verifyemail", "delete"):
            token = access_tokens.of_another_kind(self.ann.token, self.key, kind)
            self.assertEqual(self.ask("GET", "/api/sync", token).status, 401)
        # The same key and claims in the right kind are one, so the four were refused for their kind.
        token = access_tokens.of_another_kind(self.ann.token, self.key, "login")
        self.assertEqual(self.ask("GET", "/api/sync", token).status, 200)

    def test_a_disabled_account_has_no_session(self):
        for account in [self.sign_up("dan")]:
            self.coffer.run("vault", "user", "disable", account.email)
            self.everywhere_unauthorized(account.token)

    def test_an_account_that_is_deleted_leaves_no_row_and_no_file(self):
        account = self.sign_up("zoe")
        things = Things(account, self.wire)
        user = things.made("GET", "/api/accounts/profile")["id"]
        marks = (user, account.email, account.device, things.item, things.file_send)
        self.assertLessEqual({"users", "devices", "folders", "ciphers", "attachments", "sends",
                              "emergency_access", "auth_requests"}, self.tables_with(marks))
        self.assertEqual(len(self.files_of(things)), 2)

        answer = self.ask("DELETE", "/api/accounts", account.token, {"masterPasswordHash": account.hash})
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(self.tables_with(marks), set())
        deadline = time.monotonic() + 10
        while self.files_of(things) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual(self.files_of(things), [])
        self.everywhere_unauthorized(account.token)
        self.assertEqual(account.login(self.wire).status, 400)

    def tables_with(self, marks):
        """The tables of the database that have any of these texts in a row."""
        database = sqlite3.connect(f"file:{self.coffer.data}/vault/db.sqlite3?mode=ro", uri=True)
        self.addCleanup(database.close)
        names = [name for (name,) in database.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {name for name in names for row in database.execute(f"SELECT * FROM {name}")
                if any(mark in repr(row) for mark in marks)}

    def files_of(self, things):
        vault = self.coffer.data / "vault"
        return [file for file in vault.rglob("*") if file.is_file()
                and (things.item in file.parts or things.file_send in file.parts)]

    def test_another_persons_things_do_not_exist(self):
        before = self.state_of(self.ann)
        asked = 0
        for route in self.guarded:
            pattern = route["pattern"]
            if "{" not in pattern or SHARED.match(pattern):
                continue
            path = self.things.path(pattern)
            body = {**cipher(), "ids": [self.things.item], "name": sealed(), "masterPasswordHash": self.ben.hash,
                    "fileName": sealed(), "key": sealed(), "fileSize": 10, "favorite": False, "type": 1,
                    "waitTimeDays": 1, "requestApproved": True, "deviceIdentifier": self.ben.device}
            with self.subTest(route=f"{route['method']} {pattern}"):
                answer = self.ask(route["method"], path, self.ben.token, body)
                if pattern.startswith("/api/devices/identifier"):  # Ben's own table of devices, not Ann's.
                    self.assertIn(answer.status, (200, 400, 404))
                else:
                    self.assertIn(answer.status, (400, 404), answer.body[:200])
            asked += 1
        self.assertGreater(asked, 60)
        self.assertEqual(self.state_of(self.ann), before)

    def test_a_link_opens_its_own_file_alone(self):
        with self.coffer.wire() as wire:
            other = self.ann.attach(wire, self.things.item, b"another file")
        mine = json.loads(self.ask("GET", f"/api/ciphers/{self.things.item}/attachment/{self.things.attachment}",
                                   self.ann.token).body)
        link = urlsplit(mine["url"])
        token = parse_qs(link.query)["token"][0]
        self.assertEqual(self.ask("GET", f"{link.path}?token={token}").body, b"attached" * 100)
        base = f"/attachments/{self.things.item}"
        wrong = [f"{base}/{other}?token={token}", f"{base}/{self.things.attachment}?token={token[:-2]}AA",
                 f"{base}/{self.things.attachment}", f"{base}/{self.things.attachment}?token={self.ann.token}",
                 f"/attachments/{self.things.folder}/{self.things.attachment}?token={token}",
                 f"/api/sends/{self.things.file_send}/{self.things.send_file}?t={token}"]
        for path in wrong:
            with self.subTest(path=path):
                self.assertEqual(self.ask("GET", path).status, 404)

    def test_what_ends_a_session_ends_it_everywhere(self):
        """A changed password, a removed device and a rotated stamp, each at once."""
        zoe = self.sign_up("zoe")
        answer = self.ask("POST", "/api/accounts/security-stamp", zoe.token, {"masterPasswordHash": zoe.hash})
        self.assertEqual(answer.status, 200)
        self.everywhere_unauthorized(zoe.token)
        with self.coffer.wire() as wire:
            refused = wire.request("POST", "/identity/connect/token",
                                   [("Content-Type", "application/x-www-form-urlencoded")],
                                   f"grant_type=refresh_token&client_id=cli&refresh_token={zoe.refresh}".encode())
        self.assertEqual((refused.status, json.loads(refused.body)["error"]), (400, "invalid_grant"))


if __name__ == "__main__":
    main()
