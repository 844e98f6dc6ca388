#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The program as its supervisor and its owner meet it: signals, sockets, notifications, exit codes."""

import base64
import hashlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import Coffer, Process, binary, scratch  # noqa: E402
from suite import main  # noqa: E402
from wire import Wire  # noqa: E402


def make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                    "-nodes", "-days", "2", "-subj", f"/CN={name}", "-addext",
                    "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem", "-out",
                    folder / "cert.pem"], check=True, capture_output=True)


class WithFolder(unittest.TestCase):
    def setUp(self):
        self.home = scratch()
        self.addCleanup(shutil.rmtree, self.home)

    def start(self, **options):
        coffer = Coffer(data=self.home / "data", **options)
        self.addCleanup(coffer.close)
        return coffer.start()


class Signals(WithFolder):
    def test_term_and_int_end_it_at_once_when_nothing_is_in_flight(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            coffer = self.start(listen=["http://127.0.0.1:0", "https://127.0.0.1:0"])
            idle = [coffer.wire("http"), coffer.wire("https")]
            for wire in idle:
                self.assertEqual(wire.request("GET", "/healthz").status, 200)
            begin = time.monotonic()
            coffer.server.signal(number)
            coffer.stop()
            self.assertLess(time.monotonic() - begin, 5)
            for wire in idle:
                self.assertTrue(wire.ended())
                wire.close()

    def test_hup_reopens_the_access_log(self):
        log = self.home / "access.log"
        coffer = self.start(config=f"log:\n  access_log: {log}\n")
        coffer.fetch("GET", "/healthz?first")
        self.until(lambda: "first" in log.read_text())
        log.rename(self.home / "access.log.1")
        coffer.server.signal(signal.SIGHUP)
        self.until(log.exists)
        coffer.fetch("GET", "/healthz?second")
        self.until(lambda: "second" in log.read_text())
        self.assertNotIn("first", log.read_text())

    def test_hup_takes_a_new_certificate_and_drops_nobody(self):
        make_certificate(self.home, "one")
        coffer = self.start(listen=["https://127.0.0.1:0"], config=(
            f"tls:\n  certificate: {self.home}/cert.pem\n  key: {self.home}/key.pem\n"))
        url = coffer.url("https")
        before = Wire(url, ca=self.home / "cert.pem")
        self.addCleanup(before.close)
        self.assertEqual(before.request("GET", "/healthz").status, 200)
        make_certificate(self.home, "two")
        coffer.server.signal(signal.SIGHUP)

        def is_new():
            try:
                with Wire(url, ca=self.home / "cert.pem") as wire:
                    return wire.request("GET", "/healthz").status == 200
            except OSError:
                return False

        self.until(is_new)
        self.assertEqual(before.request("GET", "/healthz").status, 200)

    def test_hup_with_a_broken_certificate_keeps_the_old_one(self):
        make_certificate(self.home, "one")
        coffer = self.start(listen=["https://127.0.0.1:0"], config=(
            f"tls:\n  certificate: {self.home}/cert.pem\n  key: {self.home}/key.pem\n"))
        shutil.copy(self.home / "cert.pem", self.home / "old.pem")
        (self.home / "cert.pem").write_text("nonsense")
        coffer.server.signal(signal.SIGHUP)
        time.sleep(0.5)
        with Wire(coffer.url("https"), ca=self.home / "old.pem") as wire:
            self.assertEqual(wire.request("GET", "/healthz").status, 200)

    def until(self, condition, seconds=10):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if condition():
                    return
            except FileNotFoundError:
                pass
            time.sleep(0.05)
        self.fail("did not happen in time")


class Supervised(WithFolder):
    """As systemd starts it."""

    def test_it_says_that_it_is_ready_alive_reloading_and_stopping(self):
        path = self.home / "notify"
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(str(path))
        manager.settimeout(10)
        coffer = self.start(env={"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "1000000"})
        self.assertIn("READY=1", self.next_but_watchdog(manager))
        self.assertIn("WATCHDOG=1", manager.recv(4096).decode())
        coffer.server.signal(signal.SIGHUP)
        self.assertIn("RELOADING=1", self.next_but_watchdog(manager))
        self.assertIn("READY=1", self.next_but_watchdog(manager))
        coffer.stop()
        self.assertIn("STOPPING=1", self.next_but_watchdog(manager))

    def next_but_watchdog(self, manager):
        while True:
            message = manager.recv(4096).decode()
            if message != "WATCHDOG=1":
                return message

    def test_a_socket_that_was_handed_over_is_served(self):
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        config = self.home / "coffer.yaml"
        config.write_text("listeners:\n  - {address: systemd, tls: off}\n")
        hand_over = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.set_inheritable(3, True); "
                     "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); "
                     "os.execv(sys.argv[2], sys.argv[2:])")
        number = listener.fileno()
        server = Process(
            [sys.executable, "-c", hand_over, number, binary(), "serve", "--data-dir",
             self.home / "data", "--config", config], r"listening on (\S+)", pass_fds=(number,))
        self.addCleanup(server.stop)
        port = listener.getsockname()[1]
        with Wire(f"http://127.0.0.1:{port}") as wire:
            self.assertEqual(wire.request("GET", "/healthz").status, 200)

    def test_after_a_kill_the_socket_file_is_no_obstacle(self):
        coffer = self.start(listen=["unix"])
        coffer.kill()
        self.assertTrue((self.home / "socket").exists())
        coffer.start()
        self.assertEqual(coffer.fetch("GET", "/healthz", kind="unix").status, 200)
        coffer.stop()
        self.assertFalse((self.home / "socket").exists())


class Owner(WithFolder):
    """What the command line answers."""

    def run_it(self, *arguments, text=None, **environment):
        return subprocess.run([str(binary()), *map(str, arguments)], input=text, text=True,
                              capture_output=True, timeout=60, check=False,
                              env={**os.environ, **environment})

    def test_keys_and_data_are_for_nobody_else(self):
        os.umask(0o022)
        self.start(listen=["https://127.0.0.1:0"])
        for path in (self.home / "data").rglob("*"):
            mode = stat.S_IMODE(path.lstat().st_mode)
            if path.suffix == ".pem" and "key" in path.name or path.suffix == ".sqlite3":
                self.assertEqual(mode & 0o077, 0, path)

    def test_the_authority_stays_the_same_over_a_restart(self):
        coffer = self.start(listen=["https://127.0.0.1:0"])
        before = coffer.ca.read_bytes()
        coffer.stop()
        coffer.start()
        self.assertEqual(coffer.ca.read_bytes(), before)
        self.assertEqual(coffer.fetch("GET", "/healthz", kind="https").status, 200)

    def test_two_servers_cannot_have_one_port_or_one_data_folder(self):
        coffer = self.start()
        port = coffer.url().rpartition(":")[2]
        taken = self.run_it("serve", "--data-dir", self.home / "other", "--listen",
                            f"http://127.0.0.1:{port}")
        self.assertEqual(taken.returncode, 1)
        self.assertIn(port, taken.stderr)

    def test_health_is_an_exit_code(self):
        coffer = self.start()
        url = coffer.url() + "/healthz"
        self.assertEqual(self.run_it("healthcheck", "--url", url).returncode, 0)
        coffer.stop()
        self.assertEqual(self.run_it("healthcheck", "--url", url).returncode, 1)

    def test_exit_codes_tell_a_wrong_word_from_a_missing_thing(self):
        data = ("--data-dir", self.home / "data")
        self.assertEqual(self.run_it("version").returncode, 0)
        self.assertEqual(self.run_it("--help").returncode, 0)
        self.assertEqual(self.run_it("serve", "--help").returncode, 0)
        self.assertEqual(self.run_it("bogus").returncode, 2)
        self.assertEqual(self.run_it("serve", "--bogus").returncode, 2)
        self.assertEqual(self.run_it("restic", "user", "remove", "nobody", *data).returncode, 3)
        added = self.run_it("restic", "user", "add", "me", "--password-stdin", *data, text="right\n")
        self.assertEqual(added.returncode, 0, added.stderr)
        for password, code in (("right", 0), ("wrong", 1)):
            checked = self.run_it("restic", "user", "verify", "me", "--password-stdin", *data,
                                  text=password + "\n")
            self.assertEqual(checked.returncode, code, checked.stderr)
        self.assertIn("me", self.run_it("restic", "user", "list", *data).stdout)

    def test_a_repository_tells_every_quota_that_it_counts_against(self):
        coffer = self.start(config="restic:\n  max_size: 1 MiB\n  user_quotas: {ann: 5000}\n"
                                   "  repository_quotas: {r/one: 3000}\n")
        coffer.add_restic_user("ann", "pw")
        login = ("Authorization", "Basic " + base64.b64encode(b"ann:pw").decode())
        for repository, size in (("r/one", 2000), ("r/two", 1000)):
            body = os.urandom(size)
            path = f"/restic/{repository}/keys/{hashlib.sha256(body).hexdigest()}"
            self.assertEqual(coffer.fetch("POST", path, [login], body).status, 200)
        coffer.stop()
        told = json.loads(coffer.run("restic", "repository", "stat", "r/one", "--json").stdout)
        self.assertEqual((told["bytes"], told["limit"]), (2000, 3000))
        self.assertEqual(told["userQuota"], {"used": 3000, "limit": 5000})
        self.assertEqual(told["totalQuota"], {"used": 3000, "limit": 1 << 20})
        text = coffer.run("restic", "repository", "stat", "r/two").stdout
        self.assertRegex(text, "owner's quota: .* of ")
        self.assertRegex(text, "total quota: .* of 1")

    def test_all_problems_of_a_configuration_are_told_at_once_with_their_places(self):
        config = self.home / "coffer.yaml"
        config.write_text("restic:\n  apend_only: true\nhttp:\n  workers: many\n")
        done = self.run_it("config", "check", "--config", config)
        self.assertNotEqual(done.returncode, 0)
        said = done.stdout + done.stderr
        self.assertIn("append_only", said)  # The suggestion.
        self.assertIn("workers", said)
        self.assertRegex(said, r"coffer\.yaml:2")
        self.assertRegex(said, r"coffer\.yaml:4")
        self.assertNotEqual(self.run_it("serve", "--config", config).returncode, 0)

    def test_environment_and_files_of_secrets_are_read_and_secrets_never_shown(self):
        (self.home / "token").write_text("very-secret-token\n")
        done = self.run_it("config", "show", "--data-dir", self.home / "data",
                           COFFER_RESTIC_APPEND_ONLY="true",
                           COFFER_METRICS_TOKEN_FILE=str(self.home / "token"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"append_only: true")
        self.assertNotIn("very-secret-token", done.stdout + done.stderr)

    def test_the_sample_configuration_is_a_configuration(self):
        sample = self.run_it("config", "reference", "--sample")
        (self.home / "coffer.yaml").write_text(sample.stdout)
        done = self.run_it("config", "check", "--config", self.home / "coffer.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_reference_in_the_tree_is_what_the_program_prints(self):
        page = Path(__file__).resolve().parents[2] / "docs/reference/settings.md"
        self.assertEqual(page.read_text(encoding="utf-8"), self.run_it("config", "reference").stdout)

    def test_routes_are_a_table_and_json(self):
        table = self.run_it("routes", "--data-dir", self.home / "data")
        self.assertEqual(table.returncode, 0, table.stderr)
        self.assertIn("/api/sync", table.stdout)
        self.assertFalse((self.home / "data").exists(), "looking changes nothing")


if __name__ == "__main__":
    main()
