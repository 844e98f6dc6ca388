# SPDX-License-Identifier: BSD-2-Clause
"""The vault under the loads that its people notice, beside Vaultwarden when that is given.

Sync of vaults of growing size; import; single and bulk deletes; logins by the dozen while other
requests flow; writes while a backup runs through the restic service of the same process. Every server
hashes passwords with the same number of rounds.
"""

import json
import statistics
import threading
import time

from sync_bench import call, grow, item, login, register

ROUNDS_OF_HASHING = 600_000
FREE = "1000000"  # As good as no limit on logins.


class Vault:
    """A server with one account."""

    def __init__(self, bench, name, command, environment=None):
        self.bench = bench
        self.server = bench.server(name, "http://127.0.0.1:{port}", command=command,
                                   environment=environment)
        self.url = self.server.url
        self.token = register(self.url)
        self.items = 0

    def grow_to(self, size):
        """Seconds that the imports took."""
        took = grow(self.url, self.token, size - self.items)
        self.items = size
        return took

    def sync_seconds(self, repeats):
        run = self.bench.load(self.server, "get", path="/api/sync?excludeDomains=true",
                              bearer=self.token, connections=1, count=repeats)
        if run["failures"]:
            raise RuntimeError(f"{self.server.name}: {run['failures']} syncs failed")
        return run["seconds"] / repeats

    def create(self):
        return json.loads(call(self.url + "/api/ciphers", item(0), self.token))["id"]

    def remove_one(self, one):
        request(self.url + f"/api/ciphers/{one}", "DELETE", None, self.token)

    def remove_many(self, ids):
        request(self.url + "/api/ciphers", "DELETE", {"ids": ids}, self.token)


def request(url, method, body, token):
    import urllib.request
    data = None if body is None else json.dumps(body).encode()
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, head, method=method), timeout=300) as reply:
        return reply.read()


def start_coffer(bench):
    return Vault(bench, "coffer", [
        bench.options.coffer, "serve", "--data-dir", "{dir}/data", "--listen", "http://127.0.0.1:{port}",
        f"--vault-password-iterations={ROUNDS_OF_HASHING}", f"--vault-login-burst={FREE}",
        f"--vault-anonymous-burst={FREE}", "--restic-auth=off"])


def start_vaultwarden(bench):
    if not bench.options.vaultwarden:
        return None
    import tempfile
    data = tempfile.mkdtemp(prefix="coffer-bench-peer-", dir=bench.options.base)
    return Vault(bench, "vaultwarden", ["env", "ROCKET_PORT={port}", bench.options.vaultwarden], {
        "DATA_FOLDER": data, "ROCKET_ADDRESS": "127.0.0.1", "WEB_VAULT_ENABLED": "false",
        "SIGNUPS_ALLOWED": "true", "I_REALLY_WANT_VOLATILE_STORAGE": "true", "LOG_LEVEL": "error",
        "PASSWORD_ITERATIONS": str(ROUNDS_OF_HASHING), "LOGIN_RATELIMIT_MAX_BURST": FREE,
        "UNAUTHENTICATED_RATELIMIT_MAX_BURST": FREE})


def latencies(act, count):
    taken = []
    for _ in range(count):
        started = time.monotonic()
        act()
        taken.append((time.monotonic() - started) * 1000)
    return sorted(taken)


def high(sorted_values):
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * 0.99))]


