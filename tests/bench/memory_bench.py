# SPDX-License-Identifier: BSD-2-Clause
"""Memory of an idle server with everything mounted, and of a parked connection."""

import subprocess
import time


def hold(bench, server, connections):
    """Opens connections that made one request each; returns the process that holds them."""
    holder = subprocess.Popen(
        [bench.options.load, server.url, "idle", "path=/healthz", f"connections={connections}"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    holder.stdout.readline()
    return holder


def run(bench):
    many = 200 if bench.options.quick else 5000
    for scheme, limit in (("http", 1.0), ("https", 24.0)):
        server = bench.server("coffer", scheme + "://127.0.0.1:{port}", command=[
            bench.options.coffer, "serve", "--data-dir", "{dir}", "--listen",
            scheme + "://127.0.0.1:{port}", "--http-max-connections-per-address", "20000"])
        try:
            time.sleep(2)
            if scheme == "http":
                bench.absolute("idle, private (RssAnon)", "MiB", server.memory_kib("RssAnon") / 1024, 5)
                bench.absolute("idle, resident (VmRSS)", "MiB", server.memory_kib() / 1024, 16)
            hold(bench, server, 20).communicate(b"\n")  # Touch every code path once.
            time.sleep(1)
            before = server.memory_kib("RssAnon")
            holder = hold(bench, server, many)
            time.sleep(2)
            each = (server.memory_kib("RssAnon") - before) / many
            bench.absolute(f"a parked {scheme} connection", "KiB", each, limit)
            holder.communicate(b"\n")
        finally:
            server.stop()
