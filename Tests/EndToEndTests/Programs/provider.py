"""A provider of API keys, for tests: an HTTP server on a port of this host that remembers the keys it made.

Usage: provider.py PORT FOLDER

POST /keys {"name"} makes a key, GET /keys lists them, GET /self says whether the bearer's key is good, DELETE /keys/ID
ends one, GET /state tells everything. Where FOLDER holds a file `hold-STEP-before` or `hold-STEP-after` (STEP is create,
list, test or retire), a request of that step makes the file `reached` and waits, before it has its effect or before it
is answered, until the hold is gone; once it has had its effect and goes on, it makes the file `done`.
"""
import http.server
import json
import os
import secrets
import sys
import threading
import time

port, folder = int(sys.argv[1]), sys.argv[2]
lock = threading.Lock()
keys = {}
ended = []


def note(name):
    with open(f"{folder}/{name}", "w"):
        pass


def hold(step, when):
    """Whether it had to wait."""
    path = f"{folder}/hold-{step}-{when}"
    waited = False
    while os.path.exists(path):
        waited = True
        note("reached")
        time.sleep(0.01)
    return waited


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def answer(self, status, value=None):
        body = json.dumps(value).encode() if value is not None else b""
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            pass  # Whoever asked is gone.

    def step(self, name, effect):
        waited = hold(name, "before")
        with lock:
            status, value = effect()
        if hold(name, "after") or waited:
            note("done")
        self.answer(status, value)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))

        def create():
            identifier = f"k{len(keys) + len(ended) + 1}"
            keys[identifier] = {"id": identifier, "name": asked["name"], "value": secrets.token_hex(16)}
            return 201, keys[identifier]
        self.step("create", create)

    def do_GET(self):
        if self.path == "/state":
            with lock:
                return self.answer(200, {"keys": list(keys.values()), "ended": ended})
        if self.path == "/self":
            given = (self.headers.get("Authorization") or "").removeprefix("Bearer ")

            def test():
                good = any(key["value"] == given for key in keys.values())
                return (200, {"ok": True}) if good else (401, {"ok": False})
            return self.step("test", test)
        self.step("list", lambda: (200, {"data": [{"id": k["id"], "name": k["name"]} for k in keys.values()]}))

    def do_DELETE(self):
        identifier = self.path.rpartition("/")[2]

        def retire():
            if keys.pop(identifier, None) is None:
                return 404, None
            ended.append(identifier)
            return 204, None
        self.step("retire", retire)


server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
server.daemon_threads = True
sys.stdout.write("serving\n")
sys.stdout.flush()
server.serve_forever()
