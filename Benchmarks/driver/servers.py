"""The servers that are measured: Keyturn, the same without its audit log, and nginx."""

import concurrent.futures
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

import auditlog

PASSPHRASE = b"the passphrase of a benchmark"
POLICY = """policy: bench
description: What the benchmark's caller does.
rules:
  - allow: [retrieve, list, inspect, write]
    keys: ["bench/**"]
  - allow: [verify]
    issuers: [bench]
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, what, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"bench: {what} did not happen within {seconds} seconds")
        time.sleep(0.005)


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a local socket."""

    def __init__(self, path, timeout=120):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Keyturn:
    """A server with its own vault in `folder`, unsealed."""

    def __init__(self, folder, program, unaudited=None, tls=None, connections=None, entries=0):
        self.folder, self.program, self.tls = folder, program, tls
        self.data, self.port = f"{folder}/data", free_port()
        self.audit = f"{folder}/log" if entries else f"{self.data}/audit"
        self.socket = f"{folder}/apps.sock"
        self.log = open(f"{folder}.log", "ab")
        policies = f"{folder}/policies"
        os.makedirs(policies, mode=0o755)
        with open(f"{policies}/bench.yaml", "w") as file:
            file.write(POLICY)
        os.chmod(f"{policies}/bench.yaml", 0o644)
        address = f"127.0.0.1:{self.port}"
        if entries:
            # A vault that is made beside a log goes on with it.
            self.rare = auditlog.make(self.audit, entries)
        if unaudited:
            os.makedirs(self.data, mode=0o700)
            self.command = [unaudited, self.data, policies, address]
        else:
            self.command = [program, "server", "--data", self.data, "--policies", policies, "--listen", address,
                            "--socket", self.socket, "--allow-unlocked-memory", "--log-level", "warning"]
            if connections:
                self.command += ["--connections", str(connections)]
            if entries:
                self.command += ["--audit", self.audit]
            if tls:
                self.command += ["--tls-certificate", tls[0], "--tls-key", tls[1]]
        self.start()
        self.environment = dict(os.environ, KEYTURN_DATA=self.data, KEYTURN_PASSPHRASE_FILE=f"{folder}/passphrase")
        self.environment.pop("KEYTURN_ADDRESS", None)
        with open(f"{folder}/passphrase", "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(PASSPHRASE)
        self.administrator = json.loads(self.run("init", "--accept-recovery-code", "--json"))["access_key"]
        self.key = self.call("POST", "/v1/issuers/keyturn/keys", {"name": "bench", "policies": ["bench"]})["key"]

    def start(self):
        """Starts the server, and returns how many seconds passed until it answered."""
        began = time.monotonic()
        self.process = subprocess.Popen(self.command, stdout=self.log, stderr=self.log)
        wait_until(self.answers, "Keyturn's start")
        return time.monotonic() - began

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    def answers(self):
        if self.process.poll() is not None:
            raise SystemExit(f"bench: a server ended; see {self.log.name}")
        try:
            self.operator("GET", "/v1/status")
            return True
        except OSError:
            return False

    def operator(self, method, path, body=None):
        """One call through the operator's socket."""
        connection = UnixConnection(f"{self.data}/keyturn.sock")
        try:
            connection.request(method, path, body)
            reply = connection.getresponse()
            text = reply.read()
            if reply.status >= 300:
                raise SystemExit(f"bench: {method} {path}: {reply.status} {text.decode()}")
            return json.loads(text) if text else None
        finally:
            connection.close()

    def call(self, method, path, value):
        """One call as administrator."""
        connection = UnixConnection(f"{self.data}/keyturn.sock")
        try:
            connection.request(
                method, path, None if value is None else json.dumps(value),
                {"Authorization": f"Bearer {self.administrator}", "Content-Type": "application/json"})
            reply = connection.getresponse()
            text = reply.read()
            if reply.status >= 300:
                raise SystemExit(f"bench: {method} {path}: {reply.status} {text.decode()}")
            return json.loads(text)
        finally:
            connection.close()

    def unseal(self):
        self.operator("POST", "/v1/seal:unseal", PASSPHRASE)

    def bearer(self):
        """The header of the benchmark's own access key."""
        return {"Authorization": f"Bearer {self.key}"}

    def data_bytes(self):
        """The sizes of the store's files."""
        return [os.path.getsize(f"{self.data}/{name}") for name in os.listdir(self.data) if name.startswith("vault.db")]

    def fill(self, count, path=None):
        """Stores `count` keys at bench/service-N/key-N, or at `path` with N in the place of %d; N from 0. Several batches are
        on their way at once: while one is made, others are sealed and written."""
        def store(first):
            keys = [
                {"path": path % n if path else f"bench/service-{n % 97}/key-{n}", "fields": {"value": f"sk_live_{n:039d}"},
                 "name": f"Key number {n}", "provider": "stripe" if n % 10 else "mailgun", "tags": ["bench"]}
                for n in range(first, min(count, first + 1000))
            ]
            self.call("POST", "/v1/keys:import", {"keys": keys})

        with concurrent.futures.ThreadPoolExecutor(4) as writers:
            for _ in writers.map(store, range(0, count, 1000)):
                pass

    def fill_rotated(self, count, schedule):
        """Stores `count` keys at rotated/key-N that are rotated at `schedule`, with 32 writers."""
        body = json.dumps({"fields": {"value": "first"}, "rotation": {"rotator": "generate", "schedule": schedule}})
        headers = {"Authorization": f"Bearer {self.administrator}", "Content-Type": "application/json"}
        failed = []

        def store(first):
            connection = UnixConnection(self.socket)
            for number in range(first, count, 32):
                connection.request("PUT", f"/v1/keys/rotated/key-{number}", body, headers)
                reply = connection.getresponse()
                text = reply.read()
                if reply.status != 201:
                    failed.append(f"{reply.status} {text.decode()}")
                    break
            connection.close()

        writers = [threading.Thread(target=store, args=(first,)) for first in range(32)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        if failed:
            raise SystemExit(f"bench: a key was not stored: {failed[0]}")

    def left_to_rotate(self, due):
        """Whether a key is still due at `due`, in seconds since 1970."""
        before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(due + 1))
        return self.call("GET", f"/v1/rotations?due_before={before}&limit=1", None)["rotations"]

    def check_rotated(self, count):
        """That the last key has had one rotation, and not more."""
        key = self.call("GET", f"/v1/keys/rotated/key-{count - 1}", None)
        if key["current"] != 2:
            raise SystemExit(f"bench: a key was not rotated once: version {key['current']}")

    def issue(self, count):
        """Makes the issuer `bench` with `count` keys whose texts are known: bench-N with twelve digits. Returns another
        one that it issues."""
        self.call("POST", "/v1/issuers", {"name": "bench"})
        for first in range(0, count, 1000):
            texts = [f"bench-{n:012d}" for n in range(first, min(count, first + 1000))]
            keys = [{"name": text, "sha256": hashlib.sha256(text.encode()).hexdigest()} for text in texts]
            self.call("POST", "/v1/issuers/bench/keys:import", {"keys": keys})
        return self.call("POST", "/v1/issuers/bench/keys", {"name": "bench"})["key"]

    def run(self, *arguments):
        """Runs the command line, as administrator where there is one, and returns what it prints."""
        environment = dict(self.environment)
        if hasattr(self, "administrator"):
            environment["KEYTURN_ACCESS_KEY"] = self.administrator
        return subprocess.run([self.program, *arguments], env=environment, check=True, capture_output=True).stdout

    @property
    def log_files(self):
        """The files of the audit log, in the order of the chain."""
        return [f"{self.audit}/{name}" for name in sorted(os.listdir(self.audit)) if name.startswith("audit-")]

    def wait_for_index(self):
        """Waits until the index of every closed file of the audit log is made."""
        wait_until(
            lambda: sum(name.startswith("index-") for name in os.listdir(self.audit)) >= len(self.log_files) - 1,
            "the index of the audit log", 600)

    def get(self, path, headers=None):
        """One request with the benchmark's own access key: status, headers and body."""
        connection = UnixConnection(f"{self.data}/keyturn.sock")
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.key}", **(headers or {})})
            reply = connection.getresponse()
            return reply.status, dict(reply.getheaders()), reply.read()
        finally:
            connection.close()


