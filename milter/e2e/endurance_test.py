"""100 000 messages: descriptors and memory stay as they are. tools/soak runs it.
POSTSEAL_E2E_MESSAGES sets another number."""

import os
import re

from milter.e2e import sandbox
from milter.e2e.filter_case import NEEDS, OURS, THEIRS, FilterTest, inserted, internal, stranger
from milter.e2e.load import Load
from milter.e2e.milter_client import Outcome

_MESSAGES = int(os.environ.get("POSTSEAL_E2E_MESSAGES", "100000"))
# What the first messages take for good: arenas, caches, threads.
_WARM_UP = _MESSAGES // 10
_MAX_GROWTH = 2 << 20  # octets


def resident(pid: int) -> int:
    """The memory that a process has, in octets."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1]) * 1024


class EnduranceTest(FilterTest):
    def check(self, outcome: Outcome) -> None:
        names = (b"DKIM-Signature", b"Authentication-Results")
        self.assertEqual(sum(len(inserted(outcome, name)) for name in names), 1)

    def wait_for_all(self, loads: list[Load], count: int) -> None:
        """Returns when the loads together have delivered |count|."""
        while sum(load.delivered for load in loads) < count:
            loads[0].wait_for(10)

    def test_descriptors_and_memory(self) -> None:
        milter = self.make_filter("endurance")
        pid = milter.process.pid
        address = ("127.0.0.1", milter.port)
        body = b"".join(b"line %d of the body\r\n" % number for number in range(400))
        mails = (internal(OURS + body), stranger(self.stranger_signed(THEIRS + body)))
        loads = [Load(address, mail, self.check) for mail in mails * 2]
        self.wait_for_all(loads, _WARM_UP)
        before = resident(pid)
        self.wait_for_all(loads, _MESSAGES)
        after = resident(pid)
        for load in loads:
            load.finish()
            self.assertEqual((load.faults, load.broken), ([], 0))
        sent = sum(load.delivered for load in loads)
        print(f"{sent} messages; {before >> 10} KiB, then {after >> 10} KiB", flush=True)
        self.assertLess(after - before, _MAX_GROWTH)
        with_load = len(os.listdir(f"/proc/{pid}/fd"))
        again = [Load(address, mail, self.check) for mail in mails * 8]
        for load in again:
            load.wait_for(20)
            load.finish()
        self.assertLessEqual(len(os.listdir(f"/proc/{pid}/fd")), with_load)
        self.assertEqual(milter.stop(), 0)


if __name__ == "__main__":
    sandbox.main(NEEDS)
