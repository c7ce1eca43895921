"""The command line as its own --help describes it: what manual pages and completions are
made from, so that neither can say anything else."""

import dataclasses
import subprocess
from collections.abc import Iterator

# Where --help begins its descriptions (CLI11's column).
COLUMN = 30


@dataclasses.dataclass
class Option:
    """Option is an option or a positional argument."""

    names: list[str]  # "-d", "--domain"; a positional has one without hyphens
    value: str  # what it takes, "" for a flag
    required: bool
    text: str


@dataclasses.dataclass
class Command:
    """Command is postseal itself, path (), or one of its commands."""

    path: tuple[str, ...]
    description: str
    usage: str
    options: list[Option]
    positionals: list[Option]
    subcommands: list["Command"]
    footer: list[str]

    def all(self) -> Iterator["Command"]:
        """Returns this command and all below it."""
        yield self
        for command in self.subcommands:
            yield from command.all()


def entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Returns the entries of a section: what is on the left, and its description, which
    stands on the next line when the left is long."""
    rest = list(lines)
    while rest:
        line = rest.pop(0)
        if rest and rest[0].startswith(" " * COLUMN):
            yield line.strip(), rest.pop(0).strip()
        else:
            yield line[:COLUMN].strip(), line[COLUMN:].strip()


def option(left: str, text: str) -> Option:
    """Reads "-d,--domain DOMAIN REQUIRED"; "{false}" marks a name that turns off."""
    joined, *words = left.split()
    required = "REQUIRED" in words
    value = " ".join(word for word in words if word != "REQUIRED")
    names = [name.removesuffix("{false}") for name in joined.split(",")]
    return Option(names, value, required, text)


def parse(path: tuple[str, ...], help_text: str) -> tuple[Command, list[str]]:
    """Reads one --help; the names of its subcommands beside it."""
    description, usage, *blocks = help_text.rstrip("\n").split("\n", 2)
    command = Command(path, description, usage.removeprefix("Usage: "), [], [], [], [])
    names = []
    for block in "".join(blocks).strip("\n").split("\n\n"):
        title, *lines = block.split("\n")
        if title == "Options:":
            command.options = [option(*entry) for entry in entries(lines)]
        elif title == "Positionals:":
            command.positionals = [option(*entry) for entry in entries(lines)]
        elif title == "Subcommands:":
            names = [left for left, _ in entries(lines)]
        else:
            command.footer += [title, *lines]
    return command, names


def read(program: str, path: tuple[str, ...] = ()) -> Command:
    """Returns the command |path| of |program| and all below it, by running --help."""
    done = subprocess.run(
        [program, *path, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    command, names = parse(path, done.stdout)
    command.subcommands = [read(program, (*path, name)) for name in names]
    return command
