#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The web vault as a browser meets it, the page that stands in for it, and the command that installs it."""

import base64
import hashlib
import http.server
import io
import os
import re
import sys
import tarfile
import threading
import unittest
import xml.etree.ElementTree
import zipfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402

SCRIPT = "app/main.0123456789abcdef0123.js"
LARGE = os.urandom(3_000_000)
BUILD = {
    "index.html": b"<!doctype html><html><head><title>Vault</title></head><body></body></html>",
    SCRIPT: b"console.log('hello');\n" * 500,
    "0123456789abcdef.module.wasm": b"\0asm" + bytes(2000),
    "fonts/font.woff2": LARGE,
    "locales/en/messages.json": b'{"hello": {"message": "Hello"}}',
    "webauthn-connector.html": b"<html></html>",
    "sso-connector.html": b"<html></html>",
    "images/logo.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "manifest.json": b"{}",
    "version.json": b'{"version": "2026.6.0"}',
}


def packed(files, folder="web-vault/"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(folder + name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


class WithServer(unittest.TestCase):
    """One server for the tests of a class, and a release in self.archive."""

    config = ""
    listen = ("http://127.0.0.1:0", "https://127.0.0.1:0")

    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(listen=cls.listen, config=cls.config)
        cls.addClassCleanup(cls.coffer.close)
        cls.coffer.start()
        cls.archive = cls.coffer.home / "web.tar.gz"
        cls.archive.write_bytes(packed(BUILD))

    @classmethod
    def install(cls, *arguments, **options):
        return cls.coffer.run("vault", "web-vault", "install", *map(str, arguments), **options)

    def get(self, target, headers=(), kind="http"):
        return self.coffer.fetch("GET", target, headers, kind=kind)


class OwnPage(WithServer):
    def test_it_is_a_whole_page_that_needs_nothing_else(self):
        for kind in ("http", "https"):
            answer = self.get("/", kind=kind)
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.get("Content-Type"), "text/html; charset=utf-8")
            text = answer.body.decode()
            root = xml.etree.ElementTree.fromstring(text.partition("\n")[2])
            space = "{http://www.w3.org/1999/xhtml}"
            self.assertEqual(root.tag, space + "html")
            self.assertEqual(root.get("lang"), "en")
            self.assertEqual([k.text for k in root.iter(space + "kbd")][0], self.coffer.url(kind))
            self.assertFalse(list(root.iter(space + "script")))
            self.assertFalse(list(root.iter(space + "img")))
            for element in root.iter():
                for name in ("src", "href", "action"):
                    value = element.get(name) or ""
                    self.assertFalse(value.startswith(("http", "//")), value)
            style = next(root.iter(space + "style")).text
            digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
            self.assertIn(f"style-src 'sha256-{digest}'", answer.get("Content-Security-Policy"))
            self.assertTrue(answer.get("Content-Security-Policy").startswith("default-src 'none'"))
            self.assertEqual(answer.get("X-Content-Type-Options"), "nosniff")
            self.assertEqual(answer.get("Cache-Control"), "no-cache, no-store, max-age=0")
            self.assertLess(len(answer.body), 8192)

    def test_head_and_what_it_links(self):
        answer = self.coffer.fetch("HEAD", "/")
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertGreater(int(answer.get("Content-Length")), 1000)
        self.assertEqual(self.get("/alive").status, 200)
        self.assertEqual(self.coffer.fetch("HEAD", "/alive").status, 200)

    def test_unknown_paths_are_a_page_and_the_protocols_are_json(self):
        page = self.get("/favicon.ico")
        self.assertEqual(page.status, 404)
        xml.etree.ElementTree.fromstring(page.body.decode().partition("\n")[2])
        for path in ("/api/nothing", "/identity/nothing", "/icons/nothing", "/notifications/nothing"):
            answer = self.get(path)
            self.assertEqual(answer.status, 404, path)
            self.assertTrue(answer.get("Content-Type").startswith("application/json"), path)
        self.assertEqual(self.get("/api/accounts/prelogin").status, 405)


class Build(WithServer):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.install(cls.archive)

    def test_every_file_arrives_whole_with_its_type(self):
        types = {"index.html": None, SCRIPT: "text/javascript; charset=utf-8",
                 "0123456789abcdef.module.wasm": "application/wasm", "fonts/font.woff2": "font/woff2",
                 "locales/en/messages.json": "application/json", "images/logo.svg": "image/svg+xml",
                 "manifest.json": "application/json", "version.json": "application/json",
                 "webauthn-connector.html": "text/html; charset=utf-8",
                 "sso-connector.html": "text/html; charset=utf-8"}
        for kind in ("http", "https"):
            with self.coffer.wire(kind) as wire:
                for name, content in BUILD.items():
                    answer = wire.request("GET", "/" + name)
                    if name == "index.html":
                        self.assertEqual((answer.status, answer.get("Location")), (303, "/"))
                        continue
                    self.assertEqual(answer.status, 200, name)
                    self.assertEqual(answer.body, content, name)
                    self.assertEqual(answer.get("Content-Type"), types[name])
                    self.assertEqual(answer.get("X-Content-Type-Options"), "nosniff")
                    head = wire.request("HEAD", "/" + name)
                    self.assertEqual(int(head.get("Content-Length")), len(content))

    def test_front_page(self):
        answer = self.get("/")
        link = b'<link rel="stylesheet" href="css/vaultwarden.css"></head>'
        self.assertEqual(answer.body, BUILD["index.html"].replace(b"</head>", link))
        self.assertEqual(answer.get("Cache-Control"), "no-cache")
        self.assertEqual(self.get("/", [("If-None-Match", answer.get("ETag"))]).status, 304)
        css = self.get("/css/vaultwarden.css")
        self.assertIn(b"display: none !important", css.body)
        self.assertEqual(css.get("ETag"), f'"{hashlib.sha256(css.body).hexdigest()}"')

    def test_what_may_be_kept(self):
        for name in (SCRIPT, "0123456789abcdef.module.wasm"):
            self.assertEqual(self.get("/" + name).get("Cache-Control"),
                             "public, max-age=31536000, immutable")
        for name in ("webauthn-connector.html", "locales/en/messages.json", "version.json"):
            answer = self.get("/" + name)
            self.assertEqual(answer.get("Cache-Control"), "no-cache")
            tag = answer.get("ETag")
            for value in (tag, f'"x", W/{tag}', "*"):
                again = self.get("/" + name, [("If-None-Match", value)])
                self.assertEqual((again.status, again.body, again.get("ETag")), (304, b"", tag))
            self.assertEqual(self.get("/" + name, [("If-None-Match", '"x"')]).status, 200)

    def test_compressed_copies(self):
        import gzip
        plain = self.get("/" + SCRIPT)
        packed_answer = self.get("/" + SCRIPT, [("Accept-Encoding", "gzip, deflate, br")])
        self.assertEqual(packed_answer.get("Content-Encoding"), "gzip")
        self.assertEqual(gzip.decompress(packed_answer.body), BUILD[SCRIPT])
        self.assertNotEqual(plain.get("ETag"), packed_answer.get("ETag"))
        for answer in (plain, packed_answer):
            self.assertIn("Accept-Encoding", answer.all("Vary"))
        self.assertIsNone(self.get("/fonts/font.woff2", [("Accept-Encoding", "gzip")])
                          .get("Content-Encoding"))

    def test_nothing_outside_of_the_folder(self):
        outside = self.coffer.data / "secret.txt"
        outside.write_text("secret")
        (self.coffer.data / "web-vault/link.txt").symlink_to(outside)
        (self.coffer.data / "web-vault/.hidden").write_text("secret")
        (self.coffer.data / "web-vault/up").symlink_to("..")
        for target in ("/../secret.txt", "/app/../../secret.txt", "/%2e%2e/secret.txt",
                       "/..%2fsecret.txt", "/app/..%2f..%2fsecret.txt", "/..%5csecret.txt",
                       "//etc/passwd", "/%2fetc/passwd", "/link.txt", "/up/secret.txt", "/.hidden",
                       "/%2ehidden", "/app/%00", "/" + SCRIPT + "%00.html", "/app", "/app/",
                       "/web-vault/index.html", "/%c0%ae%c0%ae/secret.txt"):
            answer = self.get(target)
            self.assertIn(answer.status, (400, 404), target)
            self.assertNotIn(b"secret", answer.body.replace(target.encode(), b""), target)
            self.assertNotIn(b"root:", answer.body, target)

    def test_security_headers(self):
        page = self.get("/", kind="https")
        policy = dict(part.strip().split(" ", 1)
                      for part in page.get("Content-Security-Policy").split(";"))
        self.assertEqual(policy["default-src"], "'none'")
        self.assertEqual(policy["script-src"], "'self' 'wasm-unsafe-eval'")
        self.assertIn("moz-extension://*", policy["frame-ancestors"])
        self.assertTrue(policy["connect-src"].endswith(
            " wss://" + self.coffer.url("https").removeprefix("https://")))
        for name in ("Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options",
                     "X-Robots-Tag", "X-XSS-Protection", "Cross-Origin-Resource-Policy",
                     "X-Frame-Options", "Content-Security-Policy", "Cache-Control"):
            self.assertEqual(len(page.all(name)), 1, name)
        for name in ("webauthn-connector.html", "sso-connector.html"):
            connector = self.get("/" + name)
            self.assertIsNone(connector.get("Content-Security-Policy"))
            self.assertIsNone(connector.get("X-Frame-Options"))
            self.assertEqual(connector.get("X-Content-Type-Options"), "nosniff")
        image = self.get("/images/logo.svg")
        self.assertIn("script-src 'none'", image.get("Content-Security-Policy"))
        self.assertIsNone(image.get("Cross-Origin-Resource-Policy"))

    def test_preflights(self):
        own = self.coffer.url()
        asked = [("Access-Control-Request-Method", "PUT"),
                 ("Access-Control-Request-Headers", "authorization,content-type")]
        for target in ("/api/ciphers", "/identity/connect/token", "/" + SCRIPT, "/"):
            for origin in (own, "file://", "bw-desktop-file://bundle"):
                answer = self.coffer.fetch("OPTIONS", target, [("Origin", origin), *asked])
                self.assertEqual((answer.status, answer.body), (200, b""))
                self.assertEqual(answer.get("Access-Control-Allow-Origin"), origin)
                self.assertEqual(answer.get("Access-Control-Allow-Methods"), "PUT")
                self.assertEqual(answer.get("Access-Control-Allow-Headers"),
                                 "authorization,content-type")
                self.assertEqual(answer.get("Access-Control-Allow-Credentials"), "true")
                self.assertEqual(answer.get("Access-Control-Max-Age"), "86400")
                self.assertIn("Origin", answer.all("Vary"))
            for origin in ("https://evil.test", "null", own + ".evil.test", "bw-desktop-file://x"):
                answer = self.coffer.fetch("OPTIONS", target, [("Origin", origin), *asked])
                self.assertEqual(answer.status, 200)
                self.assertIsNone(answer.get("Access-Control-Allow-Origin"))
                self.assertIsNone(answer.get("Access-Control-Allow-Methods"))
        self.assertIn("Origin", self.get("/" + SCRIPT).all("Vary"))


class Installing(WithServer):
    def setUp(self):
        self.archive.write_bytes(packed(BUILD))
        self.coffer.run("vault", "web-vault", "remove", "--yes", check=False)

    def test_a_release_shows_its_checksum_and_is_live_at_once(self):
        digest = hashlib.sha256(self.archive.read_bytes()).hexdigest()
        self.assertIn(b"Coffer", self.get("/").body)
        done = self.install(self.archive, "--sha256", digest)
        self.assertIn(digest, done.stdout)
        self.assertIn("web vault 2026.6.0", done.stdout)
        self.assertIn(b"<title>Vault</title>", self.get("/").body)

        newer = dict(BUILD, **{"version.json": b'{"version": "2026.7.0"}'})
        self.archive.write_bytes(packed(newer))
        self.install(self.archive)
        self.assertEqual(self.get("/version.json").body, b'{"version": "2026.7.0"}')
        status = self.coffer.run("vault", "web-vault", "status").stdout
        self.assertIn("web vault 2026.7.0", status)

        self.coffer.run("vault", "web-vault", "remove", "--yes")
        self.assertIn(b"Self-hosted", self.get("/").body)
        self.assertIn("no web vault", self.coffer.run("vault", "web-vault", "status").stdout)
        self.assertEqual(self.coffer.run("vault", "web-vault", "remove", "--yes", check=False)
                         .returncode, 3)
        self.assertFalse([p for p in self.coffer.data.iterdir() if "web-vault" in p.name])

    def test_zip_works_too(self):
        archive = self.coffer.home / "web.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in BUILD.items():
                file.writestr("build/" + name, content)
        self.install(archive)
        self.assertEqual(self.get("/" + SCRIPT).body, BUILD[SCRIPT])

    def test_the_wrong_thing_is_refused(self):
        wrong = self.install(self.archive, "--sha256", "0" * 64, check=False)
        self.assertEqual(wrong.returncode, 1)
        self.assertIn("nothing was installed", wrong.stderr)
        self.assertEqual(self.install(self.archive, "--sha256", "xyz", check=False).returncode, 2)
        self.assertEqual(self.install("/does/not/exist", check=False).returncode, 3)
        evil = self.coffer.home / "evil.tar.gz"
        evil.write_bytes(packed({"index.html": b"", "../../evil": b"x"}, "web-vault/"))
        self.assertEqual(self.install(evil, check=False).returncode, 1)
        self.assertFalse((self.coffer.data / "web-vault").exists())
        self.assertIn(b"Self-hosted", self.get("/").body)

    def test_downloads(self):
        content = packed(BUILD)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.path == "/moved":
                    self.send_response(302)
                    self.send_header("Location", "/web.tar.gz")
                    self.end_headers()
                    return
                self.send_response(200 if self.path == "/web.tar.gz" else 404)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_address[1]}"
        digest = hashlib.sha256(content).hexdigest()

        unsure = self.install(url + "/web.tar.gz", check=False, text="no\n")
        self.assertEqual(unsure.returncode, 1)
        self.assertIn(digest, unsure.stdout)
        self.assertEqual(self.install(url + "/none", "--yes", check=False).returncode, 1)
        self.assertFalse((self.coffer.data / "web-vault").exists())
        self.install(url + "/web.tar.gz", text="yes\n")
        self.coffer.run("vault", "web-vault", "remove", "--yes")
        self.install(url + "/moved", "--sha256", digest.upper())
        self.assertEqual(self.get("/" + SCRIPT).body, BUILD[SCRIPT])


