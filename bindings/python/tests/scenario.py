"""Reads the *.case of testdata/scenarios and testdata/attacks; README.md of the former has the
format."""
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

FOLDERS = Path("testdata/attacks"), Path("testdata/scenarios")
_SECTION = re.compile(r"^\[(zone|envelope|options|expect|queries|message|message escaped)\]$")
_ESCAPES = {"\\": "\\", "r": "\r", "n": "\n", "t": "\t", "0": "\0"}


@dataclass
class Scenario:
    name: str
    zone: str = ""
    envelope: dict = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    expect: dict = field(default_factory=dict)
    queries: dict = field(default_factory=dict)  # round -> {(name, type)}
    message: bytes = b""
    dkimpy_differs: bool = False  # and the file says why


def _unescape(line):
    out, i = [], 0
    while i < len(line):
        if line[i] != "\\":
            out.append(line[i])
            i += 1
        elif line[i + 1] == "x":
            out.append(chr(int(line[i + 2:i + 4], 16)))
            i += 4
        else:
            out.append(_ESCAPES[line[i + 1]])
            i += 2
    return "".join(out)


def _escaped_message(text):
    parts = []
    lines = text.split("\n")
    for position, line in enumerate(lines):
        # An odd number of backslashes at the end: the last one takes the line end away.
        bare = len(line) - len(line.rstrip("\\"))
        joined = bare % 2 == 1
        parts.append(_unescape(line[:-1] if joined else line))
        if not joined and position < len(lines) - 1:
            parts.append("\r\n")
    return "".join(parts)


def read(path):
    """The scenario of a file. Octets are kept as characters below 256."""
    sections, current = {}, None
    lines = path.read_bytes().decode("latin-1").split("\n")
    for number, line in enumerate(lines):
        match = _SECTION.match(line)
        if match and current not in ("message", "message escaped"):
            current = match.group(1)
            if current.startswith("message"):
                sections[current] = "\n".join(lines[number + 1:])
                break
            sections[current] = []
        elif current is not None:
            sections[current].append(line)
    scenario = Scenario(path.stem)
    scenario.dkimpy_differs = any(
        line.startswith("# dkimpy: differs because ") for line in lines)
    scenario.zone = "\n".join(sections.get("zone", []))

    def each(name):
        return [line for line in sections.get(name, []) if line.strip() and line[0] != "#"]

    for line in each("envelope"):
        name, _, value = line.partition(":")
        scenario.envelope[name] = value.strip().encode("latin-1")
    for line in each("options"):
        name, _, value = line.partition(":")
        scenario.options[name.strip()] = json.loads(value.encode("latin-1"))
    for line in each("expect"):
        path_text, _, value = line.partition("=")
        scenario.expect[path_text.strip()] = json.loads(value.encode("latin-1"))
    for line in each("queries"):
        turn, kind, name = line.split()
        scenario.queries.setdefault(int(turn), set()).add((name, kind))
    if "message escaped" in sections:
        scenario.message = _escaped_message(sections["message escaped"]).encode("latin-1")
    else:
        scenario.message = sections["message"].replace("\n", "\r\n").encode("latin-1")
    return scenario


def all_scenarios():
    return [read(path) for folder in FOLDERS for path in sorted(folder.glob("*.case"))]


def value_at(report, path):
    """What a path of [expect] leads to."""
    for part in path.split("."):
        if isinstance(report, list):
            report = len(report) if part == "length" else report[int(part)]
        else:
            report = report[part]
    return report
