"""Runs a program at a terminal of its own and types what it is told to.

Usage: at_a_terminal.py DIALOGUE PROGRAM [ARGUMENT...]

DIALOGUE is JSON: a list of pairs of a text to wait for and a text to type then. `{code}` in what is typed stands for the
recovery code that the program has shown. Prints all that was on the screen, and ends with the program's exit code.
"""
import json
import os
import pty
import re
import select
import signal
import sys
import time

dialogue = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    # As at a terminal, also where this was started in the background or by a thread that blocks signals.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    os.execv(sys.argv[2], sys.argv[2:])
screen = ""
seen = 0
end = time.monotonic() + 240
while time.monotonic() < end:
    ready, _, _ = select.select([terminal], [], [], 0.1)
    if ready:
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        screen += more.decode("utf-8", "replace")
    if dialogue and dialogue[0][0] in screen[seen:]:
        seen = screen.index(dialogue[0][0], seen) + len(dialogue[0][0])
        code = re.search(r"KTR1(-[0-9A-Z]{5})+", screen)
        os.write(terminal, (dialogue.pop(0)[1].replace("{code}", code.group(0) if code else "") + "\n").encode())
sys.stdout.write(screen)
sys.stdout.flush()
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))
