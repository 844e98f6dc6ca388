# SPDX-License-Identifier: BSD-2-Clause
"""One of everything that belongs to an account of the vault, and the requests that routes take about it."""

import json
import re
import uuid

from vault_api import cipher, form, sealed, send


class Things:
    """One of everything that belongs to an account, made through the routes themselves."""

    def __init__(self, account, wire, with_request=True):
        """with_request: also a login that waits for an answer, of which an account has only so many."""
        self.account, self.wire = account, wire
        self.folder = self.made("POST", "/api/folders", {"name": sealed()})["id"]
        self.item = self.made("POST", "/api/ciphers", cipher())["id"]
        self.attachment = account.attach(wire, self.item, b"attached" * 100)
        self.send = self.made("POST", "/api/sends", send())
        self.file_send, self.send_file = self.announce_send()
        kind, body = form(("data", sealed(), b"s" * 64))
        answer = wire.request("POST", f"/api/sends/{self.file_send}/file/{self.send_file}",
                              [("Authorization", f"Bearer {account.token}"), ("Content-Type", kind)], body)
        assert answer.status == 200, answer.body
        # Announced, and their files are still to come.
        self.waiting_attachment = account.announce(wire, self.item, 64)["attachmentId"]
        self.waiting_send, self.waiting_file = self.announce_send()
        address = f"{uuid.uuid4()}@example.org"
        self.made("POST", "/api/emergency-access/invite", {"email": address, "type": 0, "waitTimeDays": 7})
        self.contact = next(one["id"] for one in self.made("GET", "/api/emergency-access/trusted")["data"]
                            if one["email"] == address)
        self.request = with_request and self.made("POST", "/api/auth-requests", {
            "email": account.email, "publicKey": "MIIBIjANBg", "deviceIdentifier": account.device,
            "accessCode": "c" * 25, "type": 0})["id"]
        self.device = str(uuid.uuid4())
        self.made("POST", "/api/devices", {"identifier": self.device, "name": "another", "type": 25})

    def announce_send(self):
        made = self.made("POST", "/api/sends/file/v2", send(1, fileLength=64))["sendResponse"]
        return made["id"], made["file"]["id"]

    def made(self, method, path, body=None):
        headers = [("Authorization", f"Bearer {self.account.token}"), ("Device-Type", "25")]
        data = None
        if body is not None:
            headers.append(("Content-Type", "application/json"))
            data = json.dumps(body).encode()
        answer = self.wire.request(method, path, headers, data)
        assert answer.status == 200, f"{method} {path}: {answer.status} {answer.body[:300]}"
        return json.loads(answer.body) if answer.body else None

    def prepare(self, pattern):
        """Brings the item to where a route changes something."""
        item = f"/api/ciphers/{self.item}"
        if pattern.endswith("/move"):
            self.made("PUT", item + "/partial", {"folderId": self.folder, "favorite": False})
        if pattern.endswith("/unarchive"):
            self.made("PUT", item + "/archive")
        if pattern.endswith("/restore"):
            self.made("PUT", item + "/delete")

    def path(self, pattern, method="GET"):
        """The pattern with the ids of these things."""
        first = {"/api/folders": self.folder, "/api/ciphers": self.item, "/api/sends": self.send["id"],
                 "/api/emergency-access": self.contact, "/api/auth-requests": self.request,
                 "/api/devices": self.device, "/api/users": self.account.email}
        main_id = next((i for prefix, i in first.items() if pattern.startswith(prefix)), self.item)
        attachment, file = self.attachment, self.send_file
        if pattern.endswith("/renew") or (method == "POST" and re.search(r"/attachment/\{[^}]*\}$", pattern)):
            attachment = self.waiting_attachment
        if pattern.startswith("/api/sends") and "file" in pattern.lower():
            main_id = self.file_send
            if re.match(r"/api/sends/\{[^}]*\}/file/", pattern):
                main_id, file = self.waiting_send, self.waiting_file
        inner = {"attachment": attachment, "aid": attachment, "file": file, "cipher": self.item}

        def value(match):
            name = match[1].lower()
            if match.start() == pattern.index("{"):
                return main_id if "fileid" not in name else file
            return next((i for word, i in inner.items() if word in name), main_id)
        return re.sub(r"\{([^}]*)\}", value, pattern)

    def body(self, method, pattern, caller):
        """Content type and bytes that the route takes, from this caller about these things."""
        if method == "POST" and re.search(r"/attachment(/\{[^}]*\})?$|/attachment-admin$|/share$"
                                          r"|/sends/\{[^}]*\}/file/\{[^}]*\}$", pattern):
            return form(("key", None, sealed().encode()), ("data", sealed(), b"d" * 64))
        if method == "GET":
            return None, None
        value = {**cipher(), "favorite": True, "masterPasswordHash": caller.hash, "folderId": None,
                 "ids": [self.item], "fileName": sealed(), "key": sealed(64), "fileSize": 10, "waitTimeDays": 1,
                 "requestApproved": True, "deviceIdentifier": caller.device, "pushToken": "push",
                 "endpoint": "https://push.example.org/", "p256dh": "AAAA", "auth": "AAAA",
                 **{f"encrypted{name}Key": sealed() for name in ("User", "Public", "Private")}}
        if pattern.startswith("/api/sends/"):
            value = send()
        if pattern.startswith("/api/folders"):
            value["ids"] = [self.folder]
        return "application/json", json.dumps(value).encode()
