# SPDX-License-Identifier: BSD-2-Clause
"""Access tokens as the vault signs them, and as it never would: expired, foreign, of another kind."""

import base64
import json
import subprocess
import time


def b64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def claims_of(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def signed(claims, key_file, head=None):
    """A token over these claims, signed with the RSA key in a PEM file."""
    head = head or {"alg": "RS256", "typ": "JWT"}
    text = b64url(json.dumps(head).encode()) + "." + b64url(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", str(key_file)],
                               input=text.encode(), stdout=subprocess.PIPE, check=True).stdout
    return f"{text}.{b64url(signature)}"


def new_key(path):
    subprocess.run(["openssl", "genrsa", "-out", str(path), "2048"], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return path


def expired(token, key_file):
    now = int(time.time())
    return signed({**claims_of(token), "nbf": now - 7200, "exp": now - 120}, key_file)


def of_another_kind(token, key_file, kind):
    claims = claims_of(token)
    return signed({**claims, "iss": claims["iss"].rpartition("|")[0] + "|" + kind}, key_file)
