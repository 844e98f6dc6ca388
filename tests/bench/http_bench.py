# SPDX-License-Identifier: BSD-2-Clause
"""The HTTP core against Poco's own HTTPServer: CPU of one keep-alive request, plain and TLS."""

import os
import subprocess


def certificate(directory):
    key, pem = os.path.join(directory, "key.pem"), os.path.join(directory, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out",
                    pem], check=True, capture_output=True)
    return pem, key


def run(bench):
    count = 5000 if bench.options.quick else 60000
    for scheme in ("http", "https"):
        ours = bench.server("coffer", scheme + "://127.0.0.1:{port}", command=[
            bench.options.coffer, "serve", "--data-dir", "{dir}", "--listen",
            scheme + "://127.0.0.1:{port}"])
        stock_command = [bench.options.stock, "{port}"]
        if scheme == "https":
            stock_command += certificate(ours.directory)
        stock = bench.server("stock", scheme + "://127.0.0.1:{port}", command=stock_command)
        try:
            seen = {"coffer": {"cpu": [], "rate": [], "p99": []},
                    "stock": {"cpu": [], "rate": [], "p99": []}}
            for _ in range(bench.options.rounds):
                for server in (ours, stock):
                    result = bench.load(server, "get", path="/healthz/live", connections=4, count=count)
                    seen[server.name]["cpu"].append(result["cpu"] / count * 1e6)
                    seen[server.name]["rate"].append(result["rate"])
                    seen[server.name]["p99"].append(result["p99_ms"])
            a, b = seen["coffer"], seen["stock"]
            bench.compare(f"{scheme} keep-alive request CPU", "us", a["cpu"], b["cpu"], 0.7)
            bench.compare(f"{scheme} keep-alive requests", "req/s", a["rate"], b["rate"])
            bench.compare(f"{scheme} keep-alive p99", "ms", a["p99"], b["p99"])
        finally:
            ours.stop()
            stock.stop()
