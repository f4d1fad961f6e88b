"""Many clients hammer one issued key that has a limit over one second.

Usage: hammer.py PORT ACCESS-KEY-FILE ISSUED-KEY-FILE CLIENTS USES SECONDS

Each has the key verified again and again for SECONDS; the limit is USES a second. A use was decided on between its
question and its answer, so that those which were asked and answered within one second all fall into it, however busy the
machine is. Prints one JSON object: how many requests were answered with which code, how many passed and how many may, the
most that passed in any second, and the milliseconds that answers took.
"""

import collections
import http.client
import json
import sys
import threading
import time


class Client(threading.Thread):
    """One connection that asks until time is up."""

    def __init__(self, port, access_key, body, until):
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": "Bearer " + access_key, "Content-Type": "application/json"}
        self.body, self.until = body, until
        self.answers, self.error = [], None

    def run(self):
        try:
            while time.monotonic() < self.until:
                asked = time.monotonic()
                self.connection.request("POST", "/v1/verify", self.body, self.headers)
                code = json.loads(self.connection.getresponse().read())["code"]
                self.answers.append((asked, time.monotonic(), code))
        except (OSError, ValueError, KeyError, http.client.HTTPException) as error:
            self.error = repr(error)
        finally:
            self.connection.close()


def most_in_a_second(passed):
    return max((sum(asked >= begin and answered < begin + 1 for asked, answered in passed) for begin, _ in passed), default=0)


def measure(port, access_key, issued_key, clients, uses, seconds):
    """What all of them found; ends the program where one of them could not go on."""
    body = json.dumps({"key": issued_key})
    until = time.monotonic() + seconds
    all_clients = [Client(port, access_key, body, until) for _ in range(clients)]
    for client in all_clients:
        client.start()
    for client in all_clients:
        client.join()
    errors = [client.error for client in all_clients if client.error]
    if errors:
        raise SystemExit(f"hammer: {len(errors)} of {clients} clients could not go on: {errors[0]}")
    answers = [answer for client in all_clients for answer in client.answers]
    passed = [(asked, answered) for asked, answered, code in answers if code == "VALID"]
    times = sorted(answered - asked for asked, answered, _ in answers)
    return {
        "requests": len(answers), "codes": collections.Counter(code for _, _, code in answers),
        "passed": len(passed), "allowed": uses * seconds, "most": most_in_a_second(passed),
        "p50_ms": times[len(times) // 2] * 1000, "p99_ms": times[len(times) * 99 // 100] * 1000,
    }


def main():
    port, clients, uses = (int(sys.argv[place]) for place in (1, 4, 5))
    with open(sys.argv[2]) as file:
        access_key = file.read().strip()
    with open(sys.argv[3]) as file:
        issued_key = file.read().strip()
    print(json.dumps(measure(port, access_key, issued_key, clients, uses, float(sys.argv[6]))))


if __name__ == "__main__":
    main()
