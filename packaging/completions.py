"""Shell completions from --help, for bash, zsh and fish: every command and option."""

from command_help import Command, Option

FILES = {"FILE", "MESSAGE", "MESSAGE ...", "DOMAIN:SELECTOR:FILE"}


def takes_files(option: Option) -> bool:
    return option.value in FILES or (not option.value and option.names == ["FILE"])


def words(command: Command) -> list[str]:
    """Returns all that may stand after |command|, but for arguments."""
    names = [name for option in command.options for name in option.names]
    return [below.path[-1] for below in command.subcommands] + names


def key(command: Command) -> str:
    return " ".join(("postseal", *command.path))


def quoted(text: str) -> str:
    """Returns |text| as one word of a POSIX shell; fish reads it alike but for \\'."""
    return "'" + text.replace("'", "'\\''") + "'"


def command_finder(root: Command) -> list[str]:
    """Returns the shell lines that find the command typed so far, in bash and zsh."""
    out = ["  local command=postseal word",
           '  for word in "${typed[@]}"; do', '    case "$command $word" in']
    out += [f"      {quoted(key(command))}) command={quoted(key(command))} ;;"
            for command in root.all() if command.path]
    return out + ["    esac", "  done"]


def bash(root: Command) -> str:
    """Returns the file for bash-completion."""
    out = ["# bash completion for postseal, made from its --help.", "_postseal() {",
           '  local typed=("${COMP_WORDS[@]:1:COMP_CWORD-1}") current=${COMP_WORDS[COMP_CWORD]}',
           *command_finder(root), "  local words=", '  case "$command" in']
    out += [f"    {quoted(key(c))}) words={quoted(' '.join(words(c)))} ;;" for c in root.all()]
    out += ["  esac",
            "  # An argument, or the value of an option, is a file name more often than not.",
            '  if [[ $current == -* || $words == [a-z]* ]]; then',
            '    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")', "  else",
            '    mapfile -t COMPREPLY < <(compgen -f -- "$current")', "  fi", "}",
            "complete -o filenames -F _postseal postseal"]
    return "\n".join(out) + "\n"


def zsh_description(text: str) -> str:
    """Escapes what _describe would read."""
    return text.replace("\\", "\\\\").replace(":", "\\:")


def zsh(root: Command) -> str:
    """Returns the file for zsh's completion system."""
    out = ["#compdef postseal", "# Made from the --help of postseal.", "_postseal() {",
           '  local -a typed items', '  typed=("${(@)words[2,CURRENT-1]}")', *command_finder(root),
           '  case "$command" in']
    for command in root.all():
        items = [f"{below.path[-1]}:{zsh_description(below.description)}"
                 for below in command.subcommands]
        items += [f"{name}:{zsh_description(option.text)}"
                  for option in command.options for name in option.names]
        out += [f"    {quoted(key(command))})", "      items=("]
        out += [f"        {quoted(item)}" for item in items]
        out += ["      )", "      ;;"]
    out += ["  esac", "  if [[ $PREFIX == -* || ${items[1]} != -* ]]; then",
            "    _describe -o postseal items", "  else", "    _files", "  fi", "}",
            '_postseal "$@"']
    return "\n".join(out) + "\n"


def fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_condition(command: Command) -> str:
    """Returns the test that |command| was typed, and none of those below it."""
    if not command.path:
        return "__fish_use_subcommand"
    seen = "; and ".join(f"__fish_seen_subcommand_from {name}" for name in command.path)
    below = " ".join(c.path[-1] for c in command.subcommands)
    return seen + (f"; and not __fish_seen_subcommand_from {below}" if below else "")


def fish(root: Command) -> str:
    """Returns the file for fish."""
    out = ["# Made from the --help of postseal.", "complete -c postseal -f"]
    for command in root.all():
        head = f"complete -c postseal -n {fish_quoted(fish_condition(command))}"
        for below in command.subcommands:
            out.append(f"{head} -a {below.path[-1]} -d {fish_quoted(below.description)}")
        for option in command.options:
            names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                             for name in option.names)
            value = (" -r -F" if takes_files(option) else " -x") if option.value else ""
            out.append(f"{head} {names}{value} -d {fish_quoted(option.text)}")
        if any(takes_files(positional) for positional in command.positionals):
            out.append(f"{head} -F")
    return "\n".join(out) + "\n"
