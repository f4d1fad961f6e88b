#!/usr/bin/env python3
"""Many clients hammer one issued key, and the audit log tells how many uses passed in each second.

    Benchmarks/hammer.py .build/debug/keyturn [--clients 64] [--limit 100/s] [--seconds 10]

Starts a server of its own in a temporary folder. The limit is over one second. Ends with 1 where any window of a
second had more uses than the limit, or less than 95 % of what is allowed got through.
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

    def passed(self, key_id):
        """When each use passed, in milliseconds."""
        times = []
        for name in sorted(name for name in os.listdir(self.audit) if name.endswith(".jsonl")):
            with open(os.path.join(self.audit, name), encoding="utf-8") as file:
                for line in file:
                    entry = json.loads(line)
                    if entry.get("action") == "verify" and entry.get("issued_key") == key_id and entry.get("detail") == "VALID":
                        times.append(milliseconds(entry["time"]))
        return sorted(times)


def milliseconds(text):
    """Of an RFC 3339 time in UTC."""
    seconds, _, fraction = text.rstrip("Z").partition(".")
    whole = time.mktime(time.strptime(seconds, "%Y-%m-%dT%H:%M:%S"))
    return int(whole) * 1000 + int((fraction + "000")[:3])


def hammer(vault, body, until, counts):
    connection = http.client.HTTPConnection("127.0.0.1", vault.port)
    headers = {"Authorization": "Bearer " + vault.access_key, "Content-Type": "application/json"}
    while time.monotonic() < until:
        connection.request("POST", "/v1/verify", body, headers)
        code = json.loads(connection.getresponse().read())["code"]
        counts[code] = counts.get(code, 0) + 1


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
        until = time.monotonic() + options.seconds
        threads = [threading.Thread(target=hammer, args=(vault, body, until, counts)) for counts in all_counts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        vault.stop()
        times = vault.passed(made["id"])
    finally:
        vault.stop()
        shutil.rmtree(folder)
    total = {}
    for counts in all_counts:
        for code, count in counts.items():
            total[code] = total.get(code, 0) + count
    most, first = 0, 0
    for last, moment in enumerate(times):
        while times[first] <= moment - 1000:
            first += 1
        most = max(most, last - first + 1)
    allowed = uses * options.seconds
    print(f"{options.clients} clients, {options.limit}, {options.seconds:g} s: {sum(total.values())} requests, {total}")
    print(f"most in any second: {most} of {uses}")
    print(f"passed: {len(times)} of {allowed:g} that are allowed, {100 * len(times) / allowed:.1f} %")
    sys.exit(0 if most <= uses and len(times) >= 0.95 * allowed else 1)


main()
