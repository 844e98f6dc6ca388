#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Attachments over a real socket: streamed up and down, cut, slow, refused.

An upload that was not acknowledged leaves neither a row nor a file, `coffer check` finds everything in
its place, and a large file costs no memory.
"""

import hashlib
import json
import os
import random
import sys
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, form, sealed  # noqa: E402
from wire import chunked, request_bytes  # noqa: E402

MIB = 1 << 20
CONFIG = f"vault:\n  signups: open\n  password_iterations: 100000\n  max_attachment_size: {300 * MIB}\n"


def resident(pid):
    """Bytes of memory in use."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise LookupError("VmRSS")


def target(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


class Attachments(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(20261120)
        self.coffer = Coffer(["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG)
        self.addCleanup(self.coffer.close)
        self.coffer.start()
        self.account = Account("files@example.test")
        with self.coffer.wire() as wire:
            self.account.register(wire)
            self.account.login(wire)
            answer = self.account.call(wire, "POST", "/api/ciphers", cipher())
        self.item = json.loads(answer.body)["id"]

    def listed(self):
        with self.coffer.wire() as wire:
            sync = json.loads(self.account.call(wire, "GET", "/api/sync").body)
        return sync["ciphers"][0]["attachments"] or []

    def on_disk(self):
        folder = self.coffer.data / "vault/attachments"
        return sorted(p.name for p in folder.rglob("*") if p.is_file())

    def check(self):
        return json.loads(self.coffer.run("check", "--json").stdout)

    def nothing_is_left(self):
        end = time.monotonic() + 10
        while self.on_disk() and time.monotonic() < end:
            time.sleep(0.05)
        self.assertEqual((self.on_disk(), self.listed()), ([], []))
        report = self.check()
        self.assertEqual((report["sound"], report["files"], report["leftovers"]), (True, 0, 0))

    def test_content_length_and_chunked_over_plain_and_tls(self):
        contents = {}
        for kind in ("http", "https"):
            for coding in ("length", "chunked"):
                # Bytes that look like boundaries, and nothing but a line end before one.
                content = self.rng.randbytes(700_001) + b"\r\n--" + b"-" * 30 + b"\r\n"
                with self.coffer.wire(kind) as wire:
                    reserved = self.account.announce(wire, self.item, len(content))["attachmentId"]
                    path, headers, body = self.account.upload_request(self.item, reserved, content)
                    if coding == "chunked":
                        headers.append(("Transfer-Encoding", "chunked"))
                        body = chunked(body, 9_973)
                    answer = wire.request("POST", path, headers, body)
                    self.assertEqual((answer.status, answer.body), (200, b""))
                contents[reserved] = content
        for seen in self.listed():
            for kind in ("http", "https"):
                with self.coffer.wire(kind) as wire:
                    answer = wire.request("GET", target(seen["url"]), [("Origin", "file://")])
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.body, contents[seen["id"]])
                self.assertEqual(answer.get("Content-Length"), seen["size"])
                self.assertEqual(answer.get("Access-Control-Allow-Origin"), "file://")
        self.assertEqual(self.on_disk(), sorted(contents))
        self.assertEqual(self.check()["bytes"], sum(map(len, contents.values())))

    def test_cut_uploads_leave_nothing(self):
        for number in range(40):
            content = self.rng.randbytes(self.rng.choice((100, 70_000, 1_500_000)))
            with self.coffer.wire() as wire:
                reserved = self.account.announce(wire, self.item, len(content))["attachmentId"]
            path, headers, body = self.account.upload_request(self.item, reserved, content)
            raw = request_bytes("POST", path, headers, body)
            wire = self.coffer.wire(("http", "https")[number % 2])
            wire.send_leniently(raw[:self.rng.randrange(1, len(raw) - 3)])
            if number % 3:
                wire.close()
            else:
                wire.reset()
        self.nothing_is_left()

    def test_a_slow_upload_holds_nobody_up_and_arrives(self):
        content = self.rng.randbytes(40_000)
        with self.coffer.wire() as slow, self.coffer.wire() as other:
            reserved = self.account.announce(slow, self.item, len(content))["attachmentId"]
            path, headers, body = self.account.upload_request(self.item, reserved, content)
            raw = request_bytes("POST", path, headers, body)
            last = len(raw) - 1_000
            for at in range(0, last, 2_000):
                slow.send(raw[at:min(at + 2_000, last)])
                time.sleep(0.05)
                self.assertEqual(self.account.call(other, "GET", "/api/sync").status, 200)
                self.assertEqual(self.on_disk(), [])
            slow.send(raw[last:])
            self.assertEqual(slow.answer("POST").status, 200)
        self.assertEqual(self.on_disk(), [reserved])

    def test_what_is_refused_is_refused_before_the_file_comes(self):
        with self.coffer.wire() as wire:
            reserved = self.account.announce(wire, self.item, 5 * MIB)["attachmentId"]
        path, headers, body = self.account.upload_request(self.item, reserved, b"")
        kind = headers[1]
        cases = {
            "no session": (path, [kind], 5 * MIB, 401),
            "another's token": (path, [("Authorization", "Bearer x"), kind], 5 * MIB, 401),
            "an unknown item": (path.replace(self.item, "0f01a66f-7802-42bc-9647-a82600f11e10"),
                                headers, 5 * MIB, 404),
            "an unknown attachment": (path[:-3] + "xyz", headers, 5 * MIB, 404),
            "more than announced": (path, headers, 7 * MIB, 400),
            "more than anybody may": (path, headers, 301 * MIB, 413),
            "no form": (path, [headers[0], ("Content-Type", "text/plain")], 5 * MIB, 400),
        }
        for name, (where, fields, length, status) in cases.items():
            with self.subTest(name), self.coffer.wire() as wire:
                fields = [*fields, ("Content-Length", str(length)), ("Expect", "100-continue")]
                wire.send(request_bytes("POST", where, fields))
                answer = wire.head()
                self.assertEqual(answer.status, status, answer)
        self.nothing_is_left()

    def test_of_two_uploads_the_one_that_is_wrong_takes_nothing_away(self):
        content = self.rng.randbytes(2 * MIB)
        with self.coffer.wire() as wire, self.coffer.wire() as slow:
            reserved = self.account.announce(wire, self.item, len(content))["attachmentId"]
            path, headers, body = self.account.upload_request(self.item, reserved, b"another")
            raw = request_bytes("POST", path, headers, body)
            slow.send(raw[:-10])
            time.sleep(0.3)
            path, headers, body = self.account.upload_request(self.item, reserved, content)
            self.assertEqual(wire.request("POST", path, headers, body).status, 200)
            slow.send(raw[-10:])
            self.assertEqual(slow.answer("POST").status, 400)
        self.assertEqual([seen["id"] for seen in self.listed()], [reserved])
        self.assertEqual((self.on_disk(), self.check()["bytes"]), ([reserved], len(content)))

    def test_a_quota_holds_however_many_come_at_once(self):
        self.coffer.config.write_text(CONFIG + f"  attachment_quota: {MIB}\n")
        self.coffer.stop()
        self.coffer.start()
        start = threading.Barrier(12)
        seen = []

        def attempt(number):
            with self.coffer.wire(timeout=60) as wire:
                start.wait(30)
                if number % 2:
                    body = {"key": sealed(), "fileName": sealed(), "fileSize": 300_000}
                    answer = self.account.call(wire, "POST",
                                               f"/api/ciphers/{self.item}/attachment/v2", body)
                else:
                    kind, body = form(("key", None, sealed().encode()),
                                      ("data", sealed(), bytes(300_000)))
                    headers = [("Authorization", f"Bearer {self.account.token}"),
                               ("Content-Type", kind)]
                    answer = wire.request("POST", f"/api/ciphers/{self.item}/attachment", headers, body)
                seen.append((number % 2, answer.status))

        threads = [threading.Thread(target=attempt, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(status for _, status in seen), [200] * 3 + [400] * 9)
        # Of those that were refused with their file come, none is left.
        self.assertEqual(len(self.on_disk()), seen.count((0, 200)))

    def test_broken_forms_leave_nothing(self):
        kind, whole = form(("key", None, b"2.a|b|c"), ("data", "2.n|b|c", b"content"))
        bearer = ("Authorization", f"Bearer {self.account.token}")
        path = f"/api/ciphers/{self.item}/attachment"
        end = whole.rindex(b"--")
        for body in (b"", whole[:end], whole[:-40], whole.replace(b'name="data"', b'name="file"'),
                     whole.replace(b"form-data", b"attachment")):
            with self.coffer.wire() as wire:
                answer = wire.request("POST", path, [bearer, ("Content-Type", kind)], body)
            self.assertEqual(answer.status, 400)
            self.assertEqual(json.loads(answer.body)["object"], "error")
        self.nothing_is_left()
        with self.coffer.wire() as wire:
            answer = wire.request("POST", path, [bearer, ("Content-Type", kind)], whole)
        self.assertEqual(json.loads(answer.body)["attachments"][0]["fileName"], "2.n|b|c")

    def test_a_large_file_takes_no_memory(self):
        size, piece = 200 * MIB, os.urandom(MIB)
        digest = hashlib.sha256()
        with self.coffer.wire(timeout=120) as wire:
            reserved = self.account.announce(wire, self.item, size)["attachmentId"]
            path, headers, body = self.account.upload_request(self.item, reserved, b"")
            at = body.index(b"\r\n\r\n") + 4
            headers.append(("Content-Length", str(len(body) + size)))
            wire.send(request_bytes("POST", path, headers) + body[:at])
            before = resident(self.coffer.pid)
            most = before
            for number in range(size // MIB):
                wire.send(piece)
                digest.update(piece)
                if number % 10 == 0:
                    most = max(most, resident(self.coffer.pid))
            wire.send(body[at:])
            self.assertEqual(wire.answer("POST").status, 200)
            link = self.listed()[0]["url"]
            wire.send(request_bytes("GET", target(link)))
            self.assertEqual(wire.head().get("Content-Length"), str(size))
            came = hashlib.sha256()
            for number in range(size // MIB):
                came.update(wire.exactly(MIB))
                if number % 10 == 0:
                    most = max(most, resident(self.coffer.pid))
        self.assertEqual(came.hexdigest(), digest.hexdigest())
        self.assertLess(most - before, 16 * MIB)

    def test_the_check_tells_what_is_wrong(self):
        with self.coffer.wire() as wire:
            names = [self.account.attach(wire, self.item, b"content") for _ in range(3)]
        self.assertTrue(self.check()["sound"])
        folder = self.coffer.data / "vault/attachments" / self.item
        (folder / names[0]).unlink()
        (folder / names[1]).write_bytes(b"longer content")
        old = folder / "00000000000000000000"
        old.write_bytes(b"of nobody")
        os.utime(old, (time.time() - 2 * 86400,) * 2)
        (folder / "11111111111111111111").write_bytes(b"of nobody, and new")
        done = self.coffer.run("check", "--json", check=False)
        report = json.loads(done.stdout)
        self.assertEqual((done.returncode, report["sound"], report["leftovers"]), (1, False, 1))
        self.assertEqual(sorted((p["problem"], p["path"].split("/")[-1]) for p in report["problems"]),
                         sorted([("missing", names[0]), ("wrong size", names[1]),
                                 ("unknown", old.name)]))
        said = self.coffer.run("check", check=False).stdout
        self.assertIn(f"missing: attachments/{self.item}/{names[0]}, 7 bytes expected", said)
        self.assertIn("3 problems", said)


if __name__ == "__main__":
    main()
