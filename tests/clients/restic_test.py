#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""restic itself, old and new, against `coffer serve`: every command that people rely on.

Over HTTPS with the local CA, plain HTTP and a Unix socket (which the old client cannot use).
"""

import hashlib
import shutil
import subprocess
import sys
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, scratch  # noqa: E402
from restic_client import Restic, change_tree, digest_tree, make_tree  # noqa: E402
from suite import main, rows  # noqa: E402

CONFIG = """
restic:
  rules:
    - {user: laptop, repository: "shared/*", access: append}
    - {user: maintainer, repository: "shared/*", access: modify}
    - {user: reader, repository: "shared/*", access: read}
    - {user: "*", repository: "shared/*", access: none}
"""
USERS = ("alice", "bob", "laptop", "maintainer", "reader")
LISTENERS = ["http://127.0.0.1:0", "https://127.0.0.1:0", "unix"]


class World:
    """One server and one tree for all tests here; each test has repositories of its own."""

    def __init__(self):
        self.home = scratch("coffer-restic-")
        self.tree = make_tree(self.home / "tree")
        self.pristine = digest_tree(self.tree)
        self.small = make_tree(self.home / "small", seed=7, files=200, large=(3 << 20,))
        self.coffer = Coffer(listen=LISTENERS, config=CONFIG)
        for user in USERS:
            self.coffer.add_restic_user(user, user + "'s own")
        self.coffer.start()

    def close(self):
        try:
            self.coffer.close()
        finally:
            subprocess.run(["rm", "-rf", str(self.home)], check=True)

    def restic(self, version, path, user="alice", kind="http", secret=None, password="secret"):
        """A client for the repository at /restic/<path>."""
        secret = secret or user + "'s own"
        home = self.home / f"home-{version}-{user}"
        home.mkdir(exist_ok=True)
        url = self.coffer.url(kind)
        if kind == "unix":
            repository = f"rest:http+unix://{url.removeprefix('unix:')}:/restic/{path}/"
            return Restic(version, repository, home, user=(user, secret), password=password)
        encoded = secret.replace("'", "%27").replace(" ", "%20")
        address = url.replace("://", f"://{user}:{encoded}@")
        ca = self.coffer.ca if kind == "https" else None
        return Restic(version, f"rest:{address}/restic/{path}/", home, ca=ca, password=password)


def setUpModule():
    global world
    world = World()


def tearDownModule():
    world.close()


@rows([("old", "http"), ("old", "https"), ("new", "http"), ("new", "https"), ("new", "unix")],
      lambda row: "_".join(row))
class Cycle(unittest.TestCase):
    """The life of a repository, from init to prune, with nothing lost on the way."""

    def check(self, row):
        version, kind = row
        restic = world.restic(version, f"cycle-{version}-{kind}", kind=kind)
        tree = world.home / f"tree-{version}-{kind}"
        subprocess.run(["cp", "-a", str(world.tree), str(tree)], check=True)
        self.addCleanup(shutil.rmtree, tree)

        restic.run("init")
        first = restic.backup(tree)
        self.assertEqual(first["files_new"], sum(v[0] == "file" for v in world.pristine.values()))
        restic.run("check", "--read-data")

        change_tree(tree)
        changed = digest_tree(tree)
        second = restic.backup(tree)
        self.assertEqual((second["files_new"], second["files_changed"]), (30, 1))
        self.assertLess(second["data_added"], first["data_added"] / 4)

        self.assert_restores(restic, first["snapshot_id"], world.pristine)
        self.assert_restores(restic, "latest", changed)
        self.assert_dumps(restic, tree)

        before = self.stored(f"cycle-{version}-{kind}")
        restic.run("forget", "--keep-last", "1", "--prune")
        self.assertEqual(len(restic.snapshots()), 1)
        self.assertLess(self.stored(f"cycle-{version}-{kind}"), before - (4 << 20))
        restic.run("check", "--read-data")
        self.assert_restores(restic, "latest", changed)

    def assert_restores(self, restic, snapshot, wanted):
        target = scratch("coffer-restored-")
        try:
            self.assertEqual(digest_tree(restic.restore(snapshot, target)), wanted)
        finally:
            shutil.rmtree(target)

    def assert_dumps(self, restic, tree):
        """Ranged reads: one file out of packs that hold many."""
        for name in ("large0", "new/file 3"):
            out = restic.run("dump", "latest", f"/{name}")
            self.assertEqual(hashlib.sha256(out).digest(),
                             hashlib.sha256((tree / name).read_bytes()).digest())

    def stored(self, repository):
        folder = world.coffer.data / "restic" / repository / "data"
        return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


class Both:
    """What both versions must do. Subclasses name one."""

    def test_copies_between_two_repositories(self):
        source = world.restic(self.version, f"alice/from-{self.version}")
        target = world.restic(self.version, f"bob/to-{self.version}", user="bob", kind="https")
        source.run("init")
        source.backup(world.small)
        arguments = ("--from-repo", source.repository)
        target.run("init", *arguments, "--copy-chunker-params", RESTIC_FROM_PASSWORD="secret")
        target.run("copy", *arguments, RESTIC_FROM_PASSWORD="secret")
        target.run("check", "--read-data")
        self.assertEqual(len(target.snapshots()), 1)
        restored = world.home / f"copied-{self.version}"
        self.assertEqual(digest_tree(target.restore("latest", restored)),
                         digest_tree(world.small))

    def test_two_users_at_once(self):
        """Each in a repository of their own, and both in one that they share."""
        paths = [("alice", f"two-{self.version}/a"), ("bob", f"two-{self.version}/b")]
        shared = f"two-{self.version}/both"
        world.restic(self.version, shared).run("init")
        failures = []

        def work(user, path):
            try:
                restic = world.restic(self.version, path, user=user, kind="https")
                restic.run("init")
                for _ in range(2):
                    restic.backup(world.tree)
                    world.restic(self.version, shared, user=user).backup(world.small)
                restic.run("check", "--read-data")
            except Exception as failure:  # pylint: disable=broad-except
                failures.append(failure)

        threads = [threading.Thread(target=work, args=pair) for pair in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(len(world.restic(self.version, shared).snapshots()), 4)
        world.restic(self.version, shared).run("check", "--read-data")

    def test_a_wrong_password_of_either_kind_is_refused(self):
        path = f"wrong-{self.version}"
        world.restic(self.version, path).run("init")
        login = world.restic(self.version, path, secret="guess").refused("snapshots")
        self.assertRegex(login, "401")
        sealed = world.restic(self.version, path, password="guess").refused("snapshots")
        self.assertRegex(sealed, "wrong password")

    def test_who_may_only_append_cannot_remove_and_a_maintainer_can(self):
        path = f"shared/{self.version}"
        laptop = world.restic(self.version, path, user="laptop", kind="https")
        maintainer = world.restic(self.version, path, user="maintainer", kind="https")
        laptop.run("init")
        first = laptop.backup(world.small)["snapshot_id"]
        laptop.backup(world.tree)
        folder = world.coffer.data / "restic" / path
        before = sorted(p.name for kind in ("data", "index", "keys", "snapshots")
                        for p in (folder / kind).rglob("*") if p.is_file())
        # Neither the words nor the exit code are the same in both versions.
        self.assertRegex(laptop.attempt("forget", first), "403|unable to remove|Forbidden")
        self.assertEqual(before, sorted(p.name for kind in ("data", "index", "keys", "snapshots")
                                        for p in (folder / kind).rglob("*") if p.is_file()))
        laptop.run("check", "--read-data")

        maintainer.run("forget", "--keep-last", "1", "--group-by", "", "--prune")
        self.assertEqual(len(maintainer.snapshots()), 1)
        maintainer.run("check", "--read-data")
        laptop.backup(world.small)
        self.assertEqual(len(laptop.snapshots()), 2)

    def test_who_may_only_read_restores_and_cannot_back_up(self):
        path = f"shared/read-{self.version}"
        laptop = world.restic(self.version, path, user="laptop")
        laptop.run("init")
        laptop.backup(world.small)
        reader = world.restic(self.version, path, user="reader")
        restored = world.home / f"read-{self.version}"
        self.assertEqual(digest_tree(reader.restore("latest", restored)),
                         digest_tree(world.small))
        folder = world.coffer.data / "restic" / path / "snapshots"
        before = sorted(p.name for p in folder.iterdir())
        # Its first write of more than a lock is refused.
        self.assertRegex(reader.refused("key", "add", "--new-password-file", __file__),
                         "403|401|Forbidden|Unauthorized")
        self.assertEqual(before, sorted(p.name for p in folder.iterdir()))

    def test_a_stranger_sees_nothing_of_a_guarded_repository(self):
        path = f"shared/closed-{self.version}"
        world.restic(self.version, path, user="laptop").run("init")
        said = world.restic(self.version, path, user="bob").refused("snapshots")
        self.assertRegex(said, "401|403|404|does not exist|unable to open")


class Old(Both, unittest.TestCase):
    version = "old"


class New(Both, unittest.TestCase):
    version = "new"


if __name__ == "__main__":
    main()
