"""Tests that docs/COMMAND_LINE.md is true: its examples, its JSON names, its reasons."""

import json
import pathlib
import re
import subprocess
import unittest
from collections.abc import Iterator
from typing import NamedTuple

from cli.harness import POSTSEAL, CommandLineTest, postseal

DOCUMENT = pathlib.Path("docs/COMMAND_LINE.md").read_text(encoding="utf-8")
REASONS = pathlib.Path("dkim/reason.inc").read_text(encoding="utf-8")
DMARC_REASONS = pathlib.Path("dmarc/reason.inc").read_text(encoding="utf-8")
SPF_REASONS = pathlib.Path("spf/reason.inc").read_text(encoding="utf-8")
LINT_CODES = pathlib.Path("spf/lint_code.inc").read_text(encoding="utf-8")


# What only a message has whose From field names no domain, or more than one.
OF_SEVERAL_AUTHORS = ("authors", "authors_skipped", "names_no_domain")
# What only `dmarc --mode both` has.
MODE_BOTH = ("rfc9989", "rfc7489", "differs")
MODE_BOTH += tuple(f"differs.{name}" for name in ("name", "rfc9989", "rfc7489", "why"))


class Example(NamedTuple):
    """Example is one "$ command" with its exit status and lines of its output, in order."""

    command: str
    status: int
    output: list[str]


def examples() -> Iterator[Example]:
    """Returns the examples of the document. A line that ends with ... is a beginning."""
    for block in re.findall(r"^```sh\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL):
        for text in block.removeprefix("$ ").split("\n$ "):
            command, *output = text.rstrip("\n").split("\n")
            command, _, status = command.partition(" # exit ")
            yield Example(command, int(status or "0"), output)


def is_shown(wanted: str, line: str) -> bool:
    beginning = wanted.removesuffix("...")
    return line.startswith(beginning) if beginning != wanted else line == wanted


def names_in(value: object, prefix: str = "") -> set[str]:
    """Returns the names in a JSON value, with those of objects in it."""
    if isinstance(value, list):
        return set().union(*(names_in(item, prefix) for item in value))
    if not isinstance(value, dict):
        return set()
    names = {prefix + name for name in value}
    return names.union(*(names_in(item, f"{prefix}{name}.") for name, item in value.items()))


def documented_names(title: str, prefix: str = "") -> set[str]:
    """Returns the names of the table below |title|, which is JSON's, with |prefix|."""
    section = DOCUMENT.partition(f"### {title}\n")[2].partition("\n### ")[0]
    return {prefix + name for name in re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE)}


