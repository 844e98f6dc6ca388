# SPDX-License-Identifier: BSD-2-Clause
"""Chromium without a window, driven over its DevTools protocol.

    with Chromium() as browser:
        page = browser.open("https://localhost:8443/")
        page.evaluate("(a, b) => a + b", 1, 2)

Every browser has a profile of its own, which is removed with it.
"""

import json
import os
import select
import shlex
import shutil
import subprocess
import time

from coffer_server import scratch

PATIENCE = 60  # Seconds for any one answer; a loaded machine is slow.


class ScriptError(Exception):
    """What a page's script threw."""


class Chromium:
    def __init__(self):
        self._home = scratch()
        command = ["chromium", "--headless=new", "--remote-debugging-pipe", "--disable-gpu",
                   "--disable-dev-shm-usage", "--no-first-run", "--disable-sync",
                   "--disable-component-update", "--disable-background-networking",
                   # The vault's certificate is of an authority that only its own clients know.
                   "--ignore-certificate-errors", f"--user-data-dir={self._home}/profile"]
        if os.geteuid() == 0:
            command.append("--no-sandbox")
        # It reads commands from descriptor 3 and writes answers to 4, each ended by a zero byte. A
        # plain sh would not know descriptors of two digits.
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        with open(self._home / "log", "wb") as log:
            self._process = subprocess.Popen(
                ["bash", "-c", f"exec {shlex.join(command)} 3<&{theirs_in} 4>&{theirs_out}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, pass_fds=(theirs_in, theirs_out))
        os.close(theirs_in)
        os.close(theirs_out)
        self._rest = b""
        self._last = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            self.call("Browser.close")
            self._process.wait(20)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)
        # Its helper processes write to the profile for a moment longer.
        for _ in range(20):
            shutil.rmtree(self._home, ignore_errors=True)
            if not self._home.exists():
                return
            time.sleep(0.1)

    def call(self, method, session=None, **params):
        """One command; returns its result. Events in between are of no interest."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self._last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _receive(self):
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._in], [], [], PATIENCE)
            piece = os.read(self._in, 65536) if ready else b""
            if not piece:
                log = (self._home / "log").read_text(errors="replace")
                raise RuntimeError(f"Chromium does not answer:\n{log[-2000:]}")
            self._rest += piece
        message, self._rest = self._rest.split(b"\0", 1)
        return json.loads(message)

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        page.go(url)
        return page


class Page:
    def __init__(self, browser, session):
        self.browser = browser
        self.session = session

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def go(self, url):
        """Returns when the page and its scripts are there."""
        self.call("Page.enable")
        moved = self.call("Page.navigate", url=url)
        if "errorText" in moved:
            raise RuntimeError(f"{url}: {moved['errorText']}")
        self.evaluate("""() => document.readyState === "complete" ? true :
            new Promise((done) => addEventListener("load", () => done(true)))""")

    def evaluate(self, function, *arguments):
        """Calls a function, awaits it and returns its result as Python values."""
        call = f"({function})({', '.join(json.dumps(a) for a in arguments)})"
        answer = self.call("Runtime.evaluate", expression=call, awaitPromise=True,
                           returnByValue=True, userGesture=True)
        if thrown := answer.get("exceptionDetails"):
            raise ScriptError(thrown.get("exception", {}).get("description", thrown["text"]))
        return answer["result"].get("value")


class Authenticator:
    """One of Chromium's virtual authenticators, plugged into a page. options: WebAuthn.
    VirtualAuthenticatorOptions."""

    def __init__(self, page, **options):
        self.page = page
        page.call("WebAuthn.enable")
        self.id = page.call("WebAuthn.addVirtualAuthenticator", options={
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "automaticPresenceSimulation": True,
            **options})["authenticatorId"]

    def credentials(self):
        return self.page.call("WebAuthn.getCredentials", authenticatorId=self.id)["credentials"]

    def put(self, credential):
        """Stores a credential, in the place of the one with its id."""
        known = {c["credentialId"] for c in self.credentials()}
        if credential["credentialId"] in known:
            self.page.call("WebAuthn.removeCredential", authenticatorId=self.id,
                           credentialId=credential["credentialId"])
        self.page.call("WebAuthn.addCredential", authenticatorId=self.id, credential=credential)

    def unplug(self):
        """Returns what it holds, for put() into the one that is plugged in next."""
        if self.id is None:
            return []
        held = self.credentials()
        self.page.call("WebAuthn.removeVirtualAuthenticator", authenticatorId=self.id)
        self.id = None
        return held
