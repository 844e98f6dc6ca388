#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every route of `coffer routes`, asked for by those who have no business there.

Without credentials a route answers 401, or says of itself that anyone may call it; somebody else's
credentials, and paths that try to leave the data folder, get nothing and change nothing.
"""

import base64
import json
import re
import shutil
import sys
import unittest
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, scratch  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, sealed  # noqa: E402

CONFIG = """
restic:
  private_repositories: true
  rules:
    - {user: "*", repository: "readable", access: read}
vault:
  signups: open
  password_iterations: 100000
  login_burst: 100
  anonymous_burst: 1000
"""
ID = "0" * 64
UUID = "00000000-0000-4000-8000-000000000000"
# What stands for the parameters of a pattern, when it is asked for in passing.
PARAMETERS = {"repository": "ann", "type": "data"}


def basic(user, password):
    return ("Authorization", "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode())


def filled(route):
    """A path that the route matches."""
    other = ID if route["service"] == "restic" else UUID
    return re.sub(r"\{([^}]*)\}", lambda m: PARAMETERS.get(m[1], other), route["pattern"])


class Refusals(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(config=CONFIG).start()
        cls.addClassCleanup(cls.coffer.close)
        for user in ("ann", "ben"):
            cls.coffer.add_restic_user(user, user)
        cls.routes = cls.coffer.routes()
        cls.accounts = []
        for name in ("ann", "ben"):
            account = Account(f"{name}@example.org")
            with cls.coffer.wire() as wire:
                assert account.register(wire).status == 200
                assert account.login(wire).status == 200
            cls.accounts.append(account)

    def ask(self, method, path, headers=(), body=None):
        if body is None and method in ("POST", "PUT", "PATCH"):
            body = b"{}"
            headers = [*headers, ("Content-Type", "application/json")]
        return self.coffer.fetch(method, path, headers, body)

    def test_there_are_routes_of_every_service(self):
        self.assertGreater(len(self.routes), 40)
        self.assertLessEqual({"vault", "restic", "metrics", "health"},
                             {route["service"] for route in self.routes})
        for route in self.routes:
            self.assertTrue(route["guard"], route)

    def test_without_credentials_a_route_is_public_on_purpose_or_401(self):
        for route in self.routes:
            with self.subTest(route=f"{route['method']} {route['pattern']}"):
                answer = self.ask(route["method"], filled(route))
                if route["guard"] == "anyone":
                    self.assertNotIn(answer.status, (403, 500, 501))
                elif route["service"] == "metrics":
                    self.assertEqual(answer.status, 200)  # From this machine; see below.
                else:
                    self.assertEqual(answer.status, 401)

    def test_worthless_credentials_are_none(self):
        for route in self.routes:
            if route["guard"] == "anyone" or route["service"] not in ("vault", "restic"):
                continue
            for header in (("Authorization", "Bearer x.y.z"), basic("ann", "wrong"),
                           ("Authorization", f"Bearer {self.forged()}")):
                with self.subTest(route=f"{route['method']} {route['pattern']}", header=header[1][:12]):
                    self.assertEqual(self.ask(route["method"], filled(route), [header]).status, 401)

    def forged(self):
        """A token of ann's whose signature says nothing: algorithm "none"."""
        _, payload, _ = self.accounts[0].token.split(".")
        head = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
        return f"{head}.{payload}."

    def test_a_token_with_one_letter_changed_is_worthless(self):
        token = self.accounts[0].token
        for at in (5, len(token) // 2, len(token) - 20):
            letter = "A" if token[at] != "A" else "B"
            header = ("Authorization", f"Bearer {token[:at]}{letter}{token[at + 1:]}")
            self.assertEqual(self.ask("GET", "/api/sync", [header]).status, 401)

    def test_the_credentials_of_one_service_are_worthless_at_the_other(self):
        bearer = ("Authorization", f"Bearer {self.accounts[0].token}")
        self.assertEqual(self.ask("GET", "/restic/ann/config", [bearer]).status, 401)
        self.assertEqual(self.ask("GET", "/api/sync", [basic("ann", "ann")]).status, 401)

    def test_what_belongs_to_another_account_does_not_exist(self):
        ann, ben = self.accounts
        folder = self.as_user(ann, "POST", "/api/folders", {"name": sealed()})
        item = self.as_user(ann, "POST", "/api/ciphers", {
            "type": 2, "name": sealed(), "secureNote": {"type": 0}})
        self.assertEqual((folder.status, item.status), (200, 200))
        folder, item = json.loads(folder.body)["id"], json.loads(item.body)["id"]
        before = self.as_user(ann, "GET", "/api/sync").body
        asked = 0
        for route in self.routes:
            pattern = route["pattern"]
            if route["service"] != "vault" or "{" not in pattern:
                continue
            if not pattern.startswith(("/api/ciphers", "/api/folders")):
                continue
            path = re.sub(r"\{[^}]*\}", folder if "folders" in pattern else item, pattern)
            body = {"type": 2, "name": sealed(), "secureNote": {"type": 0}, "ids": [item]}
            with self.subTest(route=f"{route['method']} {pattern}"):
                answer = self.as_user(ben, route["method"], path,
                                      None if route["method"] in ("GET", "DELETE") else body)
                self.assertIn(answer.status, (400, 404))
                self.assertNotIn(item.encode(), answer.body.replace(path.encode(), b""))
            asked += 1
        self.assertGreater(asked, 8)
        # Lists of ids: whatever is said, nothing of ann's changes.
        for method, path in (("PUT", "/api/ciphers/delete"), ("DELETE", "/api/ciphers"),
                             ("POST", "/api/ciphers/delete"), ("PUT", "/api/ciphers/move")):
            self.as_user(ben, method, path, {"ids": [item], "folderId": None})
        # An item of ben's cannot be put into ann's folder.
        mixed = self.as_user(ben, "POST", "/api/ciphers", {
            "type": 2, "name": sealed(), "secureNote": {"type": 0}, "folderId": folder})
        self.assertIn(mixed.status, (400, 404))
        self.assertEqual(self.as_user(ann, "GET", "/api/sync").body, before)

    def as_user(self, account, method, path, body=None):
        headers = [("Authorization", f"Bearer {account.token}")]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            body = json.dumps(body).encode()
        return self.coffer.fetch(method, path, headers, body)

    def test_another_user_reaches_no_private_repository(self):
        self.assertEqual(self.ask("POST", "/restic/ann/?create=true", [basic("ann", "ann")], b"").status,
                         200)
        stored = self.ask("POST", "/restic/ann/config", [basic("ann", "ann")], b"cfg")
        self.assertEqual(stored.status, 200)
        for method, path in (("GET", "config"), ("HEAD", "config"), ("DELETE", "config"),
                             ("POST", "config"), ("GET", "keys/"), ("GET", f"data/{ID}"),
                             ("POST", f"data/{ID}"), ("DELETE", f"data/{ID}"), ("POST", "?create=true")):
            with self.subTest(f"{method} {path}"):
                answer = self.ask(method, f"/restic/ann/{path}", [basic("ben", "ben")], b"x")
                self.assertEqual(answer.status, 401)
        self.assertEqual((self.coffer.data / "restic/ann/config").read_bytes(), b"cfg")

    def test_who_may_read_may_not_write(self):
        (self.coffer.data / "restic/readable").mkdir(exist_ok=True)
        (self.coffer.data / "restic/readable/config").write_bytes(b"cfg")
        read = self.ask("GET", "/restic/readable/config", [basic("ben", "ben")])
        self.assertEqual((read.status, read.body), (200, b"cfg"))
        for method, path in (("DELETE", "config"), ("POST", f"data/{ID}"), ("DELETE", f"keys/{ID}")):
            answer = self.ask(method, f"/restic/readable/{path}", [basic("ben", "ben")], b"x")
            self.assertIn(answer.status, (401, 403))
        self.assertEqual((self.coffer.data / "restic/readable/config").read_bytes(), b"cfg")

    def test_no_path_leads_out_of_the_data_folder(self):
        secret = "outside"
        (self.coffer.home / "outside").write_text(secret)
        (self.coffer.data / "outside").write_text(secret)
        ups = ("..", "%2e%2e", "%2E%2e", ".%2e", "..%2f..", "..%5c..", "%252e%252e", "..;", "..%00")
        targets = {f"/restic/ann/{up}/{up}/outside" for up in ups}
        targets |= {f"/restic/{up}/outside" for up in ups} | {f"/{up}/outside" for up in ups}
        targets |= {f"/restic/ann/data/{up}/{up}/{up}/outside" for up in ups}
        targets |= {"/restic//etc/passwd", "//etc/passwd", "/restic/ann//etc/passwd", "/restic/ann/%2fetc%2fpasswd",
                    f"/restic/ann/keys/{'..' * 32}", "/restic/.htpasswd", "/restic/ann/.htpasswd"}
        for target in sorted(targets):
            for method in ("GET", "POST", "DELETE"):
                with self.subTest(f"{method} {target}"):
                    answer = self.ask(method, target, [basic("ann", "ann")], b"x" if method == "POST" else None)
                    self.assertNotIn(answer.status, (200, 500))
                    self.assertNotIn(b"outside", answer.body.replace(target.encode(), b""))
                    self.assertNotIn(b"root:", answer.body)
        self.assertEqual((self.coffer.data / "outside").read_text(), secret)
        self.assertEqual((self.coffer.home / "outside").read_text(), secret)

    def test_a_link_inside_a_repository_is_not_followed_out_of_it(self):
        folder = self.coffer.data / "restic/ann/keys"
        folder.mkdir(parents=True, exist_ok=True)
        (self.coffer.home / "target").write_text("outside")
        (folder / ID).symlink_to(self.coffer.home / "target")
        self.addCleanup((folder / ID).unlink)
        answer = self.ask("GET", f"/restic/ann/keys/{ID}", [basic("ann", "ann")])
        self.assertNotEqual(answer.status, 200)
        self.assertNotIn(b"outside", answer.body)

    def test_many_wrong_passwords_do_not_lock_the_right_one_out_for_long(self):
        form = urlencode({"grant_type": "password", "username": "ann@example.org", "password": "wrong",
                          "scope": "api offline_access", "client_id": "cli", "deviceType": "8",
                          "deviceIdentifier": UUID, "deviceName": "x"}).encode()
        headers = [("Content-Type", "application/x-www-form-urlencoded")]
        for _ in range(5):
            answer = self.coffer.fetch("POST", "/identity/connect/token", headers, form)
            self.assertIn(answer.status, (400, 429))
            self.assertNotIn(b"access_token", answer.body)
        with self.coffer.wire() as wire:
            self.assertEqual(self.accounts[0].login(wire).status, 200)


class MetricsFromElsewhere(unittest.TestCase):
    """Whoever is not on this machine needs the token."""

    CONFIG = "http:\n  trusted_proxies: [127.0.0.1]\nmetrics:\n  token: hush-hush-hush\n"

    def test_local_clients_and_the_token_are_let_in_and_others_are_not(self):
        with Coffer(config=self.CONFIG) as coffer:
            distant = ("X-Forwarded-For", "192.0.2.7")
            self.assertEqual(coffer.fetch("GET", "/metrics").status, 200)
            self.assertIn(coffer.fetch("GET", "/metrics", [distant]).status, (401, 403))
            token = ("Authorization", "Bearer hush-hush-hush")
            self.assertEqual(coffer.fetch("GET", "/metrics", [distant, token]).status, 200)
            wrong = ("Authorization", "Bearer hush-hush-husk")
            self.assertIn(coffer.fetch("GET", "/metrics", [distant, wrong]).status, (401, 403))

    def test_what_was_forwarded_by_nobody_trusted_is_neither_believed_nor_local(self):
        """A proxy on this machine that nobody told us about must not open the page to the world."""
        home = scratch()
        self.addCleanup(shutil.rmtree, home)
        log = home / "access.log"
        with Coffer(config=f"log:\n  access_log: {log}\n") as coffer:
            for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
                answer = coffer.fetch("GET", "/metrics", [(header, "192.0.2.7")])
                self.assertIn(answer.status, (401, 403))
            self.assertEqual(coffer.fetch("GET", "/metrics").status, 200)
        lines = log.read_text().splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["127.0.0.1"] * 4)



if __name__ == "__main__":
    main()
