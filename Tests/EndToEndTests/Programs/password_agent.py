"""Runs a shell command and answers what it asks for with systemd-ask-password, as an agent does: password_agent.py COMMAND
PASSWORD-FILE ID. Exits as the command does."""
import glob
import os
import socket
import subprocess
import sys
import time

command, file, wanted = sys.argv[1:4]
password = open(file, "rb").read().rstrip(b"\n")
os.makedirs("/run/systemd/ask-password", exist_ok=True)
running = subprocess.Popen(["/bin/sh", "-c", command])
answered = set()
end = time.monotonic() + 120
while running.poll() is None and time.monotonic() < end:
    for question in glob.glob("/run/systemd/ask-password/ask.*"):
        try:
            lines = open(question).read().splitlines()
        except OSError:
            continue
        members = dict(line.split("=", 1) for line in lines if "=" in line)
        if question in answered or members.get("Id") != wanted or "Socket" not in members:
            continue
        agent = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        agent.connect(members["Socket"])
        agent.send(b"+" + password)
        answered.add(question)
    time.sleep(0.02)
if running.poll() is None:
    running.kill()
sys.exit(running.wait())
