# SPDX-License-Identifier: BSD-2-Clause
"""The real restic, in the versions that Debian 12 and Debian 13 ship, and trees of files to feed it."""

import hashlib
import json
import os
import random
import shutil
import stat
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# scripts/clients puts them there.
VERSIONS = {"old": ROOT / "build/tools/restic-bookworm/restic",
            "new": ROOT / "build/tools/restic-trixie/restic"}
# The old client asks ten times, about forty seconds in all, before it believes a refusal.
PATIENCE = 300


class Restic:
    """One repository as one user sees it. `home` holds the cache and takes restored trees."""

    def __init__(self, version, repository, home, ca=None, password="secret", user=None):
        """user: (name, password) for the server, where the URL cannot hold them (Unix sockets)."""
        self.program = VERSIONS[version]
        if not self.program.exists():
            raise FileNotFoundError(f"{self.program}: run scripts/clients restic")
        self.repository = repository
        self.options = ["--cacert", str(ca)] if ca else []
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "RESTIC_REPOSITORY": repository,
            "RESTIC_CACHE_DIR": str(Path(home) / "cache"), "RESTIC_PASSWORD": password}
        if user:
            self.environment["RESTIC_REST_USERNAME"], self.environment["RESTIC_REST_PASSWORD"] = user

    def start(self, *arguments, **environment):
        """Starts a command and returns the process, its output still to be read."""
        return subprocess.Popen(
            [str(self.program), *self.options, *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**self.environment, **environment})

    def run(self, *arguments, **environment):
        """Runs a command that must succeed; returns its standard output."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=PATIENCE)
        if process.returncode != 0:
            raise AssertionError(f"restic {' '.join(map(str, arguments))}: {process.returncode}\n"
                                 f"{out[-4000:].decode()}{err[-4000:].decode()}")
        return out

    def attempt(self, *arguments):
        """Runs a command that may fail or only complain; returns what it said."""
        out, err = self.start(*arguments).communicate(timeout=PATIENCE)
        return (out + err).decode()

    def refused(self, *arguments, **environment):
        """Runs a command that must fail; returns what it said."""
        process = self.start(*arguments, **environment)
        out, err = process.communicate(timeout=PATIENCE)
        if process.returncode == 0:
            raise AssertionError(f"restic {arguments} succeeded: {out.decode()}")
        return (out + err).decode()

    def backup(self, tree):
        """Backs the tree up by its relative paths; returns the summary."""
        process = subprocess.run(
            [str(self.program), *self.options, "backup", "--json", "."], cwd=tree, check=False,
            capture_output=True, env=self.environment, timeout=PATIENCE)
        if process.returncode != 0:
            raise AssertionError(f"restic backup: {process.returncode} {process.stderr.decode()}")
        lines = [json.loads(line) for line in process.stdout.splitlines()]
        return next(line for line in lines if line["message_type"] == "summary")

    def snapshots(self):
        return json.loads(self.run("snapshots", "--json"))

    def restore(self, snapshot, target):
        """Restores what `backup` took into the folder `target`, and returns it."""
        self.run("restore", snapshot, "--target", target)
        return Path(target)


def make_tree(folder, seed=1, files=2500, large=(40 << 20, 12 << 20, 5 << 20)):
    """Thousands of small files in nested folders, a few large ones, links and odd names."""
    rng = random.Random(seed)
    folder = Path(folder)
    for number in range(files):
        place = folder / f"d{number % 13}" / f"e{number % 7}"
        place.mkdir(parents=True, exist_ok=True)
        size = rng.choice((0, 1, 100, 4096, 9000, 20000))
        (place / f"file {number}").write_bytes(rng.randbytes(size))
    for number, size in enumerate(large):
        (folder / f"large{number}").write_bytes(rng.randbytes(size))
    (folder / "empty folder").mkdir()
    (folder / "Grüße 文件 'quoted' \"twice\"").write_bytes(b"name")
    (folder / "link").symlink_to("d1/e1")
    (folder / "d1/runs").write_bytes(b"#!/bin/sh\n")
    (folder / "d1/runs").chmod(0o755)
    return folder


def change_tree(folder, seed=2):
    """An ordinary day: a few files added, changed, removed."""
    rng = random.Random(seed)
    folder = Path(folder)
    (folder / "new").mkdir()
    for number in range(30):
        (folder / f"new/file {number}").write_bytes(rng.randbytes(3000))
    with open(folder / "large1", "r+b") as file:
        file.seek(6 << 20)
        file.write(rng.randbytes(100000))
    (folder / "large2").unlink()
    shutil.rmtree(folder / "d2")


def digest_tree(folder):
    """Path → kind, permissions and content of everything below the folder."""
    found = {}
    folder = Path(folder)
    for path in folder.rglob("*"):
        info = path.lstat()
        name = str(path.relative_to(folder))
        if stat.S_ISLNK(info.st_mode):
            found[name] = ("link", os.readlink(path))
        elif stat.S_ISDIR(info.st_mode):
            found[name] = ("folder", stat.S_IMODE(info.st_mode))
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[name] = ("file", stat.S_IMODE(info.st_mode), int(info.st_mtime), content)
    return found
