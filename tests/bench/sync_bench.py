# SPDX-License-Identifier: BSD-2-Clause
"""GET /api/sync of vaults of growing size: time an item, and response bytes a CPU second."""

import base64
import json
import os
import statistics
import time
import urllib.parse
import urllib.request
import uuid

CIPHER = "2." + "|".join(base64.b64encode(os.urandom(n)).decode() for n in (16, 96, 32))
EMAIL = "bench@example.test"
HASH = base64.b64encode(os.urandom(32)).decode()


def call(url, body=None, token=None, form=False):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    data = None
    if body is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded" if form else "application/json"
        data = (urllib.parse.urlencode(body) if form else json.dumps(body)).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=300) as reply:
        return reply.read()


def register(url):
    call(url + "/identity/accounts/register", {
        "email": EMAIL, "name": "Bench", "masterPasswordHash": HASH, "key": CIPHER, "kdf": 0,
        "kdfIterations": 600000, "keys": {"publicKey": "MIIB", "encryptedPrivateKey": CIPHER}})
    return login(url)


def login(url):
    answer = call(url + "/identity/connect/token", {
        "grant_type": "password", "username": EMAIL, "password": HASH, "scope": "api offline_access",
        "client_id": "cli", "deviceType": "25", "deviceIdentifier": str(uuid.uuid4()),
        "deviceName": "bench"}, form=True)
    return json.loads(answer)["access_token"]


def item(number):
    return {"type": 1, "name": CIPHER, "notes": CIPHER, "favorite": number % 2 == 0, "reprompt": 0,
            "login": {"username": CIPHER, "password": CIPHER, "totp": None,
                      "uris": [{"uri": CIPHER, "uriChecksum": CIPHER, "match": None}]},
            "fields": [{"type": 0, "name": CIPHER, "value": CIPHER, "linkedId": None}]}


def grow(url, token, by):
    """Imports items, 5,000 a request; returns the seconds that the requests took."""
    took = 0
    while by > 0:
        batch = [item(number) for number in range(min(by, 5000))]
        by -= len(batch)
        started = time.monotonic()
        call(url + "/api/ciphers/import",
             {"ciphers": batch, "folders": [], "folderRelationships": []}, token)
        took += time.monotonic() - started
    return took


def run(bench):
    sizes = [100, 500] if bench.options.quick else [1000, 5000, 20000]
    server = bench.server("coffer", "http://127.0.0.1:{port}", command=[
        bench.options.coffer, "serve", "--data-dir", "{dir}", "--listen", "http://127.0.0.1:{port}"])
    try:
        token = register(server.url)
        have, per_item = 0, {}
        for size in sizes:
            took = grow(server.url, token, size - have)
            bench.absolute(f"import of {size - have} items", "s", took)
            have = size
            repeats = max(1, 20000 // size)
            runs = [bench.load(server, "get", path="/api/sync?excludeDomains=true", bearer=token,
                               connections=1, count=repeats) for _ in range(bench.options.rounds)]
            per_item[size] = statistics.median(r["seconds"] / repeats / size for r in runs)
            rate = statistics.median(r["bytes"] / max(r["cpu"], 0.01) for r in runs) / 1e6
            bench.absolute(f"sync of {size} items, time an item", "us", per_item[size] * 1e6)
            goal = 150 if size >= 5000 else None
            bench.absolute(f"sync of {size} items, response a CPU second", "MB/s", rate, goal, at_least=True)
        bench.absolute(f"sync of {sizes[-1]} items, resident (VmHWM)", "MiB", server.memory_kib("VmHWM") / 1024)
        bench.absolute("time an item, largest vault to smallest", "times", per_item[sizes[-1]] / per_item[sizes[0]], 1.3)
    finally:
        server.stop()
