"""Runs a shell command and answers what it asks for with systemd-ask-password, as an agent does: password_agent.py COMMAND
ID PASSWORD-FILE... The first question gets the first password, and each further one the next, or else the last again.
Prints what was asked, a line each, and exits as the command does."""
import glob
import os
import socket
import subprocess
import sys
import time

command, wanted = sys.argv[1:3]
passwords = [open(file, "rb").read().rstrip(b"\n") for file in sys.argv[3:]]
os.makedirs("/run/systemd/ask-password", exist_ok=True)
running = subprocess.Popen(["/bin/sh", "-c", command], stdout=sys.stderr)
answered = set()
end = time.monotonic() + 120
while running.poll() is None and time.monotonic() < end:
    for question in glob.glob("/run/systemd/ask-password/ask.*"):
        try:
            lines = open(question).read().splitlines()
        except OSError:
            continue
        members = dict(line.split("=", 1) for line in lines if "=" in line)
        place = members.get("Socket")
        if place in answered or members.get("Id") != wanted or place is None:
            continue
        agent = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            agent.connect(place)
        except OSError:
            continue
        agent.send(b"+" + passwords[min(len(answered), len(passwords) - 1)])
        answered.add(place)
        print(members.get("Message", ""), flush=True)
    time.sleep(0.02)
if running.poll() is None:
    running.kill()
sys.exit(running.wait())
