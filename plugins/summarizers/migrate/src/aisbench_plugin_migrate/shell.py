"""Command lines of known programs, found in words, in a shell script or in any other text."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from attrs import frozen

from aisbench_plugin_migrate.shell_words import all_expanded, expanded, lexer, listed, split

PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "ais_bench": (),
    "opencompass": (),
    "lm_eval": (),
    "lm-eval": (),
    "lm_eval run": (),
    "evalscope": (),
    "vllm": ("bench",),
    "guidellm": (),
    "aiperf": (),
    "genai-perf": (),
}
"""Programs by name, and the word that must follow."""
_SCRIPTS = {
    "benchmark_serving.py": "vllm",
    "run.py": "opencompass",
    "evalscope": "evalscope",
    "lm_eval": "lm_eval",
    "guidellm": "guidellm",
    "aiperf": "aiperf",
    "ais_bench": "ais_bench",
    "opencompass": "opencompass",
    "vllm.entrypoints.cli.main": "vllm",
}
"""Scripts and modules that Python is given."""
_BEFORE = frozenset(
    {
        "sudo",
        "nohup",
        "time",
        "env",
        "exec",
        "setsid",
        "stdbuf",
        "nice",
        "uv",
        "uvx",
        "run",
        "accelerate",
        "launch",
        "poetry",
        "pipx",
        "numactl",
        "taskset",
        "$",
        "do",
        "then",
        "else",
        "if",
        "while",
        "!",
    }
)
_CARRIERS = frozenset({"docker", "podman", "kubectl", "nerdctl", "srun", "ssh", "mpirun", "conda"})
"""Programs that run another one somewhere; its name is looked for among their words."""
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")", "|&", ";;", "{", "}", "\n"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_LIST = r"\s*(?:(?:declare|local|readonly)\s+(?:-a\s+)?)?"
_ARRAY = re.compile(_LIST + r"(\w+)=\(([^()]*)\)\s*\Z")
_BEGUN = re.compile(_LIST + r"\w+=\([^()]*\Z")
_CONTINUED = re.compile(r"(?:\\|(?<=\s)[`^])\s*(?:(?<=\s)#.*)?\Z")
_ROUNDS = 64
"""Most commands that a loop is."""
_QUOTED_LINES = 200
"""Most lines of a text in quotes."""
_REDIRECTION = re.compile(r"\d?(?:>>?|<|>&|&>)\d?")
_FENCE = re.compile(r"^\s*(?:[$>]\s+|[!%]{1,2}(?=[A-Za-z]))?")
_LONGEST = 4_000_000


@frozen
class Command:
    """A command line of a known program."""

    program: str
    words: tuple[str, ...]
    """Those behind the program."""
    line: int = 0
    """Where it begins in its file; 0: it was given in words."""


def program_of(given: Sequence[str]) -> tuple[str, tuple[str, ...]] | None:
    """The program of a command and the words behind it, wrappers and assignments left out; None
    where it is no known one."""
    rest = list(given)
    while rest:
        word = rest[0]
        name = PurePath(word).name
        if name in PROGRAMS and (not PROGRAMS[name] or rest[1:2] == list(PROGRAMS[name])):
            return name, tuple(rest[1:])
        if re.fullmatch(r"python[\d.]*", name):
            return _python(rest[1:])
        if name in _SCRIPTS and name.endswith(".py"):
            return _script(name, rest[1:])
        if name in _CARRIERS:
            return _carried(rest[1:])
        if _ASSIGNMENT.match(word) or name in _BEFORE or word.endswith("$"):
            rest.pop(0)
        elif word.startswith("-") and len(given) > len(rest):  # an option of a wrapper
            rest.pop(0)
        else:
            return None
    return None


def _carried(rest: list[str]) -> tuple[str, tuple[str, ...]] | None:
    """The program among the words of one that runs it somewhere."""
    for index, word in enumerate(rest):
        name = PurePath(word).name
        if name in PROGRAMS or re.fullmatch(r"python[\d.]*", name):
            return program_of(rest[index:])
        if " " in word and (found := commands_in(word)):  # bash -c "..."
            return found[0].program, found[0].words
    return None


def _python(rest: list[str]) -> tuple[str, tuple[str, ...]] | None:
    while rest and rest[0].startswith("-") and rest[0] != "-m":
        rest = rest[1:]
    if rest[:1] == ["-m"]:
        rest = rest[1:]
    return _script(PurePath(rest[0]).name, rest[1:]) if rest else None


def _script(name: str, rest: list[str]) -> tuple[str, tuple[str, ...]] | None:
    module = name if name in _SCRIPTS else name.partition(".")[0]
    program = _SCRIPTS.get(module)
    if program is None:
        return None
    if name == "benchmark_serving.py":
        rest = ["bench", "serve", *rest]
    return program, tuple(rest)


def commands_in(text: str) -> list[Command]:
    """The command lines of known programs in a text: a shell script, notes, a page of Markdown.

    Variables that the same text gives values are put in their places. Nothing is run.
    """
    if len(text) > _LONGEST:
        return []
    found: list[Command] = []
    variables: dict[str, str] = {}
    loops: list[tuple[str, list[str]]] = []
    for number, line in _joined(text):
        if array := _ARRAY.match(line):
            values = [expanded(word, variables) for word in split(array[2])]
            variables[array[1]] = shlex.join(values)
            continue
        words = split(line)
        for part in _parts(words):
            _assign(part, variables)
            if part[:1] == ["for"] and part[2:3] == ["in"]:
                loops.append((part[1], list(listed(part[3:], variables)) or [f"${part[1]}"]))
            elif part[:1] == ["done"] and loops:
                loops.pop()
            for named in _rounds(loops, variables):
                known = program_of(list(all_expanded(part, named)))
                if known is None:
                    break
                found.append(Command(known[0], known[1], number))
    return found


def _rounds(
    loops: Sequence[tuple[str, Sequence[str]]], variables: Mapping[str, str]
) -> Iterator[Mapping[str, str]]:
    """The variables in each round of the loops around a command."""
    names = [name for name, _ in loops]
    every = itertools.product(*(values for _, values in loops))
    for values in itertools.islice(every, _ROUNDS):
        yield {**variables, **dict(zip(names, values, strict=True))}


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines, continued ones as one, with the number of the first. Quotes of a command may go
    over several lines."""
    begun, number = "", 0
    lines = text.splitlines()
    last = 0
    for index, line in enumerate(lines, 1):
        if index <= last:
            continue
        number = number if begun else index
        bare = line if begun else _FENCE.sub("", line)
        stripped = bare.rstrip()
        continued = _CONTINUED.search(stripped)
        if continued is not None:
            begun += f"{stripped[: continued.start()]} "
            continue
        whole, last = _closed(begun + bare, lines, index)
        yield number, whole
        begun = ""
    if begun:
        yield number, begun


