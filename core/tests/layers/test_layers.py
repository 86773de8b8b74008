"""The rooms of core stand on floors: what a module imports lies below it, also when it is
imported inside a function or for its types alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import aisbench

ROOT = Path(aisbench.__file__).parent

FLOORS = (
    ("cli",),
    ("runs",),
    ("stages", "calibration"),
    ("loadgen", "servers"),
    ("conversation",),
    ("engine",),
    ("config",),
    ("plugins",),
    ("declared",),
    ("metrics", "prompting", "shapes", "tuners", "telemetry", "sandbox", "answers", "given"),
    ("data", "reading", "codec", "tracking"),
    ("settings",),
    ("literals", "tokens", "media", "contract", "scaffold"),
    ("store",),
    ("types", "wording"),
    ("base",),
)
"""Top to bottom. Rooms of one floor do not know each other. ARCHITECTURE.md draws the picture."""

DOORS = ("__init__", "__main__", "api", "builtin")
"""Modules outside the rooms: what others come in by. No room imports them, but for the version
and the library in ``aisbench`` itself, which is no module of any floor."""

LEVEL = {room: level for level, floor in enumerate(FLOORS) for room in floor}


def modules() -> list[Path]:
    return sorted(path for path in ROOT.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, room or door) of everything of aisbench that a module imports, wherever."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module == "aisbench":
            names = [f"aisbench.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "aisbench":
                yield node.lineno, rest.partition(".")[0] or "__init__"


def upward(room: str, text: str) -> list[str]:
    """What a module of ``room`` with that text imports and must not."""
    found = []
    for line, other in imported(ast.parse(text)):
        if other == room or other not in LEVEL:
            if other in ("api", "builtin", "__main__") and room != "builtin":
                found.append(f"{line}: imports aisbench.{other}, a door for those outside")
        elif LEVEL[other] <= LEVEL[room]:
            found.append(f"{line}: {room} imports {other}, which is no floor below it")
    return found


def test_every_module_lives_in_a_room_of_a_floor() -> None:
    rooms = {room_of(path) for path in modules()}
    assert rooms - set(DOORS) == set(LEVEL)


@pytest.mark.parametrize("room", sorted(LEVEL))
def test_rooms_import_only_what_lies_below_them(room: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{problem}"
        for path in modules()
        if room_of(path) == room
        for problem in upward(room, path.read_text())
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("room", "text"),
    [
        ("store", "from aisbench.loadgen.spec import LoadSpec"),
        ("metrics", "def f():\n    from aisbench.stages import measure"),
        ("loadgen", "import typing\nif typing.TYPE_CHECKING:\n    import aisbench.stages.infer"),
        ("metrics", "from aisbench import telemetry"),
        ("engine", "from aisbench.api import Request"),
    ],
)
def test_an_import_upwards_is_found_wherever_it_stands(room: str, text: str) -> None:
    assert upward(room, text)
