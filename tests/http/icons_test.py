#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Icons of web sites, fetched from sites of our own on loopback addresses and their port 80.

Sites are called by address, since names would have to be known to the system's resolver. Who may not
use port 80 runs the tests in a network namespace of its own.
"""

import gzip
import http.server
import os
import socket
import struct
import sys
import threading
import time
import unittest
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402

# Of this process alone, most likely.
NETWORK = f"127.{os.getpid() % 199 + 10}.{os.getpid() // 199 % 250 + 2}"
FOUND = "public, immutable, max-age=2592000"
MISSED = "public, immutable, max-age=259200"


def png(side, shade=0):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes([shade]) * side) * side
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Site:
    """pages: path → bytes, (status, headers, bytes) or a function of the request handler."""

    def __init__(self, number, pages):
        self.host = f"{NETWORK}.{number}"
        self.pages = pages
        self.seen = []
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                site.seen.append((self.path, dict(self.headers)))
                page = site.pages.get(self.path, (404, {}, b"no"))
                if callable(page):
                    return page(self)
                status, headers, body = (200, {}, page) if isinstance(page, bytes) else page
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # It had heard enough.

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 64

        self.server = Server((self.host, 80), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def paths(self):
        return [path for path, _ in self.seen]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class WithServer(unittest.TestCase):
    public_only = False
    more = ""

    def setUp(self):
        self.coffer = Coffer(config="icons:\n  timeout: 1s\n"
                             f"  public_only: {str(self.public_only).lower()}\n{self.more}")
        self.addCleanup(self.coffer.close)
        self.coffer.start()

    def site(self, number, pages):
        site = Site(number, pages)
        self.addCleanup(site.close)
        return site

    def icon(self, host, method="GET"):
        return self.coffer.fetch(method, f"/icons/{host}/icon.png")

    def check_fallback(self, answer):
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.get("Content-Type"), "image/png")
        self.assertEqual(answer.get("Cache-Control"), MISSED)
        self.assertTrue(answer.body.startswith(b"\x89PNG") and len(answer.body) < 1000)


class Fetching(WithServer):
    def test_the_best_icon_below_the_base_is_fetched_once(self):
        best = png(32)
        site = self.site(2, {
            "/": b'<!doctype html><html><head><base href="/assets/">'
                 b'<link rel="icon" sizes="16x16" href="small.png">'
                 b'<link rel="shortcut icon" sizes="32x32" href="best.png?v=1&amp;w=2">'
                 b'<link rel="apple-touch-icon" sizes="180x180" href="/touch.png"></head>',
            "/assets/best.png?v=1&w=2": (200, {"Content-Type": "text/plain"}, best)})
        answer = self.icon(site.host)
        self.assertEqual((answer.status, answer.body), (200, best))
        self.assertEqual(answer.get("Content-Type"), "image/png")
        self.assertEqual(answer.get("Cache-Control"), FOUND)
        self.assertTrue(answer.get("Expires").endswith("GMT"))
        self.assertEqual(answer.get("X-Content-Type-Options"), "nosniff")
        self.assertIsNone(answer.get("Cross-Origin-Resource-Policy"))
        self.assertIn("script-src 'none'", answer.get("Content-Security-Policy"))
        self.assertEqual(site.paths(), ["/", "/assets/best.png?v=1&w=2"])
        self.assertIn("Mozilla/5.0", site.seen[0][1]["User-Agent"])
        self.assertEqual(site.seen[1][1]["Referer"], f"http://{site.host}/")

        self.assertEqual(self.icon(site.host).body, best)
        head = self.icon(site.host, "HEAD")
        self.assertEqual(int(head.get("Content-Length")), len(best))
        self.coffer.stop()
        self.coffer.start()
        self.assertEqual(self.icon(site.host).body, best)
        self.assertEqual(len(site.seen), 2)

    def test_redirects_are_followed_to_where_the_icon_is(self):
        icon = png(16)
        there = self.site(3, {"/start/": b'<link rel="icon" href="i.png">', "/start/i.png": icon})
        here = self.site(2, {"/": (301, {"Location": f"http://{there.host}/start/"}, b"")})
        self.assertEqual(self.icon(here.host).body, icon)
        self.assertEqual(there.paths(), ["/start/", "/start/i.png"])

        loop = self.site(4, {"/": (302, {"Location": "/"}, b""),
                             "/favicon.ico": (302, {"Location": "/favicon.ico"}, b"")})
        self.check_fallback(self.icon(loop.host))
        self.assertLessEqual(len(loop.seen), 30)

    def test_what_is_too_large_or_no_image_is_passed_over(self):
        icon = png(24)
        site = self.site(2, {
            "/": b'<link rel="icon" sizes="32x32" href="large.png">'
                 b'<link rel="icon" sizes="32x32" href="vector.svg">'
                 b'<link rel="icon" sizes="32x32" href="text.png"><link rel="icon" href="good.png">',
            "/large.png": png(8) + bytes(10 * 1024 * 1024),
            "/vector.svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
            "/text.png": b"<html>sorry</html>",
            "/good.png": icon})
        self.assertEqual(self.icon(site.host).body, icon)
        self.assertEqual(site.paths(), ["/", "/large.png", "/vector.svg", "/text.png", "/good.png"])

    def test_a_site_without_one_is_left_in_peace(self):
        site = self.site(2, {"/": b"<html><head><title>Hello</title></head></html>"})
        self.check_fallback(self.icon(site.host))
        self.assertEqual(site.paths(), ["/", "/favicon.ico", "/apple-touch-icon.png"])
        self.check_fallback(self.icon(site.host))
        self.assertEqual(len(site.seen), 3)
        self.check_fallback(self.icon(f"{NETWORK}.99"))  # Nobody there.

    def test_a_page_that_unpacks_to_a_mountain_is_cut(self):
        bomb = gzip.compress(b'<link rel="icon" href="/i.png">' + b"<div>" * 40_000_000, 1)
        site = self.site(2, {"/": (200, {"Content-Encoding": "gzip"}, bomb), "/i.png": png(8)})
        begin = time.monotonic()
        self.assertEqual(self.icon(site.host).body, png(8))
        self.assertLess(time.monotonic() - begin, 3)

    def test_many_who_ask_at_once_cause_one_search(self):
        def page(handler):
            time.sleep(0.4)
            handler.send_response(200)
            handler.end_headers()
            handler.wfile.write(b'<link rel="icon" href="/i.png">')
        site = self.site(2, {"/": page, "/i.png": png(8)})
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: self.icon(site.host), range(6)))
        self.assertEqual({a.body for a in answers}, {png(8)})
        self.assertEqual(site.paths(), ["/", "/i.png"])

    def test_slow_sites_keep_nobody_else_waiting(self):
        stop = threading.Event()
        self.addCleanup(stop.set)

        def page(_):
            stop.wait(20)
        slow = [self.site(10 + i, {"/": page, "/favicon.ico": page, "/apple-touch-icon.png": page})
                for i in range(8)]
        kept = self.site(3, {"/": b"", "/favicon.ico": png(8)})
        self.assertEqual(self.icon(kept.host).body, png(8))
        with ThreadPoolExecutor(8) as pool:
            begin = time.monotonic()
            waiting = [pool.submit(self.icon, site.host) for site in slow]
            while any(not site.seen for site in slow) and time.monotonic() - begin < 3:
                time.sleep(0.01)
            for _ in range(20):
                asked = time.monotonic()
                self.assertEqual(self.icon(kept.host).body, png(8))
                self.assertEqual(self.coffer.fetch("GET", "/alive").status, 200)
                self.assertLess(time.monotonic() - asked, 2)
            for each in waiting:
                self.check_fallback(each.result())
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_site_that_dribbles_runs_out_of_time(self):
        def page(handler):
            try:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
                for _ in range(200):
                    handler.wfile.write(b"x")
                    time.sleep(0.1)
            except OSError:
                pass
        site = self.site(2, {"/": page, "/favicon.ico": png(8)})
        begin = time.monotonic()
        self.icon(site.host)
        self.assertLess(time.monotonic() - begin, 8)

    def test_a_slow_site_does_not_hold_up_the_end(self):
        stop = threading.Event()
        self.addCleanup(stop.set)
        site = self.site(2, {"/": lambda _: stop.wait(60)})
        self.coffer.stop()
        self.coffer.config.write_text("icons:\n  timeout: 60s\n  public_only: false\n")
        self.coffer.start()
        with ThreadPoolExecutor(2) as pool:
            waiting = [pool.submit(self.icon, site.host) for _ in range(2)]
            while not site.seen:
                time.sleep(0.01)
            begin = time.monotonic()
            self.coffer.stop()
            self.assertLess(time.monotonic() - begin, 10)
            for each in waiting:
                self.assertEqual(each.result().status, 503)
        # It is not taken for a site without an icon.
        self.assertFalse(list((self.coffer.data / "vault/icons").iterdir()))


class Refusing(WithServer):
    public_only = True

    def test_nothing_that_is_not_public_is_ever_contacted(self):
        # A listener that never accepts: every connection that is made shows.
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((f"{NETWORK}.2", 80))
        listener.listen(8)
        self.addCleanup(listener.close)
        host = f"{NETWORK}.2"
        _, b, c, d = map(int, host.split("."))
        number = 127 << 24 | b << 16 | c << 8 | d
        for spelling in (host, str(number), hex(number), f"0x7f.{b}.{c}.{d}", f"0177.{b}.{c}.{d}",
                         f"127.{b}.{c << 8 | d}", f"127.{b << 16 | c << 8 | d}", f"{host}.",
                         f"[::ffff:{host}]", f"::ffff:{host}", f"{host}%3A80", f"user%40{host}",
                         "localhost", "LOCALHOST", "0.0.0.0", "10.0.0.1", "192.168.1.1",
                         "169.254.169.254", "100.64.0.1", "224.0.0.1", "255.255.255.255", "[::1]"):
            begin = time.monotonic()
            self.check_fallback(self.icon(spelling))
            self.assertLess(time.monotonic() - begin, 2, spelling)
        listener.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            listener.accept()
        self.assertFalse(list((self.coffer.data / "vault/icons").iterdir()))


class Blocking(WithServer):
    more = f"  blocked_pattern: '^{NETWORK}[.]66$'\n"

    def test_a_blocked_host_is_not_contacted_by_a_redirect_nor_for_an_icon(self):
        blocked = self.site(66, {"/": b"", "/favicon.ico": png(8)})
        self.check_fallback(self.icon(blocked.host))
        by_redirect = self.site(2, {"/": (302, {"Location": f"http://{blocked.host}/"}, b"")})
        self.check_fallback(self.icon(by_redirect.host))
        by_link = self.site(3, {
            "/": f'<link rel="icon" sizes="32x32" href="//{blocked.host}/favicon.ico">'.encode()})
        self.check_fallback(self.icon(by_link.host))
        by_icon = self.site(4, {
            "/": b"", "/favicon.ico": (302, {"Location": f"http://{blocked.host}/favicon.ico"}, b"")})
        self.check_fallback(self.icon(by_icon.host))
        self.assertTrue(by_redirect.seen and by_link.seen and by_icon.seen)
        self.assertEqual(blocked.seen, [])


class Redirecting(WithServer):
    more = "  service: duckduckgo\n  redirect_status: 308\n"
    public_only = True

    def test_clients_are_sent_elsewhere(self):
        answer = self.icon("example.org")
        self.assertEqual(answer.status, 308)
        self.assertEqual(answer.get("Location"), "https://icons.duckduckgo.com/ip3/example.org.ico")
        self.assertEqual(answer.get("Cache-Control"), FOUND)
        self.assertIsNone(answer.get("Cross-Origin-Resource-Policy"))
        refused = self.icon("127.0.0.1")
        self.assertEqual((refused.status, refused.get("Cache-Control")), (404, MISSED))
        style = self.coffer.fetch("GET", "/css/vaultwarden.css")
        self.assertIn(" https://icons.duckduckgo.com/ip3/;", style.get("Content-Security-Policy"))


def run_where_port_80_is_ours():
    try:
        with socket.socket() as probe:
            probe.bind((f"{NETWORK}.1", 80))
    except PermissionError:
        if "COFFER_OWN_NETWORK" in os.environ:
            raise
        os.environ["COFFER_OWN_NETWORK"] = "1"
        os.execvp("unshare", ["unshare", "-rn", "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
                              sys.executable, *sys.argv])


if __name__ == "__main__":
    run_where_port_80_is_ours()
    main()
