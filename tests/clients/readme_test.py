#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every command of README.md does what the page says, typed at a terminal in a fresh clone.

A fenced sh block comes right after a comment <!-- test: NAME -->, and all blocks run in the order of
the page. Servers stay up for the blocks that follow; passwords are typed where they are asked for.
NAME beginning with "elsewhere" says that another test runs it.

The page uses fixed ports, so it runs in a network of its own. The commands that make a service of it
run for real, but on a system tree below the test's folder.
"""

import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import ROOT, scratch  # noqa: E402
from restic_client import VERSIONS  # noqa: E402
from suite import main  # noqa: E402
from terminal import Terminal  # noqa: E402

BLOCK = re.compile(r"(?:<!-- test: ([\w ,-]+) -->\n+)?^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
# Blocks that start a server, and what it prints when it is up. A build goes before the first.
SERVERS = {"run": "listening on ", "rest-server": "start server on "}
PASSWORD = "correct-horse-battery"
ALONE = "README_ALONE"

# What stands in for the machine's own: the newest CLI under its name, and a system tree to change.
STANDINS = {
    "bw": 'exec "$TOOLS/node/node" "$TOOLS/bitwarden-new/bw.js" "$@"\n',
    "sudo": """
command=$1
shift
case $command in
  install) exec install "${@:1:$#-1}" -D "$SYSTEM${!#}" ;;
  useradd) exec useradd --prefix "$SYSTEM" "$@" ;;
  systemctl) exec systemctl --root="$SYSTEM" "${@/--now/--quiet}" ;;
  *) exec "$command" "$@" ;;
esac
""",
}


def blocks():
    return [(m[1], m[2]) for m in BLOCK.finditer((ROOT / "README.md").read_text(encoding="utf-8"))]


def isolate():
    """Starts this program again in a network of its own, with nothing in it but a loopback."""
    if os.environ.get(ALONE):
        return
    namespace = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    os.environ[ALONE] = "yes"
    os.execvp(namespace[0], [*namespace, "sh", "-c", 'ip link set lo up && exec "$@"', "sh",
                             sys.executable, *sys.argv])


class Readme(unittest.TestCase):
    def setUp(self):
        self.home = scratch("coffer-readme-")
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)
        self.clone = self.home / "coffer"
        self.system = self.home / "system"
        self.servers = []
        self.addCleanup(lambda: [server.end() for server in self.servers])

    def test_every_block_of_commands_says_how_it_is_tested(self):
        self.assertGreater(len(blocks()), 4)
        self.assertEqual([text for name, text in blocks() if not name], [])

    def test_the_commands_work_in_the_order_of_the_page(self):
        self.make_clone()
        self.make_standins()
        for name, text in blocks():
            if name is None or name.startswith("elsewhere"):
                continue
            getattr(self, "before_" + name.replace("-", "_"), lambda: None)()
            with self.subTest(name):
                self.type(name, text)
                getattr(self, "after_" + name.replace("-", "_"), lambda: None)()

    def type(self, name, text):
        text = text.replace("PASSWORD", PASSWORD).replace("/srv/restic", f"{self.home}/srv/restic")
        if name in SERVERS:
            text = "\n".join(line if number < text.strip().count("\n") else "exec " + line
                             for number, line in enumerate(text.strip().split("\n")))
        terminal = Terminal(text, self.clone, self.environment(), PASSWORD)
        if name in SERVERS:
            self.servers.append(terminal)
            terminal.wait_for(SERVERS[name], 1200)
        else:
            self.assertEqual(terminal.finish(300), 0, terminal.output[-6000:])

    def environment(self):
        return {"HOME": str(self.home), "TERM": "dumb", "LANG": "C.UTF-8",
                "PATH": f"{self.home}/bin:{os.environ['PATH']}", "TOOLS": str(ROOT / "build/tools"),
                "SYSTEM": str(self.system), "BITWARDENCLI_APPDATA_DIR": str(self.home / "bw"),
                # The clone compiles what was compiled here before.
                "CCACHE_DIR": self.ccache(), "CCACHE_BASEDIR": str(self.clone)}

    @staticmethod
    def ccache():
        return subprocess.run(["ccache", "--get-config", "cache_dir"], capture_output=True, text=True,
                              check=True).stdout.strip()

    def make_clone(self):
        """The tree as it would be committed now."""
        self.clone.mkdir()
        listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                                capture_output=True, check=True).stdout.split(b"\0")
        present = b"\0".join(name for name in listed if name and os.path.exists(os.path.join(
            os.fsencode(ROOT), name)))
        pack = subprocess.run(["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=present,
                              capture_output=True, check=True)
        subprocess.run(["tar", "-x"], cwd=self.clone, input=pack.stdout, check=True)

    def make_standins(self):
        folder = self.home / "bin"
        folder.mkdir()
        for name, text in STANDINS.items():
            (folder / name).write_text("#!/bin/bash\n" + text)
            (folder / name).chmod(0o755)
        (folder / "restic").symlink_to(VERSIONS["old"])  # What Debian 12 has must do.
        for name in ("etc/systemd/system", "usr/local/bin", "usr/sbin", "var/lib"):
            (self.system / name).mkdir(parents=True)
        for name in ("passwd", "group", "shadow", "gshadow", "login.defs", "subuid", "subgid"):
            if os.path.exists(f"/etc/{name}"):
                shutil.copy(f"/etc/{name}", self.system / "etc" / name)

    # What a block needs beside the page, and what must be true after it.

    def after_restic(self):
        self.assertTrue(any((self.clone / "data/restic/laptop/snapshots").iterdir()))

    def after_service(self):
        unit = self.system / "etc/systemd/system/coffer.service"
        self.assertTrue(unit.exists())
        self.assertTrue(os.access(self.system / "usr/local/bin/coffer", os.X_OK))
        self.assertIn("coffer:", (self.system / "etc/passwd").read_text())
        wanted = (self.system / "etc/systemd/system").rglob("*.wants")
        self.assertTrue(any(os.path.lexists(folder / "coffer.service") for folder in wanted))

    def before_rest_server(self):
        data = self.home / "srv/restic"
        data.mkdir(parents=True)
        shutil.copy(self.clone / "data/restic/.htpasswd", data / ".htpasswd")

    def before_config(self):
        (self.clone / "coffer.yaml").write_text("data_dir: data\nrestic:\n  append_only: true\n")


if __name__ == "__main__":
    isolate()
    main()
