# SPDX-License-Identifier: BSD-2-Clause
"""Starts and stops the program under test.

TEST_BINARY names it; without that, the dev build and then the release build is taken. Every server
listens on 127.0.0.1 or a Unix socket in a temporary folder of its own, and is ended by its process id.
Stopping checks what must always hold: exit code 0 and not a word from a sanitizer.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from wire import Wire, fetch

ROOT = Path(__file__).resolve().parents[2]
# Words of the sanitizers and of the C++ runtime that mean a fault whatever the exit code is.
FAULT = re.compile(r"ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:|terminate called")


def binary():
    named = os.environ.get("TEST_BINARY")
    choices = [named] if named else [ROOT / "build/dev/coffer", ROOT / "build/release/coffer"]
    for choice in choices:
        if os.access(choice, os.X_OK):
            return Path(choice).resolve()
    raise FileNotFoundError(f"no program to test: looked for {', '.join(map(str, choices))}")


def scratch(prefix="coffer-"):
    """A fresh folder; whoever makes it removes it."""
    return Path(tempfile.mkdtemp(prefix=prefix))


class Process:
    """A server that says on stderr when it is ready.

    ready: a regular expression whose first group is what to collect; the server is up once it was
    seen `count` times within `patience` seconds.
    """

    def __init__(self, command, ready, count=1, patience=30, env=None, **popen):
        self.lines = []
        self.found = []
        self._pattern = re.compile(ready)
        self._count = count
        self._up = threading.Event()
        self.process = subprocess.Popen(
            [str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True, errors="replace",
            env={**os.environ, **(env or {})}, **popen)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._up.wait(patience) or len(self.found) < count:
            self.process.kill()
            self._reader.join(5)
            raise RuntimeError(f"{command} did not come up:\n" + "".join(self.lines[-40:]))

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)
            if match := self._pattern.search(line):
                self.found.append(match.group(1))
                if len(self.found) >= self._count:
                    self._up.set()
        self._up.set()

    @property
    def pid(self):
        return self.process.pid

    @property
    def log(self):
        return "".join(self.lines)

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """SIGKILL, as a power cut."""
        self.process.kill()
        self.process.wait(30)
        self._reader.join(10)

    def stop(self, deadline=40):
        """SIGTERM; returns the exit code. Raises when it does not end or a sanitizer spoke."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise RuntimeError("the server did not end after SIGTERM:\n" + self.tail()) from None
        self._reader.join(10)
        if FAULT.search(self.log):
            raise RuntimeError("the server reported a fault:\n" + self.tail(200))
        return code

    def tail(self, lines=40):
        return "".join(self.lines[-lines:])

    def wait_for_line(self, pattern, seconds=20):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in list(self.lines):
                if match := re.search(pattern, line):
                    return match
            time.sleep(0.02)
        raise RuntimeError(f"no line like {pattern!r}:\n" + self.tail())


class Coffer:
    """`coffer serve` over a data folder.

    listen: URLs as --listen takes them; "unix" alone is a socket in the data folder's neighbourhood.
    config: text of a configuration file. The folder is made when none is given, and then removed.
    """

    def __init__(self, listen=("http://127.0.0.1:0",), config=None, data=None, env=None, **popen):
        self._own = None if data else scratch()
        self.home = self._own or Path(data).parent
        self.data = Path(data) if data else self._own / "data"
        self.listen = [f"unix:{self.home}/socket" if u == "unix" else u for u in listen]
        self.config = None
        self.env = env
        self.popen = popen
        if config is not None:
            self.config = self.home / "coffer.yaml"
            self.config.write_text(config)
        self.server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()

    def start(self, patience=60):
        command = [binary(), "serve", "--data-dir", self.data]
        if self.config:
            command += ["--config", self.config]
        for url in self.listen:
            command += ["--listen", url]
        self.server = Process(command, r"listening on (\S+)", max(1, len(self.listen)), patience,
                              env=self.env, **self.popen)
        return self

    def stop(self):
        server, self.server = self.server, None
        if server:
            code = server.stop()
            if code != 0:
                raise RuntimeError(f"the server ended with {code}:\n{server.tail()}")

    def kill(self):
        server, self.server = self.server, None
        server.kill()

    def close(self):
        try:
            self.stop()
        finally:
            if self._own:
                shutil.rmtree(self._own, ignore_errors=True)

    def url(self, kind="http"):
        """The first listener of that kind: http, https or unix."""
        for url in self.server.found:
            if url.startswith(kind + ":"):
                return url.rstrip("/")
        raise LookupError(f"no {kind} listener among {self.server.found}")

    @property
    def pid(self):
        return self.server.pid

    @property
    def ca(self):
        return self.data / "tls/ca.pem"

    def wire(self, kind="http", **options):
        return Wire(self.url(kind), ca=self.ca if kind == "https" else None, **options)

    def fetch(self, method, target, headers=(), body=None, kind="http"):
        ca = self.ca if kind == "https" else None
        return fetch(self.url(kind), method, target, headers, body, ca)

    def run(self, *arguments, text=None, check=True):
        """Another command of the program over the same data folder. Returns the finished process."""
        command = [str(binary()), *arguments, "--data-dir", str(self.data)]
        if self.config:
            command += ["--config", str(self.config)]
        done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=120,
                              env={**os.environ, **(self.env or {})})
        if FAULT.search(done.stderr) or (check and done.returncode != 0):
            raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done

    def add_restic_user(self, name, password):
        self.run("restic", "user", "add", name, "--password-stdin", text=password + "\n")

    def add_vault_user(self, email, password, kdf="pbkdf2"):
        self.run("vault", "user", "add", email, "--password-stdin", "--kdf", kdf,
                 text=password + "\n")

    def routes(self):
        return json.loads(self.run("routes", "--json").stdout)


class RestServer:
    """The program called as rest-server, with rest-server's flags.

    REST_SERVER in the environment names another program to run instead: restic's own rest-server,
    to check that the tests ask for what it does.
    """

    reference = "REST_SERVER" in os.environ

    def __init__(self, *flags, path=None, listen="127.0.0.1:0", wrap=(), env=None, **popen):
        """wrap: a command that starts the server, as ["unshare", "-m", …]."""
        self._own = scratch()
        self.path = Path(path) if path else self._own / "data"
        if self.reference:
            program = Path(os.environ["REST_SERVER"])
        else:
            program = self._own / "rest-server"
            program.symlink_to(binary())
        self.socket = listen.removeprefix("unix:") if listen.startswith("unix:") else None
        self.tls = "--tls" in flags
        self._own.chmod(0o755)  # The server may run as another user.
        command = [*wrap, program, "--path", self.path, "--listen", listen, *flags]
        try:
            self.server = Process(command, r"^start server on (.*)$", env=env, **popen)
        except RuntimeError:
            shutil.rmtree(self._own, ignore_errors=True)
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        try:
            if (code := self.server.stop()) != 0:
                raise RuntimeError(f"the server ended with {code}:\n{self.server.tail()}")
        finally:
            shutil.rmtree(self._own, ignore_errors=True)

    @property
    def url(self):
        if self.socket:
            return f"unix:{self.socket}"
        return f"{'https' if self.tls else 'http'}://{self.server.found[0]}"

    @property
    def pid(self):
        return self.server.pid

    def wire(self, **options):
        return Wire(self.url, **options)

    def fetch(self, method, target, headers=(), body=None):
        return fetch(self.url, method, target, headers, body)
