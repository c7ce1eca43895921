"""What processes have used, by /proc."""

import collections
import contextlib
import os
import time

TICKS = os.sysconf("SC_CLK_TCK")

# cpu: seconds of all threads and ended children; rss and peak: octets.
Usage = collections.namedtuple("Usage", "cpu rss peak")


def descendants(pid):
    """|pid| and every living process below it."""
    pids = [pid]
    for parent in pids:
        for task in os.listdir("/proc/%d/task" % parent):
            # Threads come and go.
            with contextlib.suppress(FileNotFoundError), open(
                    "/proc/%d/task/%s/children" % (parent, task), encoding="ascii") as file:
                pids += map(int, file.read().split())
    return pids


def of_process(pid):
    """The usage of one process; that of its ended children is in cpu."""
    with open("/proc/%d/stat" % pid, encoding="utf-8", errors="replace") as file:
        # The command's name, in brackets, may hold anything.
        fields = file.read().rpartition(")")[2].split()
    # The kernel's clock of the process is exact; what ended children used is in ticks.
    cpu = time.clock_gettime((~pid << 3) | 2) + sum(map(int, fields[13:15])) / TICKS
    sizes = {}
    with open("/proc/%d/status" % pid, encoding="utf-8", errors="replace") as file:
        for line in file:
            name, _, value = line.partition(":")
            if name in ("VmRSS", "VmHWM"):
                sizes[name] = int(value.split()[0]) * 1024
    return Usage(cpu, sizes["VmRSS"], sizes["VmHWM"])


def of_tree(pid):
    """The usage of |pid| and every living process below it, added up."""
    usages = [of_process(each) for each in descendants(pid)]
    return Usage(*(sum(numbers) for numbers in zip(*usages)))
