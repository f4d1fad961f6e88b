"""A thousand programs that start at the same moment against a vault that has just been started and is still sealed.

Usage: crowd.py PORT PID COUNT KEY-FILE PATH PASSPHRASE-FILE SOCKET SECONDS

Each asks for the value, and after a 503 again after what `Retry-After` says and up to as long by chance. After SECONDS the
vault is unsealed through the operator's SOCKET. Prints one JSON object: how many were served and when, how the questions
spread over time, and the most memory and descriptors that the server took.
"""

import asyncio
import http.client
import itertools
import json
import os
import random
import resource
import socket
import sys
import time

import waiters

STEP = 0.1


async def ask(port, key, path):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"GET /v1/values/{path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {key}\r\n"
            "Connection: close\r\n\r\n".encode())
        reply = (await reader.read()).decode()
    finally:
        writer.close()
    head = reply.split("\r\n\r\n")[0].split("\r\n")
    wait = next((int(line.split(":")[1]) for line in head if line.lower().startswith("retry-after:")), None)
    return int(head[0].split()[1]) if head[0] else 0, wait


async def program(port, key, path, began, asked, again, served, refused):
    # When the question is due: where this one thread is late, all that are due come in a heap, and not by their doing.
    due = time.monotonic() - began
    for tries in itertools.count():
        asked.append(due)
        if tries > 0:
            again.append(due)
        try:
            status, wait = await ask(port, key, path)
        except OSError:
            status, wait = 0, None
        if status == 200:
            served.append(time.monotonic() - began)
            return
        if status not in (0, 503):
            refused.append(status)
            return
        pause = (wait or 1) + random.random() * (wait or 1)
        due = time.monotonic() - began + pause
        await asyncio.sleep(pause)


async def watch(pid, peaks):
    while True:
        peaks["memory"] = max(peaks["memory"], waiters.resident(pid))
        peaks["descriptors"] = max(peaks["descriptors"], len(os.listdir(f"/proc/{pid}/fd")))
        await asyncio.sleep(0.02)


def unseal(path, passphrase):
    connection = http.client.HTTPConnection("localhost", timeout=120)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    connection.request("POST", "/v1/seal:unseal", passphrase)
    if connection.getresponse().status != 200:
        raise SystemExit("crowd: the vault was not unsealed")


async def crowd(port, pid, count, key, path, passphrase, operator, seconds):
    peaks = {"memory": 0, "descriptors": 0}
    start = waiters.resident(pid)
    asked, again, served, refused = [], [], [], []
    began = time.monotonic()
    watcher = asyncio.create_task(watch(pid, peaks))
    programs = [
        asyncio.create_task(program(port, key, path, began, asked, again, served, refused)) for _ in range(count)]
    await asyncio.sleep(seconds)
    await asyncio.to_thread(unseal, operator, passphrase)
    opened = time.monotonic() - began
    await asyncio.wait_for(asyncio.gather(*programs), 120)
    watcher.cancel()
    steps, later = ([0] * (int(max(asked) / STEP) + 1) for _ in range(2))
    for moment in asked:
        steps[int(moment / STEP)] += 1
    # Nobody can spread the start itself.
    for moment in again:
        later[int(moment / STEP)] += 1
    return {
        "programs": count, "served": len(served), "refused": refused, "unsealed_at": opened,
        "last_served_at": max(served, default=None), "asked": len(asked), "by_tenth": steps,
        "most_in_a_tenth_later": max(later),
        "memory_grew": peaks["memory"] - start, "descriptors": peaks["descriptors"],
    }


def measure(port, pid, count, key, path, passphrase, operator, seconds):
    """What `crowd` finds, with as many descriptors as it takes."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * count + 200), hard))
    return asyncio.run(crowd(port, pid, count, key, path, passphrase, operator, seconds))


def main():
    port, pid, count = (int(text) for text in sys.argv[1:4])
    with open(sys.argv[4]) as file:
        key = file.read().strip()
    with open(sys.argv[6], "rb") as file:
        passphrase = file.read()
    print(json.dumps(measure(port, pid, count, key, sys.argv[5], passphrase, sys.argv[7], float(sys.argv[8]))))


if __name__ == "__main__":
    main()
