"""Tests of what is said about the malformed messages in testdata/bad/messages."""

import json
import pathlib
import unittest

from cli.harness import NOW, postseal

FOLDER = pathlib.Path("testdata/bad/messages")
STATUS = {"pass": 0, "temperror": 75}


def found_in(path: pathlib.Path) -> tuple[int, list[str]]:
    """Verifies the message; returns the exit status and the lines of an .expected file."""
    # One of them has a mailbox file's line on top.
    arguments = ["verify", "--no-crlf", "--format", "message", "--zone", str(FOLDER / "zone")]
    arguments += ["--now", NOW, str(path)]
    run = postseal(*arguments, "--json")
    report = json.loads(run.out)
    signatures = report["dkim"]
    found = [
        f"dkim: {signature['result']} {signature['reason']} {signature['detail']}".rstrip()
        for signature in signatures
    ]
    explanation = postseal(*arguments, "--explain").out.decode()
    prefix = "  - note: the header has "
    notes = [
        "note: " + line.removeprefix(prefix).partition("   [")[0]
        for line in explanation.splitlines()
        if line.startswith(prefix)
    ]
    # Without a policy in the zone, only a bad From field has DMARC say something.
    dmarc = report["dmarc"]
    verdict = [] if dmarc["result"] == "none" else [f"dmarc: {dmarc['result']} {dmarc['reason']}"]
    return run.status, (found or ["dkim: none"]) + verdict + notes


class BadMessagesTest(unittest.TestCase):
    def test_every_message(self) -> None:
        paths = sorted(FOLDER.glob("*.eml"))
        self.assertGreaterEqual(len(paths), 40)
        for path in paths:
            clause, *expected = path.with_suffix(".expected").read_text().splitlines()
            with self.subTest(path.name):
                self.assertRegex(clause, r"\ARFC \d+ §|\ARFC 4155: ")
                status, found = found_in(path)
                self.assertEqual(found, expected, clause)
                results = {line.split()[1] for line in expected if line.startswith("dkim: ")}
                wanted = min((STATUS.get(result, 1) for result in results))
                if any(line.startswith("dmarc: permerror") for line in expected):
                    wanted = 1
                self.assertEqual(status, wanted)


if __name__ == "__main__":
    unittest.main()
