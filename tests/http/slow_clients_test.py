#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Slow clients and silent ones, plain and over TLS: each costs one connection and no more.

The deadlines of CONFIG are short enough to wait for and long enough for a busy machine.
"""

import hashlib
import os
import re
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from wire import Closed, Wire, request_bytes  # noqa: E402

CONFIG = """
restic:
  auth: off
http:
  head_deadline: 2s
  keep_alive: 4s
  min_body_rate: 10KiB
  body_rate_window: 2s
"""
GET = b"GET /healthz HTTP/1.1\r\n"
HOST = b"Host: 127.0.0.1\r\n"


def setUpModule():
    global coffer
    coffer = Coffer(["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG).start()


def tearDownModule():
    coffer.close()


class Slow:
    """Subclasses name the kind of listener."""

    def wire(self, **options):
        wire = coffer.wire(self.kind, **options)
        self.addCleanup(wire.close)
        return wire

    def assert_alive(self, wire):
        self.assertEqual(wire.request("GET", "/healthz").status, 200)

    def waits(self, wire, at_least, at_most):
        """Waits for the end of the connection; returns the answers that came before."""
        begin = time.monotonic()
        wire.socket.settimeout(at_most + 5)
        found = []
        try:
            while True:
                found.append(wire.answer())
        except Closed:
            pass
        seconds = time.monotonic() - begin
        self.assertGreater(seconds, at_least)
        self.assertLess(seconds, at_most)
        return [a.status for a in found]

    def test_a_head_that_never_ends_is_cut_off_at_its_deadline(self):
        wire = self.wire()
        wire.send(GET)
        self.assertIn(self.waits(wire, 0.5, 8), ([408], []))

    def test_a_head_that_trickles_is_cut_off_all_the_same(self):
        wire = self.wire()
        begin = time.monotonic()
        for byte in (GET + HOST + b"A: " + b"a" * 1000).decode():
            if not wire.send_leniently(byte.encode()) or time.monotonic() - begin > 12:
                break
            time.sleep(0.1)
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_body_that_trickles_is_cut_off(self):
        body = b"x" * 100_000
        path = f"/restic/slow{self.kind}/data/{hashlib.sha256(body).hexdigest()}"
        wire = self.wire()
        wire.send(request_bytes("POST", path, [("Content-Length", len(body))]))
        begin = time.monotonic()
        sent = 0
        while time.monotonic() - begin < 15 and wire.send_leniently(body[sent:sent + 50]):
            sent += 50
            time.sleep(0.1)
        self.assertLess(time.monotonic() - begin, 14)
        self.assertEqual(self.wire().request("HEAD", path).status, 404)

    def test_a_slow_body_above_the_least_rate_is_taken(self):
        body = os.urandom(150_000)
        path = f"/restic/ok{self.kind}/data/{hashlib.sha256(body).hexdigest()}"
        wire = self.wire()
        wire.send(request_bytes("POST", path, [("Content-Length", len(body))]))
        for at in range(0, len(body), 3000):  # About 30 KB/s for five seconds.
            wire.send(body[at:at + 3000])
            time.sleep(0.1)
        self.assertEqual(wire.answer().status, 200)

    def test_an_idle_connection_is_closed_after_its_time_without_a_word(self):
        wire = self.wire()
        self.assert_alive(wire)
        self.assertEqual(self.waits(wire, 2, 12), [])

    def test_others_are_served_while_a_crowd_says_nothing(self):
        crowd = [coffer.wire(self.kind) for _ in range(100)]
        try:
            for wire in crowd[::2]:
                wire.send(b"GET /hea")
            begin = time.monotonic()
            for _ in range(20):
                self.assert_alive(self.wire())
            self.assertLess(time.monotonic() - begin, 5)
        finally:
            for wire in crowd:
                wire.close()


class Plain(Slow, unittest.TestCase):
    kind = "http"


class Tls(Slow, unittest.TestCase):
    kind = "https"

    def test_a_handshake_that_never_comes_is_cut_off(self):
        host, port = re.match(r"https://([\d.]+):(\d+)", coffer.url("https")).groups()
        with Wire(f"http://{host}:{port}") as wire:
            begin = time.monotonic()
            wire.socket.settimeout(15)
            self.assertEqual(wire.to_end(), b"")
            self.assertLess(time.monotonic() - begin, 10)


if __name__ == "__main__":
    main()
