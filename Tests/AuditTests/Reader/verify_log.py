"""Follows the chain of an audit log, written from docs/audit.md alone. Prints the head, or what is wrong and exits 1.

Usage: verify_log.py FOLDER
"""

import hashlib
import json
import pathlib
import re
import sys

TAIL = re.compile(rb',"hash":"([0-9a-f]{64})"\}')


def fail(sequence, text):
    print(f"{sequence}: {text}")
    sys.exit(1)


def main(folder):
    sequence, entry_hash = 0, bytes(32)
    for path in sorted(pathlib.Path(folder).glob("audit-*.jsonl")):
        lines = path.read_bytes().split(b"\n")
        lines.pop()  # nothing, or a line that was not finished
        line_hash = None
        for line in lines:
            tail = TAIL.fullmatch(line[-75:])
            if not tail:
                fail(sequence + 1, "not a line of a log")
            fields = json.loads(line)
            is_header = line_hash is None
            if is_header:
                if fields["keyturn_audit"] != 1 or fields["after"] != sequence:
                    fail(sequence + 1, "another file is due")
                if fields["prev"] != entry_hash.hex() or path.name != f"audit-{sequence + 1:016d}.jsonl":
                    fail(sequence + 1, "another file is due")
                line_hash = entry_hash
            elif fields["seq"] != sequence + 1:
                fail(sequence + 1, "another entry is due")
            line_hash = hashlib.blake2b(line_hash + line[:-75], digest_size=32).digest()
            if line_hash.hex().encode() != tail[1]:
                fail(sequence + 1, "altered")
            if not is_header:
                sequence, entry_hash = sequence + 1, line_hash
    print(f"{sequence} {entry_hash.hex()}")


main(sys.argv[1])
