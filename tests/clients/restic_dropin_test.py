#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Called as rest-server: restic and the folders that rest-server left behind notice no difference.

With REST_SERVER naming restic's own rest-server, the tests run against that instead.
"""

import base64
import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import RestServer, binary, scratch  # noqa: E402
from restic_client import Restic, digest_tree, make_tree  # noqa: E402
from suite import main  # noqa: E402
from wire import Wire  # noqa: E402


def sha_line(user, password):
    return f"{user}:{{SHA}}{base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()}\n"


class Folder(unittest.TestCase):
    def setUp(self):
        self.home = scratch("coffer-dropin-")
        self.addCleanup(shutil.rmtree, self.home)
        self.data = self.home / "data"
        self.tree = make_tree(self.home / "tree", files=200, large=(3 << 20,))

    def restic(self, repository, version="new", **options):
        return Restic(version, repository, self.home, **options)


class Existing(Folder):
    """A data folder is used as it is, and stays what restic's local backend understands."""

    def test_what_restic_made_on_the_disk_is_served_and_the_other_way_round(self):
        local = self.restic(str(self.data / "mine"))
        local.run("init")
        local.backup(self.tree)
        first = digest_tree(self.tree)
        with RestServer("--no-auth", path=self.data) as server:
            remote = self.restic(f"rest:{server.url}/mine/")
            target = remote.restore("latest", self.home / "restored")
            self.assertEqual(digest_tree(target), first)
            (self.tree / "more").write_bytes(os.urandom(100000))
            remote.backup(self.tree)
            remote.run("check", "--read-data")
        local.run("check", "--read-data")
        self.assertEqual(len(local.snapshots()), 2)

    def test_its_password_file_and_private_repositories_hold(self):
        self.data.mkdir()
        (self.data / ".htpasswd").write_text(sha_line("ann", "pw") + sha_line("ben", "pw"))
        with RestServer("--private-repos", path=self.data) as server:
            address = server.url.removeprefix("http://")
            own = self.restic(f"rest:http://ann:pw@{address}/ann/deep/")
            own.run("init")
            own.backup(self.tree)
            other = self.restic(f"rest:http://ben:pw@{address}/ann/deep/")
            self.assertIn("401", other.refused("snapshots"))

    def test_append_only_takes_backups_and_refuses_to_forget(self):
        with RestServer("--no-auth", "--append-only", path=self.data) as server:
            restic = self.restic(f"rest:{server.url}/")
            restic.run("init")
            snapshot = restic.backup(self.tree)["snapshot_id"]
            self.assertRegex(restic.refused("forget", snapshot, "--prune"), "403|Forbidden|unable")
            self.assertEqual(len(restic.snapshots()), 1)
            restic.run("check", "--read-data")
        with RestServer("--no-auth", path=self.data) as server:
            again = self.restic(f"rest:{server.url}/")
            self.assertEqual(len(again.snapshots()), 1)
            again.run("forget", snapshot, "--prune")
            self.assertEqual(again.snapshots(), [])


    def test_two_servers_on_one_tree_see_the_same(self):
        """As people run them: one append-only for everybody, one for maintenance."""
        with RestServer("--no-auth", "--append-only", path=self.data) as first, \
                RestServer("--no-auth", path=self.data) as second:
            laptop = self.restic(f"rest:{first.url}/r/")
            laptop.run("init")
            snapshot = laptop.backup(self.tree)["snapshot_id"]
            keeper = self.restic(f"rest:{second.url}/r/")
            keeper.run("forget", snapshot, "--prune")
            self.assertEqual(laptop.snapshots(), [])
            laptop.backup(self.tree)
            keeper.run("check", "--read-data")

    def test_modes_are_for_the_owner_or_for_the_group_as_the_umask_allows(self):
        for flags, umask, folder_mode, file_mode in (
                ((), 0o022, 0o700, 0o600),
                (("--group-accessible-repos",), 0o007, 0o770, 0o660),
                (("--group-accessible-repos",), 0o027, 0o750, 0o640)):
            data = self.home / f"modes-{umask}"
            with self.subTest(umask=oct(umask)), RestServer(
                    "--no-auth", *flags, path=data, umask=umask) as server:
                body = b"an object"
                path = f"/r/data/{hashlib.sha256(body).hexdigest()}"
                self.assertEqual(server.fetch("POST", "/r/?create=true", body=b"").status, 200)
                self.assertEqual(server.fetch("POST", path, body=body).status, 200)
                modes = {stat.S_IMODE(p.stat().st_mode) for p in (data / "r").rglob("*") if p.is_dir()}
                self.assertEqual(modes, {folder_mode})
                files = {stat.S_IMODE(p.stat().st_mode) for p in (data / "r").rglob("*") if p.is_file()}
                self.assertEqual(files, {file_mode})


