#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""SIGKILL at random moments, two hundred times, under uploads and vault writes.

After each start the whole store is checked: every acknowledged object, item and file is there and whole,
what was removed with an acknowledgement is gone, whatever else is visible is a request that was in
flight and is whole too, no temporary file is left, and nobody had to help the restart.
KILL_ROUNDS sets another number of rounds; the seed is printed and KILL_SEED repeats it.
"""

import hashlib
import json
import os
import random
import sys
import threading
import time
import unittest
from urllib.parse import urlsplit

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import Account, cipher, sealed  # noqa: E402
from wire import Closed  # noqa: E402

ROUNDS = int(os.environ.get("KILL_ROUNDS", "200"))
SEED = int(os.environ.get("KILL_SEED", str(int(time.time()))))
BROKEN = (OSError, Closed, ValueError)  # What a killed server looks like from outside.

CONFIG = """
restic:
  auth: off
vault:
  signups: first
  password_iterations: 100000
"""


class Uploader(threading.Thread):
    """Puts objects, and now and then removes one, until the server is gone."""

    def __init__(self, coffer, rng):
        super().__init__()
        self.coffer, self.rng = coffer, rng
        self.stored, self.removed, self.in_flight = set(), set(), set()

    def run(self):
        try:
            with self.coffer.wire() as wire:
                while True:
                    self.step(wire)
        except BROKEN:
            pass

    def step(self, wire):
        if self.stored and self.rng.random() < 0.15:
            name = self.rng.choice(sorted(self.stored))
            self.stored.discard(name)
            self.in_flight.add(name)
            answer = wire.request("DELETE", f"/restic/r/data/{name}")
            if answer.status == 200:
                self.removed.add(name)
        else:
            body = self.rng.randbytes(self.rng.choice((40, 4000, 300_000, 2_000_000)))
            name = hashlib.sha256(body).hexdigest()
            self.in_flight.add(name)
            answer = wire.request("POST", f"/restic/r/data/{name}", body=body)
            if answer.status == 200:
                self.stored.add(name)
        if answer.status != 200:
            raise AssertionError(f"the store answered {answer.status}")
        self.in_flight.discard(name)


class VaultWriter(threading.Thread):
    """Creates, changes and removes items until the server is gone."""

    def __init__(self, coffer, account, rng):
        super().__init__()
        self.coffer, self.account, self.rng = coffer, account, rng
        self.items, self.removed = {}, set()  # id → the last acknowledged name
        self.changing = {}                     # id → the name that was in flight
        self.created_in_flight = set()         # names of items whose id was never learnt

    def run(self):
        try:
            with self.coffer.wire() as wire:
                while True:
                    self.step(wire)
        except BROKEN:
            pass

    def step(self, wire):
        choice = self.rng.random()
        if self.items and choice < 0.3:
            self.change(wire, self.rng.choice(sorted(self.items)))
        elif self.items and choice < 0.4:
            self.remove(wire, self.rng.choice(sorted(self.items)))
        else:
            self.create(wire)

    def create(self, wire):
        name = sealed()
        self.created_in_flight.add(name)
        answer = self.account.call(wire, "POST", "/api/ciphers", cipher(name))
        self.expect(answer)
        self.items[json.loads(answer.body)["id"]] = name
        self.created_in_flight.discard(name)

    def change(self, wire, item):
        name = sealed()
        self.changing[item] = name
        self.expect(self.account.call(wire, "PUT", f"/api/ciphers/{item}", cipher(name)))
        self.items[item] = name
        del self.changing[item]

    def remove(self, wire, item):
        self.changing[item] = None
        self.expect(self.account.call(wire, "DELETE", f"/api/ciphers/{item}"))
        del self.items[item], self.changing[item]
        self.removed.add(item)

    @staticmethod
    def expect(answer):
        if answer.status != 200:
            raise AssertionError(f"the vault answered {answer.status}: {answer.body[:200]}")


class Attacher(threading.Thread):
    """Attaches files to one item and removes some until the server is gone."""

    def __init__(self, coffer, account, item, rng):
        super().__init__()
        self.coffer, self.account, self.item, self.rng = coffer, account, item, rng
        self.stored, self.removed, self.in_flight = {}, set(), {}  # id → hash of the content

    def run(self):
        try:
            with self.coffer.wire() as wire:
                while True:
                    self.step(wire)
        except BROKEN:
            pass

    def step(self, wire):
        if self.stored and self.rng.random() < 0.4:
            attachment = self.rng.choice(sorted(self.stored))
            self.in_flight[attachment] = self.stored.pop(attachment)
            answer = self.account.call(wire, "DELETE", f"/api/ciphers/{self.item}/attachment/{attachment}")
            VaultWriter.expect(answer)
            self.removed.add(attachment)
        else:
            content = self.rng.randbytes(self.rng.choice((40, 4000, 300_000, 1_000_000)))
            attachment = self.account.announce(wire, self.item, len(content))["attachmentId"]
            self.in_flight[attachment] = hashlib.sha256(content).hexdigest()
            path, headers, body = self.account.upload_request(self.item, attachment, content)
            VaultWriter.expect(wire.request("POST", path, headers, body))
            self.stored[attachment] = self.in_flight[attachment]
        del self.in_flight[attachment]


class Kill(unittest.TestCase):
    attached = 0

    def setUp(self):
        self.leftovers = set()  # Attachments that were on their way in or out at a crash.

    def test_nothing_acknowledged_is_lost(self):
        print(f"seed {SEED}, {ROUNDS} rounds", file=sys.stderr)
        rng = random.Random(SEED)
        coffer = Coffer(config=CONFIG)
        self.addCleanup(coffer.close)
        account = Account("kill@example.test")
        coffer.start()
        with coffer.wire() as wire:
            self.assertEqual(account.register(wire).status, 200)
            self.assertEqual(account.login(wire).status, 200)
            self.assertEqual(wire.request("POST", "/restic/r/?create=true").status, 200)
            answer = account.call(wire, "POST", "/api/ciphers", cipher())
            self.holder = json.loads(answer.body)["id"]  # The item with the files.

        # What must be there: name → True, id → name, id → hash.
        objects, items, files = {}, {self.holder: json.loads(answer.body)["name"]}, {}
        for number in range(ROUNDS):
            with self.subTest(round=number, seed=SEED):
                self.round(coffer, account, rng, objects, items, files)
        self.assertGreater(len(objects), ROUNDS / 4, "too few uploads to mean anything")
        self.assertGreater(len(items), ROUNDS / 4, "too few items to mean anything")
        self.assertGreater(self.attached, ROUNDS / 4, "too few files to mean anything")

    def round(self, coffer, account, rng, objects, items, files):
        uploaders = [Uploader(coffer, random.Random(rng.random())) for _ in range(3)]
        writers = [VaultWriter(coffer, account, random.Random(rng.random())) for _ in range(2)]
        attachers = [Attacher(coffer, account, self.holder, random.Random(rng.random()))
                     for _ in range(2)]
        for worker in uploaders + writers + attachers:
            worker.start()
        time.sleep(rng.uniform(0.02, 0.35))
        coffer.kill()
        for worker in uploaders + writers + attachers:
            worker.join()
        coffer.start()
        self.check_objects(coffer, uploaders, objects, rng)
        self.check_items(coffer, account, writers, items)
        self.check_files(coffer, account, attachers, files)

    def check_objects(self, coffer, uploaders, objects, rng):
        maybe = set()
        for uploader in uploaders:
            for name in uploader.stored:
                objects[name] = True
            for name in uploader.removed | uploader.in_flight:
                objects.pop(name, None)
            maybe |= uploader.in_flight
        with coffer.wire() as wire:
            listing = wire.request("GET", "/restic/r/data/",
                                   [("Accept", "application/vnd.x.restic.rest.v2")])
            seen = {entry["name"]: entry["size"] for entry in json.loads(listing.body)}
            self.assertEqual(set(objects) - set(seen), set(), "acknowledged objects are missing")
            strangers = set(seen) - set(objects)
            self.assertLessEqual(strangers, maybe, "objects nobody sent are visible")
            # All that is new, and a sample of what is old, byte for byte.
            fresh = set().union(*(u.stored for u in uploaders)) | strangers
            sample = set(rng.sample(sorted(objects), min(5, len(objects))))
            for name in (fresh & set(seen)) | sample:
                body = wire.request("GET", f"/restic/r/data/{name}").body
                self.assertEqual(hashlib.sha256(body).hexdigest(), name, "an object is not whole")
                self.assertEqual(len(body), seen[name])
        for name in strangers:
            objects[name] = True
        on_disk = {path.name for path in (coffer.data / "restic/r/data").rglob("*") if path.is_file()}
        self.assertEqual(on_disk, set(seen), "files that are not objects were left behind")

    def check_items(self, coffer, account, writers, items):
        changing, unborn, removed = {}, set(), set()
        for writer in writers:
            items.update(writer.items)
            changing.update(writer.changing)
            unborn |= writer.created_in_flight
            removed |= writer.removed
        with coffer.wire() as wire:
            answer = account.call(wire, "GET", "/api/sync?excludeDomains=true")
        self.assertEqual(answer.status, 200)
        seen = {entry["id"]: entry["name"] for entry in json.loads(answer.body)["ciphers"]}
        for item, name in items.items():
            if item in changing and changing[item] is None and item not in seen:
                continue
            self.assertIn(item, seen, "an acknowledged item is missing")
            self.assertIn(seen[item], {name, changing.get(item, name)}, "an item went back in time")
        self.assertFalse(removed & set(seen), "a removed item came back")
        for item in set(seen) - set(items):
            self.assertIn(seen[item], unborn, "an item nobody created is visible")
        items.clear()
        items.update(seen)

    def check_files(self, coffer, account, attachers, files):
        maybe = {}
        for attacher in attachers:
            self.attached += len(attacher.stored)
            files.update(attacher.stored)
            maybe.update(attacher.in_flight)
            for gone in attacher.removed | set(attacher.in_flight):
                files.pop(gone, None)
        with coffer.wire() as wire:
            answer = account.call(wire, "GET", f"/api/ciphers/{self.holder}")
            seen = {a["id"]: a["url"] for a in json.loads(answer.body)["attachments"] or []}
            self.assertEqual(set(files) - set(seen), set(), "acknowledged files are missing")
            self.assertLessEqual(set(seen) - set(files), set(maybe), "files nobody sent are visible")
            fresh = set().union(*(a.stored for a in attachers)) & set(seen)
            for attachment in fresh | (set(seen) - set(files)):
                parts = urlsplit(seen[attachment])
                body = wire.request("GET", f"{parts.path}?{parts.query}").body
                self.assertEqual(hashlib.sha256(body).hexdigest(),
                                 files.get(attachment) or maybe[attachment], "a file is not whole")
        for attachment in set(seen) - set(files):
            files[attachment] = maybe[attachment]
        self.leftovers |= set(maybe)
        report = json.loads(coffer.run("check", "--json").stdout)
        self.assertEqual((report["sound"], report["files"]), (True, len(seen)))
        folder = coffer.data / "vault/attachments"
        on_disk = {path.name for path in folder.rglob("*") if path.is_file()}
        # Between a file and its row, and between the end of a row and of its file, a crash leaves a
        # file to be swept.
        self.assertLessEqual(on_disk - set(seen), self.leftovers, "files of nobody were left behind")


if __name__ == "__main__":
    main()
