"""Manual pages of the milter: postseal-milter(8), whose options are those of its --help, and
postseal-milter.conf(5), whose directives are those of its --directives."""

import dataclasses
import pathlib
import re
import subprocess

import command_help
import manual_pages
from manual_pages import roff

# What an option of --help takes, which CLI11 calls TEXT.
VALUES = {"-c": "FILE", "-x": "FILE", "-p": "SOCKET", "-u": "USER[:GROUP]", "-P": "FILE"}


@dataclasses.dataclass
class Directive:
    """Directive is a line of --directives."""

    name: str
    kind: str  # "boolean", "integer", "string", "dataset"
    support: str  # "done", "needless", "ignored", "obsolete"
    default: str
    opendkim: str  # the default in a file of OpenDKIM
    meaning: str


def options(program: str) -> list[command_help.Option]:
    """Returns the options of |program|'s --help."""
    found = command_help.read(program).options
    for option in found:
        option.value = VALUES.get(option.names[0], "")
    return found


def directives(program: str) -> list[Directive]:
    """Returns the directives that |program| knows."""
    done = subprocess.run([program, "--directives"], capture_output=True, text=True, timeout=60,
                          check=True)
    return [Directive(*line.split("\t")) for line in done.stdout.splitlines()]


def entry(directive: Directive) -> str:
    """Returns the lines of one directive that is done."""
    kind = {"dataset": "data set"}.get(directive.kind, directive.kind)
    text = f"{directive.meaning[0].upper()}{directive.meaning[1:]}."
    default = directive.default.strip("()")
    default = f"Default: {default}"
    if directive.opendkim != directive.default:
        default += f"; in OpenDKIM's files: {directive.opendkim.strip('()')}"
    return "\n".join([".TP", f"\\fB{roff(directive.name)}\\fR (\\fI{roff(kind)}\\fR)", roff(text),
                      roff(default + ".")])


def short_entry(directive: Directive) -> str:
    """Returns the lines of one that is not."""
    text = directive.meaning.removeprefix("ignored: ").removeprefix("obsolete: ")
    text = text.removeprefix("ignored, ")
    return "\n".join([".TP", f"\\fB{roff(directive.name)}\\fR", roff(text)])


def pages(program: str, templates: pathlib.Path, version: str, date: str) -> dict[str, str]:
    """Returns each page by its file name."""
    listed = directives(program)
    values = {"VERSION": version, "DATE": date,
              "OPTIONS": "\n".join("\n".join(manual_pages.entry(o)) for o in options(program))}
    for support in ("done", "needless", "ignored", "obsolete"):
        make = entry if support == "done" else short_entry
        values[support.upper()] = "\n".join(make(d) for d in listed if d.support == support)
    return {
        name: re.sub(r"@([A-Z]+)@", lambda match: values[match[1]],
                     (templates / f"{name}.in").read_text(encoding="utf-8"))
        for name in ("postseal-milter.8", "postseal-milter.conf.5")
    }


def bash(program: str) -> str:
    """Returns the file for bash-completion."""
    found = options(program)
    names = " ".join(name for option in found for name in option.names)
    return (
        "# bash completion for postseal-milter, made from its --help.\n"
        "_postseal_milter() {\n"
        "  local current=${COMP_WORDS[COMP_CWORD]}\n"
        "  if [[ $current == -* ]]; then\n"
        f'    mapfile -t COMPREPLY < <(compgen -W "{names}" -- "$current")\n'
        "  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == -u ]]; then\n"
        '    mapfile -t COMPREPLY < <(compgen -u -- "$current")\n'
        "  else\n"
        '    mapfile -t COMPREPLY < <(compgen -f -- "$current")\n'
        "  fi\n"
        "}\n"
        "complete -o filenames -F _postseal_milter postseal-milter\n"
    )
