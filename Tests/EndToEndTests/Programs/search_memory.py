"""Searches the memory of a process for byte strings.

Usage: search_memory.py PID, with a byte string in hexadecimal on each line of standard input. Prints the numbers, from 0,
of the lines that were found. Has to be run as root.
"""
import re
import sys

pid = int(sys.argv[1])
markers = [bytes.fromhex(line.strip()) for line in sys.stdin if line.strip()]
longest = max(len(marker) for marker in markers)
found = set()
step = 16 << 20
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
    for line in maps:
        start, end = (int(part, 16) for part in re.match(r"([0-9a-f]+)-([0-9a-f]+)", line).groups())
        # Guarded pages without any access are looked at too; shared files and the kernel's pages are not.
        if line.split()[1][3] != "p" or "[v" in line:
            continue
        place = start
        while place < end:
            try:
                memory.seek(place)
                chunk = memory.read(min(step + longest, end - place))
            except OSError:
                break
            for number, marker in enumerate(markers):
                if number not in found and marker in chunk:
                    found.add(number)
            place += step
print(*sorted(found))
