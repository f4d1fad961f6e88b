"""Counts the instructions of single operations under valgrind, and compares them with those that are stored in
instructions.json. Started by `scripts/bench --micro`.

Each operation is done FEW times and MANY times, and the difference is divided: what a start and a preparation cost does not
count, nor does what else the machine does. A count of more than TOLERANCE above the stored one is an error. One that is as
far below is good news, to be stored with --save, as are those of another compiler."""

import argparse
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
STORED = f"{HERE}/instructions.json"
FEW, MANY = 50, 550
TOLERANCE = 0.05


def instructions(program, case, times, folder):
    """All that a run executes, in all its threads; what the kernel does for it is not seen."""
    out = f"{folder}/{case}-{times}"
    run = subprocess.run(
        ["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", "--read-inline-info=no", "--fair-sched=yes", program,
         case, str(times)],
        env={"PATH": os.environ["PATH"], "SWIFT_DETERMINISTIC_HASHING": "1"}, cwd=folder, capture_output=True, text=True)
    if run.returncode != 0:
        raise SystemExit(f"micro: {case} failed under valgrind:\n{run.stderr}")
    with open(out) as file:
        return next(int(line.split()[1]) for line in file if line.startswith(("summary:", "totals:")))


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench --micro", description=__doc__.split("\n\n")[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help="these alone")
    parser.add_argument("--save", action="store_true", help="store what is found as what is to be expected")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    known = subprocess.run([options.program], capture_output=True, text=True, check=True).stdout.split()
    unknown = [case for case in options.cases if case not in known]
    if unknown:
        parser.error(f"there is no case {unknown[0]}; there are {', '.join(known)}")
    with open(STORED) as file:
        stored = json.load(file)

    more = []
    print(f"{'case':<14}{'instructions':>14}{'stored':>14}{'change':>10}")
    with tempfile.TemporaryDirectory(prefix="keyturn-micro-") as folder:
        for case in options.cases or known:
            few, many = (instructions(options.program, case, times, folder) for times in (FEW, MANY))
            found, expected = round((many - few) / (MANY - FEW)), stored.get(case)
            change = f"{(found / expected - 1) * 100:+.1f} %" if expected else ""
            print(f"{case:<14}{found:>14,}{f'{expected:,}' if expected else 'none':>14}{change:>10}", flush=True)
            if options.save:
                stored[case] = found
            elif expected is None or found > expected * (1 + TOLERANCE):
                more.append(case)
            elif found < expected * (1 - TOLERANCE):
                print(f"  {case} takes less than before: store that with --save")
    if options.save:
        with open(STORED, "w") as file:
            json.dump(stored, file, indent=1)
            file.write("\n")
    if more:
        print(f"micro: more instructions than stored, by more than {TOLERANCE:.0%}, or none stored: {', '.join(more)}",
              file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
