#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""`bw serve` of the newest official CLI, driven through its local REST by the thousand.

A model here keeps what each operation should have done; the CLI is asked now and then whether it agrees,
and in the end a device that never saw any of it must find exactly the model.
SERVE_OPERATIONS sets another number of operations; the seed is printed and SERVE_SEED repeats it.
"""

import http.client
import json
import os
import random
import re
import socket
import subprocess
import sys
import time
import unittest
from collections import Counter
from copy import deepcopy

from bitwarden_life import KINDS, PASSWORD, Household, item
from bitwarden_client import FIELDS, NODE  # bitwarden_life says where it is.
from suite import main

OPERATIONS = int(os.environ.get("SERVE_OPERATIONS", "2000"))
SEED = int(os.environ.get("SERVE_SEED", str(int(time.time()))))
# The CLI decrypts all that it has after every change, so a small vault makes many operations possible.
MOST_ITEMS, MOST_FOLDERS = 16, 6
WORDS = ("plain", "Grüße", "ключ", "鍵 \U0001f511", "a \"quoted\" name")


class Serve:
    """`bw serve` of an unlocked device, on a port of its own.

    For a moment after a change the CLI may still know what was before it, and of changes that follow
    each other closely it now and then forgets one that the server has confirmed. So it is asked again
    for a while, and made to fetch everything when that does not help.
    """

    def __init__(self, bw):
        self.recalls = 0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            [str(NODE), str(bw.program), "serve", "--hostname", "localhost", "--port", str(self.port)],
            env=bw.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while not self._is_up():
            if time.monotonic() > end or self.process.poll() is not None:
                self.close()
                raise RuntimeError("bw serve did not come up")
            time.sleep(0.1)

    def _is_up(self):
        try:
            return self.ask("GET", "/status")["template"]["status"] == "unlocked"
        except OSError:
            return False

    def close(self):
        self.process.kill()
        self.process.wait()

    def call(self, method, path, body=None):
        """The data of an answer, which must say that it went well, in the end."""
        return self.patiently(lambda: self.ask(method, path, body))

    def read(self, path):
        """What the CLI knows now."""
        return self.ask("GET", path)

    def patiently(self, act):
        """What act() returns once it raises no AssertionError."""
        begin = time.monotonic()
        recall = begin + 0.5
        while True:
            try:
                return act()
            except AssertionError:
                if time.monotonic() > begin + 20:
                    raise
            if time.monotonic() > recall:
                self.ask("POST", "/sync?force=true")
                self.recalls += 1
                recall = time.monotonic() + 3
            time.sleep(0.02)

    def ask(self, method, path, body=None):
        """One request; raises AssertionError for an answer that is not a success."""
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {answer.status} {text[:500]}")
        return json.loads(text).get("data")


class Model:
    """What the vault should hold."""

    def __init__(self):
        self.live, self.archived, self.trash = {}, {}, {}  # id → item as it was sent
        self.folders = {}                                  # id → name

    def all(self):
        return {**self.live, **self.archived, **self.trash}


def seen(value):
    """What both the model and the CLI know of an item, in one form."""
    data = {}
    for member in ("login", "secureNote", "card", "identity", "sshKey"):
        for key, held in (value.get(member) or {}).items():
            if key == "uris":
                held = [(uri["uri"], uri.get("match")) for uri in held]
            if held is not None and key not in ("fido2Credentials", "passwordRevisionDate"):
                data[key] = held
    fields = [(f["name"], f["value"], f["type"]) for f in value.get("fields") or []]
    return {**{key: value.get(key) for key in ("type", "name", "notes", "folderId")}, "fields": fields,
            "favorite": bool(value.get("favorite")), "reprompt": value.get("reprompt", 0), "data": data,
            # Also what is to be put back: it would go into the archive again, or come out of it.
            "archived": bool(value.get("archivedDate"))}


class Driver:
    """Makes operations of `serve` and notes in a model what they do."""

    def __init__(self, serve, rng):
        self.serve, self.rng, self.model = serve, rng, Model()
        self.made = Counter()
        self.number = 0

    def step(self):
        """One operation that is possible now."""
        while True:
            # How often, in relation to each other.
            name = self.rng.choices(
                ("create", "edit", "move", "throw_away", "restore", "delete", "archive", "unarchive",
                 "create_folder", "rename_folder", "delete_folder", "get", "list_folder"),
                (5, 8, 4, 4, 3, 4, 1, 1, 3, 6, 2, 5, 2))[0]
            if getattr(self, name)() is not False:
                self.made[name] += 1
                return

    def pick(self, among):
        return self.rng.choice(sorted(among)) if among else None

    def text(self):
        self.number += 1
        return f"{self.rng.choice(WORDS)} {self.number}"

    def create(self):
        if len(self.model.all()) >= MOST_ITEMS:
            return False
        kind, data = self.rng.choice(list(KINDS.values()))
        value = item(kind, self.text(), folderId=self.pick(self.model.folders),
                     fields=self.rng.choice(([], FIELDS)), favorite=self.rng.random() < 0.3,
                     **deepcopy(data))
        self.model.live[self.serve.call("POST", "/object/item", value)["id"]] = value
        return True

    def change(self, identifier, **members):
        """As the CLI is used: what it gives is changed and put back, revision included."""
        def act():
            value = self.serve.read(f"/object/item/{identifier}")
            same(seen(value), seen(self.model.live[identifier]))
            self.serve.ask("PUT", f"/object/item/{identifier}", {**value, **members})

        self.serve.patiently(act)
        self.model.live[identifier].update(members)

    def edit(self):
        if not (identifier := self.pick(self.model.live)):
            return False
        self.change(identifier, name=self.text(), notes=self.text(), favorite=self.rng.random() < 0.5)
        return True

    def move(self):
        if not (identifier := self.pick(self.model.live)):
            return False
        self.change(identifier, folderId=self.rng.choice([None, *sorted(self.model.folders)]))
        return True

    def throw_away(self):
        if not (identifier := self.pick(self.model.live)):
            return False
        self.serve.call("DELETE", f"/object/item/{identifier}")
        self.model.trash[identifier] = self.model.live.pop(identifier)
        return True

    def restore(self):
        if not (identifier := self.pick(self.model.trash)):
            return False
        self.serve.call("POST", f"/restore/item/{identifier}")
        self.model.live[identifier] = self.model.trash.pop(identifier)
        return True

    def delete(self):
        place = self.rng.choice((self.model.live, self.model.trash))
        if not (identifier := self.pick(place)):
            return False
        self.serve.call("DELETE", f"/object/item/{identifier}?permanent=true")
        del place[identifier]
        return True

    def archive(self):
        if not (identifier := self.pick(self.model.live)):
            return False
        self.serve.call("POST", f"/archive/item/{identifier}")
        self.model.archived[identifier] = value = self.model.live.pop(identifier)
        value["archivedDate"] = True
        return True

    def unarchive(self):
        if not (identifier := self.pick(self.model.archived)):
            return False
        self.serve.call("POST", f"/restore/item/{identifier}")
        self.model.live[identifier] = value = self.model.archived.pop(identifier)
        del value["archivedDate"]
        return True

    def create_folder(self):
        if len(self.model.folders) >= MOST_FOLDERS:
            return False
        name = self.text()
        self.model.folders[self.serve.call("POST", "/object/folder", {"name": name})["id"]] = name
        return True

    def rename_folder(self):
        if not (identifier := self.pick(self.model.folders)):
            return False
        self.model.folders[identifier] = name = self.text()
        self.serve.call("PUT", f"/object/folder/{identifier}", {"name": name})
        return True

    def delete_folder(self):
        if not (identifier := self.pick(self.model.folders)):
            return False
        self.serve.call("DELETE", f"/object/folder/{identifier}")
        del self.model.folders[identifier]
        for value in self.model.all().values():
            if value["folderId"] == identifier:
                value["folderId"] = None
        return True

    def get(self):
        if not (identifier := self.pick(self.model.live)):
            return False
        self.serve.patiently(lambda: same(seen(self.serve.read(f"/object/item/{identifier}")),
                                          seen(self.model.live[identifier])))
        return True

    def list_folder(self):
        if not (identifier := self.pick(self.model.folders)):
            return False
        wanted = sorted(i for i, value in self.model.live.items() if value["folderId"] == identifier)

        def read():
            found = self.serve.read(f"/list/object/items?folderid={identifier}")["data"]
            same(sorted(value["id"] for value in found), wanted)

        self.serve.patiently(read)
        return True


def same(found, wanted):
    if found != wanted:
        raise AssertionError(f"found  {found}\nwanted {wanted}")


class Thousands(Household, unittest.TestCase):
    maxDiff = None

    def test_another_device_sees_what_thousands_of_operations_left(self):
        print(f"seed {SEED}, {OPERATIONS} operations", file=sys.stderr)
        self.coffer.add_vault_user("serve@example.org", PASSWORD)
        first = self.device("new", "serving")
        first.login("serve@example.org", PASSWORD)
        serve = Serve(first)
        self.addCleanup(serve.close)
        driver = Driver(serve, random.Random(SEED))
        begin = time.monotonic()
        for number in range(OPERATIONS):
            driver.step()
            if number % 500 == 499:
                serve.call("POST", "/sync?force=true")
                serve.patiently(lambda: self.check(
                    driver.model, lambda path: serve.read("/list/object/" + path)["data"]))
        seconds = time.monotonic() - begin
        print(f"{OPERATIONS} operations in {seconds:.0f} s, {serve.recalls} times out of date:"
              f" {dict(driver.made)}", file=sys.stderr)
        self.assertEqual(len(driver.made), 13, "some kind of operation never happened")
        serve.close()

        other = self.device("new", "fresh")
        other.login("serve@example.org", PASSWORD)
        self.check(driver.model, lambda path: other.json("list", *arguments_of(path)))
        self.check_metrics(driver.made)

    def check(self, model, listed):
        """listed(path): what `bw serve` gives at /list/object/ for it."""
        for place, query in ((model.live, ""), (model.archived, "?archived"), (model.trash, "?trash")):
            found = {value["id"]: seen(value) for value in listed("items" + query)}
            self.assertEqual(found, {i: seen(value) for i, value in place.items()})
        folders = {value["id"]: value["name"] for value in listed("folders") if value["id"]}
        self.assertEqual(folders, model.folders)

    def check_metrics(self, made):
        text = self.coffer.fetch("GET", "/metrics", kind="https").body.decode()
        counted, refused = Counter(), Counter()
        for labels, value in re.findall(r"^coffer_http_requests_total\{(.*)\} (\d+)$", text, re.M):
            label = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            counted[label["status"]] += int(value)
            if label["status"] == "4xx":
                refused[f"{label['method']} {label['route']}"] += int(value)
        changes = sum(made.values()) - made["get"] - made["list_folder"]
        self.assertGreaterEqual(counted["2xx"], changes)
        print(f"answers of the server: {dict(counted)}, refused {dict(refused)}", file=sys.stderr)
        self.assertEqual(counted["5xx"], 0)
        # The change of an item whose newest revision the CLI forgot is refused until it syncs.
        self.assertLessEqual(set(refused), {"PUT /api/ciphers/{id}"})


def arguments_of(path):
    kind, _, option = path.partition("?")
    return [kind, "--" + option] if option else [kind]


if __name__ == "__main__":
    main()
