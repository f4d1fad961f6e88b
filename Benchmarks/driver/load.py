"""Puts load on a server, and says how it took it."""

import json
import os
import subprocess

import processes

HERE = os.path.dirname(os.path.abspath(__file__))
CONNECTIONS = 32


def _found(output):
    for line in output.splitlines():
        if line.startswith("BENCH "):
            return json.loads(line[6:])
    raise SystemExit(f"bench: the load generator said: {output}")


def _measured(pid, command, environment=None):
    before = processes.cpu_seconds(pid)
    output = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    cpu = processes.cpu_seconds(pid) - before
    found = _found(output)
    if found["failed"] or found["lost"]:
        raise SystemExit(f"bench: {' '.join(command)}: {found['failed']} refused, {found['lost']} lost")
    return {
        "rate": found["requests"] / found["seconds"], "p50": found["p50"] / 1000, "p99": found["p99"] / 1000,
        "cpu": cpu * 100_000 / max(found["requests"], 1), "memory": processes.resident_mib(pid),
    }


def network(server, url, path, seconds, method="GET", headers=None, body=None, first=0, count=1, step=1,
            connections=CONNECTIONS):
    """wrk, with two threads unless there is but one connection; `%d` in the path becomes a number that no other request has.
    With a `count` it becomes, as in the body, one below that by chance, times `step`."""
    environment = dict(
        os.environ, BENCH_METHOD=method, BENCH_FIRST=str(first), BENCH_COUNT=str(count), BENCH_STEP=str(step),
        BENCH_HEADERS="\n".join(f"{name}: {value}" for name, value in (headers or {}).items()))
    if body is not None:
        environment["BENCH_BODY"] = body
    if "%d" in path:
        environment["BENCH_PATH"] = path
    return _measured(
        server.pid,
        ["wrk", f"-t{min(connections, 2)}", f"-c{connections}", f"-d{seconds}", "--timeout", "10", "-s", f"{HERE}/report.lua",
         url + path.replace("%d", "0")], environment)


def local(server, socket, path, seconds, tool, folder, headers=None):
    """The load generator for local sockets, with as many connections."""
    lines = [f"GET {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    with open(f"{folder}/request", "w", newline="") as file:
        file.write("\r\n".join(lines) + "\r\n\r\n")
    return _measured(server.pid, [tool, socket, str(CONNECTIONS), str(seconds), f"{folder}/request"])
