#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Measures Coffer beside whatever peer is given, in one run, interleaved, and prints ratios.

  scripts/bench                                   Coffer and the stock Poco server
  scripts/bench --rest-server PATH                … and rest-server, started from its program
  scripts/bench --restic-peer URL [--restic-peer-pid N]   … or met at an address
  scripts/bench --vaultwarden PATH                … and Vaultwarden
  scripts/bench --only restic,http,memory,sync,vault --rounds 5 --base /dev/shm

A round runs each load at each server in turn; a figure is the median over the rounds. CPU is user
and system time of the server process from /proc; memory is VmRSS and RssAnon.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import http_bench  # noqa: E402
import memory_bench  # noqa: E402
import restic_bench  # noqa: E402
import sync_bench  # noqa: E402
import vault_bench  # noqa: E402
from servers import Server  # noqa: E402


class Bench:
    def __init__(self, options):
        self.options = options
        self.rows = []

    def server(self, *arguments, **named):
        return Server(*arguments, base=self.options.base, **named)

    def command(self, server, workload, **settings):
        command = [self.options.load, server.url, workload]
        for name, value in settings.items():
            for one in value if isinstance(value, list) else [value]:
                command.append(f"{name}={one}")
        return command

    def start(self, server, workload, **settings):
        """coffer_load beside something else; its line of JSON is the caller's to read."""
        return subprocess.Popen(self.command(server, workload, **settings), stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE)

    def load(self, server, workload, **settings):
        """Runs coffer_load once; adds CPU seconds when the server's pid is known."""
        command = self.command(server, workload, **settings)
        before = server.cpu_seconds()
        done = subprocess.run(command, stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} failed: {done.stdout.decode()}")
        result = json.loads(done.stdout)
        result["cpu"] = None if before is None else server.cpu_seconds() - before
        result["rate"] = result["requests"] / result["seconds"]
        return result

    def compare(self, title, unit, ours, theirs, goal=None, higher_is_better=False):
        """One line of the table: medians of both, their ratio, and what was promised."""
        if not ours or any(v is None for v in ours + theirs):
            return
        a = statistics.median(ours)
        b = statistics.median(theirs) if theirs else None
        ratio = a / b if b else None
        kept = "-"
        if goal is not None and ratio is not None:
            kept = "yes" if (ratio >= goal if higher_is_better else ratio <= goal) else "NO"
            goal = f"{'>=' if higher_is_better else '<='} {goal:g}"
        self.rows.append((title, unit, f"{a:.4g}", "-" if b is None else f"{b:.4g}",
                          "-" if ratio is None else f"{ratio:.2f}", goal or "-", kept))

    def absolute(self, title, unit, value, limit=None, at_least=False):
        kept = "-"
        if limit is not None:
            kept = "yes" if (value >= limit if at_least else value <= limit) else "NO"
        goal = "-" if limit is None else f"{'>=' if at_least else '<='} {limit:g} {unit}"
        self.rows.append((title, unit, f"{value:.4g}", "-", "-", goal, kept))

    def table(self):
        head = ("load", "unit", "coffer", "peer", "ratio", "goal", "kept")
        widths = [max(len(str(row[i])) for row in self.rows + [head]) for i in range(len(head))]
        for row in [head] + self.rows:
            print("  ".join(str(cell).ljust(width) for cell, width in zip(row, widths)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--coffer", required=True, help="the program to measure")
    parser.add_argument("--load", required=True, help="coffer_load")
    parser.add_argument("--stock", required=True, help="stock_poco")
    parser.add_argument("--rest-server", help="rest-server's program, to start beside Coffer")
    parser.add_argument("--restic-peer", help="URL of a running restic server without authentication")
    parser.add_argument("--restic-peer-pid", type=int, help="its process, for CPU and memory")
    parser.add_argument("--vaultwarden", help="Vaultwarden's program, to start beside Coffer")
    parser.add_argument("--only", default="restic,http,memory,sync,vault")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--base", default=None, help="where data folders are made (tmpfs: CPU only)")
    parser.add_argument("--quick", action="store_true", help="tiny loads: shows that the bench works")
    bench = Bench(parser.parse_args())
    parts = {"restic": restic_bench.run, "http": http_bench.run, "memory": memory_bench.run,
             "sync": sync_bench.run, "vault": vault_bench.run}
    for part in bench.options.only.split(","):
        print(f"# {part}", flush=True)
        parts[part](bench)
    bench.table()
    return 0


if __name__ == "__main__":
    sys.exit(main())
