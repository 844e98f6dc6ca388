# SPDX-License-Identifier: BSD-2-Clause
"""A device on the notification hub, with the SignalR library that Bitwarden's applications listen with."""

import json
import os
import queue
import subprocess
import threading
from pathlib import Path

from coffer_server import ROOT

NODE = ROOT / "build/tools/node/node"
MODULES = ROOT / "build/tools/signalr/node_modules"
PROGRAM = Path(__file__).with_name("signalr_listener.cjs")
PATIENCE = 10  # Seconds; an update takes milliseconds.


def require_signalr():
    if not MODULES.exists() or not NODE.exists():
        raise FileNotFoundError("run scripts/clients signalr")


class HubListener:
    """A hub as a client's application hears it."""

    def __init__(self, coffer, target, token=None):
        command = [str(NODE), str(PROGRAM), str(MODULES), coffer.url("https") + target]
        self.process = subprocess.Popen(
            command + ([token] if token else []), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True, env={"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(coffer.ca),
                            "NODE_NO_WARNINGS": "1"})
        self.heard = queue.Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.heard.put(json.loads(line))

    def next(self, seconds=PATIENCE):
        """The next event: its name and its data."""
        event = self.heard.get(timeout=seconds)
        return event["event"], event["data"]

    def quiet(self, seconds=0.5):
        try:
            return self.next(seconds)
        except queue.Empty:
            return None

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(5)
        self.process.stdout.close()