def compare_growth(bench, ours, peer):
    """Imports and syncs, the servers in turn."""
    sizes = [100, 300] if bench.options.quick else [100, 1000, 10_000]
    for size in sizes:
        before = ours.items
        took = ours.grow_to(size)
        peer_took = [peer.grow_to(size)] if peer else []
        if size == sizes[-1]:
            bench.compare(f"import of {size - before} items", "s", [took], peer_took, 0.1)
        repeats = max(1, 2000 // size)
        mine, theirs = [], []
        for _ in range(bench.options.rounds):
            mine.append(ours.sync_seconds(repeats) * 1000)
            if peer:
                theirs.append(peer.sync_seconds(repeats) * 1000)
        bench.compare(f"sync of {size} items", "ms", mine, theirs, 0.25)


def compare_deletes(bench, ours, peer):
    count = 20 if bench.options.quick else 500
    single, bulk = {}, {}
    for vault in filter(None, (ours, peer)):
        ids = [vault.create() for _ in range(2 * count)]
        started = time.monotonic()
        for one in ids[:count]:
            vault.remove_one(one)
        single[vault] = time.monotonic() - started
        started = time.monotonic()
        vault.remove_many(ids[count:])
        bulk[vault] = time.monotonic() - started
    bench.compare(f"{count} deletes, one by one", "s", [single[ours]], [single[peer]] if peer else [], 1)
    bench.compare(f"one delete of {count}", "ms", [bulk[ours] * 1000],
                  [bulk[peer] * 1000] if peer else [], 1)


def storm(bench, vault):
    """Logins from many clients; milliseconds of other requests meanwhile, and logins a second."""
    threads, seconds = (4, 1) if bench.options.quick else (16, 8)
    until = time.monotonic() + seconds
    done, failed = [0], []

    def log_in():
        while time.monotonic() < until:
            try:
                login(vault.url)
                done[0] += 1
            except OSError as error:  # 503: more are waiting than the server lets in.
                failed.append(error)
                time.sleep(0.05)

    workers = [threading.Thread(target=log_in) for _ in range(threads)]
    for worker in workers:
        worker.start()
    other = []
    while time.monotonic() < until:
        other += latencies(lambda: request(vault.url + "/api/accounts/revision-date", "GET", None, vault.token), 1)
        time.sleep(0.005)
    for worker in workers:
        worker.join()
    return sorted(other), done[0] / seconds, len(failed)


def compare_storm(bench, ours, peer):
    quiet = latencies(lambda: request(ours.url + "/api/accounts/revision-date", "GET", None, ours.token), 100)
    mine, rate, turned_away = storm(bench, ours)
    theirs = storm(bench, peer) if peer else None
    bench.absolute("other requests without logins, p99", "ms", high(quiet))
    bench.compare("other requests in a login storm, p50", "ms", [statistics.median(mine)],
                  [statistics.median(theirs[0])] if peer else [], 1)
    bench.compare("other requests in a login storm, p99", "ms", [high(mine)],
                  [high(theirs[0])] if peer else [], 1)
    bench.compare("logins a second in it", "1/s", [rate], [theirs[1]] if peer else [])
    bench.absolute("logins turned away in it", "", turned_away)


def writes_beside_backup(bench, ours):
    """Milliseconds to store an item, alone and while restic uploads as fast as it can."""
    count = 10 if bench.options.quick else 200
    alone = latencies(ours.create, count)
    request(ours.url + "/restic/bench/?create=true", "POST", None, "")
    busy, stop, seed = [], threading.Event(), [100]

    def back_up():
        while not stop.is_set():
            seed[0] += 1
            bench.load(ours.server, "upload", path="/restic/bench/", connections=5, count=20,
                       size=16 << 20, seed=seed[0])

    backup = threading.Thread(target=back_up)
    backup.start()
    try:
        time.sleep(0.5)
        busy = latencies(ours.create, count)
    finally:
        stop.set()
        backup.join()
    bench.absolute("storing an item, p50 / alone", "ms", statistics.median(alone))
    bench.absolute("storing an item, p99 / alone", "ms", high(alone))
    bench.absolute("storing an item, p50 / beside a backup", "ms", statistics.median(busy))
    bench.absolute("storing an item, p99 / beside a backup", "ms", high(busy))


def run(bench):
    ours = start_coffer(bench)
    peer = start_vaultwarden(bench)
    try:
        compare_growth(bench, ours, peer)
        compare_deletes(bench, ours, peer)
        compare_storm(bench, ours, peer)
        bench.compare("memory at its highest (VmHWM)", "MiB", [ours.server.memory_kib("VmHWM") / 1024],
                      [peer.server.memory_kib("VmHWM") / 1024] if peer else [], 0.5)
        writes_beside_backup(bench, ours)
    finally:
        for vault in filter(None, (ours, peer)):
            vault.server.stop()
