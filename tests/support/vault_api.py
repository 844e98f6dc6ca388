# SPDX-License-Identifier: BSD-2-Clause
"""The vault's routes as a client calls them, for tests that need items but no cryptography.

What a client encrypts is random here: the server never looks inside. Real encryption is exercised by
the official CLI in tests/clients.
"""

import base64
import json
import os
import uuid
from urllib.parse import urlencode

JSON = [("Content-Type", "application/json")]


def sealed(size=48):
    """A well-formed EncString of type 2 with random content."""
    pieces = (os.urandom(16), os.urandom(size), os.urandom(32))
    return "2." + "|".join(base64.b64encode(piece).decode() for piece in pieces)


class Account:
    """An account made over HTTP. `wire` is called for a connection: wire() → Wire."""

    def __init__(self, email):
        self.email = email
        self.device = str(uuid.uuid4())
        self.hash = base64.b64encode(os.urandom(32)).decode()
        self.token = self.refresh = None

    def register(self, wire):
        body = {"email": self.email, "name": "Test", "masterPasswordHash": self.hash, "key": sealed(),
                "kdf": 0, "kdfIterations": 600000,
                "keys": {"publicKey": base64.b64encode(os.urandom(294)).decode(),
                         "encryptedPrivateKey": sealed(1200)}}
        return self.call(wire, "POST", "/identity/accounts/register", body, anonymous=True)

    def login(self, wire):
        form = urlencode({
            "grant_type": "password", "username": self.email, "password": self.hash,
            "scope": "api offline_access", "client_id": "cli", "deviceType": 25,
            "deviceIdentifier": self.device, "deviceName": "test"}).encode()
        answer = wire.request("POST", "/identity/connect/token",
                              [("Content-Type", "application/x-www-form-urlencoded")], form)
        if answer.status == 200:
            granted = json.loads(answer.body)
            self.token, self.refresh = granted["access_token"], granted["refresh_token"]
        return answer

    def call(self, wire, method, path, body=None, anonymous=False):
        headers = list(JSON) if body is not None else []
        if not anonymous:
            headers.append(("Authorization", f"Bearer {self.token}"))
        data = None if body is None else json.dumps(body).encode()
        return wire.request(method, path, headers, data)


def cipher(name=None, **more):
    return {"type": 1, "name": name or sealed(), "notes": None, "favorite": False, "reprompt": 0,
            "login": {"username": sealed(), "password": sealed(), "totp": None,
                      "uris": [{"uri": sealed(), "match": None}]},
            **more}
