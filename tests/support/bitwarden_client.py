# SPDX-License-Identifier: BSD-2-Clause
"""The official Bitwarden CLI, newest and of 2023, as somebody with a box of their own uses it."""

import base64
import json
import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NODE = ROOT / "build/tools/node/node"
# scripts/clients puts them there.
VERSIONS = {v: ROOT / f"build/tools/bitwarden-{v}/bw.js" for v in ("old", "new")}


class Bw:
    """One device: its own folder of state, logged in or not."""

    def __init__(self, version, folder, ca):
        self.program = VERSIONS[version]
        self.forgetful = version == "old"
        if not self.program.exists() or not NODE.exists():
            raise FileNotFoundError(f"{self.program}: run scripts/clients bitwarden")
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "BITWARDENCLI_APPDATA_DIR": str(folder),
            "NODE_EXTRA_CA_CERTS": str(ca), "BW_NOINTERACTION": "true", "NODE_NO_WARNINGS": "1",
            # A command of the CLI is mostly the compiling of its four megabytes.
            "NODE_COMPILE_CACHE": str(ROOT / "build/node-cache")}
        if version == "old":
            self.environment["NODE_OPTIONS"] = f"--require {ROOT}/tests/support/without_blob.cjs"

    def _run(self, arguments):
        return subprocess.run([str(NODE), str(self.program), *arguments], capture_output=True,
                              text=True, env=self.environment, stdin=subprocess.DEVNULL, timeout=120,
                              check=False)

    def run(self, *arguments):
        """A command that must succeed; returns its standard output."""
        done = self._run(arguments)
        if done.returncode != 0:
            raise AssertionError(f"bw {' '.join(arguments)[:300]}: {done.returncode}\n"
                                 f"{done.stdout[-2000:]}{done.stderr[-3000:]}")
        if self.forgetful and arguments[0] in ("create", "edit", "delete", "restore"):
            self.recall()
        return done.stdout

    def refused(self, *arguments):
        """A command that must fail; returns what it said."""
        done = self._run(arguments)
        if done.returncode == 0:
            raise AssertionError(f"bw {arguments} succeeded: {done.stdout[-2000:]}")
        return done.stdout + done.stderr

    def json(self, *arguments):
        return json.loads(self.run(*arguments))

    def login(self, email, password):
        """Logs in and stays unlocked."""
        self.environment["BW_SESSION"] = self.run("login", email, password, "--raw").strip()

    def unlock(self, password):
        self.environment["BW_SESSION"] = self.run("unlock", password, "--raw").strip()

    def status(self):
        return self.json("status")["status"]

    def create(self, kind, value):
        return self.json("create", kind, encoded(value))

    def edit(self, kind, identifier, value):
        return self.json("edit", kind, identifier, encoded(value))

    def recall(self):
        """Has the client fetch everything again.

        The client of 2023 saves its state from several places at once, and one of them now and then
        undoes what another has just saved: about one command in a hundred leaves it knowing less than
        the server told it. So it is asked to sync after every change.
        """
        self.run("sync", "--force")


def encoded(value):
    """As `bw encode` does it."""
    return base64.b64encode(json.dumps(value).encode()).decode()


def item(kind, name, **more):
    """What `bw get template item` shows, with a type."""
    return {"organizationId": None, "collectionIds": None, "folderId": None, "type": kind, "name": name,
            "notes": None, "favorite": False, "fields": [], "login": None, "secureNote": None,
            "card": None, "identity": None, "sshKey": None, "reprompt": 0, **more}


# One of each type that the CLI can make: name → (type, its data).
KINDS = {
    "login": (1, {"login": {
        "uris": [{"match": None, "uri": "https://example.org/login"}, {"match": 3, "uri": "app://x"}],
        "username": "me", "password": "p4ss wörd \U0001f511", "totp": "JBSWY3DPEHPK3PXP"}}),
    "note": (2, {"secureNote": {"type": 0}, "notes": "line one\nline two\n" + "x" * 5000}),
    "card": (3, {"card": {"cardholderName": "Me", "brand": "Visa", "number": "4111111111111111",
                          "expMonth": "04", "expYear": "2031", "code": "123"}}),
    "identity": (4, {"identity": {
        "title": "Dr", "firstName": "A", "middleName": "B", "lastName": "C", "address1": "1", "address2": "2",
        "address3": "3", "city": "D", "state": "E", "postalCode": "F", "country": "G", "company": "H",
        "email": "i@example.org", "phone": "J", "ssn": "K", "username": "L", "passportNumber": "M",
        "licenseNumber": "N"}}),
    "ssh": (5, {"sshKey": {"privateKey": "-----BEGIN OPENSSH-----", "publicKey": "ssh-ed25519 AAAA",
                           "keyFingerprint": "SHA256:abc"}}),
}
FIELDS = [{"name": "text", "value": "a", "type": 0}, {"name": "hidden", "value": "b", "type": 1},
          {"name": "yes", "value": "true", "type": 2}]
