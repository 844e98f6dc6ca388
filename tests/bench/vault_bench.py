# SPDX-License-Identifier: BSD-2-Clause
"""The vault under the loads that its people notice, beside Vaultwarden when that is given.

Import; deletes one by one and at once; sync of vaults of growing size; logins by the dozen while other
requests flow; writes while a backup runs through the restic service of the same process, which is
compared with Vaultwarden beside rest-server when both are given.

Every server hashes passwords with the same number of rounds and otherwise runs as it comes. For
Vaultwarden that is `PRAGMA synchronous = NORMAL`: what it answered may be gone after a power cut, and
it waits for the disk less often than Coffer. DATABASE_CONN_INIT in the environment makes it promise
the same: "PRAGMA busy_timeout = 5000; PRAGMA synchronous = FULL;".
"""

import glob
import json
import shutil
import statistics
import time
import uuid

from vault_client import FORM, Account, Caller, login_form

ROUNDS_OF_HASHING = 600_000
FREE = "1000000"  # As good as no limit on logins.
PACK = 16 << 20


class Vault:
    """A server and what was measured on it: a list of figures by the name of the load."""

    def __init__(self, server, backup_server, backup_path):
        self.server = server
        self.url = server.url
        self.backup_server = backup_server  # Where a backup beside it goes; None: nowhere.
        self.backup_path = backup_path
        self.seen = {}
        self.accounts = {}  # By the number of items.

    def note(self, load, figure):
        self.seen.setdefault(load, []).append(figure)

    def stop(self):
        self.server.stop()
        if self.backup_server not in (None, self.server):
            self.backup_server.stop()


def start_coffer(bench):
    server = bench.server("coffer", "http://127.0.0.1:{port}", command=[
        bench.options.coffer, "serve", "--data-dir", "{dir}/data", "--listen", "http://127.0.0.1:{port}",
        "--vault-signups=open", f"--vault-password-iterations={ROUNDS_OF_HASHING}",
        f"--vault-login-burst={FREE}", f"--vault-anonymous-burst={FREE}", "--restic-auth=off"])
    return Vault(server, server, "/restic/")


def start_vaultwarden(bench):
    options = bench.options
    if not options.vaultwarden:
        return None
    server = bench.server("vaultwarden", "http://127.0.0.1:{port}", command=[
        "env", "ROCKET_PORT={port}", "DATA_FOLDER={dir}", options.vaultwarden], environment={
            "ROCKET_ADDRESS": "127.0.0.1", "WEB_VAULT_ENABLED": "false", "SIGNUPS_ALLOWED": "true",
            "LOG_LEVEL": "error", "PASSWORD_ITERATIONS": str(ROUNDS_OF_HASHING),
            "LOGIN_RATELIMIT_MAX_BURST": FREE, "UNAUTHENTICATED_RATELIMIT_MAX_BURST": FREE})
    backup = bench.server("rest-server", "http://127.0.0.1:{port}", command=[
        options.rest_server, "--no-auth", "--path", "{dir}/data", "--listen",
        "127.0.0.1:{port}"]) if options.rest_server else None
    return Vault(server, backup, "/")


def note_latencies(vault, load, milliseconds):
    ordered = sorted(milliseconds)
    vault.note(f"{load}, p50", statistics.median(ordered))
    vault.note(f"{load}, p99", ordered[int(0.99 * (len(ordered) - 1))])


def timed(act, *arguments):
    started = time.monotonic()
    act(*arguments)
    return (time.monotonic() - started) * 1000


def import_and_delete(vault, quick):
    """A new account: everything in one import, then some of it away again."""
    count, few, many = (300, 20, 100) if quick else (10_000, 500, 5_000)
    account = Account(vault.url)
    vault.note(f"import of {count} items", account.import_items(count) * 1000)
    ids = account.ids()
    if len(ids) != count:
        raise RuntimeError(f"{vault.server.name} has {len(ids)} items of {count}")
    vault.accounts[count] = account
    vault.note(f"{few} deletes, one by one", sum(timed(account.remove, one) for one in ids[:few]))
    vault.note(f"one delete of {few}", timed(account.remove_many, ids[few:2 * few]))
    vault.note(f"one delete of {many}", timed(account.remove_many, ids[-many:]))
    account.import_items(2 * few + many)  # As many as before.


