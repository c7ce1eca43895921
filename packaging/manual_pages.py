"""Manual pages from --help: postseal(1), and one for each command."""

import re

from command_help import Command, Option

SEE_ALSO = "docs/COMMAND_LINE.md of the source says more on options, exit statuses and JSON."


def roff(text: str) -> str:
    """Escapes |text|: no control line, no ligature, hyphens that can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text.startswith((".", "'")) else text


def title(command: Command) -> str:
    """Returns the page's name, "postseal-verify"."""
    return "-".join(("postseal", *command.path))


def entry(option: Option, note: str = "") -> list[str]:
    """Returns the lines of one option."""
    names = ", ".join(f"\\fB{roff(name)}\\fR" for name in option.names)
    value = f" \\fI{roff(option.value)}\\fR" if option.value else ""
    return [".TP", names + value, roff(option.text) + note]


def footer(lines: list[str]) -> list[str]:
    """Turns "Exit status: ..." and "Example: ..." into sections."""
    text = "\n".join(lines)
    out: list[str] = []
    status = re.search(r"Exit status: (.*?)(?=\nExample: |\Z)", text, re.DOTALL)
    example = re.search(r"Example: (.*)", text)
    rest = re.sub(r"Exit status: .*?(?=\nExample: |\Z)|Example: .*", "", text, flags=re.DOTALL)
    if rest.strip():
        out += [".SH NOTES", *(roff(line) for line in rest.strip().split("\n"))]
    if status:
        out += [".SH EXIT STATUS", *(roff(line) for line in status[1].split("\n"))]
    if example:
        out += [".SH EXAMPLE", ".nf", roff(example[1]), ".fi"]
    return out


def page(command: Command, version: str, date: str) -> str:
    """Returns the page of |command|."""
    name = title(command)
    out = [
        f'.TH {name.upper()} 1 "{date}" "postseal {version}" "User Commands"',
        ".SH NAME",
        f"{roff(name)} \\- {roff(command.description)}",
        ".SH SYNOPSIS",
        f"\\fB{roff(command.usage)}\\fR",
    ]
    if command.positionals:
        out.append(".SH ARGUMENTS")
        for positional in command.positionals:
            out += entry(positional)
    if command.options:
        out.append(".SH OPTIONS")
        for option in command.options:
            out += entry(option, " (required)" if option.required else "")
    if command.subcommands:
        out.append(".SH COMMANDS")
        for below in command.subcommands:
            out += [".TP", f"\\fB{roff(title(below))}\\fR(1)", roff(below.description)]
    out += footer(command.footer)
    if command.path:
        above = ("postseal", *command.path[:-1])
        out += [".SH SEE ALSO", f"\\fB{roff('-'.join(above))}\\fR(1)"]
    else:
        out += [".SH SEE ALSO", roff(SEE_ALSO)]
    return "\n".join(out) + "\n"


def pages(root: Command, version: str, date: str) -> dict[str, str]:
    """Returns each page by its file name."""
    return {f"{title(command)}.1": page(command, version, date) for command in root.all()}
