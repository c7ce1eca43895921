"""Every message of testdata/bad/messages gets exactly the error that is expected.

    python3 -m cli.bad_messages_test    (from the workspace root, after bazel build //cli:postseal)
"""

import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

POSTSEAL = os.path.abspath("bazel-bin/cli/postseal")
FOLDER = "testdata/bad/messages"
NOW = "1767225600"


class BadMessagesTest(unittest.TestCase):
    def test_each_has_its_error(self):
        messages = sorted(glob.glob(FOLDER + "/*.eml"))
        self.assertGreater(len(messages), 40)
        with tempfile.NamedTemporaryFile("w") as zone:
            zone.write("$ORIGIN example.com.\n")
            with open("testdata/keys/ed25519.txt", encoding="ascii") as record:
                zone.write(record.read())
            zone.flush()
            done = subprocess.run(
                [POSTSEAL, "verify", "--json", "--no-crlf", "--zone", zone.name, "--now", NOW,
                 *messages], capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        reports = done.stdout.splitlines()
        self.assertEqual(len(reports), len(messages))
        for path, line in zip(messages, reports):
            with open(path[:-len("eml")] + "expected", encoding="utf-8") as file:
                expected = [row.rstrip("\n").rsplit(" | ", 1)[0] for row in file]
            found = ["%s %s | %s" % (s["result"], s["reason"], s["detail"])
                     for s in json.loads(line)["dkim"]]
            with self.subTest(path):
                self.assertEqual(found, expected)
        print("%d messages" % len(messages))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        POSTSEAL = os.path.abspath(sys.argv.pop(1))
    unittest.main()
