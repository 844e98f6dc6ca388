#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A full disk: a small file system of its own (tmpfs, which needs root), filled to the brim.

Refusals are 507, nothing is left behind, what was stored before stays readable, and room made again
is room that can be used again, without a restart.
"""

import hashlib
import json
import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from coffer_server import Coffer, scratch  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, sealed  # noqa: E402
from wire import chunked  # noqa: E402

MIB = 1 << 20
CONFIG = "restic:\n  auth: off\nvault:\n  signups: first\n  password_iterations: 100000\n"


def named(body):
    return hashlib.sha256(body).hexdigest()


class DiskFull(unittest.TestCase):
    def setUp(self):
        self.home = scratch("coffer-full-")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m,mode=0700", "tmpfs", self.home],
                       check=True)
        self.addCleanup(self.home.rmdir)
        self.addCleanup(lambda: subprocess.run(["umount", "-l", self.home], check=True))
        self.coffer = Coffer(config=CONFIG, data=self.home / "data")
        self.addCleanup(self.coffer.close)
        self.coffer.start()

    def objects_on_disk(self):
        return {p.name for p in (self.home / "data/restic/r").rglob("*") if p.is_file()}

    def attachments_on_disk(self):
        return {p.name for p in (self.home / "data/vault/attachments").rglob("*") if p.is_file()}

    def test_uploads_are_refused_and_leave_nothing(self):
        kept, large = os.urandom(MIB), os.urandom(20 * MIB)
        with self.coffer.wire() as wire:
            self.assertEqual(wire.request("POST", "/restic/r/?create=true").status, 200)
            self.assertEqual(wire.request("POST", f"/restic/r/data/{named(kept)}", body=kept).status, 200)
        for headers, body in (([], large), ([("Transfer-Encoding", "chunked")], chunked(large))):
            with self.subTest(chunked=bool(headers)), self.coffer.wire() as wire:
                head = [f"POST /restic/r/data/{named(large)} HTTP/1.1", "Host: x"]
                head += [f"{n}: {v}" for n, v in headers] or [f"Content-Length: {len(large)}"]
                wire.send("\r\n".join(head).encode() + b"\r\n\r\n")
                wire.send_leniently(body)
                self.assertEqual(wire.answer("POST").status, 507)
            self.assertEqual(self.objects_on_disk(), {named(kept)})
        with self.coffer.wire() as wire:
            self.assertEqual(wire.request("GET", f"/restic/r/data/{named(kept)}").body, kept)
            again = os.urandom(2 * MIB)
            self.assertEqual(wire.request("POST", f"/restic/r/data/{named(again)}", body=again).status, 200)

    def test_a_file_that_does_not_fit_leaves_its_announcement(self):
        account = Account("files@example.test")
        content = os.urandom(8 * MIB)
        with self.coffer.wire() as wire:
            self.assertEqual(account.register(wire).status, 200)
            self.assertEqual(account.login(wire).status, 200)
            item = json.loads(account.call(wire, "POST", "/api/ciphers", cipher()).body)["id"]
            kept = account.announce(wire, item, 6)["attachmentId"]
            path, headers, body = account.upload_request(item, kept, b"stored")
            self.assertEqual(wire.request("POST", path, headers, body).status, 200)
            reserved = account.announce(wire, item, len(content))["attachmentId"]
        ballast = self.home / "ballast"
        ballast.write_bytes(b"x" * (6 * MIB))
        path, headers, body = account.upload_request(item, reserved, content)
        for is_chunked in (False, True):
            with self.subTest(chunked=is_chunked), self.coffer.wire() as wire:
                head = [f"POST {path} HTTP/1.1", "Host: x"] + [f"{n}: {v}" for n, v in headers]
                head += ["Transfer-Encoding: chunked"] if is_chunked else [f"Content-Length: {len(body)}"]
                wire.send("\r\n".join(head).encode() + b"\r\n\r\n")
                wire.send_leniently(chunked(body) if is_chunked else body)
                answer = wire.answer("POST")
                self.assertEqual(answer.status, 507)
                self.assertEqual(json.loads(answer.body)["object"], "error")
            self.assertEqual(self.attachments_on_disk(), {kept})
        ballast.unlink()
        with self.coffer.wire() as wire:
            self.assertEqual(wire.request("POST", path, headers, body).status, 200)
            self.assertEqual(account.call(wire, "DELETE", f"/api/ciphers/{item}").status, 200)
        self.assertEqual(self.attachments_on_disk(), set())

    def test_a_vault_on_a_full_disk_refuses_and_recovers(self):
        account = Account("full@example.test")
        with self.coffer.wire() as wire:
            self.assertEqual(account.register(wire).status, 200)
            self.assertEqual(account.login(wire).status, 200)
            first = account.call(wire, "POST", "/api/ciphers", cipher())
            self.assertEqual(first.status, 200)
        ballast = self.home / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * 4096)
            except OSError:
                pass
        acknowledged = {json.loads(first.body)["id"]}
        refused = None
        with self.coffer.wire() as wire:
            for _ in range(400):
                answer = account.call(wire, "POST", "/api/ciphers", cipher(notes=sealed(6000)))
                if answer.status != 200:
                    refused = answer
                    break
                acknowledged.add(json.loads(answer.body)["id"])
        self.assertIsNotNone(refused, "the disk did not fill up")
        self.assertEqual(refused.status, 507)
        self.assertEqual(json.loads(refused.body)["object"], "error")
        ballast.unlink()
        with self.coffer.wire() as wire:
            answer = account.call(wire, "POST", "/api/ciphers", cipher())
            self.assertEqual(answer.status, 200, "the vault does not recover when there is room again")
            acknowledged.add(json.loads(answer.body)["id"])
            seen = json.loads(account.call(wire, "GET", "/api/sync").body)["ciphers"]
        self.assertEqual({c["id"] for c in seen}, acknowledged)


if __name__ == "__main__":
    main()
