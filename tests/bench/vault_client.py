# SPDX-License-Identifier: BSD-2-Clause
"""What the vault's measurements send: accounts and items of an ordinary person's size.

Requests go over one connection that stays open, as clients hold theirs, and every body is made before
the clock starts.
"""

import base64
import http.client
import json
import os
import time
import urllib.parse
import uuid

HASH = base64.b64encode(os.urandom(32)).decode()
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def sealed(length):
    """An encrypted text as clients send it, of a clear text that fills `length` bytes."""
    return "2." + "|".join(base64.b64encode(os.urandom(n)).decode() for n in (16, length, 32))


NAMES, NOTES, KEYS = ([sealed(n) for _ in range(500)] for n in (32, 160, 80))


def item(number):
    """A login: a key of its own, one address, every fourth with notes, every eighth with a field."""
    def text(salt):
        return NAMES[(number * 7 + salt) % len(NAMES)]

    fields = [{"type": 0, "name": text(1), "value": text(2), "linkedId": None}] if number % 8 == 0 else None
    return {"type": 1, "name": text(3), "notes": NOTES[number % 500] if number % 4 == 0 else None,
            "favorite": number % 16 == 0, "reprompt": 0, "key": KEYS[number % 500], "fields": fields,
            "login": {"username": text(4), "password": text(5), "totp": None,
                      "passwordRevisionDate": None,
                      "uris": [{"uri": text(6), "uriChecksum": text(7), "match": None}]}}


def import_body(count):
    return json.dumps({"ciphers": [item(number) for number in range(count)], "folders": [],
                       "folderRelationships": []}).encode()


IDLE = 2  # Seconds after which a server may have closed a connection; Rocket does after five.


class Caller:
    """One keep-alive connection to a server, made anew when it was not used for a while."""

    def __init__(self, url):
        address = urllib.parse.urlsplit(url)
        self.prefix = address.path
        self.connection = http.client.HTTPConnection(address.hostname, address.port, timeout=300)
        self.used = time.monotonic()

    def call(self, method, path, body=None, token=None, kind=JSON):
        """The answer's body; anything but 2xx is an error."""
        head = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            head["Content-Type"] = kind
        if time.monotonic() - self.used > IDLE:
            self.connection.close()
        self.connection.request(method, self.prefix + path, body, head)
        reply = self.connection.getresponse()
        text = reply.read()
        self.used = time.monotonic()
        if not 200 <= reply.status <= 299:
            raise RuntimeError(f"{method} {path}: {reply.status} {text[:300]!r}")
        return text


def login_form(email, device):
    return urllib.parse.urlencode({
        "grant_type": "password", "username": email, "password": HASH, "scope": "api offline_access",
        "client_id": "cli", "deviceType": "25", "deviceIdentifier": device, "deviceName": "bench"})


class Account:
    """A new account on a server, logged in."""

    def __init__(self, url):
        self.url = url
        self.caller = Caller(url)
        self.email = f"{uuid.uuid4()}@example.test"
        self.call("POST", "/identity/accounts/register", {
            "email": self.email, "name": "Bench", "masterPasswordHash": HASH, "key": sealed(80),
            "kdf": 0, "kdfIterations": 600000,
            "keys": {"publicKey": base64.b64encode(os.urandom(294)).decode(),
                     "encryptedPrivateKey": sealed(1232)}})
        answer = self.caller.call("POST", "/identity/connect/token",
                                  login_form(self.email, str(uuid.uuid4())), kind=FORM)
        self.token = json.loads(answer)["access_token"]

    def call(self, method, path, body=None):
        raw = json.dumps(body).encode() if body is not None else None
        return self.caller.call(method, path, raw, getattr(self, "token", None))

    def import_items(self, count):
        """In one request; the seconds that it took."""
        body = import_body(count)
        started = time.monotonic()
        self.caller.call("POST", "/api/ciphers/import", body, self.token)
        return time.monotonic() - started

    def ids(self):
        """Of every item that a sync brings."""
        return [one["id"] for one in json.loads(self.call("GET", "/api/sync?excludeDomains=true"))["ciphers"]]

    def create(self):
        self.call("POST", "/api/ciphers", item(0))

    def remove(self, one):
        self.call("DELETE", f"/api/ciphers/{one}")

    def remove_many(self, ids):
        self.call("DELETE", "/api/ciphers", {"ids": ids})
