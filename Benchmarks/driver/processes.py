"""What the kernel says of a process and of those that it started."""

import os

_TICKS = os.sysconf("SC_CLK_TCK")


def _tree(pid):
    found = [pid]
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children") as file:
                for child in file.read().split():
                    found += _tree(int(child))
        except OSError:
            pass
    return found


def cpu_seconds(pid):
    """User and system time of the process and its children so far."""
    total = 0
    for member in _tree(pid):
        with open(f"/proc/{member}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / _TICKS


def resident_mib(pid):
    """Memory of the process and its children that is in RAM, in MiB."""
    total = 0
    for member in _tree(pid):
        with open(f"/proc/{member}/status") as file:
            total += sum(int(line.split()[1]) for line in file if line.startswith("VmRSS:"))
    return total / 1024


def machine():
    """The class of machine, without its name."""
    model = "unknown"
    with open("/proc/cpuinfo") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    with open("/proc/meminfo") as file:
        memory = int(file.readline().split()[1]) // 1024
    return {
        "cores": os.cpu_count(), "model": model, "memory_mib": memory, "kernel": os.uname().release,
        "load_before": round(os.getloadavg()[0], 2),
    }
