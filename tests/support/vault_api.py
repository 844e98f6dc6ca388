# SPDX-License-Identifier: BSD-2-Clause
"""The vault's routes as a client calls them, for tests that need items but no cryptography.

What a client encrypts is random here: the server never looks inside. Real encryption is exercised by
the official CLI in tests/clients.
"""

import base64
import hashlib
import json
import os
import time
import uuid
from urllib.parse import urlencode

JSON = [("Content-Type", "application/json")]


def sealed(size=48):
    """A well-formed EncString of type 2 with random content."""
    pieces = (os.urandom(16), os.urandom(size), os.urandom(32))
    return "2." + "|".join(base64.b64encode(piece).decode() for piece in pieces)


def password_hash(email, password, iterations=600000):
    """What clients send in the place of a master password, with PBKDF2 and their default settings."""
    key = hashlib.pbkdf2_hmac("sha256", password.encode(), email.encode(), iterations)
    return base64.b64encode(hashlib.pbkdf2_hmac("sha256", key, password.encode(), 1)).decode()


def form(*parts):
    """A multipart form of (name, file name or None, bytes): its Content-Type and its body."""
    boundary = "--------------------------" + os.urandom(12).hex()
    body = b""
    for name, file_name, content in parts:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if file_name is not None:
            body += f'; filename="{file_name}"\r\nContent-Type: application/octet-stream'.encode()
        body += b"\r\n\r\n" + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()


class Account:
    """An account made over HTTP. `wire` is called for a connection: wire() → Wire."""

    def __init__(self, email):
        self.email = email
        self.device = str(uuid.uuid4())
        self.hash = base64.b64encode(os.urandom(32)).decode()
        self.token = self.refresh = None

    def register(self, wire, **more):
        """more: further fields, such as masterPasswordHint."""
        body = {"email": self.email, "name": "Test", "masterPasswordHash": self.hash, "key": sealed(),
                "kdf": 0, "kdfIterations": 600000,
                "keys": {"publicKey": base64.b64encode(os.urandom(294)).decode(),
                         "encryptedPrivateKey": sealed(1200)}, **more}
        return self.call(wire, "POST", "/identity/accounts/register", body, anonymous=True)

    def login(self, wire, **more):
        """more: further fields of the form, such as those of a second factor."""
        form = urlencode({
            "grant_type": "password", "username": self.email, "password": self.hash,
            "scope": "api offline_access", "client_id": "cli", "deviceType": 25,
            "deviceIdentifier": self.device, "deviceName": "test", **more}).encode()
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

    def announce(self, wire, item, size):
        """Announces an attachment; returns the answer's JSON."""
        answer = self.call(wire, "POST", f"/api/ciphers/{item}/attachment/v2",
                           {"key": sealed(64), "fileName": sealed(), "fileSize": size})
        if answer.status != 200:
            raise ValueError(f"announced: {answer.status} {answer.body[:300]}")
        return json.loads(answer.body)

    def upload_request(self, item, attachment, content):
        """Path, headers and body that send the file of an announced attachment."""
        kind, body = form(("data", sealed(), content))
        return (f"/api/ciphers/{item}/attachment/{attachment}",
                [("Authorization", f"Bearer {self.token}"), ("Content-Type", kind)], body)

    def attach(self, wire, item, content):
        """An attachment in both steps; its id."""
        attachment = self.announce(wire, item, len(content))["attachmentId"]
        path, headers, body = self.upload_request(item, attachment, content)
        answer = wire.request("POST", path, headers, body)
        if answer.status != 200:
            raise ValueError(f"uploaded: {answer.status} {answer.body[:300]}")
        return attachment


def cipher(name=None, **more):
    return {"type": 1, "name": name or sealed(), "notes": None, "favorite": False, "reprompt": 0,
            "login": {"username": sealed(), "password": sealed(), "totp": None,
                      "uris": [{"uri": sealed(), "match": None}]},
            **more}


def send(kind=0, days=7, **more):
    """kind: 0 text, 1 file."""
    date = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + days * 86400))
    return {"type": kind, "name": sealed(), "notes": None, "key": sealed(), "disabled": False,
            "text": {"text": sealed(), "hidden": False} if kind == 0 else None,
            "file": {"fileName": sealed()} if kind == 1 else None, "deletionDate": date,
            "expirationDate": None, "maxAccessCount": None, "password": None, "hideEmail": False, **more}
