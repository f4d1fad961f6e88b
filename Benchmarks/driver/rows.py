"""What is measured. A row has sides, which are measured one after the other in each round, and a ratio of the first side
to the second. To add one, write a function that returns a `Row` and put it into `ROWS`."""

import fcntl
import json
import os
import subprocess
import time

import auditlog
import crowd
import hammer
import load
import processes
import waiters
from scale import SMALL

KEY = "bench/service-0/key-0"


class Row:
    def __init__(self, name, what, sides, unit="req/s", rounds=None, compare=True):
        self.name, self.what, self.sides, self.unit, self.rounds = name, what, sides, unit, rounds
        self.compare = compare


def _bearer(server, **more):
    return {"Authorization": f"Bearer {server.key}", **more}


def retrieve(bench):
    return Row("retrieve", "one value over TCP; nginx: a file of the same size", [
        ("keyturn", lambda n: load.network(
            bench.plain, bench.plain.url, f"/v1/values/{KEY}", bench.seconds, headers=_bearer(bench.plain))),
        ("nginx", lambda n: load.network(
            bench.nginx, f"http://127.0.0.1:{bench.nginx.port}", "/value", bench.seconds)),
    ])


def bare(bench):
    return Row("bare", "SwiftNIO alone, which gives every request the same reply: the most that is in it", [
        ("swift-nio", lambda n: load.network(
            bench.bare, f"http://127.0.0.1:{bench.bare.port}", f"/v1/values/{KEY}", bench.seconds, headers=_bearer(bench.plain))),
        ("nginx", lambda n: load.network(
            bench.nginx, f"http://127.0.0.1:{bench.nginx.port}", "/value", bench.seconds)),
    ])


def retrieve_tls(bench):
    return Row("retrieve-tls", "the same over TLS 1.3; nginx: with the same certificate", [
        ("keyturn", lambda n: load.network(
            bench.tls, bench.tls.url, f"/v1/values/{KEY}", bench.seconds, headers=_bearer(bench.tls))),
        ("nginx", lambda n: load.network(
            bench.nginx, f"https://127.0.0.1:{bench.nginx.tls_port}", "/value", bench.seconds)),
    ])


def retrieve_socket(bench):
    return Row("retrieve-socket", "the same over a local socket", [
        ("keyturn", lambda n: load.local(
            bench.plain, bench.plain.socket, f"/v1/values/{KEY}", bench.seconds, bench.hammer, bench.folder,
            _bearer(bench.plain))),
        ("nginx", lambda n: load.local(
            bench.nginx, bench.nginx.socket, "/value", bench.seconds, bench.hammer, bench.folder)),
    ])


def audit_cost(bench):
    def side(server):
        return lambda n: load.network(
            server, server.url, f"/v1/values/{KEY}", bench.seconds, headers=_bearer(server))
    return Row("audit-cost", "retrieve with the audit log, and without it", [
        ("audited", side(bench.plain)), ("unaudited", side(bench.unaudited))])


def conditional(bench):
    tag = bench.plain.get(f"/v1/values/{KEY}")[1]["ETag"]
    return Row("conditional", "a value that the caller has already (304)", [
        ("keyturn", lambda n: load.network(
            bench.plain, bench.plain.url, f"/v1/values/{KEY}", bench.seconds,
            headers=_bearer(bench.plain, **{"If-None-Match": tag}))),
    ])


def bundle(bench):
    keys = [{"path": f"bench/service-{n}/key-{n}"} for n in range(20)]
    return Row("bundle", "20 values in one answer", [
        ("keyturn", lambda n: load.network(
            bench.plain, bench.plain.url, "/v1/values", bench.seconds, "POST",
            _bearer(bench.plain, **{"Content-Type": "application/json"}), json.dumps({"keys": keys}))),
    ])


def _verify(server, body, seconds, count=1):
    return load.network(
        server, server.url, "/v1/verify", seconds, "POST", _bearer(server, **{"Content-Type": "application/json"}), body,
        count=count)


def verify(bench):
    body = json.dumps({"key": bench.few[1]})
    return Row("verify", "one issued key of a thousand; nginx: a file of the size of a value", [
        ("keyturn", lambda n: _verify(bench.few[0], body, bench.seconds)),
        ("nginx", lambda n: load.network(
            bench.nginx, f"http://127.0.0.1:{bench.nginx.port}", "/value", bench.seconds)),
    ])


def verify_many(bench):
    body = '{"key": "bench-%012d"}'
    return Row("verify-many", f"any one of {bench.issued:,} issued keys, and of a thousand", [
        ("many", lambda n: _verify(bench.many[0], body, bench.seconds, bench.issued)),
        ("thousand", lambda n: _verify(bench.few[0], body, bench.seconds, 1000)),
    ])


