"""Command lines of known programs, found in words, in a shell script or in any other text."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from attrs import frozen

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
        "docker",
    }
)
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")", "|&", ";;", "{", "}", "\n"})
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_VARIABLE = re.compile(r"\$(?:\{([A-Za-z_][A-Za-z0-9_]*)\}|([A-Za-z_][A-Za-z0-9_]*))")
_REDIRECTION = re.compile(r"\d?(?:>>?|<|>&|&>)\d?")
_FENCE = re.compile(r"^\s*(?:[$>]\s+)?")
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
        if _ASSIGNMENT.match(word) or name in _BEFORE:
            rest.pop(0)
        elif word.startswith("-") and len(given) > len(rest):  # an option of a wrapper
            rest.pop(0)
        else:
            return None
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
    for number, line in _joined(text):
        words = _split(line)
        for part in _parts(words):
            _assign(part, variables)
            known = program_of([_expanded(word, variables) for word in part])
            if known is not None:
                found.append(Command(known[0], known[1], number))
    return found


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines, continued ones as one, with the number of the first."""
    begun, number = "", 0
    for index, line in enumerate(text.splitlines(), 1):
        number = number if begun else index
        bare = line if begun else _FENCE.sub("", line)
        stripped = bare.rstrip()
        if stripped.endswith("\\"):
            begun += f"{stripped[:-1]} "
            continue
        yield number, begun + bare
        begun = ""
    if begun:
        yield number, begun


def _split(line: str) -> list[str]:
    """Words as a shell has them; nothing where quotes do not end."""
    if len(line) > 100_000:
        return []
    lexer = shlex.shlex(line, posix=True, punctuation_chars="();&|")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        return list(lexer)
    except ValueError:
        return []


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
        if not value.endswith("$") and "`" not in value:  # of a command's output nothing is known
            variables[name] = _expanded(value, variables)[:10_000]


def _expanded(word: str, variables: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        return variables.get(match[1] or match[2], match[0])

    return _VARIABLE.sub(value, word) if len(word) < 10_000 else word
