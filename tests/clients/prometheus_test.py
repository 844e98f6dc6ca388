#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A real Prometheus scrapes the server over TLS with its CA; promtool finds no fault in what it reads."""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from coffer_server import ROOT, Coffer, scratch  # noqa: E402
from suite import main  # noqa: E402

CONFIG = "restic:\n  auth: off\nmetrics:\n  token: only-for-prometheus\n"
# As rest-server's published dashboard asks for it: job, interval.
SCRAPE = """
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: rest_server
    scheme: https
    authorization: {{credentials: only-for-prometheus}}
    tls_config: {{ca_file: {ca}}}
    static_configs: [{{targets: ["{target}"]}}]
"""
BLOB_COUNTERS = [f"rest_server_blob_{what}_total" for what in (
    "write", "write_bytes", "read", "read_bytes", "delete", "delete_bytes")]


def tool(name):
    """From PATH, or where scripts/clients unpacked the package."""
    return shutil.which(name) or str(ROOT / "build/tools/prometheus/usr/bin" / name)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Scraped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.coffer = Coffer(["https://127.0.0.1:0"], config=CONFIG).start()
        cls.addClassCleanup(cls.coffer.close)
        cls.home = scratch("coffer-prometheus-")
        cls.addClassCleanup(shutil.rmtree, cls.home)
        cls.use_everything()
        config = cls.home / "prometheus.yml"
        config.write_text(SCRAPE.format(ca=cls.coffer.ca,
                                        target=cls.coffer.url("https").removeprefix("https://")))
        cls.port = free_port()
        cls.log = open(cls.home / "log", "wb")
        cls.addClassCleanup(cls.log.close)
        cls.prometheus = subprocess.Popen(
            [tool("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={cls.home}/db",
             f"--web.listen-address=127.0.0.1:{cls.port}"], stdout=cls.log, stderr=cls.log)
        cls.addClassCleanup(cls.end)

    @classmethod
    def end(cls):
        cls.prometheus.terminate()
        cls.prometheus.wait(30)

    @classmethod
    def ask(cls, method, path, headers=(), body=None):
        return cls.coffer.fetch(method, path, headers, body, kind="https")

    @classmethod
    def use_everything(cls):
        """One of each request that is counted."""
        body = os.urandom(5000)
        path = f"/restic/laptop/data/{hashlib.sha256(body).hexdigest()}"
        assert cls.ask("POST", path, body=body).status == 200
        assert cls.ask("GET", path).status == 200
        assert cls.ask("DELETE", path).status == 200
        kept = path.replace("data", "snapshots")
        assert cls.ask("POST", kept, body=body).status == 200
        assert cls.ask("GET", "/api/config").status == 200
        assert cls.ask("GET", "/restic/none/config").status == 404

    def query(self, expression):
        url = f"http://127.0.0.1:{self.port}/api/v1/query?" + urlencode({"query": expression})
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]["result"]

    def eventually(self, expression):
        """The result once there is one. Scrapes come every second."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                if result := self.query(expression):
                    return result
            except (urllib.error.URLError, ConnectionError):
                pass
            time.sleep(0.2)
        self.fail(f"no result for {expression}\n" + (self.home / "log").read_text()[-2000:])

    def test_the_target_is_up(self):
        self.eventually("up == 1")

    def test_the_dashboard_finds_its_instance_and_all_six_counters(self):
        self.eventually('process_start_time_seconds{job="rest_server"}')
        for counter in BLOB_COUNTERS:
            with self.subTest(counter):
                labels = self.eventually(counter)[0]["metric"]
                # Prometheus drops a label without a value: nobody has to log in here.
                self.assertEqual((labels["repo"], labels.get("user", "")), ("laptop", ""))
        for group in ("type", "repo", "user"):
            self.eventually(f"sum(rate(rest_server_blob_write_bytes_total[15s])) by ({group})")

    def test_process_memory_descriptors_and_cpu_are_there(self):
        for name in ("process_resident_memory_bytes", "process_open_fds", "process_max_fds",
                     "process_cpu_seconds_total", "process_virtual_memory_bytes"):
            with self.subTest(name):
                self.assertGreater(float(self.eventually(name)[0]["value"][1]), 0)
        start = float(self.eventually("process_start_time_seconds")[0]["value"][1])
        self.assertLess(abs(time.time() - start), 600)

    def test_each_repository_shows_its_size_its_objects_and_its_newest_snapshot(self):
        names = {m["metric"]["__name__"] for m in self.eventually('{repo="laptop"}')}
        for word in ("bytes", "objects", "snapshot"):
            self.assertTrue(any(word in name for name in names - set(BLOB_COUNTERS)), (word, names))

    def test_requests_are_counted_by_route_with_a_latency_histogram(self):
        names = {m["metric"]["__name__"] for m in self.eventually('{job="rest_server"}')}
        self.assertTrue(any(name.endswith("_seconds_bucket") for name in names), names)
        self.assertTrue(any("requests_total" in name for name in names), names)
        self.assertTrue(any("connections" in name for name in names), names)

    def test_promtool_finds_no_fault(self):
        answer = self.ask("GET", "/metrics")
        self.assertEqual(answer.status, 200)
        self.assertRegex(answer.get("Content-Type"), r"^text/plain; version=0\.0\.4")
        done = subprocess.run([tool("promtool"), "check", "metrics"], input=answer.body,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, b""))


if __name__ == "__main__":
    main()
