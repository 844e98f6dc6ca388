#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every vault route, asked for by those whom it is not for.

A session that has ended in any way gets 401 everywhere; another person's things do not exist; a link or
token for one thing opens no other; and nothing of the owner's has changed afterwards. What another person
is refused is then asked once more by the owner, who must get it: so it was refused for whose it is, and not
for how it was asked.
"""

import json
import re
import sqlite3
import sys
import time
import unittest
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import access_tokens  # noqa: E402
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, sealed  # noqa: E402
from vault_things import Things  # noqa: E402

CONFIG = """
vault:
  signups: open
  password_iterations: 100000
  login_burst: 1000
  anonymous_burst: 100000
"""
FORM = [("Content-Type", "application/x-www-form-urlencoded")]
# Routes that take the ids of things in their bodies.
LISTS = {"PUT /api/ciphers/move", "POST /api/ciphers/move", "PUT /api/ciphers/archive",
         "PUT /api/ciphers/unarchive", "PUT /api/ciphers/delete", "PUT /api/ciphers/restore",
         "DELETE /api/ciphers", "POST /api/ciphers/delete", "DELETE /api/folders"}
# Anybody who is logged in may ask for these of anybody.
SHARED = re.compile(r"^/api/users/")
# What nobody gets, whoever asks: there are no security tasks, and organizations have no items yet.
NOBODYS = re.compile(r"^/api/tasks/|/attachment-admin$|/attachment/\{[^}]*\}/(share|admin|delete-admin)$")
# Steps of a recovery that are not the grantor's to take, or not now; a passkey takes an authenticator to
# make. Their own tests show who may (services/vault/emergency_access, services/vault/passkeys).
OTHER_STEPS = re.compile(r"^/api/emergency-access/\{[^}]*\}/(policies|accept|confirm|initiate|approve|reject|"
                         r"takeover|password|view|\{)|^/api/webauthn/")


class Permissions(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(config=CONFIG).start()
        cls.addClassCleanup(cls.coffer.close)
        cls.key = cls.coffer.data / "vault" / "rsa_key.pem"
        cls.foreign_key = access_tokens.new_key(cls.coffer.home / "foreign.pem")
        cls.wire = cls.coffer.wire()
        cls.addClassCleanup(cls.wire.close)
        cls.ann, cls.ben, cls.eve = (cls.sign_up(name) for name in ("ann", "ben", "eve"))
        cls.things = Things(cls.ann, cls.wire)
        cls.routes = [r for r in cls.coffer.routes() if r["service"] == "vault"]
        cls.guarded = [r for r in cls.routes if r["guard"] != "anyone"]
        cls.of_a_session = [r for r in cls.guarded if r["guard"].startswith("vault session")]

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
        """All that an account can see of itself, but for what changes by being asked."""
        state = {path: json.loads(self.ask("GET", "/api/" + path, account.token).body)
                 for path in ("sync", "accounts/revision-date", "devices", "auth-requests",
                              "emergency-access/trusted", "settings/domains", "two-factor")}
        for one in state["sync"]["ciphers"]:
            for attached in one["attachments"] or []:
                attached.pop("url")  # Signed anew each time.
        return state

    def request(self, route, things, caller):
        """What the route takes, about these things, from this caller."""
        method, pattern = route["method"], route["pattern"]
        kind, body = things.body(method, pattern, caller)
        headers = [("Authorization", f"Bearer {caller.token}"), ("Device-Type", "25")]
        if kind:
            headers.append(("Content-Type", kind))
        return self.coffer.fetch(method, things.path(pattern, method), headers, body)

    def test_an_expired_token_is_none(self):
        self.everywhere_unauthorized(access_tokens.expired(self.ann.token, self.key))

    def test_a_token_signed_by_another_server_is_none(self):
        self.everywhere_unauthorized(access_tokens.signed(access_tokens.claims_of(self.ann.token), self.foreign_key))

    def test_a_changed_token_is_none(self):
        head, claims, signature = self.ann.token.split(".")
        middle = len(signature) // 2
        other = "A" if signature[middle] != "A" else "B"
        self.everywhere_unauthorized(f"{head}.{claims}.{signature[:middle]}{other}{signature[middle + 1:]}")
        # Ann's claims under the signature of Ben's token, and under none.
        self.everywhere_unauthorized(f"{head}.{claims}.{self.ben.token.split('.')[2]}")
        unsigned = access_tokens.b64url(json.dumps({"alg": "none", "typ": "JWT"}).encode())
        self.everywhere_unauthorized(f"{unsigned}.{claims}.")

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
            with self.coffer.wire() as wire:
                self.assertEqual(account.login(wire).status, 400)
                refused = wire.request("POST", "/identity/connect/token", FORM, urlencode({
                    "grant_type": "refresh_token", "client_id": "cli", "refresh_token": account.refresh}).encode())
            self.assertEqual((refused.status, json.loads(refused.body)["error"]), (400, "invalid_grant"))

    def about_things(self):
        """The routes whose path names a thing of its owner."""
        routes = [r for r in self.of_a_session if "{" in r["pattern"] and not SHARED.match(r["pattern"])]
        self.assertGreater(len(routes), 65)
        return routes

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
        for route in self.about_things():
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.request(route, self.things, self.ben)
                self.assertIn(answer.status, (400, 404), answer.body[:200])
        self.assertEqual(self.state_of(self.ann), before)

    def test_their_owner_gets_them(self):
        """With the very requests that another person was refused."""
        got, zed = 0, self.sign_up("zed")
        for route in self.about_things():
            if NOBODYS.search(route["pattern"]) or OTHER_STEPS.search(route["pattern"]):
                continue
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.request(route, Things(zed, self.wire, "auth-requests" in route["pattern"]), zed)
                self.assertEqual(answer.status, 200, answer.body[:200])
                got += 1
        self.assertGreater(got, 50)

    # What is named in the body instead of the path.

    def lists(self):
        return [r for r in self.of_a_session if f"{r['method']} {r['pattern']}" in LISTS]

    def test_another_persons_things_are_passed_over_in_a_list(self):
        before = self.state_of(self.ann)
        self.assertEqual(len(self.lists()), len(LISTS))
        for route in self.lists():
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.request(route, self.things, self.ben)
                self.assertIn(answer.status, (200, 400), answer.body[:200])
                self.assertNotIn(self.things.item.encode(), answer.body)
                self.assertEqual(self.state_of(self.ann), before)
        self.assertEqual(json.loads(self.ask("GET", "/api/ciphers", self.ben.token).body)["data"], [])

    def test_a_list_of_ones_own_is_done(self):
        yan = self.sign_up("yan")
        for route in self.lists():
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                things = Things(yan, self.wire, with_request=False)
                things.prepare(route["pattern"])
                before = self.state_of(yan)
                self.assertEqual(self.request(route, things, yan).status, 200)
                self.assertNotEqual(self.state_of(yan)["sync"], before["sync"])

    def test_nothing_is_put_into_another_persons_folder(self):
        before = self.state_of(self.ann)
        item = json.loads(self.ask("POST", "/api/ciphers", self.ben.token, cipher()).body)["id"]
        there = {"folderId": self.things.folder}
        for method, path, body in (("POST", "/api/ciphers", cipher(**there)),
                                   ("POST", "/api/ciphers/create", {"cipher": cipher(**there)}),
                                   ("PUT", f"/api/ciphers/{item}", cipher(**there)),
                                   ("PUT", f"/api/ciphers/{item}/partial", {"favorite": True, **there}),
                                   ("PUT", "/api/ciphers/move", {"ids": [item], **there})):
            with self.subTest(path=path):
                answer = self.ask(method, path, self.ben.token, body)
                self.assertEqual((answer.status, json.loads(answer.body)["message"]), (400, "Invalid folder."))
        self.ask("POST", "/api/ciphers/import", self.ben.token, {
            "ciphers": [cipher()], "folders": [{"id": self.things.folder, "name": sealed()}],
            "folderRelationships": [{"key": 0, "value": 0}]})
        folders = {one["folderId"] for one in self.state_of(self.ben)["sync"]["ciphers"]}
        self.assertNotIn(self.things.folder, folders)
        self.assertEqual(len(folders), 2)  # None, and the one that was made instead.
        self.assertEqual(self.ask("DELETE", "/api/ciphers", self.ben.token, {"ids": [
            one["id"] for one in self.state_of(self.ben)["sync"]["ciphers"]]}).status, 200)
        self.assertEqual(self.state_of(self.ann), before)

    # What a token or a link was given for.

    def test_a_token_of_a_send_opens_that_send_alone(self):
        def granted(access_id):
            answer = self.coffer.fetch("POST", "/identity/connect/token", FORM, urlencode({
                "grant_type": "send_access", "client_id": "send", "scope": "api.send.access",
                "send_id": access_id}).encode())
            return json.loads(answer.body)["access_token"]

        sends = {one["id"]: one["accessId"] for one in self.state_of(self.ann)["sync"]["sends"]}
        text, file = granted(sends[self.things.send["id"]]), granted(sends[self.things.file_send])
        get_file = f"/api/sends/access/file/{self.things.send_file}"
        self.assertEqual(self.ask("POST", get_file, file, {}).status, 200)
        self.assertEqual(self.ask("POST", get_file, text, {}).status, 404)
        self.assertEqual(json.loads(self.ask("POST", "/api/sends/access", text, {}).body)["id"],
                         sends[self.things.send["id"]])
        for wrong in (access_tokens.expired(file, self.key),
                      access_tokens.signed(access_tokens.claims_of(file), self.foreign_key),
                      file[:-20] + ("A" if file[-20] != "A" else "B") + file[-19:], self.ann.token):
            for path in (get_file, "/api/sends/access"):
                self.assertEqual(self.ask("POST", path, wrong, {}).status, 401)
        self.assertEqual(self.ask("GET", "/api/sync", file).status, 401)

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
            refused = wire.request("POST", "/identity/connect/token", FORM,
                                   f"grant_type=refresh_token&client_id=cli&refresh_token={zoe.refresh}".encode())
        self.assertEqual((refused.status, json.loads(refused.body)["error"]), (400, "invalid_grant"))


if __name__ == "__main__":
    main()
