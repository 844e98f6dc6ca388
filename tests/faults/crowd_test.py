#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A crowd at the door: thousands of idle connections, and hundreds that trickle a byte a second.

Whoever comes in between is served at once. There are far more of the crowd than worker threads, so a
thread held by any of them would show as a request without an answer.
"""

import hashlib
import os
import resource
import socket
import ssl
import sys
import threading
import time
import unittest
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from wire import request_bytes  # noqa: E402

IDLE = int(os.environ.get("CROWD_IDLE", "5000"))
TRICKLING = 200
# Far above what an answer takes even under sanitizers, far below any time-out of the server.
PATIENCE = 5
CONFIG = """
restic:
  auth: off
http:
  max_connections_per_address: 20000
  max_connections: 20000
"""


class Crowd(unittest.TestCase):
    def setUp(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.coffer = Coffer(listen=["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG)
        self.addCleanup(self.coffer.close)
        self.coffer.start()
        self.crowd = []
        self.addCleanup(lambda: [s.close() for s in self.crowd])
        self.body = os.urandom(2_000_000)
        self.name = hashlib.sha256(self.body).hexdigest()
        with self.coffer.wire() as wire:
            self.assertEqual(wire.request("POST", "/restic/r/?create=true").status, 200)
            self.assertEqual(
                wire.request("POST", f"/restic/r/data/{self.name}", body=self.body).status, 200)

    def connect(self, kind):
        parts = urlsplit(self.coffer.url(kind))
        raw = socket.create_connection((parts.hostname, parts.port), 60)
        if kind == "https":
            raw = self.context.wrap_socket(raw, server_hostname=parts.hostname)
        self.crowd.append(raw)
        return raw

    @property
    def context(self):
        if not hasattr(self, "_context"):
            self._context = ssl.create_default_context(cafile=self.coffer.ca)
        return self._context

    def serve_others(self, rounds=10):
        """A client that notices when it has to wait."""
        slowest = 0
        for number in range(rounds):
            started = time.monotonic()
            with self.coffer.wire(("http", "https")[number % 2], timeout=PATIENCE) as wire:
                self.assertEqual(wire.request("GET", "/healthz").status, 200)
                other = os.urandom(500_000)
                path = f"/restic/r/data/{hashlib.sha256(other).hexdigest()}"
                self.assertEqual(wire.request("POST", path, body=other).status, 200)
                self.assertEqual(wire.request("GET", path).body, other)
            slowest = max(slowest, time.monotonic() - started)
        self.assertLess(slowest, PATIENCE)

    def idle(self, kind):
        for _ in range(IDLE):
            connection = self.connect(kind)
            if kind == "https":
                continue
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        self.serve_others()
        # They are still there, and still served.
        probe = self.crowd[len(self.crowd) // 2]
        if kind == "https":
            probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        probe.settimeout(PATIENCE)
        self.assertTrue(probe.recv(100).startswith(b"HTTP/1.1 200"))

    def test_idle_plain(self):
        self.idle("http")

    def test_idle_tls(self):
        self.idle("https")

    def trickle(self, pieces):
        """Sends every connection its next byte once a second until told to stop."""
        stop = threading.Event()

        def drip():
            at = 0
            while not stop.wait(1):
                for connection, data in pieces:
                    try:
                        connection.send(data[at:at + 1])
                    except OSError:
                        pass  # The server may cut such a client; that is its right.
                at += 1

        thread = threading.Thread(target=drip)
        thread.start()
        return lambda: (stop.set(), thread.join())

    def test_trickled_heads_and_bodies(self):
        head = request_bytes("GET", "/healthz", [("X-Filler", "x" * 200)])
        upload = request_bytes("POST", f"/restic/r/data/{'0' * 64}", body=b"x" * 100_000)
        body_at = upload.index(b"\r\n\r\n") + 4
        pieces = []
        for number in range(TRICKLING):
            connection = self.connect("http")
            if number % 2:
                pieces.append((connection, head))
            else:
                connection.sendall(upload[:body_at])
                pieces.append((connection, upload[body_at:]))
        stop = self.trickle(pieces)
        try:
            self.serve_others(20)
        finally:
            stop()

    def test_readers_that_do_not_read(self):
        for number in range(TRICKLING):
            connection = self.connect(("http", "https")[number % 2])
            connection.sendall(request_bytes("GET", f"/restic/r/data/{self.name}"))
        self.serve_others(20)


if __name__ == "__main__":
    main()
