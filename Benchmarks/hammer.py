#!/usr/bin/env python3
"""Many clients hammer one issued key, and note when each use that passed was asked for and when it was answered.

    Benchmarks/hammer.py .build/debug/keyturn [--clients 64] [--limit 100/s] [--seconds 10]

Starts a server of its own in a temporary folder. The limit is over one second. A use was decided on between its question
and its answer, so that those which were asked and answered within one second all fall into it, however busy the machine
is. Ends with 1 where any second has more of them than the limit, or less than 95 % of what is allowed got through; the
latter needs a machine on which the clients get to ask often enough.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Vault:
    """A server with a vault that is open, and the command line that speaks to it."""

    def __init__(self, program, folder):
        self.program, self.port = os.path.abspath(program), free_port()
        self.audit = os.path.join(folder, "audit")
        passphrase = os.path.join(folder, "passphrase")
        with open(passphrase, "w", encoding="utf-8") as file:
            file.write("a passphrase to hammer with\n")
        policies = os.path.join(folder, "policies")
        os.mkdir(policies, 0o755)
        data = os.path.join(folder, "data")
        self.environment = {"PATH": os.environ["PATH"], "KEYTURN_DATA": data, "KEYTURN_PASSPHRASE_FILE": passphrase}
        self.log = open(os.path.join(folder, "log"), "wb")
        self.server = subprocess.Popen(
            [self.program, "server", "--data", data, "--audit", self.audit, "--policies", policies,
             "--listen", f"127.0.0.1:{self.port}"],
            env=self.environment, stderr=self.log, stdout=self.log)
        while subprocess.run([self.program, "status"], env=self.environment, capture_output=True).returncode != 0:
            if self.server.poll() is not None:
                sys.exit("the server ended: " + open(self.log.name, encoding="utf-8").read())
            time.sleep(0.05)
        self.access_key = self.run("init", "--accept-recovery-code", "--json")["access_key"]
        self.environment["KEYTURN_ACCESS_KEY"] = self.access_key

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], env=self.environment, capture_output=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stderr.decode())
        return json.loads(done.stdout)

    def stop(self):
        self.server.terminate()
        self.server.wait()


def hammer(vault, body, until, counts, passed):
    connection = http.client.HTTPConnection("127.0.0.1", vault.port)
    headers = {"Authorization": "Bearer " + vault.access_key, "Content-Type": "application/json"}
    while time.monotonic() < until:
        asked = time.monotonic()
        connection.request("POST", "/v1/verify", body, headers)
        code = json.loads(connection.getresponse().read())["code"]
        counts[code] = counts.get(code, 0) + 1
        if code == "VALID":
            passed.append((asked, time.monotonic()))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--limit", default="100/s")
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    uses = int(options.limit.partition("/")[0])
    folder = tempfile.mkdtemp(prefix="keyturn-hammer-")
    vault = Vault(options.program, folder)
    try:
        vault.run("issuer", "create", "hammered", "--json")
        made = vault.run("issue", "hammered", "one", "--limit", options.limit, "--json")
        body = json.dumps({"key": made["key"]})
        all_counts = [{} for _ in range(options.clients)]
        passed = []
        until = time.monotonic() + options.seconds
        threads = [threading.Thread(target=hammer, args=(vault, body, until, counts, passed)) for counts in all_counts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        vault.stop()
        shutil.rmtree(folder)
    total = {}
    for counts in all_counts:
        for code, count in counts.items():
            total[code] = total.get(code, 0) + count
    most = 0
    for begin, _ in passed:
        most = max(most, sum(1 for asked, answered in passed if asked >= begin and answered < begin + 1))
    allowed = uses * options.seconds
    print(f"{options.clients} clients, {options.limit}, {options.seconds:g} s: {sum(total.values())} requests, {total}")
    print(f"most in any second: {most} of {uses}")
    print(f"passed: {len(passed)} of {allowed:g} that are allowed, {100 * len(passed) / allowed:.1f} %")
    sys.exit(0 if most <= uses and len(passed) >= 0.95 * allowed else 1)


main()
