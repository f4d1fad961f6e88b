"""Starts a server as systemd does and plays systemd's part: makes its sockets, listens to what it says, hands it
credentials.

Usage: service_manager.py SOCKET PORT WATCHDOG_USEC PROGRAM ARGUMENT...

SOCKET is the path of a local socket to hand over, PORT a port of 127.0.0.1; `-` for either hands none over. A client that
connects before the program runs is answered by it. Prints one JSON object when the program has ended: what it said, what
was answered, how it ended. The program is sent SIGTERM once it was ready and, where there is a watchdog, has shown three
signs of life.
"""
import http.client
import json
import os
import signal
import socket
import sys
import tempfile
import time

path, port, watchdog, program = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
PATIENCE = 120

folder = tempfile.mkdtemp()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
# An abstract name, as systemd uses in containers, where there is a local socket; else a path.
name = "\0keyturn-test-%d" % os.getpid() if path != "-" else os.path.join(folder, "notify")
notify.bind(name)
notify.settimeout(PATIENCE)

handed = []
if path != "-":
    local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    local.bind(path)
    os.chmod(path, 0o666)
    local.listen(64)
    handed.append(local)
if port != "-":
    tcp = socket.socket()
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    tcp.bind(("127.0.0.1", int(port)))
    tcp.listen(64)
    handed.append(tcp)

REQUEST = "GET /v1/status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"


def connect():
    clients = []
    for one in handed:
        client = socket.socket(one.family, socket.SOCK_STREAM)
        client.settimeout(PATIENCE)
        client.connect(one.getsockname())
        client.sendall((REQUEST % ("localhost:" + port if one.family == socket.AF_INET else "localhost")).encode())
        clients.append(client)
    return clients


def answers(clients):
    found = []
    for client in clients:
        text = b""
        while True:
            more = client.recv(65536)
            if not more:
                break
            text += more
        found.append(text.split(b"\r\n")[0].decode())
    return found


early = connect()
child = os.fork()
if child == 0:
    environment = dict(os.environ)
    environment["NOTIFY_SOCKET"] = name.replace("\0", "@")
    if watchdog != "0":
        environment["WATCHDOG_USEC"] = watchdog
        environment["WATCHDOG_PID"] = str(os.getpid())
    if handed:
        environment["LISTEN_PID"] = str(os.getpid())
        environment["LISTEN_FDS"] = str(len(handed))
        copies = [os.dup(one.fileno()) for one in handed]
        high = [os.dup2(copy, 100 + index, True) for index, copy in enumerate(copies)]
        for index, copy in enumerate(high):
            os.dup2(copy, 3 + index, True)
    os.closerange(3 + len(handed), 200)
    os.execve(program[0], program, environment)

said = []
result = {"said": said, "early": [], "late": []}
signs = 0
sent = False
end = time.monotonic() + PATIENCE
ended = None
while time.monotonic() < end:
    notify.settimeout(0.2)
    try:
        message = notify.recv(4096).decode()
        said.append(message)
        signs += "WATCHDOG=1" in message
    except socket.timeout:
        pass
    ready = any("READY=1" in message for message in said)
    if ready and not sent and (watchdog == "0" or signs >= 3):
        result["early"] = answers(early)
        result["late"] = answers(connect())
        os.kill(child, signal.SIGTERM)
        sent = True
    pid, status = os.waitpid(child, os.WNOHANG)
    if pid:
        ended = os.waitstatus_to_exitcode(status)
        break
if ended is None:
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
notify.settimeout(0.01)
try:
    while True:
        said.append(notify.recv(4096).decode())
except (socket.timeout, OSError):
    pass
result["ended"] = ended
print(json.dumps(result))
