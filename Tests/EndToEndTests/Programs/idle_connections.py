"""Opens connections to a port of this host and says nothing on them.

Usage: idle_connections.py PORT COUNT. Prints `open` when all have been begun, and holds them until its input ends.
"""
import errno
import resource
import socket
import sys

port, count = int(sys.argv[1]), int(sys.argv[2])
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, count + 100), hard))
held = []
for _ in range(count):
    connection = socket.socket()
    connection.setblocking(False)
    # Those that the server's queue has no room for stay on their way.
    if connection.connect_ex(("127.0.0.1", port)) not in (0, errno.EINPROGRESS):
        break
    held.append(connection)
sys.stdout.write(f"open {len(held)}\n")
sys.stdout.flush()
sys.stdin.read()