def sync(bench, vault, size):
    if size not in vault.accounts:
        vault.accounts[size] = Account(vault.url)
        vault.accounts[size].import_items(size)
    repeats = 3 if bench.options.quick else max(5, 20_000 // size)
    run = bench.load(vault.server, "get", path="/api/sync?excludeDomains=true",
                     bearer=vault.accounts[size].token, connections=1, count=repeats)
    vault.note(f"sync of {size} items", run["seconds"] / repeats * 1000)
    vault.note(f"sync of {size} items, CPU", run["cpu"] / repeats * 1000)
    vault.note(f"sync of {size} items, size", run["bytes"] / repeats / 1e6)


def storm(bench, vault, account):
    """Logins of many clients as fast as they are answered, while another one asks small things."""
    clients, seconds = (4, 1) if bench.options.quick else (16, 8)
    asking = dict(path="/api/accounts/revision-date", bearer=account.token, connections=1, pause=5)
    quiet = bench.load(vault.server, "get", count=100, **asking)
    vault.note("small request alone, p99", quiet["p99_ms"])
    logins = bench.start(vault.server, "post", path="/identity/connect/token", connections=clients,
                         seconds=seconds, header=f"Content-Type: {FORM}",
                         body=[login_form(account.email, str(uuid.uuid4())) for _ in range(clients)])
    asked = bench.load(vault.server, "get", seconds=seconds, **asking)
    done = json.loads(logins.communicate()[0])
    vault.note("small request in a login storm, p50", asked["p50_ms"])
    vault.note("small request in a login storm, p99", asked["p99_ms"])
    vault.note("logins in it", (done["requests"] - done["failures"]) / done["seconds"])
    vault.note("logins in it, p99", done["p99_ms"])
    vault.note("logins turned away", done["failures"])


def writes_beside_backup(bench, vault, account, seed):
    """Items stored one after the other, alone and for as long as restic's packs come in."""
    if vault.backup_server is None:
        return
    count, packs = (10, 5) if bench.options.quick else (200, 80)
    note_latencies(vault, "storing an item alone", [timed(account.create) for _ in range(count)])
    repository = f"{vault.backup_path}bench{seed}/"
    Caller(vault.backup_server.url).call("POST", repository + "?create=true")
    backup = bench.start(vault.backup_server, "upload", path=repository, connections=5, count=packs,
                         size=PACK, seed=seed, wait="yes")
    backup.stdout.readline()
    backup.stdin.write(b"\n")
    backup.stdin.flush()
    busy = []
    while backup.poll() is None:
        busy.append(timed(account.create))
    run = json.loads(backup.communicate()[0])
    note_latencies(vault, "storing an item beside a backup", busy)
    vault.note("the backup meanwhile", run["bytes"] / run["seconds"] / 2**20)
    for folder in glob.glob(f"{vault.backup_server.directory}/data/**/bench{seed}", recursive=True):
        shutil.rmtree(folder)


def report(bench, ours, peer):
    def row(load, unit, goal=None, higher_is_better=False):
        for name in ours.seen:
            if name.startswith(load) and name not in told:
                told.add(name)
                bench.compare(name, unit, ours.seen[name], peer.seen.get(name, []) if peer else [], goal,
                              higher_is_better)

    told = set()
    row("import", "ms", 0.1)
    for size in sorted(ours.accounts):
        row(f"sync of {size} items, size", "MB")
        row(f"sync of {size} items, CPU", "ms")
        row(f"sync of {size} items", "ms", 0.25)
    for load in [name for name in ours.seen if "delete" in name]:
        row(load, "ms")
    row("small request", "ms")
    row("logins in it, p99", "ms")
    row("logins in it", "1/s", higher_is_better=True)
    row("logins turned away", "")
    row("storing", "ms")
    row("the backup meanwhile", "MiB/s", higher_is_better=True)
    time.sleep(3)  # The clients still hold their connections.
    for field, what in (("VmHWM", "memory at its highest"), ("VmRSS", "memory afterwards"),
                        ("RssAnon", "memory afterwards, private")):
        bench.compare(f"{what} ({field})", "MiB", [ours.server.memory_kib(field) / 1024],
                      [peer.server.memory_kib(field) / 1024] if peer else [], 0.5)


def run(bench):
    quick = bench.options.quick
    vaults = []
    try:
        vaults.append(start_coffer(bench))
        vaults += filter(None, [start_vaultwarden(bench)])
        for number in range(bench.options.rounds):
            for vault in vaults:
                import_and_delete(vault, quick)
            for size in [100, 300] if quick else [100, 1000, 10_000]:
                for vault in vaults:
                    sync(bench, vault, size)
            for vault in vaults:
                storm(bench, vault, vault.accounts[100])
            for vault in vaults:  # Its own account: the vaults that are synced keep their size.
                writes_beside_backup(bench, vault, Account(vault.url), 1000 + number)
        report(bench, vaults[0], vaults[1] if len(vaults) > 1 else None)
    finally:
        for vault in vaults:
            vault.stop()
