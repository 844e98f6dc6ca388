#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Sends over a real socket: as many readings as the owner allowed and not one more, however many ask at
once; files that arrive whole or not at all; nothing left behind when a Send goes.
"""

import json
import sys
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import JSON, Account, form, sealed, send  # noqa: E402
from wire import chunked, request_bytes  # noqa: E402

CONFIG = ("vault:\n  signups: open\n  password_iterations: 100000\n  anonymous_burst: 100000\n"
          "  login_burst: 1000\n  max_send_size: 8 MiB\n")
FORM = [("Content-Type", "application/x-www-form-urlencoded")]
PASSWORD = "hE1uCS3vlWo9J3PkHXIb8tlaHY9STZcMp2zSBSigNnk="
READERS = 24


class Sends(unittest.TestCase):
    def setUp(self):
        self.coffer = Coffer(["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG)
        self.addCleanup(self.coffer.close)
        self.coffer.start()
        self.owner = Account("sends@example.test")
        self.wire = self.coffer.wire()
        self.addCleanup(self.wire.close)
        self.owner.register(self.wire)
        self.owner.login(self.wire)

    def ask(self, method, path, body=None):
        answer = self.owner.call(self.wire, method, path, body)
        self.assertEqual(answer.status, 200, answer.body[:500])
        return json.loads(answer.body) if answer.body else None

    def text(self, **more):
        return self.ask("POST", "/api/sends", send(**more))

    def announce(self, size, **more):
        return self.ask("POST", "/api/sends/file/v2", send(1, fileLength=size, **more))["sendResponse"]

    def upload_request(self, announced, content):
        kind, body = form(("data", "cut by the client", content))
        return (f"/api/sends/{announced['id']}/file/{announced['file']['id']}",
                [("Authorization", f"Bearer {self.owner.token}"), ("Content-Type", kind)], body)

    def file(self, content, **more):
        announced = self.announce(len(content), **more)
        path, headers, body = self.upload_request(announced, content)
        self.assertEqual(self.wire.request("POST", path, headers, body).status, 200)
        return announced

    def token(self, wire, shared, **more):
        fields = {"grant_type": "send_access", "client_id": "send", "scope": "api.send.access",
                  "send_id": shared["accessId"], **more}
        answer = wire.request("POST", "/identity/connect/token", FORM, urlencode(fields).encode())
        self.assertEqual(answer.status, 200, answer.body)
        return [("Authorization", "Bearer " + json.loads(answer.body)["access_token"])]

    def race(self, *attempts, readers=READERS):
        """Each attempt(wire) → status from `readers` threads of its own, all let go at once."""
        start = threading.Barrier(readers * len(attempts))
        seen = []

        def run(attempt):
            with self.coffer.wire(timeout=120) as wire:
                start.wait(60)
                seen.append(attempt(wire))

        threads = [threading.Thread(target=run, args=(a,)) for a in attempts for _ in range(readers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(seen), len(threads))
        return seen

    def stored(self, shared):
        return self.ask("GET", f"/api/sends/{shared['id']}")

    def on_disk(self):
        return [p.name for p in (self.coffer.data / "vault/sends").rglob("*") if p.is_file()]

    def test_as_many_readings_as_allowed_and_no_more(self):
        for allowed in (1, 5):
            shared = self.text(maxAccessCount=allowed)
            token = self.token(self.wire, shared)
            seen = self.race(
                lambda wire, t=token: wire.request("POST", "/api/sends/access", t, b"").status,
                lambda wire, s=shared: wire.request(
                    "POST", f"/api/sends/access/{s['accessId']}", JSON, b"{}").status)
            self.assertEqual((seen.count(200), seen.count(404)), (allowed, len(seen) - allowed))
            self.assertEqual(self.stored(shared)["accessCount"], allowed)

    def test_as_many_downloads_as_allowed_and_no_more(self):
        shared = self.file(b"content", maxAccessCount=3)
        token = self.token(self.wire, shared)
        file = shared["file"]["id"]
        seen = self.race(
            lambda wire: wire.request("POST", f"/api/sends/access/file/{file}", token, b"").status,
            lambda wire: wire.request("POST", f"/api/sends/{shared['id']}/access/file/{file}", JSON,
                                      b"{}").status)
        self.assertEqual((seen.count(200), seen.count(404)), (3, len(seen) - 3))
        self.assertEqual(self.stored(shared)["accessCount"], 3)

    def test_readings_and_an_edit_at_once_lose_neither(self):
        shared = self.text()
        token = self.token(self.wire, shared)
        name = sealed()

        def edit(wire):
            return self.owner.call(wire, "PUT", f"/api/sends/{shared['id']}", send(name=name)).status

        seen = self.race(lambda wire: wire.request("POST", "/api/sends/access", token, b"").status, edit)
        self.assertEqual(set(seen), {200})
        self.assertEqual((self.stored(shared)["accessCount"], self.stored(shared)["name"]),
                         (READERS, name))

    def test_a_password_is_checked_while_others_are_served(self):
        shared = self.text(password=PASSWORD)
        right, wrong = (json.dumps({"password": p}).encode() for p in (PASSWORD, "A" * 43 + "="))
        path = f"/api/sends/access/{shared['accessId']}"
        seen = self.race(lambda wire: wire.request("POST", path, JSON, right).status,
                         lambda wire: wire.request("POST", path, JSON, wrong).status,
                         lambda wire: self.owner.call(wire, "GET", "/api/sends").status, readers=8)
        # A full hash lane says so; nobody gets in by it.
        self.assertLessEqual(set(seen), {200, 400, 503})
        self.assertEqual(self.stored(shared)["accessCount"], seen.count(200) - 8)
        token = self.token(self.wire, shared, password_hash_b64=PASSWORD)
        self.assertEqual(self.wire.request("POST", "/api/sends/access", token, b"").status, 200)

    def test_a_file_comes_and_goes_whole_over_plain_and_tls(self):
        content = bytes(range(256)) * 20_000 + b"\r\n--" + b"-" * 40
        for kind in ("http", "https"):
            for coding in ("length", "chunked"):
                announced = self.announce(len(content))
                path, headers, body = self.upload_request(announced, content)
                if coding == "chunked":
                    headers.append(("Transfer-Encoding", "chunked"))
                    body = chunked(body, 9_973)
                with self.coffer.wire(kind) as wire:
                    answer = wire.request("POST", path, headers, body)
                    self.assertEqual((answer.status, answer.body), (200, b""))
                    token = self.token(wire, announced)
                    answer = wire.request(
                        "POST", f"/api/sends/access/file/{announced['file']['id']}", token, b"")
                    parts = urlsplit(json.loads(answer.body)["url"])
                    self.assertEqual(f"{parts.scheme}://{parts.netloc}", self.coffer.url(kind))
                    answer = wire.request("GET", f"{parts.path}?{parts.query}")
                self.assertEqual((answer.status, answer.body == content), (200, True))
                self.assertEqual(answer.get("Content-Length"), str(len(content)))
        self.assertEqual(len(self.on_disk()), 4)
        for shared in self.ask("GET", "/api/sends")["data"]:
            self.ask("DELETE", f"/api/sends/{shared['id']}")
        self.assertEqual(self.on_disk(), [])
        self.assertTrue(json.loads(self.coffer.run("check", "--json").stdout)["sound"])

    def test_cut_uploads_leave_nothing_that_anybody_sees(self):
        content = b"x" * 300_000
        for number in range(20):
            announced = self.announce(len(content))
            path, headers, body = self.upload_request(announced, content)
            raw = request_bytes("POST", path, headers, body)
            wire = self.coffer.wire(("http", "https")[number % 2])
            wire.send_leniently(raw[:len(raw) * number // 20])
            (wire.reset if number % 3 else wire.close)()
        end = time.monotonic() + 10
        while self.on_disk() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual((self.on_disk(), self.ask("GET", "/api/sends")["data"]), ([], []))
        self.assertEqual(self.ask("GET", "/api/sync")["sends"], [])

    def test_of_two_uploads_the_one_that_is_wrong_takes_nothing_away(self):
        content = b"x" * (2 << 20)
        shared = self.announce(len(content))
        path, headers, body = self.upload_request(shared, b"not what was announced")
        raw = request_bytes("POST", path, headers, body)
        with self.coffer.wire() as slow:
            slow.send(raw[:-10])
            time.sleep(0.3)
            path, headers, body = self.upload_request(shared, content)
            self.assertEqual(self.wire.request("POST", path, headers, body).status, 200)
            slow.send(raw[-10:])
            self.assertEqual(slow.answer("POST").status, 400)
        self.assertEqual(self.stored(shared)["file"]["size"], str(len(content)))
        self.assertEqual(self.on_disk(), [shared["file"]["id"]])

    def test_a_sweep_leaves_an_upload_alone_whose_send_is_still_to_come(self):
        kind, body = form(("model", None, json.dumps(send(1)).encode()), ("data", "x", b"content"))
        raw = request_bytes("POST", "/api/sends/file",
                            [("Authorization", f"Bearer {self.owner.token}"), ("Content-Type", kind)],
                            body)
        with self.coffer.wire() as slow:
            slow.send(raw[:-10])
            time.sleep(0.3)
            self.coffer.run("jobs", "run", "sweep-files")
            slow.send(raw[-10:])
            answer = slow.answer("POST")
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(self.on_disk(), [json.loads(answer.body)["file"]["id"]])

    def test_a_file_that_is_too_large_is_refused_before_it_comes(self):
        answer = self.owner.call(self.wire, "POST", "/api/sends/file/v2",
                                 send(1, fileLength=9 << 20))
        self.assertEqual(answer.status, 400)
        announced = self.announce(1000)
        path, headers, _ = self.upload_request(announced, b"")
        for length, status in ((2 << 20, 400), (9 << 20, 413)):
            with self.coffer.wire() as wire:
                fields = [*headers, ("Content-Length", str(length)), ("Expect", "100-continue")]
                wire.send(request_bytes("POST", path, fields))
                self.assertEqual(wire.head().status, status)

    def test_what_is_stored_is_there_after_a_restart(self):
        shared = self.file(b"content", password=PASSWORD, maxAccessCount=2)
        before = self.stored(shared)
        self.coffer.listen = [self.coffer.url("http"), self.coffer.url("https")]
        self.wire.close()
        self.coffer.stop()
        self.coffer.start()
        self.wire = self.coffer.wire()
        self.assertEqual(self.stored(shared), before)
        body = json.dumps({"password": PASSWORD}).encode()
        answer = self.wire.request(
            "POST", f"/api/sends/{shared['accessId']}/access/file/{shared['file']['id']}", JSON, body)
        parts = urlsplit(json.loads(answer.body)["url"])
        self.assertEqual(self.wire.request("GET", f"{parts.path}?{parts.query}").body, b"content")


if __name__ == "__main__":
    main()
