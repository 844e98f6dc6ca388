# SPDX-License-Identifier: BSD-2-Clause
"""The restic service against rest-server: packs up and down, small requests, a huge listing."""

import glob
import hashlib
import os
import tempfile

PACK = 16 << 20


def coffer_server(bench):
    """Coffer by rest-server's name: the same flags, the same work."""
    link = os.path.join(tempfile.mkdtemp(prefix="coffer-bench-"), "rest-server")
    os.symlink(os.path.abspath(bench.options.coffer), link)
    return bench.server("coffer", "http://127.0.0.1:{port}", command=[
        link, "--no-auth", "--path", "{dir}/data", "--listen", "127.0.0.1:{port}"])


def peer_server(bench):
    options = bench.options
    if options.restic_peer:
        return bench.server("peer", options.restic_peer.rstrip("/"), pid=options.restic_peer_pid)
    if options.rest_server:
        return bench.server("rest-server", "http://127.0.0.1:{port}", command=[
            options.rest_server, "--no-auth", "--path", "{dir}/data", "--listen", "127.0.0.1:{port}"])
    return None


def per_gib(result):
    return None if result["cpu"] is None else result["cpu"] / (result["bytes"] / 2**30)


def clear(server):
    for path in glob.glob(f"{server.directory}/data/bench/data/*/*"):
        os.unlink(path)


def packs(bench, servers):
    count = 10 if bench.options.quick else 80
    seen = {s.name: {"up": [], "upcpu": [], "down": [], "downcpu": [], "rss": []} for s in servers}
    for round_number in range(bench.options.rounds):
        for server in servers:
            mine = seen[server.name]
            up = bench.load(server, "upload", path="/bench/", connections=5, count=count, size=PACK,
                            seed=round_number)
            down = bench.load(server, "download", path="/bench/", connections=5, count=count,
                              size=PACK, seed=round_number)
            mine["up"].append(up["bytes"] / up["seconds"] / 2**20)
            mine["upcpu"].append(per_gib(up))
            mine["down"].append(down["bytes"] / down["seconds"] / 2**20)
            mine["downcpu"].append(per_gib(down))
            mine["rss"].append(server.memory_kib())
            clear(server)
    a, b = (seen[s.name] for s in servers)
    bench.compare("upload, 5 connections, 16 MiB packs", "MiB/s", a["up"], b["up"], 1.0, True)
    bench.compare("upload CPU", "s/GiB", a["upcpu"], b["upcpu"], 0.7)
    bench.compare("download, 5 connections", "MiB/s", a["down"], b["down"])
    bench.compare("download CPU", "s/GiB", a["downcpu"], b["downcpu"], 0.5)
    bench.compare("resident memory after packs", "KiB", a["rss"], b["rss"])


def small_requests(bench, servers):
    count = 2000 if bench.options.quick else 40000
    for server in servers:
        bench.load(server, "upload", path="/bench/", connections=1, count=1, size=4096, seed=99)
    content = small_object()
    name = hashlib.sha256(content).hexdigest()
    for workload in ("get", "head"):
        seen = {s.name: {"rate": [], "cpu": [], "p50": [], "p99": []} for s in servers}
        for _ in range(bench.options.rounds):
            for server in servers:
                result = bench.load(server, workload, path=f"/bench/data/{name}", connections=4,
                                    count=count)
                mine = seen[server.name]
                mine["rate"].append(result["rate"])
                mine["cpu"].append(None if result["cpu"] is None else result["cpu"] / count * 1e6)
                mine["p50"].append(result["p50_ms"])
                mine["p99"].append(result["p99_ms"])
        a, b = (seen[s.name] for s in servers)
        bench.compare(f"small {workload.upper()}, 4 KiB", "req/s", a["rate"], b["rate"], 2.0, True)
        bench.compare(f"small {workload.upper()} CPU", "us", a["cpu"], b["cpu"])
        bench.compare(f"small {workload.upper()} p50", "ms", a["p50"], b["p50"])
        bench.compare(f"small {workload.upper()} p99", "ms", a["p99"], b["p99"])


def small_object():
    """The content coffer_load makes for size=4096 seed=99, object 0."""
    state, out = 0x9E3779B97F4A7C15, bytearray()
    mask = (1 << 64) - 1
    for _ in range(4096):
        state ^= (state << 13) & mask
        state ^= state >> 7
        state ^= (state << 17) & mask
        out.append(state & 0xFF)
    out[:4] = b"99/0"
    return bytes(out)


def listing(bench, servers):
    count = 2000 if bench.options.quick else 100000
    for server in servers:
        for number in range(256):
            os.makedirs(f"{server.directory}/data/big/data/{number:02x}", exist_ok=True)
        for number in range(count):
            name = hashlib.sha256(str(number).encode()).hexdigest()
            with open(f"{server.directory}/data/big/data/{name[:2]}/{name}", "wb"):
                pass
    seen = {s.name: {"time": [], "cpu": [], "grown": []} for s in servers}
    for server in servers:  # Warm the directory cache for both.
        bench.load(server, "get", path="/big/data/", connections=1, count=1,
                   header="Accept: application/vnd.x.restic.rest.v2")
    for _ in range(bench.options.rounds):
        for server in servers:
            before = server.memory_kib("VmHWM")
            result = bench.load(server, "get", path="/big/data/", connections=1, count=5,
                                header="Accept: application/vnd.x.restic.rest.v2")
            mine = seen[server.name]
            mine["time"].append(result["seconds"] / 5)
            mine["cpu"].append(None if result["cpu"] is None else result["cpu"] / 5)
            mine["grown"].append(None if before is None else server.memory_kib("VmHWM") - before)
    a, b = (seen[s.name] for s in servers)
    bench.compare(f"listing v2 of {count} objects", "s", a["time"], b["time"], 0.5)
    bench.compare("listing CPU", "s", a["cpu"], b["cpu"])


def listing_memory(bench, make_server):
    """Growth of resident memory by the first huge listing of a fresh server."""
    count = 2000 if bench.options.quick else 100000
    server = make_server(bench)
    try:
        for number in range(256):
            os.makedirs(f"{server.directory}/data/big/data/{number:02x}", exist_ok=True)
        for number in range(count):
            name = hashlib.sha256(str(number).encode()).hexdigest()
            with open(f"{server.directory}/data/big/data/{name[:2]}/{name}", "wb"):
                pass
        before = server.memory_kib("VmHWM")
        bench.load(server, "get", path="/big/data/", connections=1, count=3,
                   header="Accept: application/vnd.x.restic.rest.v2")
        return (server.memory_kib("VmHWM") - before) / 1024
    finally:
        server.stop()


def run(bench):
    ours, peer = coffer_server(bench), peer_server(bench)
    try:
        if peer is None:
            print("no restic peer given: Coffer alone (--rest-server PATH compares)")
            result = bench.load(ours, "upload", path="/bench/", connections=5, count=20, size=PACK)
            bench.absolute("upload CPU", "s/GiB", per_gib(result))
            return
        packs(bench, [ours, peer])
        small_requests(bench, [ours, peer])
        if peer.process:
            listing(bench, [ours, peer])
    finally:
        ours.stop()
        if peer:
            peer.stop()
    grown = listing_memory(bench, coffer_server)
    bench.absolute("resident memory grown by listing", "MiB", grown, 4)
    if bench.options.rest_server:
        bench.absolute("… by rest-server", "MiB", listing_memory(bench, peer_server))
