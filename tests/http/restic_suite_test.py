#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What restic's own backend tests ask of rest-server, asked again over a socket.

Each test follows one of that suite by what it needs of the server. With REST_SERVER naming restic's
own rest-server, the tests run against that instead.
"""

import hashlib
import json
import os
import random
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import RestServer, scratch  # noqa: E402
from suite import main  # noqa: E402
from wire import Closed, request_bytes  # noqa: E402

V2 = ("Accept", "application/vnd.x.restic.rest.v2")
TYPES = ("data", "keys", "locks", "snapshots", "index")


def name_of(body):
    return hashlib.sha256(body).hexdigest()


class Backend(unittest.TestCase):
    listen = "127.0.0.1:0"

    @classmethod
    def setUpClass(cls):
        cls.server = RestServer("--no-auth", listen=cls.listen)

    @classmethod
    def tearDownClass(cls):
        cls.server.close()

    def setUp(self):
        self.base = f"/{self.id().rpartition('.')[2]}/"
        self.assertEqual(self.status("HEAD", "config"), 404)
        # As the client does it: chunked, and empty.
        created = self.ask("POST", "?create=true", [("Transfer-Encoding", "chunked")], b"0\r\n\r\n")
        self.assertEqual(created.status, 200)
        self.assertEqual(self.status("HEAD", "config"), 404)

    def ask(self, method, path, headers=(), body=None):
        return self.server.fetch(method, self.base + path, headers, body)

    def status(self, *arguments, **named):
        return self.ask(*arguments, **named).status

    def save(self, kind, body):
        self.assertEqual(self.status("POST", f"{kind}/{name_of(body)}", body=body), 200)
        return name_of(body)

    def listed(self, kind):
        return {e["name"]: e["size"] for e in json.loads(self.ask("GET", f"{kind}/", [V2]).body)}

    def test_config_is_made_once_read_and_removed(self):
        self.assertEqual(self.status("GET", "config"), 404)
        self.assertEqual(self.status("POST", "config", body=b"secret"), 200)
        self.assertEqual(self.status("HEAD", "config"), 200)
        for headers in ([], [("Range", "bytes=0-")]):
            answer = self.ask("GET", "config", headers)
            self.assertIn(answer.status, (200, 206))
            self.assertEqual(answer.body, b"secret")
        self.assertEqual(self.status("DELETE", "config"), 200)
        self.assertEqual(self.status("HEAD", "config"), 404)

    def test_any_part_of_an_object_can_be_read(self):
        self.assertEqual(self.status("GET", "data/foobar"), 404)
        rng = random.Random(3)
        body = rng.randbytes(rng.randrange(2000, 1 << 20))
        path = f"data/{self.save('data', body)}"
        # A reader that leaves in the middle.
        with self.server.wire() as wire:
            wire.send(request_bytes("GET", self.base + path, [("Range", "bytes=0-")]))
            wire.head()
        for number in range(50):
            offset = rng.randrange(len(body))
            length = rng.randrange(1, len(body) + 1000)
            wanted = f"bytes={offset}-" + ("" if number % 3 == 0 else str(offset + length - 1))
            part = body[offset:] if number % 3 == 0 else body[offset:offset + length]
            answer = self.ask("GET", path, [("Range", wanted)])
            self.assertEqual((answer.status, answer.body), (206, part), wanted)
            self.assertEqual(answer.get("Content-Length"), str(len(part)))
        for start in (len(body) - 99, len(body) - 50):
            answer = self.ask("GET", path, [("Range", f"bytes={start}-{start + 99}")])
            self.assertEqual((answer.status, answer.body), (206, body[start:]))
        for start in (len(body), len(body) + 100):
            self.assertEqual(self.status("GET", path, [("Range", f"bytes={start}-{start + 99}")]), 416)
        self.assertEqual(self.status("DELETE", path), 200)

    def test_lists_hold_exactly_what_was_saved_by_many_at_once(self):
        self.assertEqual(self.listed("data"), {})
        bodies = [os.urandom(random.Random(n).randrange(20, 150)) for n in range(40)]
        self.at_once(lambda body: self.save("data", body), bodies)
        self.assertEqual(self.listed("data"), {name_of(b): len(b) for b in bodies})
        self.at_once(lambda b: self.assertEqual(self.status("DELETE", f"data/{name_of(b)}"), 200), bodies)
        self.assertEqual(self.listed("data"), {})

    def at_once(self, work, values):
        failures = []

        def guarded(value):
            try:
                work(value)
            except BaseException as failure:  # pylint: disable=broad-except
                failures.append(failure)

        threads = [threading.Thread(target=guarded, args=(value,)) for value in values]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_a_list_that_nobody_reads_to_the_end_does_no_harm(self):
        for number in range(5):
            self.save("data", b"%d" % number)
        for _ in range(20):
            with self.server.wire() as wire:
                wire.send(request_bytes("GET", self.base + "data/", [V2]))
                wire.reset()
        self.assertEqual(len(self.listed("data")), 5)

    def test_what_is_saved_is_what_is_loaded(self):
        rng = random.Random(4)
        for _ in range(10):
            body = rng.randbytes(rng.randrange(200_000, 8 << 20))
            path = f"data/{self.save('data', body)}"
            self.assertEqual(self.ask("HEAD", path).get("Content-Length"), str(len(body)))
            self.assertEqual(self.ask("GET", path, [("Range", "bytes=0-")]).body, body)
            self.assertEqual(self.status("DELETE", path), 200)

    def test_an_upload_shorter_than_it_said_is_never_there(self):
        body = os.urandom(1000)
        with self.server.wire() as wire:
            wire.send(request_bytes("POST", f"{self.base}data/{name_of(body)}",
                                    [("Content-Length", len(body) + 42)]) + body)
        time.sleep(0.3)
        self.assertEqual(self.status("GET", f"data/{name_of(body)}"), 404)
        self.assertEqual(self.listed("data"), {})

    def test_objects_of_every_kind_come_and_go(self):
        bodies = [b"foobar", b"foo\x00bar", b"", b"test" * 1000]
        for kind in TYPES:
            with self.subTest(kind):
                for body in bodies:
                    path = f"{kind}/{name_of(body)}"
                    for method in ("HEAD", "GET"):
                        self.assertEqual(self.status(method, path), 404)
                    self.save(kind, body)
                    self.assertEqual(self.ask("GET", path).body, body)
                    if len(body) > 5:
                        middle = self.ask("GET", path, [("Range", f"bytes=1-{len(body) - 2}")])
                        self.assertEqual((middle.status, middle.body), (206, body[1:-1]))
                    self.assertEqual(self.status("DELETE", path), 200)
                    self.assertEqual(self.status("HEAD", path), 404)
                    self.save(kind, body)
                self.assertEqual(self.listed(kind), {name_of(b): len(b) for b in bodies})
                for body in bodies:
                    self.assertEqual(self.status("DELETE", f"{kind}/{name_of(body)}"), 200)
                self.assertEqual(self.listed(kind), {})

    def test_a_late_failure_of_one_upload_leaves_the_other_ones_object(self):
        """The first upload hangs; the client gives up, deletes, uploads again; then the first fails."""
        body = os.urandom(600_000)
        path = f"{self.base}data/{name_of(body)}"
        slow = self.server.wire()
        self.addCleanup(slow.close)
        slow.send(request_bytes("POST", path, [("Content-Length", len(body))]) + body[:300_000])
        time.sleep(0.2)
        self.assertEqual(self.status("DELETE", f"data/{name_of(body)}"), 200)
        self.save("data", body)
        slow.half_close()
        try:
            self.assertEqual(slow.answer().status, 400)
        except Closed:
            pass
        self.assertEqual(self.ask("GET", f"data/{name_of(body)}").body, body)

    def test_two_uploads_of_the_same_object_at_once_both_succeed_or_say_it_exists(self):
        body = os.urandom(400_000)
        path = f"{self.base}data/{name_of(body)}"
        wires = [self.server.wire() for _ in range(6)]
        for wire in wires:
            self.addCleanup(wire.close)
            wire.send(request_bytes("POST", path, [("Content-Length", len(body))]) + body[:-1])
        for wire in wires:
            wire.send(body[-1:])
        statuses = {wire.answer().status for wire in wires}
        self.assertIn(200, statuses)
        self.assertLessEqual(statuses, {200, 403})
        self.assertEqual(self.ask("GET", f"data/{name_of(body)}").body, body)

    def test_the_old_and_the_new_form_of_a_list_name_the_same(self):
        names = [self.save("snapshots", b"%d" % n) for n in range(3)]
        self.assertEqual(sorted(json.loads(self.ask("GET", "snapshots/").body)), sorted(names))
        self.assertEqual(sorted(self.listed("snapshots")), sorted(names))


class BackendOverUnixSocket(Backend):
    @classmethod
    def setUpClass(cls):
        cls.folder = scratch()
        cls.listen = f"unix:{cls.folder}/sock"
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.rmdir()  # The socket is gone by itself.


if __name__ == "__main__":
    main()
