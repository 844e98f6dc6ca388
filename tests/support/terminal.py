# SPDX-License-Identifier: BSD-2-Clause
"""A person at a terminal: starts a shell script, and types the password wherever one is asked for."""

import os
import pty
import re
import select
import signal
import time

# "New password:", "? Master password: [input is hidden]", "enter password again:"
PROMPT = re.compile(r"password[^\n]*[:?](?: *\[[^\]\n]*\])? *$", re.IGNORECASE)
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


class Terminal:
    def __init__(self, script, folder, environment, password):
        self.password = password
        self.output = ""
        self.unanswered = ""
        self.code = None
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe("bash", ["bash", "-euo", "pipefail", "-c", script], environment)

    def _read(self, seconds):
        """What was printed meanwhile; None at the end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            return ""
        try:
            data = os.read(self.fd, 65536)
        except OSError:  # Linux: nobody holds the other end any more.
            data = b""
        return data.decode(errors="replace") if data else None

    def _step(self):
        """False once everything was printed."""
        text = self._read(0.1)
        if text is None:
            return False
        self.output += text
        self.unanswered = ESCAPES.sub("", self.unanswered + text)[-500:]
        if not text and PROMPT.search(self.unanswered):
            self.unanswered = ""
            os.write(self.fd, self.password.encode() + b"\n")
        return True

    def wait_for(self, words, seconds):
        """Waits until these words were printed. The script goes on."""
        end = time.monotonic() + seconds
        while words not in self.output:
            if time.monotonic() > end or not self._step():
                raise AssertionError(f"{words!r} was never printed:\n{self.output[-6000:]}")

    def finish(self, seconds):
        """Waits for the end; returns the exit code."""
        end = time.monotonic() + seconds
        while self._step():
            if time.monotonic() > end:
                self.end(signal.SIGKILL)
                raise AssertionError(f"took more than {seconds} s:\n{self.output[-6000:]}")
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code

    def end(self, number=signal.SIGTERM):
        """Ends the script and what it runs; returns the exit code."""
        if self.code is not None:
            return self.code
        os.kill(self.pid, number)
        if number != signal.SIGKILL:
            return self.finish(60)
        self.code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.code
