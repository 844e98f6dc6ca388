#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""SIGKILL during Sends, a key rotation and an import: all of it happened, or nothing.

A rotation and an import are one request that changes everything that an account has, so the moment of
the kill is aimed at its commit: a little earlier after each that came through, a little later after
each that did not. Both must be seen, else the test says that it showed nothing.
KILL_BULK_ROUNDS sets another number of rounds of each; the seed is printed and KILL_SEED repeats it.
"""

import base64
import hashlib
import json
import os
import random
import sys
import threading
import time
import unittest
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer  # noqa: E402
from suite import main  # noqa: E402
from vault_api import JSON, Account, cipher, form, sealed, send  # noqa: E402
from wire import Closed  # noqa: E402

ROUNDS = int(os.environ.get("KILL_BULK_ROUNDS", "24"))
SEED = int(os.environ.get("KILL_SEED", str(int(time.time()))))
BROKEN = (OSError, Closed, ValueError)  # What a killed server looks like from outside.
ROTATED_ITEMS, IMPORTED_ITEMS, IMPORTED_FOLDERS = 300, 2000, 20

CONFIG = """
vault:
  signups: first
  password_iterations: 100000
  login_burst: 100000
  anonymous_burst: 1000000
"""


def accepted(answer):
    if answer.status != 200:
        raise AssertionError(f"the vault answered {answer.status}: {answer.body[:300]}")
    return json.loads(answer.body) if answer.body else None


class Sender(threading.Thread):
    """Makes, changes and removes Sends of both kinds until the server is gone."""

    def __init__(self, coffer, account, rng):
        super().__init__()
        self.coffer, self.account, self.rng = coffer, account, rng
        self.stored, self.removed = {}, set()  # id → (name, hash of the file or None)
        self.changing = {}                     # id → the name in flight, None for a removal
        self.unborn = {}                       # name → hash, of Sends that were being made

    def run(self):
        try:
            with self.coffer.wire() as wire:
                while True:
                    self.step(wire)
        except BROKEN:
            pass

    def step(self, wire):
        choice = self.rng.random()
        if self.stored and choice < 0.25:
            self.remove(wire, self.rng.choice(sorted(self.stored)))
        elif self.stored and choice < 0.45:
            self.change(wire, self.rng.choice(sorted(self.stored)))
        elif choice < 0.7:
            self.make_text(wire)
        else:
            self.make_file(wire)

    def make_text(self, wire):
        value = send()
        self.unborn[value["name"]] = None
        made = accepted(self.account.call(wire, "POST", "/api/sends", value))
        self.born(made["id"], value["name"])

    def make_file(self, wire):
        content = self.rng.randbytes(self.rng.choice((40, 4000, 300_000)))
        value = send(1, fileLength=len(content))
        self.unborn[value["name"]] = hashlib.sha256(content).hexdigest()
        made = accepted(self.account.call(wire, "POST", "/api/sends/file/v2", value))["sendResponse"]
        kind, body = form(("data", "name", content))
        accepted(wire.request("POST", f"/api/sends/{made['id']}/file/{made['file']['id']}",
                              [("Authorization", f"Bearer {self.account.token}"),
                               ("Content-Type", kind)], body))
        self.born(made["id"], value["name"])

    def born(self, identifier, name):
        self.stored[identifier] = (name, self.unborn.pop(name))

    def change(self, wire, identifier):
        _, digest = self.stored[identifier]
        value = send(0 if digest is None else 1)
        self.changing[identifier] = value["name"]
        accepted(self.account.call(wire, "PUT", f"/api/sends/{identifier}", value))
        self.stored[identifier] = (self.changing.pop(identifier), digest)

    def remove(self, wire, identifier):
        self.changing[identifier] = None
        accepted(self.account.call(wire, "DELETE", f"/api/sends/{identifier}"))
        del self.stored[identifier], self.changing[identifier]
        self.removed.add(identifier)


class Reader(threading.Thread):
    """Reads one Send until the server is gone, and counts."""

    def __init__(self, coffer, access_id):
        super().__init__()
        self.coffer, self.path = coffer, f"/api/sends/access/{access_id}"
        self.begun = self.done = 0

    def run(self):
        try:
            with self.coffer.wire() as wire:
                while True:
                    self.begun += 1
                    accepted(wire.request("POST", self.path, JSON, b"{}"))
                    self.done += 1
        except BROKEN:
            pass


class Strike:
    """One request, and a SIGKILL aimed at the moment at which it takes effect."""

    def __init__(self, rng):
        self.rng = rng
        self.moment = 0.3                    # Seconds from the request to its commit: a guess at first.
        self.seen = {True: 0, False: 0}      # Rounds by whether the request took effect.

    def at(self, coffer, request):
        """request(wire) → answer. Returns whether it was acknowledged; the server is gone."""
        acknowledged = []

        def run():
            try:
                with coffer.wire() as wire:
                    accepted(request(wire))
                    acknowledged.append(True)
            except BROKEN:
                pass

        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(self.moment * self.rng.uniform(0.7, 1.3))
        coffer.kill()
        thread.join()
        return bool(acknowledged)

    def took_effect(self, whether):
        self.seen[whether] += 1
        step = 1.25 if all(self.seen.values()) else 2
        self.moment = min(max(self.moment / step if whether else self.moment * step, 0.002), 10)


class Bulk(unittest.TestCase):
    def setUp(self):
        print(f"seed {SEED}, {ROUNDS} rounds", file=sys.stderr)
        self.rng = random.Random(SEED)
        self.coffer = Coffer(config=CONFIG)
        self.addCleanup(self.coffer.close)
        self.coffer.start()
        self.account = Account("bulk@example.test")
        accepted(self.ask(lambda wire: self.account.register(wire)))
        self.login()

    def ask(self, request):
        with self.coffer.wire() as wire:
            return request(wire)

    def call(self, method, path, body=None):
        return accepted(self.ask(lambda wire: self.account.call(wire, method, path, body)))

    def login(self):
        accepted(self.ask(lambda wire: self.account.login(wire)))

    def check(self):
        report = json.loads(self.coffer.run("check", "--json").stdout)
        self.assertTrue(report["sound"], report)
        return report

    def rounds(self, act):
        for number in range(ROUNDS):
            with self.subTest(round=number, seed=SEED):
                act()

    def assert_both_seen(self, strike):
        print(f"took effect {strike.seen[True]} times, not {strike.seen[False]} times", file=sys.stderr)
        self.assertTrue(all(strike.seen.values()), f"no kill on both sides of the commit: {strike.seen}")

    # Sends

    def test_sends(self):
        self.known, self.leftovers, self.read, self.files = {}, set(), 0, 0
        self.read_one = self.call("POST", "/api/sends", send())
        self.rounds(self.send_round)
        self.assertGreater(self.files, ROUNDS / 2, "too few files to mean anything")
        self.assertGreater(self.read, ROUNDS, "too few readings to mean anything")

    def send_round(self):
        senders = [Sender(self.coffer, self.account, random.Random(self.rng.random())) for _ in range(3)]
        reader = Reader(self.coffer, self.read_one["accessId"])
        for worker in (*senders, reader):
            worker.start()
        time.sleep(self.rng.uniform(0.05, 0.5))
        self.coffer.kill()
        for worker in (*senders, reader):
            worker.join()
        self.coffer.start()
        listed = {s["id"]: s for s in self.call("GET", "/api/sends")["data"]}
        self.check_count(listed.pop(self.read_one["id"])["accessCount"], reader)
        self.check_sends(listed, senders)

    def check_count(self, count, reader):
        self.assertGreaterEqual(count, self.read + reader.done, "a reading was forgotten")
        self.assertLessEqual(count, self.read + reader.begun, "a reading was counted twice")
        self.read = count

    def check_sends(self, listed, senders):
        changing, unborn, removed = {}, {}, set()
        for sender in senders:
            self.known.update(sender.stored)
            changing.update(sender.changing)
            unborn.update(sender.unborn)
            removed |= sender.removed
        for gone in removed:
            self.known.pop(gone, None)
        self.assertFalse(removed & set(listed), "a removed Send came back")
        for identifier, (name, digest) in list(self.known.items()):
            if identifier not in listed:
                self.assertIsNone(changing.get(identifier, name), "an acknowledged Send is missing")
                del self.known[identifier]
                continue
            found = listed[identifier]["name"]
            self.assertIn(found, {name, changing.get(identifier, name)}, "a Send went back in time")
            self.known[identifier] = (found, digest)
        fresh = {i for sender in senders for i in sender.stored if i in listed}
        for identifier in set(listed) - set(self.known):
            name = listed[identifier]["name"]
            self.assertIn(name, unborn, "a Send that nobody made is visible")
            self.known[identifier] = (name, unborn[name])
            fresh.add(identifier)
        for identifier in fresh:
            self.check_content(listed[identifier], self.known[identifier][1])
        self.check_send_files(listed)

    def check_content(self, found, digest):
        if digest is None:
            self.assertEqual(found["type"], 0)
            return
        self.files += 1
        path = f"/api/sends/{found['id']}/access/file/{found['file']['id']}"
        with self.coffer.wire() as wire:
            parts = urlsplit(accepted(wire.request("POST", path, JSON, b"{}"))["url"])
            body = wire.request("GET", f"{parts.path}?{parts.query}").body
        self.assertEqual(hashlib.sha256(body).hexdigest(), digest, "a file is not whole")

    def check_send_files(self, listed):
        seen = {s["file"]["id"] for s in listed.values() if s["type"] == 1}
        self.assertEqual(self.check()["files"], len(seen))
        folder = self.coffer.data / "vault/sends"
        on_disk = {path.name for path in folder.rglob("*") if path.is_file()}
        self.assertLessEqual(seen, on_disk, "a Send without its file")
        # Between a file and its row, and between the end of a row and of its file, a crash leaves a
        # file to be swept: of each worker one, at most.
        strangers = on_disk - seen - self.leftovers
        self.assertLessEqual(len(strangers), 3, "files of nobody were left behind")
        self.leftovers |= strangers

    # Key rotation

    def test_key_rotation(self):
        for _ in range(3):
            self.call("POST", "/api/folders", {"name": sealed()})
        self.call("POST", "/api/ciphers/import",
                  {"ciphers": [cipher() for _ in range(ROTATED_ITEMS)], "folders": [],
                   "folderRelationships": []})
        for _ in range(3):
            self.call("POST", "/api/sends", send())
        holder = self.sync()["ciphers"][0]["id"]
        self.ask(lambda wire: self.account.attach(wire, holder, b"content"))
        self.public_key = self.call("GET", "/api/accounts/keys")["publicKey"]
        self.state = self.sealed_state()
        self.assertEqual(len(self.state), ROTATED_ITEMS + 10)
        self.strike = Strike(self.rng)
        self.rounds(self.rotation_round)
        self.assert_both_seen(self.strike)
        self.assertEqual(self.check()["files"], 1)

    def sync(self):
        return self.call("GET", "/api/sync?excludeDomains=true")

    def sealed_state(self):
        """Everything that a rotation replaces: where → the sealed value."""
        data = self.sync()
        state = {"key": data["profile"]["key"], "private key": data["profile"]["privateKey"]}
        for kind in ("ciphers", "folders", "sends"):
            state.update({(kind, entry["id"]): entry["name"] for entry in data[kind]})
        for entry in data["ciphers"]:
            for attachment in entry["attachments"] or []:
                state["attachment", entry["id"], attachment["id"]] = attachment["fileName"]
                state["attachment key", entry["id"], attachment["id"]] = attachment["key"]
        return state

    def rotation(self, state, password):
        """The request that leads to `state` and to a new password."""
        entries = {kind: [] for kind in ("ciphers", "folders", "sends")}
        for place, name in state.items():
            if place[0] == "ciphers":
                files = {p[2]: {"fileName": v, "key": state["attachment key", p[1], p[2]]}
                         for p, v in state.items() if p[0] == "attachment" and p[1] == place[1]}
                entries["ciphers"].append(cipher(name, id=place[1], attachments2=files))
            elif place[0] == "folders":
                entries["folders"].append({"id": place[1], "name": name})
            elif place[0] == "sends":
                entries["sends"].append(send(id=place[1], name=name))
        return {"oldMasterKeyAuthenticationHash": self.account.hash,
                "accountUnlockData": {
                    "masterPasswordUnlockData": {
                        "kdfType": 0, "kdfIterations": 600000, "kdfMemory": None, "kdfParallelism": None,
                        "email": self.account.email, "masterKeyAuthenticationHash": password,
                        "masterKeyEncryptedUserKey": state["key"], "masterPasswordHint": None},
                    "emergencyAccessUnlockData": [], "organizationAccountRecoveryUnlockData": [],
                    "passkeyUnlockData": [], "deviceKeyUnlockData": []},
                "accountKeys": {"userKeyEncryptedAccountPrivateKey": state["private key"],
                                "accountPublicKey": self.public_key},
                "accountData": entries}

    def rotation_round(self):
        target = {place: sealed() for place in self.state}
        passwords = {False: self.account.hash, True: base64.b64encode(self.rng.randbytes(32)).decode()}
        body = self.rotation(target, passwords[True])
        path = "/api/accounts/key-management/rotate-user-account-keys"
        acknowledged = self.strike.at(
            self.coffer, lambda wire: self.account.call(wire, "POST", path, body))
        self.coffer.start()
        opens = {}
        for rotated in (False, True):
            self.account.hash = passwords[rotated]
            opens[rotated] = self.ask(lambda wire: self.account.login(wire)).status
        self.assertIn(sorted(opens.values()), [[200, 400]], "not exactly one password opens the account")
        rotated = opens[True] == 200
        self.account.hash = passwords[rotated]
        self.assertTrue(rotated or not acknowledged, "an acknowledged rotation was lost")
        found = self.sealed_state()
        wanted = target if rotated else self.state
        mixed = {place for place in wanted if found.get(place) != wanted[place]}
        self.assertEqual((mixed, len(found)), (set(), len(wanted)), "old and new are mixed")
        self.state = wanted
        self.strike.took_effect(rotated)

    # Import

    def test_import_and_purge(self):
        self.strike = {"import": Strike(self.rng), "purge": Strike(self.rng)}
        self.held = 0
        self.rounds(self.import_round)
        for strike in self.strike.values():
            self.assert_both_seen(strike)

    def import_round(self):
        what = "purge" if self.held else "import"
        if what == "purge":
            path, body = "/api/ciphers/purge", {"masterPasswordHash": self.account.hash}
        else:
            path = "/api/ciphers/import"
            body = {"ciphers": [cipher() for _ in range(IMPORTED_ITEMS)],
                    "folders": [{"name": sealed()} for _ in range(IMPORTED_FOLDERS)],
                    "folderRelationships": [{"key": i, "value": i % IMPORTED_FOLDERS}
                                            for i in range(0, IMPORTED_ITEMS, 2)]}
        acknowledged = self.strike[what].at(
            self.coffer, lambda wire: self.account.call(wire, "POST", path, body))
        self.coffer.start()
        data = self.sync()
        counts = (len(data["ciphers"]), len(data["folders"]),
                  sum(item["folderId"] is not None for item in data["ciphers"]))
        full = (IMPORTED_ITEMS, IMPORTED_FOLDERS, IMPORTED_ITEMS // 2)
        self.assertIn(counts, [(0, 0, 0), full], f"the {what} was cut in two")
        done = bool(counts[0]) != bool(self.held)
        self.assertTrue(done or not acknowledged, f"an acknowledged {what} was lost")
        if what == "import" and done:
            self.assertEqual({item["name"] for item in data["ciphers"]},
                             {item["name"] for item in body["ciphers"]})
        self.held = counts[0]
        self.strike[what].took_effect(done)


if __name__ == "__main__":
    main()
