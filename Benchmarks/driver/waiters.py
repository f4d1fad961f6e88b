"""Many who wait for a few keys to change: what each costs, and how long it takes until the last of them is told.

Usage: waiters.py PORT PID COUNT KEY-FILE ADMINISTRATOR-FILE PATH...

KEY-FILE has access keys, one on a line, which the waiters present in turn. All the keys at PATH... are changed in one
request. Prints one JSON object: bytes of the server's memory for each waiter, a connection that is idle included, and
milliseconds from the request that changed the keys to the first, the middle and the last answer.
"""

import http.client
import json
import resource
import selectors
import socket
import sys
import time


# Seconds for which a request may wait: the most that the API takes.
LONGEST = 60


def resident(pid):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))


def descriptors(pid):
    with open(f"/proc/{pid}/limits") as file:
        return next(line.split()[3] for line in file if line.startswith("Max open files"))


class Vault:
    def __init__(self, port, key):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.key = key

    def ask(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.key}"}
        if body is not None:
            body, headers["Content-Type"] = json.dumps(body), "application/json"
        self.connection.request(method, path, body, headers)
        reply = self.connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()


def waiting(vault):
    text = vault.ask("GET", "/v1/metrics")[2].decode()
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("keyturn_waiting_requests "))


def change(vault, paths, text):
    keys = [{"path": path, "fields": {"value": text}} for path in paths]
    status, _, body = vault.ask("POST", "/v1/keys:import", {"keys": keys, "replace": True})
    if status != 200:
        raise SystemExit(f"waiters: {status} {body.decode()}")


class Waiter:
    """A connection on which a value is awaited; again where the time was over before there was another one."""

    def __init__(self, port, path, key, tag):
        self.request = (
            f"GET /v1/values/{path}?wait={LONGEST}s HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {key}\r\nIf-None-Match: {tag}\r\n\r\n").encode()
        self.client = socket.create_connection(("127.0.0.1", port), 120)
        self.ask()

    def ask(self):
        self.asked = time.monotonic()
        self.client.sendall(self.request)

    def answer(self):
        """What was answered, once there is something to read; None where it is asked again."""
        reply = self.client.recv(4096)
        # One that comes before its time is an answer, and a wrong one.
        if reply.startswith(b"HTTP/1.1 304 ") and time.monotonic() - self.asked > LONGEST - 1:
            self.ask()
            return None
        return reply


def measure(port, pid, count, keys, administrator, paths):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 200), hard))
    operator = Vault(port, administrator)
    change(operator, paths, "sk_live_" + "0" * 31)
    tags = {path: Vault(port, keys[0]).ask("GET", f"/v1/values/{path}")[1]["ETag"] for path in paths}
    before = resident(pid)
    selector = selectors.EpollSelector()
    waiters = []
    for number in range(count):
        path = paths[number % len(paths)]
        waiter = Waiter(port, path, keys[number % len(keys)], tags[path])
        selector.register(waiter.client, selectors.EVENT_READ, waiter)
        waiters.append(waiter)
    end = time.monotonic() + 240
    while waiting(operator) < count:
        if time.monotonic() > end:
            raise SystemExit(f"waiters: {waiting(operator)} of {count} wait")
        for key, _ in selector.select(0.02):
            reply = key.data.answer()
            if reply is not None:
                raise SystemExit(f"waiters: answered before anything was changed: {reply[:60]}")
    after = resident(pid)
    began = time.monotonic()
    change(operator, paths, "sk_live_" + "1" * 31)
    acknowledged = time.monotonic() - began
    times, wrong = [], 0
    while len(times) < count:
        ready = selector.select(60)
        if not ready:
            break
        for key, _ in ready:
            reply = key.data.answer()
            if reply is None:
                continue
            times.append(time.monotonic() - began)
            wrong += not (reply.startswith(b"HTTP/1.1 200 ") and b"1111" in reply)
            selector.unregister(key.fileobj)
    left = waiting(operator)
    for waiter in waiters:
        waiter.client.close()
    return {
        "waiters": count, "bytes_each": (after - before) // count, "told": len(times), "wrong": wrong, "left": left,
        "acknowledged_ms": acknowledged * 1000, "first_ms": times[0] * 1000, "median_ms": times[len(times) // 2] * 1000,
        "last_ms": times[-1] * 1000, "descriptors": descriptors(pid),
    }


def main():
    port, pid, count = (int(text) for text in sys.argv[1:4])
    with open(sys.argv[4]) as file:
        keys = file.read().split()
    with open(sys.argv[5]) as file:
        administrator = file.read().strip()
    print(json.dumps(measure(port, pid, count, keys, administrator, sys.argv[6:])))


if __name__ == "__main__":
    main()
