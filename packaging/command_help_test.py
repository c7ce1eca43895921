#!/usr/bin/env python3
"""Tests that manual pages and completions have all that --help has."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, "packaging")
import command_help
import completions
import manual_pages

PROGRAM = os.path.abspath("cli/postseal")

SAMPLE = """\
Do a thing
Usage: postseal thing [OPTIONS] [message...]

Positionals:
  message MESSAGE ...         The messages

Options:
  --help                      Print this help and exit
  -d,--domain DOMAIN REQUIRED The signing domain
  -s,--selector SELECTOR REQUIRED
                              Name of the key
  -r,--restrict,--no-restrict{false}
                              For e-mail only

Subcommands:
  parse                       Print it

Exit status: 0 done, 1 not,
2 usage.
Example: postseal thing m.eml
"""


def raw_help(*path: str) -> str:
    return subprocess.run([PROGRAM, *path, "--help"], capture_output=True, text=True,
                          check=True).stdout


def raw_names(text: str) -> set[str]:
    """Returns the option names of a --help, read in another way than command_help does."""
    left = (line[:30] if line[28:30] == "  " else line.split(" ")[2]
            for line in text.partition("\nOptions:\n")[2].partition("\n\n")[0].split("\n")
            if line.startswith("  -"))
    return set(re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", "\n".join(left)))


def raw_commands() -> list[tuple[str, ...]]:
    """Returns the path of every command."""
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        path = waiting.pop()
        found.append(path)
        below = raw_help(*path).partition("\nSubcommands:\n")[2].partition("\n\n")[0]
        waiting += [(*path, name) for name in re.findall(r"^  (\w+)", below, re.MULTILINE)]
    return found


class CommandHelpTest(unittest.TestCase):
    def setUp(self) -> None:
        self.root = command_help.read(PROGRAM)
        self.commands = {command.path: command for command in self.root.all()}

    def test_parse(self) -> None:
        command, below = command_help.parse(("thing",), SAMPLE)
        option = command_help.Option
        self.assertEqual(command.description, "Do a thing")
        self.assertEqual(command.usage, "postseal thing [OPTIONS] [message...]")
        self.assertEqual(command.positionals,
                         [option(["message"], "MESSAGE ...", False, "The messages")])
        self.assertEqual(command.options, [
            option(["--help"], "", False, "Print this help and exit"),
            option(["-d", "--domain"], "DOMAIN", True, "The signing domain"),
            option(["-s", "--selector"], "SELECTOR", True, "Name of the key"),
            option(["-r", "--restrict", "--no-restrict"], "", False, "For e-mail only"),
        ])
        self.assertEqual(below, ["parse"])
        self.assertEqual(command.footer, ["Exit status: 0 done, 1 not,", "2 usage.",
                                          "Example: postseal thing m.eml"])

    def test_every_command_and_option_is_read(self) -> None:
        self.assertEqual(set(self.commands), set(raw_commands()))
        self.assertGreaterEqual(len(self.commands), 11)
        for path, command in self.commands.items():
            names = {name for option in command.options for name in option.names}
            self.assertEqual(names, raw_names(raw_help(*path)), path)
            self.assertTrue(all(option.text for option in command.options), path)

    def test_manual_pages(self) -> None:
        pages = manual_pages.pages(self.root, "1.2.3", "2026-01-02")
        self.assertEqual(len(pages), len(self.commands))
        for path, command in self.commands.items():
            page = pages["-".join(("postseal", *path)) + ".1"]
            heading = "-".join(("postseal", *path)).upper()
            self.assertTrue(page.startswith(f".TH {heading} 1 "), path)
            self.assertRegex(page, r"\.SH EXAMPLE\n\.nf\n(postseal|echo) ", path)
            for name in raw_names(raw_help(*path)):
                escaped = name.replace("-", "\\-")
                self.assertIn(f"\\fB{escaped}\\fR", page, path)
        self.assertIn(".SH EXIT STATUS\n0 authenticated", pages["postseal-verify.1"])

    def test_manual_pages_escape(self) -> None:
        for text, want in (("-", "\\-"), (".so x", "\\&.so x"), ("'a", "\\&'a"), ("a\\b", "a\\eb")):
            self.assertEqual(manual_pages.roff(text), want)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_groff_has_no_warning(self) -> None:
        for name, page in manual_pages.pages(self.root, "1.2.3", "2026-01-02").items():
            done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, text=True,
                                  capture_output=True, check=True)
            self.assertEqual(done.stderr, "", name)

    def complete(self, *words: str) -> list[str]:
        """Returns what bash offers for the last of |words|."""
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder) / "postseal.bash"
            script.write_text(completions.bash(self.root))
            (pathlib.Path(folder) / "message.eml").touch()
            command = (
                '. ./postseal.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _postseal;'
                ' printf "%s\\n" "${COMPREPLY[@]}"'
            )
            done = subprocess.run(["bash", "-euc", command, "bash", *words], cwd=folder, text=True,
                                  capture_output=True, check=True)
        return sorted(done.stdout.split())

    def test_bash(self) -> None:
        for words, want in (
            (("postseal", "ver"), ["verify"]),
            (("postseal", "--v"), ["--version"]),
            (("postseal", "verify", "--dn"), ["--dns"]),
            (("postseal", "verify", "--json", "--ex"), ["--explain"]),
            (("postseal", "sign", "--ex"), ["--expire-in"]),
            (("postseal", "verify", "mess"), ["message.eml"]),
            (("postseal", "verify", "--zone", "mess"), ["message.eml"]),
            (("postseal", "authres", "p"), ["parse"]),
            (("postseal", "authres", "parse", "--j"), ["--json"]),
            (("postseal", "bogus", "--dn"), []),
        ):
            self.assertEqual(self.complete(*words), want, words)
        for path in self.commands:
            want = raw_names(raw_help(*path))
            self.assertEqual(set(self.complete("postseal", *path, "-")), want, path)

    def test_zsh_and_fish_have_every_option(self) -> None:
        zsh = completions.zsh(self.root)
        fish = completions.fish(self.root)
        for path in self.commands:
            block = zsh.partition(f"    '{' '.join(('postseal', *path))}')\n      items=(")[2]
            block = block.partition("      ;;")[0]
            seen = re.findall(r"^        '(-[\w-]+):", block, re.MULTILINE)
            self.assertEqual(set(seen), raw_names(raw_help(*path)), path)
            head = f"-n '{completions.fish_condition(self.commands[path])}'"
            lines = "\n".join(line for line in fish.split("\n") if head in line)
            offered = {"-" + name for name in re.findall(r" -s (\w)", lines)}
            offered |= {"--" + name for name in re.findall(r" -l ([\w-]+)", lines)}
            self.assertEqual(offered, raw_names(raw_help(*path)), path)
        for shell, text in (("zsh", zsh), ("fish", fish)):
            if shutil.which(shell):
                subprocess.run([shell, "-n", "/dev/stdin"], input=text, text=True, check=True)


if __name__ == "__main__":
    unittest.main()
