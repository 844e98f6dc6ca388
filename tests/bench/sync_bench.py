# SPDX-License-Identifier: BSD-2-Clause
"""GET /api/sync of vaults of growing size: time an item, and response bytes a CPU second."""

import statistics

from vault_client import Account


def grow(account, by):
    """Imports items, 5,000 a request; returns the seconds that the requests took."""
    took = 0
    while by > 0:
        took += account.import_items(min(by, 5000))
        by -= 5000
    return took


def run(bench):
    sizes = [100, 500] if bench.options.quick else [1000, 5000, 20000]
    server = bench.server("coffer", "http://127.0.0.1:{port}", command=[
        bench.options.coffer, "serve", "--data-dir", "{dir}", "--listen", "http://127.0.0.1:{port}"])
    try:
        account = Account(server.url)
        have, per_item = 0, {}
        for size in sizes:
            took = grow(account, size - have)
            bench.absolute(f"import of {size - have} items", "s", took)
            have = size
            repeats = max(1, 20000 // size)
            runs = [bench.load(server, "get", path="/api/sync?excludeDomains=true", bearer=account.token,
                               connections=1, count=repeats) for _ in range(bench.options.rounds)]
            per_item[size] = statistics.median(r["seconds"] / repeats / size for r in runs)
            rate = statistics.median(r["bytes"] / max(r["cpu"], 0.01) for r in runs) / 1e6
            bench.absolute(f"sync of {size} items, time an item", "us", per_item[size] * 1e6)
            goal = 150 if size >= 5000 else None
            bench.absolute(f"sync of {size} items, response a CPU second", "MB/s", rate, goal, at_least=True)
        bench.absolute(f"sync of {sizes[-1]} items, resident (VmHWM)", "MiB", server.memory_kib("VmHWM") / 1024)
        bench.absolute("time an item, largest vault to smallest", "times", per_item[sizes[-1]] / per_item[sizes[0]], 1.3)
    finally:
        server.stop()
