#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""HTTP with every byte chosen: smuggling, pipelining, framing and limits.

The same tests run over plain TCP and over TLS. Where a message is refused, nothing that follows it on
the connection may be taken for a request: the marker below would be answered with 200.
"""

import hashlib
import os
import random
import re
import socket
import ssl
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main, rows  # noqa: E402
from wire import Closed, Wire, chunked, request_bytes  # noqa: E402

CONFIG = "restic:\n  auth: off\n"
MARKER = b"GET /healthz HTTP/1.1\r\nHost: marker\r\n\r\n"
HOST = b"Host: 127.0.0.1\r\n"
GET = b"GET /healthz HTTP/1.1\r\n"
POST = b"POST /identity/accounts/prelogin HTTP/1.1\r\nContent-Type: application/json\r\n"
JSON = b'{"email":"nobody@example.org"}'


def setUpModule():
    global coffer
    coffer = Coffer(["http://127.0.0.1:0", "https://127.0.0.1:0"], config=CONFIG).start()


def tearDownModule():
    coffer.close()


def answers(wire, most=20):
    """Every answer until the connection ends or falls silent; and whether it ended."""
    found = []
    wire.socket.settimeout(1.5)
    while len(found) < most:
        try:
            found.append(wire.answer())
        except Closed:
            return found, True
        except (TimeoutError, ssl.SSLWantReadError):
            return found, False
    return found, False


# name, bytes, accepted statuses. After each the marker follows; the connection must close.
REFUSED = [
    ("length and chunked", POST + HOST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
    ("chunked and length", POST + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", {400}),
    ("two different lengths", POST + HOST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello", {400}),
    ("two equal lengths", POST + HOST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", {400}),
    ("length with sign minus", POST + HOST + b"Content-Length: -5\r\n\r\nhello", {400}),
    ("length with sign plus", POST + HOST + b"Content-Length: +5\r\n\r\nhello", {400}),
    ("length with comma", POST + HOST + b"Content-Length: 0,5\r\n\r\nhello", {400}),
    ("length as list", POST + HOST + b"Content-Length: 5, 5\r\n\r\nhello", {400}),
    ("length in hexadecimal", POST + HOST + b"Content-Length: 0x5\r\n\r\nhello", {400}),
    ("length with blank inside", POST + HOST + b"Content-Length: 5 5\r\n\r\nhello", {400}),
    ("empty length", POST + HOST + b"Content-Length:\r\n\r\n", {400}),
    ("length beyond 64 bits", POST + HOST + b"Content-Length: 99999999999999999999999\r\n\r\n", {400, 413}),
    ("length over the route's limit", POST + HOST + b"Content-Length: 99999999999\r\n\r\n", {413}),
    ("gzip and chunked", POST + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("xchunked", POST + HOST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("identity", POST + HOST + b"Transfer-Encoding: identity\r\n\r\n", {400, 501}),
    ("chunked twice", POST + HOST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("chunked, chunked", POST + HOST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("chunked with tab", POST + HOST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("chunked on 1.0", POST.replace(b"1.1", b"1.0") + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400, 501}),
    ("chunk size garbage", POST + HOST + b"Transfer-Encoding: chunked\r\n\r\nz\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size negative", POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size with 0x", POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", {400}),
    ("chunk size too large", POST + HOST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhello\r\n", {400, 413}),
    ("chunk without its end", POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n", {400}),
    ("chunk with bare LF", POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n5\nhello\n0\n\n", {400}),
    ("bare LF", b"GET /healthz HTTP/1.1\nHost: x\n\n", {400}),
    ("bare LF in a header", GET + HOST + b"A: b\nC: d\r\n\r\n", {400}),
    ("bare CR in a value", GET + HOST + b"A: b\rC: d\r\n\r\n", {400}),
    ("one character and LF", GET + HOST + b"x\nContent-Length: 5\r\n\r\nhello", {400}),
    ("no colon", GET + HOST + b"nonsense\r\n\r\n", {400}),
    ("no name", GET + HOST + b": value\r\n\r\n", {400}),
    ("blank before the colon", POST + HOST + b"Content-Length : 5\r\n\r\nhello", {400}),
    ("blank before chunked's colon", POST + HOST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", {400}),
    ("folded header", GET + HOST + b"A: b\r\n c\r\n\r\n", {400}),
    ("first header folded", GET + b" " + HOST + b"\r\n", {400}),
    ("NUL in a value", GET + HOST + b"A: b\x00c\r\n\r\n", {400}),
    ("control in a value", GET + HOST + b"A: b\x01c\r\n\r\n", {400}),
    ("DEL in a value", GET + HOST + b"A: b\x7fc\r\n\r\n", {400}),
    ("0xFF in a value", GET + HOST + b"A: \xff\r\n\r\n", {400}),
    ("0xFF before the end", GET + HOST + b"\xff\r\nContent-Length: 5\r\n\r\nhello", {400}),
    ("odd character in a name", GET + HOST + b"A(b): c\r\n\r\n", {400}),
    ("no Host", GET + b"\r\n", {400}),
    ("two Hosts", GET + HOST + HOST + b"\r\n", {400}),
    ("Host with a blank", GET + b"Host: a b\r\n\r\n", {400}),
    ("Host with a fragment", GET + b"Host: a#b\r\n\r\n", {400}),
    ("Host with user information", GET + b"Host: a@b\r\n\r\n", {400}),
    ("two Authorizations", GET + HOST + b"Authorization: a\r\nAuthorization: b\r\n\r\n", {400}),
    ("two Content-Types", POST + HOST + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", {400}),
    ("method in small letters", GET.lower().replace(b"http", b"HTTP") + HOST + b"\r\n", {400, 405, 501}),
    ("unknown method", b"BREW /healthz HTTP/1.1\r\n" + HOST + b"\r\n", {400, 405, 501}),
    ("endless method", b"A" * 5000 + b" / HTTP/1.1\r\n" + HOST + b"\r\n", {400, 414, 431, 501}),
    ("CONNECT", b"CONNECT host:80 HTTP/1.1\r\n" + HOST + b"\r\n", {400, 405, 501}),
    ("version 2", b"GET /healthz HTTP/2.0\r\n" + HOST + b"\r\n", {505}),
    ("version 1.2", b"GET /healthz HTTP/1.2\r\n" + HOST + b"\r\n", {505}),
    ("version nonsense", b"GET /healthz FOO\r\n" + HOST + b"\r\n", {400, 505}),
    ("version small", b"GET /healthz http/1.1\r\n" + HOST + b"\r\n", {400, 505}),
    ("no version", b"GET /healthz\r\n\r\n", {400, 505}),
    ("two blanks", b"GET  /healthz HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("tab", b"GET\t/healthz HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("blank at the end", b"GET /healthz HTTP/1.1 \r\n" + HOST + b"\r\n", {400, 505}),
    ("junk after the version", b"GET /healthz HTTP/1.1 x\r\n" + HOST + b"\r\n", {400, 505}),
    ("blank in front", b" GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n", {400, 501}),
    ("fragment", b"GET /healthz#a HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("no slash", b"GET healthz HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("asterisk with GET", b"GET * HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("another Host than the target's", b"GET http://a/healthz HTTP/1.1\r\nHost: b\r\n\r\n", {400}),
    ("target of another scheme", b"GET ftp://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    ("raw byte in the target", b"GET /\xe9 HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("control in the target", b"GET /\x01 HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
    ("another expectation", POST + HOST + b"Expect: 200-ok\r\nContent-Length: 2\r\n\r\n{}", {417}),
    ("long target", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", {414}),
    ("large head", GET + HOST + b"".join(b"A%d: %s\r\n" % (n, b"b" * 4000) for n in range(10)) + b"\r\n", {431}),
    ("many fields", GET + HOST + b"".join(b"A%d: b\r\n" % n for n in range(200)) + b"\r\n", {431}),
    ("TLS or SSH on the wrong port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 3 + b"\r\n\r\n", {400}),
]


class Refusals:
    def check(self, row):
        _, data, statuses = row
        with coffer.wire(self.kind) as wire:
            wire.send_leniently(data + MARKER)
            found, ended = answers(wire)
            self.assertEqual(len(found), 1, "exactly one answer, and the marker is not taken")
            self.assertIn(found[0].status, statuses)
            self.assertTrue(found[0].closes(), found[0].headers)
            self.assertTrue(ended, "the connection is closed")
            self.assertIsNotNone(found[0].get("Content-Length"))
            self.assertIsNotNone(found[0].get("Date"))


@rows(REFUSED)
class RefusedPlain(Refusals, unittest.TestCase):
    kind = "http"


@rows(REFUSED)
class RefusedTls(Refusals, unittest.TestCase):
    kind = "https"


# name, target below a mount, accepted statuses; the connection lives on.
TARGETS = [
    ("NUL", b"/restic/a%00b/config", {400, 404}),
    ("encoded slash", b"/restic/a%2Fconfig", {400, 404}),
    ("encoded backslash", b"/restic/a%5Cb/config", {400, 404}),
    ("dots", b"/restic/../healthz", {301, 400, 404}),
    ("encoded dots", b"/restic/%2e%2e/healthz", {301, 400, 404}),
    ("dots at the end", b"/restic/..", {301, 400, 404}),
    ("double slash", b"//healthz", {301, 400, 404}),
    ("bad escape", b"/restic/%zz/config", {400}),
    ("cut escape", b"/restic/a%2", {400}),
    ("bad UTF-8", b"/restic/%ff%fe/config", {400, 404}),
    ("encoded control", b"/restic/%0d%0aSet-Cookie:%20a=b/config", {400, 404}),
    ("mount without its slash", b"/restic", {301, 404, 405}),
    ("longer word than a mount", b"/resticx/config", {404}),
]


class Served:
    """What is understood and answered. Subclasses name the kind of listener."""

    def wire(self, **options):
        wire = coffer.wire(self.kind, **options)
        self.addCleanup(wire.close)
        return wire

    def assert_alive(self, wire):
        self.assertEqual(wire.request("GET", "/healthz").status, 200)

    def test_odd_targets_are_refused_without_harm(self):
        for name, target, statuses in TARGETS:
            with self.subTest(name):
                wire = self.wire()
                wire.send(b"GET %s HTTP/1.1\r\n%s\r\n" % (target, HOST))
                answer = wire.answer()
                self.assertIn(answer.status, statuses)
                self.assertIsNone(answer.get("Set-Cookie"))
                self.assert_alive(wire if not answer.closes() else self.wire())

    def test_every_answer_has_a_date_and_an_id_of_its_own(self):
        wire = self.wire()
        found = [wire.request("GET", path) for path in ("/healthz", "/nosuch/page", "/healthz")]
        for answer in found:
            self.assertIsNotNone(answer.get("Date"))
            self.assertRegex(answer.get("X-Request-Id", ""), r"^[\w-]{8,}$")
            self.assertIsNone(answer.get("Server"))
        self.assertEqual(len({a.get("X-Request-Id") for a in found}), 3)

    def test_one_connection_serves_many_requests(self):
        wire = self.wire()
        for number in range(300):
            status = 404 if number % 3 else 200
            path = "/restic/x/config" if number % 3 else "/healthz"
            self.assertEqual(wire.request("GET", path).status, status)

    def pipeline(self, count, rng):
        """Requests of every kind in one run of bytes, and the statuses that must come back in order."""
        data, wanted = b"", []
        for number in range(count):
            kind = rng.randrange(6)
            if kind == 0:
                data, status = data + GET + HOST + b"\r\n", 200
            elif kind == 1:
                data, status = data + b"HEAD /restic/p/config HTTP/1.1\r\n" + HOST + b"\r\n", 404
            elif kind == 2:
                data, status = data + POST + HOST + b"Content-Length: %d\r\n\r\n" % len(JSON) + JSON, 200
            elif kind == 3:
                data, status = data + POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(JSON, 7), 200
            elif kind == 4:
                body = b"%d" % number * rng.randrange(1, 2000)
                path = f"/restic/p{self.kind}/locks/{hashlib.sha256(body).hexdigest()}"
                data, status = data + request_bytes("POST", path, body=body), 200
            else:
                data, status = data + b"GET /restic/p/nonsense HTTP/1.1\r\n" + HOST + b"\r\n", 404
            wanted.append(("HEAD" if kind == 1 else "GET", status))
        return data, wanted

    def test_pipelined_requests_cut_anywhere_are_answered_in_order(self):
        rng = random.Random(20)
        for _ in range(12):
            data, wanted = self.pipeline(25, rng)
            wire = self.wire()
            at = 0
            while at < len(data):
                piece = rng.choice((1, 2, 3, 50, 700, 5000))
                wire.send(data[at:at + piece])
                at += piece
                if rng.random() < 0.05:
                    time.sleep(0.002)
            self.assertEqual([(m, wire.answer(m).status) for m, _ in wanted], wanted)
            self.assert_alive(wire)

    def test_a_long_pipeline_in_one_write_does_not_stall(self):
        wire = self.wire()
        wire.send((GET + HOST + b"\r\n") * 500)
        self.assertEqual([wire.answer().status for _ in range(500)], [200] * 500)

    def test_each_cut_of_one_request_is_the_same_request(self):
        data = b"\r\n" + POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + chunked(JSON, 9)
        for at in range(1, len(data), 3):
            wire = self.wire()
            wire.send(data[:at])
            time.sleep(0.001)
            wire.send(data[at:])
            self.assertEqual(wire.answer().status, 200)
            wire.close()

    def test_http_1_0_closes_unless_asked_to_stay(self):
        wire = self.wire()
        wire.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(wire.answer().status, 200)
        self.assertTrue(wire.ended())
        wire = self.wire()
        wire.send(b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = wire.answer()
        self.assertFalse(answer.closes())
        self.assert_alive(wire)

    def test_http_1_0_is_never_answered_in_chunks(self):
        body = b"a lock"
        path = f"/restic/ten{self.kind}/locks/"
        stored = self.wire().request("POST", path + hashlib.sha256(body).hexdigest(), body=body)
        self.assertEqual(stored.status, 200)
        wire = self.wire()
        wire.send(b"GET %s HTTP/1.0\r\n\r\n" % path.encode())
        answer = wire.answer()
        self.assertEqual(answer.status, 200)
        self.assertIsNone(answer.get("Transfer-Encoding"))
        self.assertIn(hashlib.sha256(body).hexdigest().encode(), answer.body)

    def test_connection_close_is_found_among_other_words(self):
        for value in ("close", "Close", "foo, close", "close , foo"):
            wire = self.wire()
            answer = wire.request("GET", "/healthz", [("Connection", value)])
            self.assertTrue(answer.closes())
            self.assertTrue(wire.ended())

    def test_head_is_get_without_its_body(self):
        wire = self.wire()
        for path in ("/healthz", "/restic/none/config"):
            head = wire.request("HEAD", path)
            get = wire.request("GET", path)
            self.assertEqual((head.status, head.get("Content-Length")),
                             (get.status, get.get("Content-Length")))

    def test_options_of_everything_is_answered(self):
        wire = self.wire()
        wire.send(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n")
        self.assertIn(wire.answer().status, (200, 204, 405))

    def test_a_target_with_its_own_authority_is_the_same_page(self):
        wire = self.wire()
        wire.send(b"GET http://example.org/healthz HTTP/1.1\r\nHost: example.org\r\n\r\n")
        self.assertEqual(wire.answer().status, 200)

    def test_an_empty_line_before_a_request_is_passed_over(self):
        wire = self.wire()
        wire.send(b"\r\n" + GET + HOST + b"\r\n")
        self.assertEqual(wire.answer().status, 200)

    def test_encoded_words_in_a_header_are_plain_text(self):
        wire = self.wire()
        wire.send(GET + HOST + b"Origin: =?UTF-8?Q?a=0D=0ASet-Cookie:_a=3Db?=\r\n\r\n")
        answer = wire.answer()
        self.assertIn(answer.status, (200, 400))
        self.assertIsNone(answer.get("Set-Cookie"))

    def test_a_body_that_nobody_reads_is_never_a_request(self):
        for method in ("POST", "GET", "DELETE", "PUT"):
            for size in (100, 100_000, 5_000_000):
                with self.subTest(method=method, size=size):
                    body = (MARKER * (size // len(MARKER) + 1))[:size]
                    wire = self.wire()
                    head = request_bytes(method, "/restic/none/nonsense", [("Content-Length", size)])
                    wire.send_leniently(head + body + GET + HOST + b"\r\n")
                    found, ended = answers(wire)
                    # Drained and the next request answered, or closed after the refusal.
                    self.assertIn([a.status for a in found], ([404, 200], [404], [413], [400]))
                    self.assertTrue(ended or len(found) == 2)

    def test_a_chunked_body_that_nobody_reads_is_never_a_request(self):
        wire = self.wire()
        head = request_bytes("POST", "/restic/none/nonsense", [("Transfer-Encoding", "chunked")])
        wire.send_leniently(head + chunked(MARKER * 50) + GET + HOST + b"\r\n")
        found, ended = answers(wire)
        self.assertIn([a.status for a in found], ([404, 200], [404]))
        self.assertTrue(ended or len(found) == 2)

    def test_chunk_extensions_and_trailers_do_not_change_the_body(self):
        wire = self.wire()
        body = b"".join((b"8;a=b;c\r\n", JSON[:8], b"\r\n", b"%x\r\n" % len(JSON[8:]), JSON[8:],
                         b"\r\n0\r\nX-Trailer: a\r\nContent-Length: 7\r\n\r\n"))
        wire.send(POST + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + body + GET + HOST + b"\r\n")
        found, ended = answers(wire)
        self.assertIn([a.status for a in found], ([200, 200], [200], [400]))
        self.assertTrue(ended or len(found) == 2)

    def test_a_post_without_a_length_has_an_empty_body(self):
        wire = self.wire()
        wire.send(POST + HOST + b"\r\n" + GET + HOST + b"\r\n")
        found, _ = answers(wire)
        self.assertIn(found[0].status, (400, 411))
        self.assertIn([a.status for a in found[1:]], ([200], []))

    def test_continue_is_said_only_when_the_body_is_wanted(self):
        body = os.urandom(5000)
        path = f"/restic/c{self.kind}/data/{hashlib.sha256(body).hexdigest()}"
        expect = [("Expect", "100-continue"), ("Content-Length", len(body))]
        wire = self.wire()
        wire.send(request_bytes("POST", path, expect))
        self.assertEqual(wire.head().status, 100)
        wire.send(body)
        self.assertEqual(wire.answer().status, 200)
        # It is there now; another body under its name is refused without reading it.
        wire = self.wire()
        wire.send(request_bytes("POST", path, expect))
        self.assertEqual(wire.head().status, 403)

    def test_continue_is_never_said_to_http_1_0(self):
        wire = self.wire()
        wire.send(POST.replace(b"1.1", b"1.0") + HOST + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                  % len(JSON))
        self.assertTrue(wire.silent())
        wire.send(JSON)
        self.assertEqual(wire.head().status, 200)

    def test_a_body_cut_short_is_never_stored(self):
        body = os.urandom(300_000)
        path = f"/restic/cut{self.kind}/data/{hashlib.sha256(body).hexdigest()}"
        for ending in ("reset", "close"):
            wire = self.wire()
            wire.send(request_bytes("POST", path, [("Content-Length", len(body))]) + body[:-1])
            getattr(wire, ending)()
        wire = self.wire()
        wire.send(request_bytes("POST", path, [("Transfer-Encoding", "chunked")]) +
                  chunked(body, 30_000)[:-5])
        wire.close()
        time.sleep(0.3)
        self.assertEqual(self.wire().request("HEAD", path).status, 404)
        folder = coffer.data / f"restic/cut{self.kind}"
        self.assertEqual([p for p in folder.rglob("*") if p.is_file()], [])


class Plain(Served, unittest.TestCase):
    kind = "http"

    def test_a_body_that_ends_with_the_connection_is_400(self):
        body = b"hello"
        wire = self.wire()
        path = f"/restic/half/data/{hashlib.sha256(body).hexdigest()}"
        wire.send(request_bytes("POST", path, [("Content-Length", "50")]) + body)
        wire.half_close()
        self.assertEqual(wire.answer().status, 400)

    def test_a_request_before_the_end_of_the_stream_is_answered(self):
        wire = self.wire()
        wire.send(GET + HOST + b"\r\n")
        wire.half_close()
        self.assertEqual(wire.answer().status, 200)


class Tls(Served, unittest.TestCase):
    kind = "https"

    def test_only_tls_1_2_and_1_3_and_only_http_1_1(self):
        with coffer.wire("https", alpn=["h2", "http/1.1"]) as wire:
            self.assertEqual(wire.socket.selected_alpn_protocol(), "http/1.1")
            self.assertEqual(wire.socket.version(), "TLSv1.3")
        for version, allowed in ((ssl.TLSVersion.TLSv1_2, True), (ssl.TLSVersion.TLSv1_1, False)):
            context = ssl.create_default_context(cafile=coffer.ca)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = version
            context.set_ciphers("DEFAULT@SECLEVEL=0")
            with self.subTest(version=version):
                try:
                    self.connect(context).close()
                    self.assertTrue(allowed)
                except ssl.SSLError:
                    self.assertFalse(allowed)

    def connect(self, context):
        host, port = re.match(r"https://([\d.]+):(\d+)", coffer.url("https")).groups()
        return context.wrap_socket(socket.create_connection((host, int(port)), 10),
                                   server_hostname=host)

    def test_old_suites_are_refused(self):
        for suite in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"):
            context = ssl.create_default_context(cafile=coffer.ca)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.set_ciphers(suite + ":@SECLEVEL=0")
            with self.subTest(suite), self.assertRaises(ssl.SSLError):
                self.connect(context)

    def test_the_certificate_is_good_for_name_and_address(self):
        port = coffer.url("https").rpartition(":")[2]
        with Wire(f"https://localhost:{port}", ca=coffer.ca) as wire:
            self.assertEqual(wire.request("GET", "/healthz").status, 200)

    def test_plain_text_at_the_tls_door_does_no_harm(self):
        host, port = re.match(r"https://([\d.]+):(\d+)", coffer.url("https")).groups()
        with Wire(f"http://{host}:{port}") as wire:
            wire.send_leniently(GET + HOST + b"\r\n")
            try:
                wire.socket.settimeout(10)
                wire.socket.recv(1000)
            except ConnectionResetError:
                pass
        self.assert_alive(self.wire())


if __name__ == "__main__":
    main()
