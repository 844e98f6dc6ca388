#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""restic's REST protocol, row by row (restic_routes.csv), against a running server.

Every row runs four times: called as rest-server at "/", and mounted under /restic; each normal and
append-only. With REST_SERVER naming restic's own rest-server, the rows run against that instead.
"""

import csv
import hashlib
import json
import os
import stat
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, RestServer, binary, scratch  # noqa: E402
from suite import main, rows  # noqa: E402
from wire import chunked, request_bytes  # noqa: E402

OBJECT = b"hello world"
ID = hashlib.sha256(OBJECT).hexdigest()
BAD = "0" * 64
V1, V2 = (f"application/vnd.x.restic.rest.v{n}" for n in (1, 2))
TYPES = ("data", "index", "keys", "locks", "snapshots")


def table():
    with open(Path(__file__).with_name("restic_routes.csv"), encoding="utf-8") as file:
        return list(csv.DictReader((line for line in file if not line.startswith("#")),
                                   delimiter=";", quoting=csv.QUOTE_NONE))


def restic_config(**settings):
    """A configuration whose restic service asks for no password."""
    lines = "".join(f"  {name}: {value}\n" for name, value in settings.items())
    return f"restic:\n  auth: off\n{lines}"


class DropIn:
    """Called as rest-server; repositories begin at the root."""

    prefix = ""

    def __init__(self, append_only):
        flags = ["--no-auth"] + (["--append-only"] if append_only else [])
        self.server = RestServer(*flags)
        self.folder = self.server.path
        self.wire = self.server.wire
        self.close = self.server.close


class Mounted:
    """`coffer serve` with the restic service at its usual place."""

    prefix = "/restic"

    def __init__(self, append_only):
        mode = str(append_only).lower()
        self.server = Coffer(config=restic_config(append_only=mode)).start()
        self.folder = self.server.data / "restic"
        self.wire = self.server.wire
        self.close = self.server.close


class Exchange:
    """One row at work: its repository, its request and what is on the disk afterwards."""

    def __init__(self, test, target, row, name):
        self.test, self.target, self.row, self.name = test, target, row, name
        self.top = "t" + name
        self.repository = target.folder / self.top
        self.first = self._first_name()
        self.base = target.folder / self.first

    def _first_name(self):
        for kind in ("nosuch", "new"):
            if "{%s}" % kind in self.row["path"]:
                return kind + self.name
        return self.top

    def path(self):
        path = self.row["path"].format(r=self.top, new="new" + self.name, nosuch="nosuch" + self.name)
        path = path.replace("SHORTID", ID[:63]).replace("UPPERID", ID.upper())
        path = path.replace("/ID", "/" + ID).replace("/BAD", "/" + BAD)
        return self.target.prefix + path

    def own(self, path):
        return f"{self.target.prefix}/{self.top}/{path}"

    def ask(self, method, path, body=None):
        with self.target.wire() as wire:
            return wire.request(method, path, body=body)

    def prepare(self):
        self.test.assertEqual(self.ask("POST", self.own("?create=true"), b"").status, 200)
        setup = self.row["setup"]
        if setup == "config":
            self.test.assertEqual(self.ask("POST", self.own("config"), b"cfg").status, 200)
        elif setup in TYPES:
            stored = self.ask("POST", self.own(f"{setup}/{ID}"), OBJECT)
            self.test.assertEqual(stored.status, 200)
        elif setup == "stray":
            (self.repository / "data/temp").write_bytes(b"x")
        elif setup == "foreign":
            (self.repository / f"keys/{ID}.rest-server-temp123").write_bytes(b"x")
            (self.repository / "keys/README").write_bytes(b"x")
            (self.repository / f"keys/{BAD}").symlink_to("/etc/passwd")
        elif setup == "nosubdir":
            (self.repository / "data" / ID[:2]).rmdir()
        elif setup == "directory":
            (self.repository / "keys" / ID).mkdir()
        elif setup == "uploading":
            self.upload = self.target.wire()
            self.test.addCleanup(self.upload.close)
            self.upload.send(request_bytes("POST", self.own(f"data/{ID}"),
                                           [("Content-Length", "1000000")]) + b"x" * 500000)
            time.sleep(0.2)  # Until the server has taken what is in the socket.
        elif setup:
            raise ValueError(f"unknown setup {setup!r}")

    def perform(self):
        method, body = self.row["method"], self.row["body"]
        headers = [tuple(h.split(": ", 1)) for h in [self.row["headers"]] if h]
        with self.target.wire() as wire:
            if body in ("short", "reset"):
                wire.send(request_bytes(method, self.path(), [("Content-Length", len(OBJECT) + 10)])
                          + OBJECT)
                if body == "reset":
                    return wire.reset()
                wire.half_close()
            elif body == "expect":
                wire.send(request_bytes(method, self.path(), [("Expect", "100-continue"),
                                                              ("Content-Length", "11")]))
                return wire.head()
            elif body == "nohost":
                wire.send(request_bytes(method, self.path(), host=None))
            elif any("chunked" in value for _, value in headers):
                payload = b"" if body == "chunked" else body.encode()
                wire.send(request_bytes(method, self.path(), headers, chunked(payload, 4)))
            else:
                payload = body.encode() if body or method == "POST" else None
                wire.send(request_bytes(method, self.path(), headers, payload))
            return wire.answer(method)

    # The words of the `check` column.

    def check(self, answer):
        accepted = self.row["status"]
        if RestServer.reference and self.row["reference"]:
            accepted = self.row["reference"]
        if answer is not None:
            self.test.assertIn(str(answer.status), accepted.split("|"), answer)
            if answer.status >= 400 and self.row["method"] == "HEAD":
                self.test.assertEqual(answer.body, b"")
        words = self.row["check"]
        if words.startswith(("allow=", "body=")):
            words = [words]  # Their values hold spaces.
        else:
            words = words.split()
        for word in words:
            name, _, value = word.partition("=")
            getattr(self, "check_" + name.replace("-", "_"))(answer, value)
        self.no_strays()

    def check_allow(self, answer, value):
        self.test.assertEqual(answer.get("Allow"), value)

    def check_body(self, answer, value):
        self.test.assertEqual(answer.body, value.encode())

    def check_empty(self, answer, _):
        self.test.assertEqual((answer.body, answer.get("Content-Length")), (b"", "0"))

    def check_length(self, answer, value):
        self.test.assertEqual(answer.get("Content-Length"), value)

    def check_v1(self, answer, _):
        self.test.assertEqual(answer.get("Content-Type"), V1)

    def check_v2(self, answer, _):
        self.test.assertEqual(answer.get("Content-Type"), V2)

    def check_json(self, answer, value):
        self.test.assertEqual(json.loads(answer.body), json.loads(value.replace("ID", ID)))

    def check_config_kept(self, *_):
        self.test.assertEqual((self.base / "config").read_bytes(), b"cfg")

    def check_config_gone(self, *_):
        self.test.assertFalse((self.base / "config").exists())

    def check_layout(self, *_):
        wanted = {*TYPES, *(f"data/{n:02x}" for n in range(256))}
        found = {str(p.relative_to(self.base)) for p in self.base.rglob("*")}
        self.test.assertEqual(found, wanted)
        for folder in (self.base, self.base / "keys", self.base / "data/00"):
            self.test.assertEqual(stat.S_IMODE(folder.stat().st_mode), 0o700)

    def stored_file(self, kind):
        return self.base / kind / (ID[:2] if kind == "data" else "") / ID

    def check_stored(self, _, kind):
        file = self.stored_file(kind)
        self.test.assertEqual(file.read_bytes(), OBJECT)
        self.test.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)

    def check_absent(self, _, kind):
        # A connection that was reset is noticed a moment later.
        self.test.assertFalse(self.stored_file(kind).exists())

    def no_strays(self):
        """Nothing is left in the repository but what a repository holds."""
        if self.row["setup"] in ("stray", "foreign", "directory", "uploading"):
            return
        for file in self.base.rglob("*") if self.base.exists() else ():
            if file.is_file() and self.row["body"] != "reset":
                self.test.assertRegex(file.name, r"^(config|[0-9a-f]{64})$")


class Table:
    """The rows of one mode against one target. Subclasses name both."""

    @classmethod
    def setUpClass(cls):
        os.umask(0o022)
        cls.target = cls.Target(cls.append_only)
        cls.number = 0

    @classmethod
    def tearDownClass(cls):
        cls.target.close()

    def check(self, row):
        if RestServer.reference and row["reference"] == "-":
            return
        type(self).number += 1
        exchange = Exchange(self, self.target, row, str(self.number))
        exchange.prepare()
        exchange.check(exchange.perform())


NORMAL = [row for row in table() if "n" in row["mode"]]
APPEND_ONLY = [row for row in table() if "a" in row["mode"]]


def by_name(row):
    return row["name"]


@rows(NORMAL, by_name)
class DropInNormal(Table, unittest.TestCase):
    Target, append_only = DropIn, False


@rows(APPEND_ONLY, by_name)
class DropInAppendOnly(Table, unittest.TestCase):
    Target, append_only = DropIn, True


if not RestServer.reference:

    @rows(NORMAL, by_name)
    class MountedNormal(Table, unittest.TestCase):
        Target, append_only = Mounted, False

    @rows(APPEND_ONLY, by_name)
    class MountedAppendOnly(Table, unittest.TestCase):
        Target, append_only = Mounted, True


RANGES = [  # Range, status, Content-Range, body
    ("bytes=0-4", 206, "bytes 0-4/11", b"hello"),
    ("bytes=6-", 206, "bytes 6-10/11", b"world"),
    ("bytes=0-", 206, "bytes 0-10/11", b"hello world"),
    ("bytes=-3", 206, "bytes 8-10/11", b"rld"),
    ("bytes=-100", 206, "bytes 0-10/11", b"hello world"),
    ("bytes=0-100", 206, "bytes 0-10/11", b"hello world"),
    ("bytes=10-10", 206, "bytes 10-10/11", b"d"),
    ("bytes=11-", 416, "bytes */11", None),
    ("bytes=11-20", 416, "bytes */11", None),
    ("bytes=100-", 416, "bytes */11", None),
    ("bytes=10-5", 416, None, None),
    ("bytes=a-b", 416, None, None),
    ("foo=0-1", 416, None, None),
    ("bytes=", 200, None, b"hello world"),
    ("bytes=0-18446744073709551616", (206, 416), None, None),
]


@rows(RANGES)
class Ranges(unittest.TestCase):
    """Part 1.9: a ranged read of an object of eleven bytes."""

    @classmethod
    def setUpClass(cls):
        cls.server = RestServer("--no-auth")
        assert cls.server.fetch("POST", f"/r/data/{ID}", body=OBJECT).status == 200

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def check(self, row):
        wanted, status, content_range, body = row
        answer = self.server.fetch("GET", f"/r/data/{ID}", [("Range", wanted)])
        self.assertIn(answer.status, status if isinstance(status, tuple) else (status,))
        if content_range:
            self.assertEqual(answer.get("Content-Range"), content_range)
        if body is not None:
            self.assertEqual(answer.body, body)
            self.assertEqual(answer.get("Content-Length"), str(len(body)))

    def test_several_ranges_get_the_parts_the_whole_or_a_refusal(self):
        answer = self.server.fetch("GET", f"/r/data/{ID}", [("Range", "bytes=0-1,3-4")])
        self.assertIn(answer.status, (206, 200, 416))
        if answer.status == 200:
            self.assertEqual(answer.body, OBJECT)

    def test_a_range_of_an_empty_object_cannot_be_satisfied(self):
        empty = hashlib.sha256(b"").hexdigest()
        self.assertEqual(self.server.fetch("POST", f"/r/keys/{empty}", body=b"").status, 200)
        answer = self.server.fetch("GET", f"/r/keys/{empty}", [("Range", "bytes=0-")])
        accepted = [(416, "bytes */0")] + [(200, None)] * RestServer.reference
        self.assertIn((answer.status, answer.get("Content-Range")), accepted)


class Disk(unittest.TestCase):
    """What needs a special file system or another user."""

    def test_a_full_disk_is_507_and_nothing_stays(self):
        folder = scratch()
        self.addCleanup(lambda: folder.rmdir())
        mount = 'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"'
        namespace = ["unshare", "-m"] if os.geteuid() == 0 else ["unshare", "-Urm"]
        wrap = [*namespace, "sh", "-c", mount, folder]
        with RestServer("--no-auth", path=folder, wrap=wrap) as server:
            inside = Path(f"/proc/{server.pid}/root{folder}")
            self.assertEqual(server.fetch("POST", "/r/?create=true", body=b"").status, 200)
            big = os.urandom(6 << 20)
            path = f"/r/data/{hashlib.sha256(big).hexdigest()}"
            for headers, body in (([], big), ([("Transfer-Encoding", "chunked")], chunked(big))):
                with server.wire() as wire:
                    wire.send_leniently(request_bytes("POST", path, headers, body))
                    self.assertEqual(wire.answer().status, 507)
            self.assertEqual([p for p in (inside / "r").rglob("*") if p.is_file()], [])
            small = server.fetch("POST", f"/r/locks/{ID}", body=OBJECT)
            self.assertEqual(small.status, 200, "room for a small object is still there")

    def test_an_unreadable_object_is_500(self):
        home = scratch()
        self.addCleanup(lambda: subprocess.run(["rm", "-rf", str(home)], check=True))
        other = {}
        if os.geteuid() == 0:  # Root reads everything: run as somebody else.
            home.chmod(0o777)
            other = {"user": 65534, "group": 65534, "extra_groups": []}
            if not RestServer.reference:  # The build folder may be closed to others.
                copy = home / "program"
                copy.write_bytes(binary().read_bytes())
                copy.chmod(0o755)
                self.enterContext_environment("TEST_BINARY", str(copy))
        with RestServer("--no-auth", path=home / "data", **other) as server:
            self.assertEqual(server.fetch("POST", f"/r/keys/{ID}", body=OBJECT).status, 200)
            (home / "data/r/keys" / ID).chmod(0)
            self.assertEqual(server.fetch("GET", f"/r/keys/{ID}").status, 500)

    def enterContext_environment(self, name, value):
        before = os.environ.get(name)
        os.environ[name] = value
        self.addCleanup(lambda: os.environ.pop(name) if before is None else
                        os.environ.__setitem__(name, before))


if __name__ == "__main__":
    main()