class Doors(Folder):
    """Every way in that rest-server has."""

    def cycle(self, restic):
        restic.run("init")
        restic.backup(self.tree)
        change_tree_small(self.tree)
        restic.backup(self.tree)
        restic.run("forget", "--keep-last", "1", "--prune")
        restic.run("check", "--read-data")
        target = restic.restore("latest", self.home / "restored")
        self.assertEqual(digest_tree(target), digest_tree(self.tree))

    def test_plain_with_the_old_client(self):
        with RestServer("--no-auth", path=self.data) as server:
            self.cycle(self.restic(f"rest:{server.url}/r/", version="old"))

    def test_a_unix_socket(self):
        with RestServer("--no-auth", path=self.data, listen=f"unix:{self.home}/s",
                        umask=0o022) as server:
            self.assertEqual(stat.S_IMODE((self.home / "s").stat().st_mode), 0o755)
            self.assertEqual(server.server.found, [f"{self.home}/s"])  # Without the prefix.
            self.cycle(self.restic(f"rest:http+unix://{self.home}/s:/r/"))
        self.assertFalse((self.home / "s").exists())

    def test_tls_with_a_key_pair_in_the_data_folder(self):
        self.data.mkdir()
        key, certificate = self.data / "private_key", self.data / "public_key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out",
                        certificate], check=True, capture_output=True)
        with RestServer("--no-auth", "--tls", path=self.data) as server:
            self.cycle(self.restic(f"rest:{server.url}/r/", ca=certificate))

    def test_every_address_prints_what_restic_connects_to(self):
        with RestServer("--no-auth", path=self.data, listen=":0") as server:
            self.assertRegex(server.server.found[0], r"^(\[::\]|0\.0\.0\.0):\d+$")
            port = server.server.found[0].rpartition(":")[2]
            with Wire(f"http://127.0.0.1:{port}") as wire:
                self.assertEqual(wire.request("HEAD", "/config").status, 404)


def change_tree_small(tree):
    (tree / "added").write_bytes(os.urandom(5000))
    shutil.rmtree(tree / "d2")


