#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Connections cut in the middle: of a body going up, of a body going down, of a handshake.

Nothing that was cut is visible, nothing is left on the disk, no descriptor stays open.
"""

import hashlib
import json
import os
import random
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from wire import request_bytes  # noqa: E402

CONFIG = "restic:\n  auth: off\n"


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def settles(measure, wanted, seconds=10):
    end = time.monotonic() + seconds
    while measure() > wanted and time.monotonic() < end:
        time.sleep(0.05)
    return measure()


class Cut(unittest.TestCase):
    def setUp(self):
        self.rng = random.Random(20261120)
        self.coffer = Coffer(listen=["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG)
        self.addCleanup(self.coffer.close)
        self.coffer.start()
        with self.coffer.wire() as wire:
            self.assertEqual(wire.request("POST", "/restic/r/?create=true").status, 200)
            self.warm = self.rng.randbytes(3_000_000)
            self.warm_name = hashlib.sha256(self.warm).hexdigest()
            answer = wire.request("POST", f"/restic/r/data/{self.warm_name}", body=self.warm)
            self.assertEqual(answer.status, 200)
        self.idle = settles(lambda: descriptors(self.coffer.pid), 0, 1)

    def check_nothing_is_left(self):
        self.assertLessEqual(settles(lambda: descriptors(self.coffer.pid), self.idle), self.idle,
                             "descriptors stay open")
        with self.coffer.wire() as wire:
            listing = json.loads(wire.request("GET", "/restic/r/data/").body)
        self.assertEqual(listing, [self.warm_name])
        files = {p.name for p in (self.coffer.data / "restic/r/data").rglob("*") if p.is_file()}
        self.assertEqual(files, {self.warm_name})

    def test_uploads(self):
        for number in range(60):
            kind = ("http", "https")[number % 2]
            body = self.rng.randbytes(self.rng.choice((100, 70_000, 1_500_000)))
            name = hashlib.sha256(body).hexdigest()
            raw = request_bytes("POST", f"/restic/r/data/{name}", body=body)
            wire = self.coffer.wire(kind)
            wire.send_leniently(raw[:self.rng.randrange(1, len(raw))])
            if number % 3:
                wire.close()
            else:
                wire.reset()
        self.check_nothing_is_left()

    def test_downloads(self):
        for number in range(40):
            wire = self.coffer.wire(("http", "https")[number % 2])
            wire.send(request_bytes("GET", f"/restic/r/data/{self.warm_name}"))
            wire.exactly(self.rng.randrange(1, 200_000))
            if number % 3:
                wire.close()
            else:
                wire.reset()
        self.check_nothing_is_left()

    def test_a_half_closed_upload_is_answered(self):
        with self.coffer.wire() as wire:
            wire.send(b"POST /restic/r/data/" + b"0" * 64 +
                      b" HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nshort")
            wire.half_close()
            self.assertEqual(wire.answer("POST").status, 400)
        self.check_nothing_is_left()


if __name__ == "__main__":
    main()
