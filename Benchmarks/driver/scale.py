"""What changes with the number of keys: the same measurements of a vault with very many, with a tenth of them and with a
thousand."""

import threading
import time

import load
import processes

PATH = "bench/key-%d"
SMALL = 1_000


class Scale:
    """The three vaults. Each is restarted once it is filled: what a server that wrote its keys itself still holds in memory
    is not what another one needs for them."""

    def __init__(self, keyturn, most, seconds):
        self.seconds, self.most, self.servers = seconds, most, {}
        for count in (SMALL, most // 10, most):
            began = time.monotonic()
            server = keyturn(f"scale-{count}")
            server.fill(count, PATH)
            server.stop()
            size = sum(server.data_bytes())
            print(f"  {count:,} keys stored in {time.monotonic() - began:.0f} s; {size / count:,.0f} bytes of the data folder "
                  "for each", flush=True)
            self.restart(server)
            self.servers[count] = server

    @staticmethod
    def restart(server):
        """Seconds to the first answer and to open, and the memory then, in bytes."""
        start = server.start()
        began = time.monotonic()
        server.unseal()
        return start, time.monotonic() - began, processes.resident_mib(server.pid) * 1048576

    def retrieve(self, count, keys=SMALL):
        """Any of `keys` keys that lie all over the vault. What was retrieved before is in memory."""
        server = self.servers[count]
        return load.network(
            server, server.url, f"/v1/values/{PATH}", self.seconds, headers=server.bearer(), count=keys, step=count // keys)

    def open(self):
        """Restarts the largest and the smallest vault, and compares them."""
        found = {}
        for count in (self.most, SMALL):
            self.servers[count].stop()
            found[count] = self.restart(self.servers[count])
        start, seconds, memory = found[self.most]
        each = (memory - found[SMALL][2]) / (self.most - SMALL)
        return {"rate": 1 / seconds, "p50": seconds * 1000, "p99": None, "cpu": None, "memory": memory / 1048576,
                "start_ms": start * 1000, "bytes_for_each_key": each, "small_unseal_ms": found[SMALL][1] * 1000}

    def search(self, words, first=0):
        """One client that searches the largest vault while 32 retrieve from it."""
        server = self.servers[self.most]
        meanwhile = {}

        def retrieval():
            meanwhile.update(load.network(
                server, server.url, f"/v1/values/{PATH}", self.seconds + 1, headers=server.bearer(), count=SMALL,
                step=self.most // SMALL))

        thread = threading.Thread(target=retrieval)
        thread.start()
        time.sleep(0.5)
        found = load.network(
            server, server.url, f"/v1/keys?query={words}&limit=100", self.seconds, headers=server.bearer(), first=first,
            connections=1)
        thread.join()
        if not meanwhile:
            raise SystemExit("bench: nothing was retrieved meanwhile")
        found["cpu"] = None
        found["retrieved"] = meanwhile
        return found
