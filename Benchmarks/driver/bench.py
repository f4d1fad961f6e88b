"""Measures Keyturn and its yardsticks in turn, round after round, and prints medians. Started by `scripts/bench`."""

import argparse
import datetime
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile

import processes
import rows
import scale
import servers
import table


# How much of everything a run has: quick, by itself, and with --full.
SIZES = {
    "quick": {"seconds": 1, "rounds": 2, "issued": 10_000, "rotated": 2_000, "entries": 200_000, "scaled": 50_000, "waiters": 1_000},
    "usual": {"seconds": 2, "rounds": 3, "issued": 100_000, "rotated": 20_000, "entries": 1_000_000, "scaled": 1_000_000,
              "waiters": 10_000},
    "full": {"seconds": 4, "rounds": 5, "issued": 1_000_000, "rotated": 100_000, "entries": 10_000_000, "scaled": 1_000_000,
             "waiters": 10_000},
}


class Bench:
    """What the rows share: the servers, each started when a row first needs it, and idle unless it is being measured."""

    def __init__(self, options):
        sizes = SIZES["quick" if options.quick else "full" if options.full else "usual"]
        self.quick = options.quick
        self.seconds, self.waiters, self.keys = sizes["seconds"], sizes["waiters"], options.keys
        self.rounds, self.issued, self.rotated, self.entries, self.scaled = (
            getattr(options, name) or sizes[name] for name in ["rounds", "issued", "rotated", "entries", "scaled"])
        self.folder = tempfile.mkdtemp(prefix="keyturn-bench-", dir=options.work)
        self.hammer = f"{self.folder}/hammer"
        here = os.path.dirname(os.path.abspath(__file__))
        subprocess.run(
            [os.environ.get("CC", "cc"), "-O2", "-o", self.hammer, f"{here}/hammer.c"], check=True)
        certificate = (f"{self.folder}/certificate.pem", f"{self.folder}/key.pem")
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-keyout", certificate[1], "-out", certificate[0]],
            check=True, capture_output=True)
        self.certificate = certificate
        self.options, self.running = options, []

    @functools.cached_property
    def plain(self):
        return self.keyturn("plain")

    @functools.cached_property
    def tls(self):
        return self.keyturn("tls", tls=self.certificate)

    @functools.cached_property
    def crowded(self):
        return self.keyturn("crowded", connections=12_000)

    @functools.cached_property
    def unaudited(self):
        return self.keyturn("unaudited", unaudited=self.options.unaudited)

    @functools.cached_property
    def bare(self):
        path = f"{self.folder}/bare"
        with open(path, "wb") as file:
            file.write(self.plain.get(f"/v1/values/{rows.KEY}")[2])
        self.running.append(servers.Bare(self.options.bare, path))
        return self.running[-1]

    @functools.cached_property
    def nginx(self):
        body = self.plain.get(f"/v1/values/{rows.KEY}")[2]
        os.makedirs(f"{self.folder}/nginx")
        self.running.append(servers.Nginx(f"{self.folder}/nginx", body, *self.certificate))
        return self.running[-1]

    @functools.cached_property
    def few(self):
        """A vault with a thousand issued keys, and one more of them."""
        server = self.keyturn("few")
        return server, server.issue(1000)

    @functools.cached_property
    def many(self):
        server = self.keyturn("many")
        return server, server.issue(self.issued)

    @functools.cached_property
    def scale(self):
        return scale.Scale(functools.partial(self.keyturn, keys=0), self.scaled, self.seconds)

    @functools.cached_property
    def rotating(self):
        return self.keyturn("rotating")

    @functools.cached_property
    def logged(self):
        """A vault beside a long audit log."""
        server = self.keyturn("logged", entries=self.entries)
        server.wait_for_index()
        return server

    def keyturn(self, name, keys=None, **more):
        self.running.append(servers.Keyturn(f"{self.folder}/{name}", self.options.program, **more))
        self.running[-1].fill(self.keys if keys is None else keys)
        return self.running[-1]

    def end(self, keep):
        for server in self.running:
            server.stop()
        if keep:
            print(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder)


def measure(bench, row, rounds):
    """The sides in turn, each once per round; the first round, which warms up, is left out where there are more."""
    found = {name: [] for name, _ in row.sides}
    for number in range(rounds + (0 if row.rounds else 1)):
        for name, side in row.sides:
            found[name].append(side(number))
    return {name: list[0 if row.rounds else 1:] for name, list in found.items()}


def main():
    known = {**rows.ROWS, **rows.ON_REQUEST}
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"all but `soak` and `scale` unless named (those take ten minutes each): {', '.join(known)}")
    parser.add_argument("--quick", action="store_true", help=f"fewer and shorter rounds of less: under two minutes; unless named without {', '.join(rows.NOT_QUICK)}")
    parser.add_argument("--full", action="store_true", help="more and longer rounds of as much as there may be: half an hour")
    parser.add_argument("--keys", type=int, default=1000, help="how many keys the vaults hold (default: 1000)")
    parser.add_argument("--issued", type=int, help="how many issued keys are many (default: 100,000; 10,000 with --quick, a million with --full)")
    parser.add_argument(
        "--rotated", type=int, help="how many keys are due at once (default: 20,000; 2,000 with --quick, 100,000 with --full)")
    parser.add_argument("--entries", type=int, help="how many entries an audit log has (default: a million; 200,000 with --quick, ten million with --full)")
    parser.add_argument(
        "--scaled", type=int, help="how many keys the largest vault of `scale` holds, at least 20,000 (default: a million, or 50,000 with --quick)")
    parser.add_argument("--rounds", type=int, help="how many rounds (default: 3; 2 with --quick, 5 with --full)")
    parser.add_argument("--work", help="where to make the vaults; the disk counts (default: the build folder)")
    parser.add_argument("--results", help="where to write the results (default: Benchmarks/results)")
    parser.add_argument("--keep", action="store_true", help="keep the vaults and logs")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--unaudited", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bare", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--commit", default="unknown", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.scaled is not None and options.scaled < 20_000:
        parser.error("--scaled: at least 20,000")
    if options.quick and options.full:
        parser.error("--quick or --full, not both")
    unknown = [name for name in options.rows if name not in known]
    if unknown:
        parser.error(f"there is no row {unknown[0]}; there are {', '.join(known)}")

    began = datetime.datetime.now(datetime.timezone.utc)
    result = {
        "time": began.isoformat(timespec="seconds"), "commit": options.commit, "quick": options.quick, "full": options.full,
        "keys": options.keys, "machine": processes.machine(), "rows": [],
    }
    bench = Bench(options)
    try:
        for name in options.rows or [name for name in rows.ROWS if not options.quick or name not in rows.NOT_QUICK]:
            made = known[name](bench)
            for row in made if isinstance(made, list) else [made]:
                print(f"    {row.name}: {row.what}", file=sys.stderr, flush=True)
                rounds = row.rounds or bench.rounds
                result["rows"].append(table.summary(row, measure(bench, row, rounds)))
    finally:
        bench.end(options.keep)
    result["seconds"] = round((datetime.datetime.now(datetime.timezone.utc) - began).total_seconds())

    print(table.text(result))
    os.makedirs(options.results, exist_ok=True)
    path = f"{options.results}/{began:%Y%m%d-%H%M%S}.json"
    with open(path, "w") as file:
        json.dump(result, file, indent=1)
    print(f"\nsaved: {path}")


if __name__ == "__main__":
    main()
