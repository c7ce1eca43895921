"""dkimpy verifies the signatures of testdata/scenarios, as README.md there says.

    python3 -m interop.scenario_signatures_test

A signature that dkimpy judges otherwise is explained in the case file by a line that begins
with `_DIFFERS`; one that explains nothing is a fault too.
"""

import glob
import os
import re
import unittest
import unittest.mock
from typing import NamedTuple

import dkim

_FOLDERS = ("attacks", "scenarios")
_DIFFERS = "# dkimpy: differs because "
# The default of the format.
_NOW = 1767225600
_RESULT = re.compile(r'dkim\.(\d+)\.result = "(\w+)"')
_SECTION = re.compile(r"\[(zone|envelope|options|expect|queries|message|message escaped)\]")
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|[\\rnt0])")
_ESCAPED = {b"\\": b"\\", b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0"}


class Scenario(NamedTuple):
    """What dkimpy needs of a case file."""

    explained: bool
    now: int
    zone: str
    results: dict[int, str]
    message: bytes


def read(path: str) -> Scenario:
    with open(path, encoding="utf-8", newline="") as file:
        text = file.read()
    sections: dict[str, list[str]] = {"": []}
    name = ""
    for line in text.splitlines(keepends=True):
        found = _SECTION.fullmatch(line.rstrip("\n"))
        if found and not name.startswith("message"):
            name = found[1]
            sections[name] = []
        else:
            sections[name].append(line)
    if name == "message":
        message = "".join(sections[name]).encode().replace(b"\n", b"\r\n")
    else:
        message = b"".join(_unescaped(line.encode()) for line in sections[name])
    now = re.search(r"(?m)^now: *(\d+)$", "".join(sections.get("options", [])))
    found_results = _RESULT.finditer("".join(sections["expect"]))
    return Scenario(
        explained=any(line.startswith(_DIFFERS) for line in sections[""]),
        now=int(now[1]) if now else _NOW,
        zone="".join(sections.get("zone", [])),
        results={int(match[1]): match[2] for match in found_results},
        message=message,
    )


def _unescaped(line: bytes) -> bytes:
    text = line.removesuffix(b"\n")
    end = b"\r\n" if text != line else b""
    # A backslash that stands for no escape can only be the last octet.
    if re.search(rb"\\\Z", _ESCAPE.sub(b"", text)):
        text, end = text[:-1], b""
    return _ESCAPE.sub(_octet, text) + end


def _octet(match: re.Match[bytes]) -> bytes:
    word = match[1]
    return bytes([int(word[1:], 16)]) if word[:1] == b"x" else _ESCAPED[word]


def txt_records(zone: str) -> dict[str, bytes]:
    """The first TXT record of each name of a zone without $ORIGIN: one line a record."""
    records: dict[str, bytes] = {}
    for line in zone.splitlines():
        found = re.fullmatch(r'(\S+)\.\s+TXT\s+((?:"[^"\\]*"\s*)+)', line)
        if found:
            strings = re.findall(r'"([^"]*)"', found[2])
            records.setdefault(found[1], "".join(strings).encode())
    return records


def signature_count(message: bytes) -> int:
    header = message.split(b"\r\n\r\n", 1)[0]
    return len(re.findall(rb"(?im)^DKIM-Signature[ \t]*:", header))


def verify(scenario: Scenario, index: int) -> bool:
    """Whether dkimpy finds signature `index` valid; no record is no key."""
    records = txt_records(scenario.zone)

    def look_up(name: bytes, timeout: int = 0) -> bytes | None:
        del timeout
        return records.get(name.decode().rstrip("."))

    try:
        with unittest.mock.patch("time.time", return_value=scenario.now):
            return bool(dkim.DKIM(scenario.message).verify(index, dnsfunc=look_up))
    except dkim.DKIMException:
        return False


class ScenarioSignaturesTest(unittest.TestCase):
    def test_dkimpy_agrees(self) -> None:
        paths = [
            path
            for folder in _FOLDERS
            for path in sorted(glob.glob(os.path.join("testdata", folder, "*.case")))
        ]
        signatures = 0
        for path in paths:
            with self.subTest(path):
                scenario = read(path)
                indexes = range(signature_count(scenario.message))
                if not scenario.explained:
                    self.assertEqual(sorted(scenario.results), list(indexes), "one of each")
                differing = [
                    index
                    for index in indexes
                    if verify(scenario, index) != (scenario.results.get(index) == "pass")
                ]
                self.assertEqual(scenario.explained, bool(differing), f"differing: {differing}")
                signatures += len(scenario.results)
        print(f"{signatures} signatures of {len(paths)} scenarios")
        self.assertGreater(signatures, 0)


class ReadTest(unittest.TestCase):
    def test_escapes(self) -> None:
        for line, octets in (
            (b"a\\r\\x41\\\\\n", b"a\rA\\\r\n"),
            (b"a\\\n", b"a"),
            (b"a\\\\\\\n", b"a\\"),
            (b"a", b"a"),
        ):
            self.assertEqual(_unescaped(line), octets, line)

    def test_records(self) -> None:
        zone = 'a.example. TXT "x" "y"\na.example. TXT "z"\n$FAIL b.example\n'
        self.assertEqual(txt_records(zone), {"a.example": b"xy"})


if __name__ == "__main__":
    unittest.main()