class DocumentationTest(CommandLineTest):
    def test_examples(self) -> None:
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "postseal").symlink_to(POSTSEAL)
        path = f"{self.folder / 'bin'}:/usr/bin:/bin"
        found = list(examples())
        self.assertGreater(len(found), 20)
        for example in found:
            with self.subTest(example.command):
                done = subprocess.run(
                    ["/bin/sh", "-c", example.command],
                    cwd=self.folder,
                    env={"PATH": path},
                    capture_output=True,
                    timeout=60,
                    check=False,
                )
                self.assertEqual(done.returncode, example.status, done.stderr)
                rest = iter(done.stdout.decode().splitlines())
                for wanted in example.output:
                    self.assertTrue(any(is_shown(wanted, line) for line in rest), wanted)
                if example.status == 2:
                    self.assertRegex(done.stderr, rb"\Apostseal: [^\n]+\n\Z")

    def test_options_are_those_of_the_help(self) -> None:
        shared = DOCUMENT.partition("### Where DNS answers come from")[2].partition("\n## ")[0]
        for command in ("keygen", "sign", "verify", "testkey", "spf", "dmarc", "store prune"):
            section = DOCUMENT.partition(f"\n## {command}\n")[2].partition("\n## ")[0]
            if command in ("verify", "testkey", "spf", "dmarc"):
                section += shared
            text = postseal(*command.split(), "--help").out.decode().partition("Options:")[2]
            options = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", text.partition("\n\n")[0]))
            options -= {"--help"}
            written = set(re.findall(r"(?<![\w-])--?[a-zA-Z][\w-]*", section))
            self.assertEqual({o for o in options if not o.startswith("--no-")} - written, set())

    def test_json_names(self) -> None:
        documented = documented_names("JSON of verify")
        for prefix, title in (("spf.", "spf"), ("spf_helo.", "spf"), ("dmarc.", "dmarc")):
            documented |= documented_names(f"JSON of {title}", prefix)
        made = postseal("keygen", "-d", "example.com", "-s", "s1", "-D", str(self.folder))
        self.assertEqual(made.status, 0)
        zone = b"$ORIGIN example.com.\n" + (self.folder / "s1.txt").read_bytes()
        zone += b'_dmarc TXT "v=DMARC1; p=reject; x=y"\n'
        key = f"example.com:s1:{self.folder / 's1.private'}"
        message = b"From: a@example.com\r\n\r\nHello  there\r\n"
        # Text of a mailing list below it: that gives a hint.
        changed = postseal("sign", "--key", key, stdin=message).out + b"-- \r\nthe list\r\n"
        run = postseal(
            *("verify", "--json", "--zone", self.write("z", zone), "--iprev"),
            *("--client-ip", "192.0.2.1", "--helo", "m.example", "--mail-from", "a@example.com"),
            *[self.write("m.eml", changed)] * 2,
        )
        self.assertEqual(run.status, 1)
        elsewhere = {f"dmarc.{name}" for name in MODE_BOTH + OF_SEVERAL_AUTHORS}
        elsewhere |= {name for name in documented if re.match(r"(spf|spf_helo|dmarc)\.dns", name)}
        for line in run.out.splitlines():
            self.assertEqual(names_in(json.loads(line)), documented - elsewhere)

    def test_dmarc_json_names(self) -> None:
        documented = documented_names("JSON of dmarc")
        zone = self.write("z", b'_dmarc.example.com. TXT "v=DMARC1; p=none; np=reject; x=y"\n')
        run = postseal(
            *("dmarc", "--json", "--zone", zone, "--from", "a.example.com", "--mode", "both"),
            *("--spf", "example.net=pass"),
        )
        self.assertEqual(run.status, 1)
        found = {
            name
            for name in names_in(json.loads(run.out))
            if not re.match(r"(rfc9989|rfc7489)\.", name)
        }
        self.assertEqual(found, documented - set(OF_SEVERAL_AUTHORS))

    def test_json_names_of_authres(self) -> None:
        section = DOCUMENT.partition("\n## authres\n")[2].partition("\n## ")[0]
        documented = set(re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE))
        run = postseal("authres", "parse", stdin=b"a; dkim=pass header.d=example.com; =")
        self.assertEqual(names_in(json.loads(run.out)), documented)

    def test_reasons(self) -> None:
        section = DOCUMENT.partition("### Reasons\n")[2].partition("\n## ")[0]
        documented = re.findall(r"^\| `(.+)` \| (\w+) \| (.+) \| (.+) \|$", section, re.MULTILINE)
        row = r'^POSTSEAL_DKIM_REASON\(\w+, "(.+?)", k(\w+), "(.+?)", "(.+?)"\)'
        rows = re.findall(row, REASONS, re.MULTILINE)
        self.assertGreater(len(rows), 30)
        self.assertEqual(documented, [(n, r.lower(), clause, text) for n, r, clause, text in rows])

    def test_spf_json_names(self) -> None:
        text = b'$ORIGIN example.com.\n@ TXT "v=spf1 mx -all"\n'
        zone = ("--zone", self.write("z", text))
        for title, arguments in (
            ("JSON of spf", ("--client-ip", "192.0.2.1", "--helo", "example.com")),
            ("JSON of spf --lint", ("--lint", "example.com")),
        ):
            section = DOCUMENT.partition(f"### {title}\n")[2].partition("\n### ")[0]
            documented = set(re.findall(r"^\| `([\w.]+)` \|", section, re.MULTILINE))
            run = postseal("spf", *zone, *arguments, "--json")
            self.assertEqual(names_in(json.loads(run.out)), documented)

    def test_reasons_and_lint_codes(self) -> None:
        for title, table, macro in (
            ("Reasons of spf", SPF_REASONS, "POSTSEAL_SPF_REASON"),
            ("Codes of spf --lint", LINT_CODES, "POSTSEAL_SPF_LINT"),
            ("Reasons of dmarc", DMARC_REASONS, "POSTSEAL_DMARC_REASON"),
        ):
            section = re.split(r"\n##", DOCUMENT.partition(f"### {title}\n")[2])[0]
            row = r"^\| `(.+)` \| (\w+) \| (.+) \| (.+) \|$"
            documented = re.findall(row, section, re.MULTILINE)
            source = rf'^{macro}\(\w+, "(.+?)", k(\w+), "(.+?)", "(.+)"\)'
            rows = re.findall(source, table, re.MULTILINE)
            self.assertGreater(len(rows), 12)
            wanted = [(n, r.lower(), c, text.replace('\\"', '"')) for n, r, c, text in rows]
            self.assertEqual(documented, wanted)


if __name__ == "__main__":
    unittest.main()