class Behaviour(Folder):
    """What restic's own test program waits for, and what an administrator's script reads."""

    def command(self, *flags):
        if RestServer.reference:
            program = Path(os.environ["REST_SERVER"])
        else:
            program = self.home / "rest-server"
            if not program.exists():
                program.symlink_to(binary())
        return subprocess.run([str(program), *map(str, flags)], capture_output=True, text=True,
                              timeout=30, check=False)

    def test_it_is_up_and_gone_within_two_seconds(self):
        begin = time.monotonic()
        server = RestServer("--no-auth", path=self.data)
        self.assertLess(time.monotonic() - begin, 2)
        with server.wire() as idle:
            idle.request("HEAD", "/config")
            begin = time.monotonic()
            server.close()
            self.assertLess(time.monotonic() - begin, 2)

    def test_the_startup_lines_are_the_same_and_in_the_same_order(self):
        with RestServer("--no-auth", "--append-only", "--private-repos", path=self.data) as server:
            lines = [line.rstrip("\n") for line in server.server.lines]
            wanted = [f"Data directory: {self.data}", "Authentication disabled",
                      "Append only mode enabled", "Private repositories enabled",
                      "Group accessible repos disabled", f"start server on {server.server.found[0]}"]
            self.assertEqual([line for line in lines if line in wanted], wanted)

    def test_a_missing_password_file_ends_it_with_a_reason(self):
        done = self.command("--path", self.data, "--listen", "127.0.0.1:0")
        self.assertEqual(done.returncode, 1)
        self.assertIn("cannot load", done.stderr)
        self.assertIn("(use --no-auth to disable)", done.stderr)

    def test_wrong_flags_end_it_with_the_known_words(self):
        for flags, words in (
                (["--bogus"], "unknown flag: --bogus"),
                (["foo"], "unknown argument: foo"),
                (["--tls-cert", "x"], "requires enabled TLS"),
                (["--max-size", "abc"], 'invalid argument "abc" for "--max-size" flag')):
            with self.subTest(flags=flags):
                done = self.command("--path", self.data, "--no-auth", "--listen", "127.0.0.1:0", *flags)
                self.assertEqual(done.returncode, 1)
                self.assertIn("error: ", done.stderr)
                self.assertIn(words, done.stderr)

    def test_an_address_that_is_none_ends_it_with_gos_words(self):
        for listen, reason in (("8000", "address 8000: missing port in address"),
                               ("127.0.0.1:99999", "address 99999: invalid port")):
            with self.subTest(listen=listen):
                done = self.command("--path", self.data, "--no-auth", "--listen", listen)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"error: unable to listen: listen on {listen} failed: "
                              f"listen tcp: {reason}\n", done.stderr)

    def test_a_key_pair_that_cannot_be_read_ends_it_after_it_said_where_it_listens(self):
        self.data.mkdir()
        certificate = self.data / "public_key"
        done = self.command("--path", self.data, "--no-auth", "--listen", "127.0.0.1:0", "--tls")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, "\nstart server on 127.0.0.1:[0-9]+\n(.*\n)*"
                         f"listen and serve returned err: open {certificate}: "
                         "no such file or directory\n$")

    def test_metrics_answer_any_method_but_only_under_their_very_name(self):
        with RestServer("--no-auth", "--prometheus", path=self.data) as server:
            for method, body in (("GET", None), ("HEAD", None), ("POST", b""), ("DELETE", None)):
                with self.subTest(method=method):
                    self.assertEqual(server.fetch(method, "/metrics", body=body).status, 200)
            self.assertEqual(server.fetch("GET", "/metrics/").status, 405)

    def test_version_has_its_number_as_the_fourth_word(self):
        done = self.command("--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^rest-server version rest-server \d+\.\d+\.\d+\S* ")

    def test_the_access_log_is_in_the_combined_format(self):
        log = self.home / "access.log"
        with RestServer("--no-auth", "--log", log, path=self.data, umask=0o022) as server:
            server.fetch("POST", "/r/?create=true", [("User-Agent", "a test")], b"")
        self.assertEqual(stat.S_IMODE(log.stat().st_mode), 0o644)
        self.assertRegex(
            log.read_text(),
            r'^127\.0\.0\.1 - \S+ \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] '
            r'"POST /r/\?create=true HTTP/1\.1" 200 0 "" "a test"\n$')

    def test_an_upload_in_flight_is_finished_before_it_ends(self):
        body = os.urandom(2_000_000)
        path = f"/r/data/{hashlib.sha256(body).hexdigest()}"
        server = RestServer("--no-auth", path=self.data)
        wire = server.wire()
        self.addCleanup(wire.close)
        wire.send(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                  + body[:1_000_000])
        time.sleep(0.3)
        server.server.signal(signal.SIGTERM)
        time.sleep(0.5)
        wire.send(body[1_000_000:])
        answer = wire.answer()
        self.assertEqual(answer.status, 200)
        self.assertTrue(answer.closes())
        server.close()


if __name__ == "__main__":
    main()
