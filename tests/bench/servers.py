# SPDX-License-Identifier: BSD-2-Clause
"""Servers under measurement: started from a command line, or met at an address."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One server. `command` may hold {dir} and {port}; `url` may hold {port}."""

    def __init__(self, name, url, command=None, pid=None, base=None, environment=None):
        self.name = name
        self.port = free_port()
        self.directory = tempfile.mkdtemp(prefix="coffer-bench-", dir=base)
        self.url = url.format(port=self.port, dir=self.directory)
        self.process = None
        self.pid = pid
        if command:
            words = [w.format(port=self.port, dir=self.directory) for w in command]
            self.log = open(os.path.join(self.directory, "bench.log"), "wb")
            self.process = subprocess.Popen(
                words, stdout=self.log, stderr=self.log, env={**os.environ, **(environment or {})})
            self.pid = self.process.pid
            self._wait()

    def _wait(self):
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        with open(self.log.name, encoding="utf-8", errors="replace") as log:
            raise RuntimeError(f"{self.name} does not listen:\n{log.read()}")

    def cpu_seconds(self):
        """User and system time of the whole process so far, or None when its pid is not known."""
        if not self.pid:
            return None
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_kib(self, field="VmRSS"):
        if not self.pid:
            return None
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
        return None

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.log.close()
        shutil.rmtree(self.directory, ignore_errors=True)
