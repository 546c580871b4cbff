"""Completion for shells: the commands, their options and the tables, as a script that asks nobody when it runs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from datapkg.cli.arguments import parser
from datapkg.model import packaged

Words = dict[str, list[str]]
"""What may follow, by the command before it; the empty text stands for `datapkg` alone."""

_BASH = """\
_datapkg() {{
  local command="" word current=${{COMP_WORDS[COMP_CWORD]}}
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$command $word" in
{commands}
    esac
  done
  case "$command" in
{words}
  esac
}}
complete -o bashdefault -o default -F _datapkg datapkg
"""
_ZSH = "autoload -U +X bashcompinit && bashcompinit\n"


def completion(args: argparse.Namespace) -> int:
    """Print the script for a shell."""
    print(SHELLS[args.shell](words(parser())), end="")
    return 0


def words(whole: argparse.ArgumentParser) -> Words:
    """Return what may follow each command: further commands, options, choices, and the tables where one is asked."""
    tables = sorted(set(packaged().schema_files) - {"observations", "facts"})
    return dict(_words(whole, "", tables))


def _words(found: argparse.ArgumentParser, command: str, tables: list[str]) -> Iterator[tuple[str, list[str]]]:
    given: list[str] = []
    for action in found._actions:  # argparse has no other way to ask a parser what it takes
        given += action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for name, inner in action.choices.items():
                given.append(name)
                yield from _words(inner, f"{command} {name}".strip(), tables)
        elif action.choices:
            given += map(str, action.choices)
        if action.dest == "table":
            given += tables
    yield command, given


def _bash(found: Words) -> str:
    steps = [f'      "{" ".join(parts[:-1])} {parts[-1]}") command="{" ".join(parts)}" ;;'
             for parts in (command.split() for command in found) if parts]  # fmt: skip
    known = [f'    "{command}") COMPREPLY=($(compgen -W "{" ".join(given)}" -- "$current")) ;;'
             for command, given in found.items()]  # fmt: skip
    return _BASH.format(commands="\n".join(steps), words="\n".join(known))


def _zsh(found: Words) -> str:
    return _ZSH + _bash(found)


def _fish(found: Words) -> str:
    lines = []
    for command, given in found.items():
        seen = " ; and ".join(f"__fish_seen_subcommand_from {word}" for word in command.split())
        when = seen or "__fish_use_subcommand"
        lines += [f"complete -c datapkg -n '{when}' -a '{word}'" for word in given]
    return "\n".join(lines) + "\n"


SHELLS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
