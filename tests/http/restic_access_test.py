#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may use the restic service, its quota and its counters, under rest-server's flags.

With REST_SERVER naming restic's own rest-server, the rows run against that instead.
"""

import base64
import hashlib
import os
import re
import shutil
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, RestServer, scratch  # noqa: E402
from suite import main, rows  # noqa: E402
from wire import chunked, request_bytes  # noqa: E402

# The password of everybody here is "right".
HTPASSWD = """\
alice:$2y$05$6LvPqAtPNWHN3VJzVkLHFODlVNqmWeOSo0.1dDV/eNE988X.eGIxW
bob:{SHA}%s
carl:$apr1$abcdefgh$tPMe7lknrFZeX55XJF00t0
metrics:{SHA}%s
bad/user:{SHA}%s
"""


def basic(user, password="right", scheme="Basic"):
    token = base64.b64encode(f"{user}:{password}".encode()).decode()
    return ("Authorization", f"{scheme} {token}")


PRIVATE = "--private-repos"
PROXY = "--proxy-auth-username X-U"
COUNTED = "--prometheus"
ACCESS = [  # flags, header or None, path, status
    ("", None, "/x/config", 401),
    ("", basic("alice"), "/x/config", 404),
    ("", basic("alice", "wrong"), "/x/config", 401),
    ("", basic("bob"), "/x/config", 404),
    ("", basic("bob", "wrong"), "/x/config", 401),
    ("", basic("bob", ""), "/x/config", 401),
    ("", basic("carl"), "/x/config", (404, 401)),
    ("", basic("carl", "wrong"), "/x/config", 401),
    ("", basic("nobody", "x"), "/x/config", 401),
    ("", basic("", ""), "/x/config", 401),
    ("", basic("bad/user"), "/bad/user/config", 401),
    ("", ("Authorization", "Bearer right"), "/x/config", 401),
    ("", ("Authorization", "Basic"), "/x/config", 401),
    ("", ("Authorization", "Basic !!!!"), "/x/config", 401),
    ("", ("Authorization", "Basic " + base64.b64encode(b"bob").decode()), "/x/config", 401),
    ("", basic("bob", scheme="basic"), "/x/config", 404),
    ("", None, "/nonsense", 401),
    ("", None, "/metrics", 401),
    (PRIVATE, basic("bob"), "/", 401),
    (PRIVATE, basic("bob"), "/bob", 401),
    (PRIVATE, basic("bob"), "/bob/", 405),
    (PRIVATE, basic("bob"), "/bob/config", 404),
    (PRIVATE, basic("bob"), "/bob/x/config", 404),
    (PRIVATE, basic("bob"), "/bob/x/y/", 404),
    (PRIVATE, basic("bob"), "/b%6fb/config", 404),
    (PRIVATE, basic("bob"), "/bobx/", 401),
    (PRIVATE, basic("bob"), "/Bob/config", 401),
    (PRIVATE, basic("bob"), "/bob%20/config", 401),
    (PRIVATE, basic("bob"), "/alice/config", 401),
    (PRIVATE, basic("bob"), "/alice/bob/config", 401),
    (PRIVATE, basic("bob"), "/config", 401),
    (PRIVATE, basic("bob"), "/data/", 401),
    (f"--no-auth {PRIVATE}", None, "/anyone/config", 404),
    ("--no-auth", basic("", ""), "/x/config", 404),
    (PROXY, ("X-U", "bob"), "/x/config", 404),
    (PROXY, ("x-u", "bob"), "/x/config", 404),
    (PROXY, ("X-U", ""), "/x/config", 401),
    (PROXY, None, "/x/config", 401),
    (PROXY, basic("bob"), "/x/config", 401),
    (f"{PROXY} {PRIVATE}", ("X-U", "bob"), "/bob/config", 404),
    (f"{PROXY} {PRIVATE}", ("X-U", "bob"), "/alice/config", 401),
    (COUNTED, None, "/metrics", 401),
    (COUNTED, basic("bob"), "/metrics", 200),
    (COUNTED, basic("bob"), "/metrics/config", 404),
    (f"{COUNTED} {PRIVATE}", basic("bob"), "/metrics", 401),
    (f"{COUNTED} {PRIVATE}", basic("metrics"), "/metrics", 200),
    (f"{COUNTED} --prometheus-no-auth {PRIVATE}", None, "/metrics", 200),
    (f"{COUNTED} --no-auth", None, "/metrics", 200),
    ("--prometheus-no-auth --no-auth", None, "/metrics", 404),
]


@rows(ACCESS, lambda row: f"{row[0]}_{row[1] and row[1][0]}_{row[2]}_{row[3]}")
class Access(unittest.TestCase):
    """One server per set of flags, started when the first row asks for it."""

    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.file = cls.folder / "users"
        sha = base64.b64encode(hashlib.sha1(b"right").digest()).decode()
        cls.file.write_text(HTPASSWD % (sha, sha, sha))
        cls.servers = {}

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers.values():
            server.close()
        cls.file.unlink()
        cls.folder.rmdir()

    def check(self, row):
        flags, header, path, status = row
        if flags not in self.servers:
            self.servers[flags] = RestServer("--htpasswd-file", self.file, *flags.split())
        answer = self.servers[flags].fetch("GET", path, [header] if header else [])
        self.assertIn(answer.status, status if isinstance(status, tuple) else (status,))

    def test_no_refusal_says_more_than_its_status(self):
        if "" not in self.servers:
            self.servers[""] = RestServer("--htpasswd-file", self.file)
        unknown = self.servers[""].fetch("GET", "/x/config", [basic("nobody", "x")])
        wrong = self.servers[""].fetch("GET", "/x/config", [basic("alice", "x")])
        self.assertEqual((unknown.status, unknown.reason, unknown.body),
                         (wrong.status, wrong.reason, wrong.body))


def named(body):
    return f"/r/data/{hashlib.sha256(body).hexdigest()}"


class Quota(unittest.TestCase):
    """--max-size: whatever fails gives its bytes back and leaves no file and no descriptor."""

    LIMIT = 2_000_000

    def setUp(self):
        home = scratch()
        self.addCleanup(shutil.rmtree, home)
        self.server = RestServer("--no-auth", "--max-size", str(self.LIMIT), path=home)
        self.addCleanup(self.server.close)
        # rest-server counts the folders of a repository too; none are made here.
        self.files = lambda: sorted(p.name for p in (self.server.path / "r").rglob("*") if p.is_file())

    def post(self, path, body, *headers):
        with self.server.wire() as wire:
            wire.send_leniently(request_bytes("POST", path, headers, body))
            return wire.answer().status

    def descriptors(self):
        links = []
        for entry in Path(f"/proc/{self.server.pid}/fd").iterdir():
            try:
                links.append(os.readlink(entry))
            except FileNotFoundError:
                pass
        return [link for link in links if link.startswith(str(self.server.path))]

    def assert_room_for_one_more(self, used):
        """An object as large as what is left, less a little for folders, fits."""
        body = os.urandom(self.LIMIT - used - 50_000)
        self.assertEqual(self.post(named(body), body), 200)
        self.assertEqual(self.server.fetch("DELETE", named(body)).status, 200)

    def test_what_fits_is_stored_and_what_is_deleted_is_given_back(self):
        body = os.urandom(300_000)
        self.assertEqual(self.post(named(body), body), 200)
        self.assert_room_for_one_more(300_000)
        self.assertEqual(self.server.fetch("DELETE", named(body)).status, 200)
        self.assert_room_for_one_more(0)

    def test_a_length_over_the_quota_is_refused_before_the_body(self):
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", f"/r/data/{'0' * 64}", [("Content-Length", 3_000_000)]))
            self.assertEqual(wire.answer().status, 507)
        if not RestServer.reference:  # It leaks both.
            self.assertEqual(self.files(), [])
            self.assertEqual([d for d in self.descriptors() if "0000" in d], [])
        self.assert_room_for_one_more(0)

    def test_a_chunked_body_is_cut_off_where_the_quota_ends(self):
        body = os.urandom(3_000_000)
        status = self.post(named(body), chunked(body, 30_000), ("Transfer-Encoding", "chunked"))
        self.assertIn(status, (507, 500) if RestServer.reference else (507,))
        self.assertEqual(self.files(), [])
        self.assert_room_for_one_more(0)

    def test_a_wrong_hash_gives_its_bytes_back(self):
        self.assertEqual(self.post(f"/r/data/{'0' * 64}", os.urandom(1_000_000)), 400)
        self.assertEqual(self.files(), [])
        self.assert_room_for_one_more(0)

    def test_an_upload_that_breaks_off_gives_its_bytes_back(self):
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", f"/r/data/{'0' * 64}", [("Content-Length", 1_500_000)])
                      + os.urandom(1_000_000))
            wire.half_close()
            self.assertEqual(wire.answer().status, 400)
        self.assert_room_for_one_more(0)

    def test_the_quota_survives_a_restart(self):
        if RestServer.reference:
            return
        body = os.urandom(1_900_000)
        self.assertEqual(self.post(named(body), body), 200)
        self.server.close()
        with RestServer("--no-auth", "--max-size", str(self.LIMIT), path=self.server.path) as again:
            other = os.urandom(300_000)
            self.assertEqual(again.fetch("POST", named(other), body=other).status, 507)

    def test_locks_pass_when_the_store_is_full(self):
        if RestServer.reference:  # There a full store cannot be pruned.
            return
        body = os.urandom(self.LIMIT - 20_000)
        self.assertEqual(self.post(named(body), body), 200)
        lock = os.urandom(30_000)
        path = named(lock).replace("data", "locks")
        self.assertEqual(self.post(path, lock), 200)


class Counters(unittest.TestCase):
    """rest_server_blob_…_total: what each request adds."""

    def setUp(self):
        self.server = RestServer("--no-auth", "--prometheus")
        self.addCleanup(self.server.close)
        self.body = os.urandom(1000)
        self.path = named(self.body)

    def counters(self):
        text = self.server.fetch("GET", "/metrics").body.decode()
        found = {}
        for line in text.splitlines():
            if match := re.match(r"rest_server_blob_(\w+)_total\{(.*)\} (\S+)$", line):
                found[match[1]] = found.get(match[1], 0) + float(match[3])
                self.assertEqual(match[2], 'repo="r",type="data",user=""')
        return found

    def delta(self, method, path, headers=(), body=None, status=200):
        before = self.counters()
        self.assertEqual(self.server.fetch(method, path, headers, body).status, status)
        after = self.counters()
        return {k: v - before.get(k, 0) for k, v in after.items() if v != before.get(k, 0)}

    def test_each_request_counts_what_it_did_and_nothing_else(self):
        wrong = f"/r/data/{'0' * 64}"
        self.assertEqual(self.delta("POST", wrong, body=b"x", status=400), {})
        self.assertEqual(self.delta("POST", self.path, body=self.body),
                         {"write": 1, "write_bytes": 1000})
        self.assertEqual(self.delta("POST", self.path, body=b"x", status=403), {})
        self.assertEqual(self.delta("GET", self.path), {"read": 1, "read_bytes": 1000})
        self.assertEqual(self.delta("GET", self.path, [("Range", "bytes=0-99")], status=206),
                         {"read": 1, "read_bytes": 100})
        self.assertEqual(self.delta("HEAD", self.path), {})
        self.assertEqual(self.delta("GET", "/r/data/"), {})
        self.assertEqual(self.delta("POST", "/r/config", body=b"cfg"), {})
        self.assertEqual(self.delta("GET", "/r/config"), {})
        self.assertEqual(self.delta("DELETE", wrong), {})
        self.assertEqual(self.delta("DELETE", self.path), {"delete": 1, "delete_bytes": 1000})
        self.assertEqual(self.delta("GET", self.path, status=404), {})


if not RestServer.reference:

    class CommandLineUsers(unittest.TestCase):
        """What `coffer restic user` changes counts within seconds, while the server runs."""

        def test_a_new_user_a_changed_password_and_a_removed_user(self):
            with Coffer() as coffer:
                def becomes(password, status):
                    end = time.monotonic() + 10
                    while True:
                        answer = coffer.fetch("GET", "/restic/x/config", [basic("dora", password)])
                        if answer.status == status:
                            return
                        self.assertLess(time.monotonic(), end, answer)
                        time.sleep(0.5)

                becomes("first", 401)
                coffer.add_restic_user("dora", "first")
                becomes("first", 404)
                coffer.run("restic", "user", "add", "dora", "--replace", "--password-stdin",
                           text="second\n")
                becomes("second", 404)
                becomes("first", 401)
                coffer.run("restic", "user", "remove", "dora")
                becomes("second", 401)



if __name__ == "__main__":
    main()