def _closed(line: str, lines: Sequence[str], index: int) -> tuple[str, int]:
    """A command with the lines behind it that its quotes hold, and how many lines were read."""
    whole = line
    if _BEGUN.match(line):
        for more in range(index, min(index + _QUOTED_LINES, len(lines))):
            whole += f" {lines[more].partition(' #')[0]}"
            if ")" in lines[more]:
                return whole, more + 1
    if _is_closed(line) or not any(name in line for name in PROGRAMS):
        return line, index
    whole = line
    for more in range(index, min(index + _QUOTED_LINES, len(lines))):
        whole += f"\n{_CONTINUED.sub(' ', lines[more].rstrip())}"
        behind = _CONTINUED.search(lines[more].rstrip())
        if behind is None and _is_closed(whole):
            return whole, more + 1
    return line, index


def _is_closed(line: str) -> bool:
    try:
        list(lexer(line))
    except ValueError:
        return False
    return True


def _parts(words: Sequence[str]) -> Iterator[list[str]]:
    """The commands of a line, without redirections."""
    part: list[str] = []
    skip = False
    for word in words:
        if word in _SEPARATORS:
            yield part
            part, skip = [], False
        elif _REDIRECTION.match(word):
            skip = bool(_REDIRECTION.fullmatch(word)) and not word[-1].isdigit()
        elif skip:
            skip = False
        else:
            part.append(word.strip("`"))
    yield part


def _assign(part: Sequence[str], variables: dict[str, str]) -> None:
    for word in part:
        if word in ("export", "declare", "local", "readonly"):
            continue
        if not _ASSIGNMENT.match(word):
            return
        name, _, value = word.partition("=")
        shown = expanded(value, variables)
        if (
            "$(" not in shown and not value.endswith("$") and "`" not in value
        ):  # of an output nothing is known
            variables[name] = shown[:10_000]