class Program:
    """Another server, which is ended by SIGTERM."""

    @property
    def pid(self):
        return self.process.pid

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)


class Bare(Program):
    """SwiftNIO, answering everything with the bytes of one file."""

    def __init__(self, program, path):
        self.port = free_port()
        self.process = subprocess.Popen([program, str(self.port), path], stdout=subprocess.DEVNULL)
        wait_until(self.answers, "the bare server's start")

    def answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


class Nginx(Program):
    """Serves one file on TCP, on TLS and on a local socket, and logs each request."""

    def __init__(self, folder, body, certificate, key):
        self.port, self.tls_port, self.socket = free_port(), free_port(), f"{folder}/nginx.sock"
        os.makedirs(f"{folder}/files")
        with open(f"{folder}/files/value", "wb") as file:
            file.write(body)
        os.chmod(folder, 0o755)
        with open(f"{folder}/nginx.conf", "w") as file:
            file.write(f"""
{"user root;" if os.getuid() == 0 else ""}
daemon off;
worker_processes auto;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log {folder}/access.log;
    default_type application/json;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
    uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
    server {{
        listen 127.0.0.1:{self.port};
        listen 127.0.0.1:{self.tls_port} ssl;
        listen unix:{self.socket};
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        root {folder}/files;
    }}
}}
""")
        self.process = subprocess.Popen(
            ["/usr/sbin/nginx", "-p", folder, "-c", f"{folder}/nginx.conf"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        wait_until(lambda: os.path.exists(self.socket) and os.path.exists(f"{folder}/nginx.pid"), "nginx's start")
