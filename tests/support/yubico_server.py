# SPDX-License-Identifier: BSD-2-Clause
"""YubiKeys in software, and a validation server that knows them (validation protocol 2.0).

    with ValidationServer() as server:
        coffer = Coffer(config=server.config())
        key = server.make_key("cccccccfhcbe")
        key.type()                            # One code after the other.

A real code is encrypted by AES with a counter in it; here it is made by HMAC of the counter. To whoever
only passes it on, both are 32 characters of modhex that count once.
"""

import base64
import hashlib
import hmac
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

MODHEX = str.maketrans("0123456789abcdef", "cbdefghijklnrtuv")
REPEATED = ("otp", "nonce", "sl", "timestamp")
AHEAD = 100  # Codes that were typed elsewhere.


def sign(key, fields):
    message = "&".join(f"{name}={fields[name]}" for name in sorted(fields))
    return base64.b64encode(hmac.new(key, message.encode(), hashlib.sha1).digest()).decode()


class SoftKey:
    def __init__(self, identifier):
        self.identifier = identifier
        self.secret = os.urandom(16)
        self.count = self.seen = 0

    def code(self, count):
        digest = hmac.new(self.secret, str(count).encode(), hashlib.sha256).digest()[:16]
        return self.identifier + digest.hex().translate(MODHEX)

    def type(self):
        self.count += 1
        return self.code(self.count)


class ValidationServer:
    """careful: False takes a code again and again. asked: the status of every question."""

    def __init__(self, careful=True):
        self.careful = careful
        self.client = "87"
        self.key = os.urandom(20)
        self.keys = {}
        self.asked = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body = outer.answer(dict(parse_qsl(urlsplit(self.path).query)))
                self.send_response(200)
                self.send_header("Content-Type", "text/plain")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        if self.thread.is_alive():
            self.http.shutdown()
            self.thread.join()
            self.http.server_close()

    def config(self):
        return (f"two_factor:\n  yubico_client_id: '{self.client}'\n"
                f"  yubico_secret_key: '{base64.b64encode(self.key).decode()}'\n"
                f"  yubico_server: http://127.0.0.1:{self.http.server_port}/wsapi/2.0/verify\n")

    def make_key(self, identifier):
        self.keys[identifier] = SoftKey(identifier)
        return self.keys[identifier]

    def answer(self, query):
        status = self.judge(query)
        self.asked.append(status)
        fields = {"t": time.strftime("%Y-%m-%dT%H:%M:%SZ0000", time.gmtime()), "status": status,
                  **{name: query[name] for name in REPEATED if name in query}}
        fields = {"h": sign(self.key, fields), **fields}
        return "".join(f"{name}={value}\r\n" for name, value in fields.items()).encode() + b"\r\n"

    def judge(self, query):
        if not all(query.get(name) for name in ("id", "otp", "nonce", "h")):
            return "MISSING_PARAMETER"
        if query["id"] != self.client:
            return "NO_SUCH_CLIENT"
        shown = query.pop("h")
        if not hmac.compare_digest(shown, sign(self.key, query)):
            return "BAD_SIGNATURE"
        if not (16 <= len(query["nonce"]) <= 40 and query["nonce"].isalnum()):
            return "MISSING_PARAMETER"
        key = self.keys.get(query["otp"][:-32])
        if key is None:
            return "BAD_OTP"
        for count in range(1, key.seen + AHEAD):
            if key.code(count) == query["otp"]:
                if count <= key.seen and self.careful:
                    return "REPLAYED_OTP"
                key.seen = max(key.seen, count)
                return "OK"
        return "BAD_OTP"