def write(bench):
    body = json.dumps({"fields": {"value": "sk_live_" + "0" * 39}, "name": "Written by a benchmark"})

    def keyturn(n):
        return load.network(
            bench.plain, bench.plain.url, "/v1/keys/bench/written/%d", bench.seconds, "PUT",
            _bearer(bench.plain, **{"Content-Type": "application/json"}), body, first=n * 1_000_000)

    def sqlite(n):
        path = f"{bench.folder}/commits-{n}.db"
        setup = "PRAGMA journal_mode=WAL; CREATE TABLE r(k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID;"
        subprocess.run(["sqlite3", path, setup], check=True, capture_output=True)
        before, began = os.times(), time.monotonic()
        shell = subprocess.Popen(["sqlite3", path], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        fcntl.fcntl(shell.stdin, fcntl.F_SETPIPE_SZ, 4096)  # Little is on its way when time is up.
        shell.stdin.write(b"PRAGMA synchronous=FULL;\n")
        while time.monotonic() < began + bench.seconds:
            shell.stdin.write(b"INSERT INTO r VALUES(randomblob(16), randomblob(600));\n" * 20)
            shell.stdin.flush()
        shell.communicate()
        took, after = time.monotonic() - began, os.times()
        cpu = after.children_user + after.children_system - before.children_user - before.children_system
        count = int(subprocess.run(
            ["sqlite3", path, "SELECT count(*) FROM r"], check=True, capture_output=True).stdout)
        return {"rate": count / took, "p50": took / count * 1000, "p99": None, "cpu": cpu * 100_000 / count,
                "memory": None}

    return Row("write", "32 writers, each answered when durable; SQLite: one commit after the other", [
        ("keyturn", keyturn), ("sqlite3", sqlite)])


def rotation(bench):
    """All keys are due at one minute of the clock, which is as far away as storing them may take."""
    found = {}

    def at_rest(n):
        return load.network(
            bench.rotating, bench.rotating.url, f"/v1/values/{KEY}", bench.seconds, headers=_bearer(bench.rotating))

    def meanwhile(n):
        server, count = bench.rotating, bench.rotated
        due = (int(time.time() + 10 + count / 500) // 60 + 1) * 60
        server.fill_rotated(count, time.strftime("%M %H * * *", time.gmtime(due)))
        if time.time() > due - 2:
            raise SystemExit("bench: storing the keys took too long for them to be due at once")
        before = processes.cpu_seconds(server.pid)
        time.sleep(due - time.time())
        retrieved = at_rest(n)
        left = server.left_to_rotate(due)
        while left:
            time.sleep(0.1)
            left = server.left_to_rotate(due)
        took = time.time() - due
        server.check_rotated(count)
        cpu = processes.cpu_seconds(server.pid) - before
        found["all"] = {"rate": count / took, "p50": None, "p99": None, "cpu": cpu * 100_000 / count,
                        "memory": processes.resident_mib(server.pid)}
        return retrieved

    return Row(
        "rotation", f"retrieval while {bench.rotated:,} keys are due at once (`generate`), and at rest; rotations", [
            ("meanwhile", meanwhile), ("at rest", at_rest), ("rotations", lambda n: found["all"])], rounds=1)


def listing(bench):
    return Row("list", "a page of 100 keys", [
        ("keyturn", lambda n: load.network(
            bench.plain, bench.plain.url, "/v1/keys?prefix=bench/&limit=100", bench.seconds,
            headers=_bearer(bench.plain))),
    ])


def search(bench):
    return Row("search", "words that one key in ten has, the first 100", [
        ("keyturn", lambda n: load.network(
            bench.plain, bench.plain.url, "/v1/keys?query=mailgun&limit=100", bench.seconds,
            headers=_bearer(bench.plain))),
    ])


def _seconds(took, pid=None):
    return {"rate": 1 / took, "p50": took * 1000, "p99": None, "cpu": None,
            "memory": processes.resident_mib(pid) if pid else None}


def _argon2():
    began = time.monotonic()
    subprocess.run(
        ["argon2", "saltsaltsaltsalt", "-id", "-t", "3", "-k", "262144", "-p", "4", "-l", "32", "-r"],
        input=b"the passphrase of a benchmark", check=True, capture_output=True)
    return _seconds(time.monotonic() - began)


def unseal(bench):
    def keyturn(n):
        server = bench.tls
        server.operator("POST", "/v1/seal:seal")
        began = time.monotonic()
        server.operator("POST", "/v1/seal:unseal", b"the passphrase of a benchmark")
        return _seconds(time.monotonic() - began, server.pid)

    return Row("unseal", "from the passphrase to open; argon2: the same costs, the hash alone", [
        ("keyturn", keyturn), ("argon2", lambda n: _argon2())], unit="1/s")


def start(bench):
    def keyturn(n):
        bench.tls.stop()
        took = bench.tls.start()
        found = _seconds(took, bench.tls.pid)
        bench.tls.operator("POST", "/v1/seal:unseal", b"the passphrase of a benchmark")
        return found
    return Row("start", "from exec to the first answer, sealed", [("keyturn", keyturn)], unit="1/s")


def waiting(bench):
    """Ten thousand who wait for ten keys; fewer in a quick run."""
    count = bench.waiters
    paths = [f"bench/waited-{n}" for n in range(10)]

    def keyturn(n):
        server = bench.crowded
        keys = [
            server.call("POST", "/v1/issuers/keyturn/keys", {"name": f"waiter {k}", "policies": ["bench"]})["key"]
            for k in range(10)]
        found = waiters.measure(server.port, server.pid, count, keys, server.administrator, paths)
        if found["told"] != count or found["wrong"]:
            raise SystemExit(f"bench: of {count} who waited {found['told']} were told")
        print(f"  {count:,} waiters: {found['bytes_each']:,} bytes each, told after {found['first_ms']:.0f} to "
              f"{found['last_ms']:.0f} ms, the change acknowledged after {found['acknowledged_ms']:.0f} ms", flush=True)
        return {"rate": count / found["last_ms"] * 1000, "p50": found["median_ms"], "p99": found["last_ms"], "cpu": None,
                "memory": found["bytes_each"] * count / 1048576}

    return Row("waiters", f"{count:,} who wait for ten keys are told of a change: told a second; p99 is the last of them; "
               "memory is what all of them take", [("keyturn", keyturn)], unit="1/s")


def starting(bench):
    """A thousand programs that start together against a vault that was just restarted and is opened after six seconds."""
    count, seconds = 1_000, 6

    def keyturn(n):
        server = bench.plain
        server.stop()
        server.start()
        found = crowd.measure(
            server.port, server.pid, count, server.key, KEY, b"the passphrase of a benchmark",
            f"{server.data}/keyturn.sock", seconds)
        if found["served"] != count or found["refused"]:
            raise SystemExit(f"bench: of {count} programs {found['served']} were served, {found['refused']} refused")
        took = found["last_served_at"] - found["unsealed_at"]
        print(f"  {count:,} programs: {found['asked']:,} questions, at most {found['most_in_a_tenth_later']} asked again in a "
              f"tenth of a second; all served {took:.1f} s after the vault was open; {found['descriptors']} "
              f"descriptors, {found['memory_grew'] / 1048576:.0f} MiB more", flush=True)
        return {"rate": count / took, "p50": None, "p99": took * 1000, "cpu": None,
                "memory": found["memory_grew"] / 1048576}

    return Row("crowd", f"{count:,} programs that start together against a sealed vault: served a second once it is open; "
               "p99 is the last of them; memory is what all of them take", [("keyturn", keyturn)], unit="1/s", rounds=1)


def hammering(bench):
    """Whether a limit holds, and how much of it gets through, while many ask at the same time."""
    clients, uses, seconds = 64, 100, 10

    def keyturn(n):
        server = bench.few[0]
        made = server.call("POST", "/v1/issuers/bench/keys", {"name": f"hammered {n}", "limits": [f"{uses}/s"]})
        before = processes.cpu_seconds(server.pid)
        found = hammer.measure(server.port, server.key, made["key"], clients, uses, seconds)
        cpu = processes.cpu_seconds(server.pid) - before
        print(f"  {clients} clients: {found['requests']:,} requests, {found['passed']:,} passed of {found['allowed']:,}, at most "
              f"{found['most']} in a second", flush=True)
        if found["most"] > uses or set(found["codes"]) - {"VALID", "RATE_LIMITED"}:
            raise SystemExit(f"bench: a limit of {uses}/s did not hold, or something else went wrong: {found}")
        return {"rate": found["passed"] / seconds, "p50": found["p50_ms"], "p99": found["p99_ms"],
                "cpu": cpu * 100_000 / found["requests"], "memory": processes.resident_mib(server.pid)}

    return Row("hammer", f"{clients} clients hammer one issued key with a limit of {uses}/s for {seconds} s: how many pass a second",
               [("keyturn", keyturn)], unit="1/s", rounds=1)


def _timed(command, expected=None):
    """Runs a command over a log and says how long that took. Its lines are counted, so that it has to write them."""
    began = time.monotonic()
    found = subprocess.run(command, check=True, capture_output=True).stdout
    took = time.monotonic() - began
    if expected is not None and found.count(b"\n") != expected:
        raise SystemExit(f"bench: {command[0]} found {found.count(10)} lines instead of {expected}")
    return {"rate": 1 / took, "p50": took * 1000, "p99": None, "cpu": None, "memory": None}


def _readers(bench):
    """grep and jq, which look for the reads of the same key in the same files: not for Keyturn's searches, which are entries
    of that key, too, and have no version."""
    server = bench.logged
    reads = f'select(.action == "retrieve" and .key == "{auditlog.RARE}")'
    return [
        ("grep", lambda n: _timed(["grep", "-hF", f'"key":"{auditlog.RARE}","version":', *server.log_files], server.rare)),
        ("jq", lambda n: _timed(["jq", "-c", reads, *server.log_files], server.rare)),
    ]


def audit_verify(bench):
    server = bench.logged

    def keyturn(n):
        began = time.monotonic()
        reply = json.loads(server.run("audit", "verify", "--json", "--log", server.audit))
        took = time.monotonic() - began
        if not reply["ok"] or reply["entries"] < bench.entries:
            raise SystemExit(f"bench: the log did not verify: {reply}")
        return {"rate": 1 / took, "p50": took * 1000, "p99": None, "cpu": None, "memory": None}

    return Row(
        "audit-verify", f"the chain of {bench.entries:,} entries, from the first to the last; grep and jq: one search in them",
        [("keyturn", keyturn), *_readers(bench)], unit="1/s", rounds=1)


def audit_search(bench):
    server = bench.logged

    def keyturn(n):
        began = time.monotonic()
        found = server.run("audit", "search", "--key", auditlog.RARE, "--action", "retrieve", "--json")
        took = time.monotonic() - began
        if found.count(b"\n") != server.rare:
            raise SystemExit(f"bench: the search found {found.count(10)} entries instead of {server.rare}")
        return {"rate": 1 / took, "p50": took * 1000, "p99": None, "cpu": None,
                "memory": processes.resident_mib(server.pid)}

    return Row(
        "audit-search", f"all reads of one rare key in {bench.entries:,} entries, by the command line; grep and jq: the same",
        [("keyturn", keyturn), *_readers(bench)], unit="1/s", rounds=1)


def soak(bench):
    """Only when named: ten minutes, with the resident memory after each."""
    return Row("soak", "a minute of retrieval each round: the memory must not grow", [
        ("keyturn", lambda n: load.network(
            bench.plain, bench.plain.url, f"/v1/values/{KEY}", 60, headers=_bearer(bench.plain))),
    ], rounds=10)


def scale(bench):
    """Only when named: what a million keys change."""
    vaults, most, tenth, few = bench.scale, bench.scaled, bench.scaled // 10, SMALL
    opened = {}

    def keyturn(n):
        opened.update(vaults.open())
        return dict(opened)

    def argon2(n):
        found = _argon2()
        print(f"  {most:,} keys: open {(opened['p50'] - found['p50']) / 1000:.2f} s above argon2 (a thousand: "
              f"{(opened['small_unseal_ms'] - found['p50']) / 1000:.2f} s), {opened['bytes_for_each_key']:.0f} bytes of memory "
              f"a key, sealed start {opened['start_ms']:.0f} ms", flush=True)
        return found

    return [
        Row("scale-retrieve", f"any of a thousand keys in a vault of {most:,}, of {few:,} and of {tenth:,}; "
            "any of all of them", [
            (f"{most:,}", lambda n: vaults.retrieve(most)), (f"{few:,}", lambda n: vaults.retrieve(few)),
            (f"{tenth:,}", lambda n: vaults.retrieve(tenth)), ("any", lambda n: vaults.retrieve(most, most))]),
        Row("scale-unseal", f"a restarted vault of {most:,} keys, from the passphrase to open; argon2: the hash alone", [
            ("keyturn", keyturn), ("argon2", argon2)], unit="1/s", rounds=1 if bench.quick else 3),
        Row("scale-search", f"one client searches {most:,} keys while 32 retrieve: for one key, for what one in ten has "
            "(the first 100), for what none has", [
                ("one", lambda n: vaults.search("key-%d", most // 2 + n * 10_000)),
                ("many", lambda n: vaults.search("mailgun")),
                ("none", lambda n: vaults.search("key-%d", 7 * most))], compare=False),
    ]


ROWS = {
    "retrieve": retrieve,
    "bare": bare,
    "retrieve-tls": retrieve_tls,
    "retrieve-socket": retrieve_socket,
    "audit-cost": audit_cost,
    "conditional": conditional,
    "bundle": bundle,
    "verify": verify,
    "verify-many": verify_many,
    "hammer": hammering,
    "list": listing,
    "search": search,
    "write": write,
    "rotation": rotation,
    "unseal": unseal,
    "start": start,
    "waiters": waiting,
    "crowd": starting,
    "audit-verify": audit_verify,
    "audit-search": audit_search,
}

# Left out of a quick run.
NOT_QUICK = ["verify-many", "hammer", "waiters", "crowd", "audit-verify", "audit-search"]

# Too long for every run.
ON_REQUEST = {"soak": soak, "scale": scale}
