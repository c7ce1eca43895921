"""Sign and verify take constant memory: a body, or a mailbox, of 100 MB costs less than 20 MB.

    python3 -m cli.memory_test        (from the workspace root, after bazel build //cli:all)
"""

import os
import subprocess
import sys
import tempfile
import unittest

POSTSEAL = os.path.abspath("bazel-bin/cli/postseal")
PEAK_MEMORY = os.path.abspath("bazel-bin/cli/peak_memory")
KEYS = os.path.abspath("testdata/keys")
BODY_OCTETS = 100 * 1000 * 1000
MAX_EXTRA_KIB = 20 * 1000 * 1000 // 1024
HEADER = b"From: a@example.com\r\nSubject: large\r\n\r\n"
BODIES = {
    "lines": b"0123456789abcdef" * 4 + b" and so on\r\n",
    "one line": b"x" * 1024,
    "white space": b" \t" * 512,
    "empty lines": b"\r\n" * 512,
}


def peak_kib(arguments, stdin, stdout, statuses=(0,)):
    """The peak resident size of one run, which ends with one of |statuses|, in KiB."""
    with tempfile.NamedTemporaryFile("r") as peak:
        done = subprocess.run([PEAK_MEMORY, peak.name, POSTSEAL, *arguments], stdin=stdin,
                              stdout=stdout, check=False)
        assert done.returncode in statuses, (arguments, done.returncode)
        return int(peak.read())


SEPARATOR = b"From a@example.com Thu Jan  1 00:00:00 2026\n"
# name: one message, and how many of it are in the mailbox.
MAILBOXES = {
    "many messages": (HEADER + BODIES["lines"] * 20, 60000),
    "one large message": (HEADER + BODIES["lines"] * (BODY_OCTETS // len(BODIES["lines"])), 1),
}


class MemoryTest(unittest.TestCase):
    def test_a_large_mailbox_costs_little(self):
        with tempfile.TemporaryDirectory() as folder, open(os.devnull, "wb") as null:
            empty = peak_kib(["--version"], None, null)
            zone = os.path.join(folder, "zone")
            with open(zone, "wb") as out, open(KEYS + "/ed25519.txt", "rb") as record:
                out.write(b"$ORIGIN example.com.\n" + record.read())
            sign = [POSTSEAL, "sign", "--key", "example.com:ed25519:" + KEYS + "/ed25519.pem"]
            for name, (message, count) in MAILBOXES.items():
                signed = subprocess.run(sign, input=message, stdout=subprocess.PIPE,
                                        check=True).stdout
                path = os.path.join(folder, "mailbox")
                with open(path, "wb") as file:
                    for _ in range(count):
                        file.write(SEPARATOR + signed + b"\r\n")
                    # Their results wait for the large one's.
                    for _ in range(1000 if count == 1 else 0):
                        file.write(SEPARATOR + HEADER + b"small\r\n\r\n")
                for jobs in ("1", "4"):
                    verify = ["verify", "--zone", zone, "--jobs", jobs, path]
                    extra = peak_kib(verify, None, null, statuses=(0, 1)) - empty
                    print("%s, --jobs %s: %d KiB over the empty process" % (name, jobs, extra))
                    self.assertLess(extra, MAX_EXTRA_KIB, (name, jobs))

    def test_a_large_body_costs_little(self):
        with tempfile.TemporaryDirectory() as folder, open(os.devnull, "wb") as null:
            empty = peak_kib(["--version"], None, null)
            zone = os.path.join(folder, "zone")
            with open(zone, "wb") as out, open(KEYS + "/ed25519.txt", "rb") as record:
                out.write(b"$ORIGIN example.com.\n" + record.read())
            for name, piece in BODIES.items():
                path = os.path.join(folder, "message")
                with open(path, "wb") as file:
                    file.write(HEADER)
                    for _ in range(BODY_OCTETS // len(piece)):
                        file.write(piece)
                signed = os.path.join(folder, "signed")
                sign = ["sign", "--key", "example.com:ed25519:" + KEYS + "/ed25519.pem"]
                verify = ["verify", "--zone", zone]
                with open(signed, "wb") as out:
                    peaks = {"sign": peak_kib([*sign, path], None, out)}
                peaks["verify"] = peak_kib([*verify, signed], None, null)
                with open(signed, "rb") as stdin:
                    peaks["verify -"] = peak_kib([*verify, "-"], stdin, null)
                for command, peak in peaks.items():
                    extra = peak - empty
                    print("%-12s %-9s %6d KiB over the empty process" % (name, command, extra))
                    self.assertLess(extra, MAX_EXTRA_KIB, (name, command))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        POSTSEAL, PEAK_MEMORY = (os.path.abspath(path) for path in sys.argv[1:3])
        del sys.argv[1:3]
    unittest.main()