class SwitchedOff(WithServer):
    config = "web_vault:\n  enabled: false\n"

    def test_no_page_and_no_file(self):
        self.install(self.archive)
        for path in ("/", "/index.html", "/" + SCRIPT, "/css/vaultwarden.css"):
            answer = self.get(path)
            self.assertEqual(answer.status, 404, path)
            self.assertTrue(answer.get("Content-Type").startswith("application/json"))
        self.assertEqual(self.get("/alive").status, 200)


class Mounted(WithServer):
    config = "\n".join(["listeners:", "  - address: 127.0.0.1:0", "    tls: off", "    mounts:",
                        "      /bitwarden: vault", ""])

    listen = ()

    def test_below_another_path(self):
        url = self.coffer.url() + "/bitwarden"
        self.assertIn(f"<kbd>{url}</kbd>".encode(), self.get("/bitwarden/").body)
        self.install(self.archive)
        answer = self.get("/bitwarden")
        self.assertEqual((answer.status, answer.get("Location")), (303, "/bitwarden/"))
        self.assertEqual(self.get("/bitwarden/" + SCRIPT).body, BUILD[SCRIPT])
        self.assertTrue(re.search(rb'href="/bitwarden/"', self.get("/bitwarden/none").body))


if __name__ == "__main__":
    main()
