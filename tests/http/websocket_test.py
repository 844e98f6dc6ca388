#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""WebSockets and the notification hub as raw bytes: handshakes, frames, closing, silence, crowds."""

import re
import resource
import socket
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, binary  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, sealed  # noqa: E402
from websocket import (BINARY, CLOSE, PING, PONG, SIGNALR_HANDSHAKE, SIGNALR_PING, TEXT,  # noqa: E402
                       WebSocket, frame, handshake_fields)
from wire import Wire  # noqa: E402

CONFIG = """
vault:
  signups: open
  password_iterations: 100000
  login_burst: 100
http:
  max_connections_per_address: 5000
"""
CROWD = 2000
# A parked TLS connection takes 14 KiB (docs/decisions/0002-http-core.md); the rest is what makes it a
# WebSocket. Sanitizers keep more of everything.
SANITIZED = b"__asan_init" in binary().read_bytes()
MOST_PLAIN = 3 * 1024
MOST_TLS = 20 * 1024


def setUpModule():
    global coffer, account, hub
    coffer = Coffer(["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG).start()
    account = Account("ann@example.org")
    with coffer.wire() as wire:
        assert account.register(wire).status == 200
        assert account.login(wire).status == 200
    hub = f"/notifications/hub?access_token={account.token}"


def tearDownModule():
    coffer.close()


def status_of_process(name):
    text = Path(f"/proc/{coffer.pid}/status").read_text()
    return int(re.search(rf"^{name}:\s+(\d+)", text, re.M)[1])


class Case(unittest.TestCase):
    kind = "http"

    def wire(self, **options):
        wire = coffer.wire(self.kind, **options)
        self.addCleanup(wire.close)
        return wire

    def socket(self, joined=True, **options):
        opened = WebSocket(self.wire(**options), hub)
        return opened.join() if joined else opened

    def add_folder(self):
        with coffer.wire() as wire:
            self.assertEqual(account.call(wire, "POST", "/api/folders", {"name": sealed()}).status, 200)

    def assert_closed(self, opened, code):
        got = opened.receive()
        self.assertEqual((got.opcode, got.code), (CLOSE, code))


class Handshake(Case):
    def test_the_answer_is_bare(self):
        names = {name.lower() for name, _ in self.socket().answer.headers}
        self.assertEqual(names, {"date", "upgrade", "connection", "sec-websocket-accept",
                                 "x-request-id"})

    def test_bad_ones_are_refused_and_the_connection_goes_on(self):
        wire = self.wire()
        for status, changes in (
                (426, {"upgrade": None}), (426, {"upgrade": "h2c"}),
                (426, {"sec_websocket_version": "8"}), (426, {"sec_websocket_version": None}),
                (400, {"connection": "keep-alive"}), (400, {"sec_websocket_key": None}),
                (400, {"sec_websocket_key": "c2hvcnQ="}), (400, {"sec_websocket_key": "%%%"})):
            with self.subTest(changes=changes):
                answer = wire.request("GET", hub, handshake_fields(**changes))
                self.assertEqual(answer.status, status)
                if status == 426:
                    self.assertEqual(answer.get("Sec-WebSocket-Version"), "13")
        self.assertEqual(wire.request("GET", "/healthz").status, 200)

    def test_who_is_not_let_in_hears_it_before_the_upgrade(self):
        wire = self.wire()
        for target in ("/notifications/hub", "/notifications/hub?access_token=x.y.z"):
            self.assertEqual(wire.request("GET", target, handshake_fields()).status, 401)
        anonymous = "/notifications/anonymous-hub?Token=11111111-2222-4333-8444-555555555555"
        self.assertEqual(wire.request("GET", anonymous, handshake_fields()).status, 404)

    def test_another_protocol_is_refused_in_words(self):
        opened = self.socket(joined=False)
        opened.send(TEXT, b'{"protocol":"json","version":1}\x1e')
        self.assertIn(b'"error"', opened.receive().payload)
        self.assert_closed(opened, 1000)


class Frames(Case):
    def test_a_handshake_in_pieces_byte_by_byte(self):
        opened = self.socket(joined=False)
        pieces = frame(TEXT, SIGNALR_HANDSHAKE[:10], final=False) + frame(PING, b"between") + \
            frame(0, SIGNALR_HANDSHAKE[10:])
        for byte in pieces:
            opened.wire.send(bytes([byte]))
        pong = opened.receive()
        self.assertEqual((pong.opcode, pong.payload), (PONG, b"between"))
        self.assertEqual(opened.receive().payload, b"{}\x1e")

    def test_what_breaks_the_protocol_is_told_why(self):
        for code, broken in (
                (1002, frame(TEXT, b"x", masked=False)), (1002, frame(TEXT, b"x", reserved=4)),
                (1002, frame(3, b"x")), (1002, frame(PING, b"x" * 126)),
                (1002, frame(PING, b"x", final=False)), (1002, frame(0, b"x")),
                (1007, frame(TEXT, b"\xff")), (1009, frame(BINARY, b"x" * 4097)),
                (1009, frame(BINARY, b"x" * 100_000))):
            with self.subTest(code=code, broken=broken[:4]):
                opened = self.socket()
                opened.wire.send_leniently(broken)
                self.assert_closed(opened, code)
                self.assertTrue(opened.wire.ended())

    def test_the_largest_message_is_taken(self):
        opened = self.socket()
        opened.send(BINARY, b"\xfe\x1f\x91" + b"\x06" * 4093)
        self.assertTrue(opened.wire.silent())

    def test_a_close_is_answered(self):
        opened = self.socket()
        opened.send(CLOSE, (1001).to_bytes(2, "big") + b"leaving")
        self.assert_closed(opened, 1001)
        self.assertTrue(opened.wire.ended())

    def test_signalr_says_good_bye_too(self):
        opened = self.socket()
        opened.send(BINARY, b"\x03\x92\x07\xc0")
        self.assert_closed(opened, 1000)


class Silence(Case):
    def test_a_ping_comes_within_fifteen_seconds_and_silence_ends_a_socket(self):
        speaking = self.socket(timeout=40)
        mute = self.socket(joined=False, timeout=40)
        begin = time.monotonic()
        self.assertEqual(speaking.receive().payload, SIGNALR_PING)
        self.assertLess(time.monotonic() - begin, 16)
        speaking.send(BINARY, SIGNALR_PING)
        self.assertEqual(speaking.receive().payload, SIGNALR_PING)
        # Who never said a word is gone by now; nothing but a good-bye was sent there.
        self.assert_closed(mute, 1001)
        self.assertTrue(mute.wire.ended())


class Crowd(Case):
    def hold(self, most):
        """Opens CROWD sockets, tells them all, and lets them go."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft < CROWD + 200:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(CROWD + 200, hard), hard))
        self.socket()  # Whatever comes with the first comes before the measurement.
        memory, threads = status_of_process("VmRSS"), status_of_process("Threads")
        crowd = []
        while len(crowd) < CROWD:
            crowd.append(self.socket(timeout=60))
            if len(crowd) % 200 == 0:  # As clients do: on a busy machine this takes minutes.
                for opened in crowd:
                    opened.send(BINARY, SIGNALR_PING)
        each = (status_of_process("VmRSS") - memory) * 1024 / CROWD
        print(f"    {CROWD} {self.kind} sockets: {each / 1024:.1f} KiB each", file=sys.__stderr__)
        self.assertEqual(status_of_process("Threads"), threads)
        if not SANITIZED:
            self.assertLess(each, most)
        begin = time.monotonic()
        self.add_folder()
        answered = time.monotonic() - begin
        for opened in crowd:
            self.assertEqual(opened.update(), 7)
        told = time.monotonic() - begin
        print(f"    answered after {answered * 1000:.0f} ms, the last of {CROWD} told after "
              f"{told * 1000:.0f} ms", file=sys.__stderr__)

    def test_two_thousand_sockets(self):
        self.hold(MOST_PLAIN)


class CrowdOverTls(Crowd):
    kind = "https"

    def test_two_thousand_sockets(self):
        self.hold(MOST_TLS)


class SlowReader(Case):
    def test_one_that_does_not_read_is_dropped_and_the_others_are_told(self):
        slow = self.socket()
        slow.wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        reading = self.socket(timeout=60)
        # Each ping is answered, and nobody takes the answers.
        flood = frame(PING, b"x" * 125) * 500
        for _ in range(200):
            if not slow.wire.send_leniently(flood):
                break
        else:
            self.fail("nobody minded")
        self.add_folder()
        self.assertEqual(reading.update(), 7)
        with coffer.wire() as wire:
            text = wire.request("GET", "/metrics").body.decode()
        self.assertRegex(text, r'coffer_http_websocket_dropped_total\{reason="slow"\} [1-9]')
        self.assertRegex(text, r'coffer_http_connections\{state="websocket"\} [1-9]')


class Stopping(unittest.TestCase):
    def test_sockets_are_told_and_do_not_hold_up_the_end(self):
        with Coffer(config=CONFIG) as other:
            someone = Account("ben@example.org")
            with other.wire() as wire:
                someone.register(wire)
                someone.login(wire)
            target = f"/notifications/hub?access_token={someone.token}"
            opened = [WebSocket(Wire(other.url()), target).join() for _ in range(20)]
            begin = time.monotonic()
            other.stop()
            self.assertLess(time.monotonic() - begin, 10)
            for each in opened:
                self.assertEqual(each.receive().code, 1001)
                self.assertTrue(each.wire.ended())
                each.close()

    def test_without_websockets_the_hubs_are_not_there(self):
        with Coffer(config="vault:\n  websocket: false\n") as other:
            answer = other.fetch("GET", "/notifications/hub", handshake_fields())
            self.assertEqual(answer.status, 404)


if __name__ == "__main__":
    main()
