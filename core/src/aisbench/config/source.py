"""A suite before it is checked: the TOML text, the changes by flags, the origin of each value."""

from __future__ import annotations

import contextlib
import copy
import datetime
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import tomli
from attrs import field, frozen

from aisbench.base.errors import ConfigError, Problem
from aisbench.base.visible import visible
from aisbench.config.lines import find_line
from aisbench.settings.keys import KeyPath, dotted

MOST_BYTES = 16 << 20
MOST_DEEP = 64
"""Levels of nested tables and lists; readers of JSON and TOML stop at some hundred."""

TOO_DEEP = f"tables or lists are nested more than {MOST_DEEP} deep"


@frozen(kw_only=True)
class Override:
    """One value from the command line. ``origin`` is the flag as the user knows it."""

    path: KeyPath
    value: Any
    origin: str


@frozen(kw_only=True)
class Source:
    """Raw tables, and the origin of every value that is not from the file."""

    tables: Mapping[str, Any]
    text: str = ""
    name: str = "command line"
    base: Path = field(factory=Path.cwd)
    """Folder from which the suite's relative paths are taken."""
    origins: Mapping[KeyPath, str] = field(factory=dict)
    copies: Path | None = None
    """Where a run keeps copies of the files that its suite names in the places of plugins."""
    lock: Any = None
    """``[lock]`` of a suite that was locked."""

    @property
    def disabled_plugins(self) -> list[str]:
        """The names in ``plugins.disable``. Mistakes in that section are reported later, together
        with all others of the suite."""
        section = self.tables.get("plugins")
        named = section.get("disable", []) if isinstance(section, dict) else []
        return [name for name in named if isinstance(name, str)] if isinstance(named, list) else []

    def origin(self, path: KeyPath) -> str:
        """Where the value at ``path`` came from: ``suite.toml:12``, a flag, or ``default``."""
        for depth in range(len(path), 0, -1):
            if found := self.origins.get(path[:depth]):
                return found
        table: Any = self.tables
        for key in path:
            try:
                table = table[key]
            except (KeyError, IndexError, TypeError):
                return "default"
        return self.where(path)

    def where(self, path: KeyPath) -> str:
        """``file:line`` of a key for messages, or the flag that set it, or only the file."""
        for depth in range(len(path), 0, -1):
            if found := self.origins.get(path[:depth]):
                return found
        line = find_line(self.text, path) if self.text else None
        return f"{self.name}:{line}" if line else self.name

    def error(self, problems: Sequence[Problem]) -> ConfigError:
        """All problems as one error, each with its place."""
        lines = []
        for problem in problems:
            text = f"{self.where(problem.path)}: {dotted(problem.path)}: {problem.message}"
            lines.append(visible(f"{text}\n  help: {problem.hint}" if problem.hint else text))
        return ConfigError(lines, problems)


def read_source(
    path: Path | None, overrides: Sequence[Override] = (), copies: Path | None = None
) -> Source:
    """Read a suite file (or none) and lay the command line over it. ``copies`` are those of the
    run, where the suite is one that a run keeps. Raises ConfigError."""
    tables: dict[str, Any] = {}
    text = ""
    name = "command line"
    base = Path.cwd()
    if path is not None:
        name = str(path)
        base = path.absolute().parent
        try:
            text = read_text(path)
            tables = tomli.loads(text)
            check_depth(tables, name)
        except FileNotFoundError:
            raise ConfigError(
                [f"{path}: no such file\n  help: give the path of a suite.toml"]
            ) from None
        except UnicodeDecodeError as error:
            raise ConfigError([f"{path}: is not UTF-8: {error}"]) from error
        except OSError as error:
            raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
        except RecursionError:
            raise ConfigError([f"{path}: {TOO_DEEP}"]) from None
        except ValueError as error:
            # TOMLDecodeError, or Python's own error for a number with thousands of digits.
            raise ConfigError([f"{path}: is not valid TOML: {visible(str(error))}"]) from error
    lock = tables.pop("lock", None)
    source = Source(tables=tables, text=text, name=name, base=base, copies=copies, lock=lock)
    return override(source, overrides)


def source_of_tables(tables: Mapping[str, Any], name: str) -> Source:
    """The tables of a suite that a program made, with ``name`` for messages.

    Paths become text and tuples become lists; relative paths are taken from the current folder.
    Raises ConfigError for what TOML has no form for.
    """
    check_depth(tables, name)
    plain = {key: _plain(one, (key,), name) for key, one in tables.items()}
    lock = plain.pop("lock", None)
    return Source(tables=plain, name=name, lock=lock)


def override(source: Source, overrides: Sequence[Override]) -> Source:
    """The source with some values changed. Raises ConfigError."""
    tables = copy.deepcopy(dict(source.tables))
    origins = dict(source.origins)
    for one in overrides:
        _put(tables, one)
        origins[one.path] = one.origin
    return attrs.evolve(source, tables=tables, origins=origins)


def with_plugin_files(source: Source, paths: Sequence[Path], origin: str) -> Source:
    """The source with more files under ``suite.plugins``; relative paths are taken from the
    current folder. ``origin`` is the flag as the user knows it."""
    suite = source.tables.get("suite", {})
    named = suite.get("plugins", []) if isinstance(suite, Mapping) else None
    if not paths or not isinstance(named, list):
        return source  # a mistake in the suite is reported with all others
    values = [*named, *(str(Path(one).expanduser().absolute()) for one in paths)]
    origins: dict[KeyPath, str] = {
        ("suite", "plugins", at): origin for at in range(len(named), len(values))
    }
    return attrs.evolve(
        source,
        tables={**source.tables, "suite": {**suite, "plugins": values}},
        origins={**source.origins, **origins},
    )


_SCALARS = (str, bool, int, float, datetime.date, datetime.time)


def _plain(value: Any, path: KeyPath, name: str) -> Any:
    """A value of a program as TOML would have given it."""
    if isinstance(value, _SCALARS):
        return value
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, Mapping):
        return {key: _plain(one, (*path, key), name) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one, (*path, index), name) for index, one in enumerate(value)]
    remedy = "leave the key out" if value is None else "give a str, int, float, bool, list or dict"
    what = f"{dotted(path)}: {type(value).__name__} is not a value of TOML"
    raise ConfigError([f"{name}: {what}\n  help: {remedy}"])


def read_text(path: Path) -> str:
    """The text of a suite file. Raises OSError, UnicodeDecodeError, ConfigError if it is huge."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ConfigError([f"{path}: has more than {MOST_BYTES >> 20} MiB, which no suite needs"])
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def check_depth(value: Any, name: str) -> None:
    """Raises ConfigError for tables and lists that are nested too deep for readers of JSON."""
    level = [value]
    for _ in range(MOST_DEEP):
        level = [
            below
            for one in level
            if isinstance(one, (dict, list))
            for below in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise ConfigError([f"{name}: {TOO_DEEP}"])


def parse_set(argument: str) -> Override:
    """``path=value`` of ``--set``. The value is TOML, or else a plain string."""
    key, equals, raw = argument.partition("=")
    if not equals or not key.strip():
        raise ConfigError([f"--set {key!r}: must be KEY.PATH=VALUE"])
    value: Any = raw.strip()
    # A line end could begin another statement: such a value is a plain string.
    if "\n" not in value and "\r" not in value:
        with contextlib.suppress(ValueError, RecursionError):
            value = tomli.loads(f"v = {value}")["v"]
    check_depth(value, f"--set {key.strip()}")
    # Messages repeat only the key: the value may be a secret meant for the environment.
    return Override(path=_path_of(key, "--set"), value=value, origin=f"--set {key.strip()}")


def set_key(key: str, value: Any) -> Override:
    """A value of a program for a dotted key, such as ``models.qwen.concurrency``.

    Raises ConfigError.
    """
    path = _path_of(key, "overrides")
    return Override(path=path, value=_plain(value, path, "overrides"), origin=f"override {key}")


def _path_of(key: str, origin: str) -> KeyPath:
    try:
        path = _keys(tomli.loads(f"{key} = 0"))
    except (ValueError, RecursionError) as error:
        raise ConfigError([f"{origin}: {key!r} is not a TOML key: {error}"]) from error
    if not path or len(path) > MOST_DEEP:
        raise ConfigError([f"{origin}: {key[:80]!r} is not a TOML key of a suite"])
    return path


def _keys(table: Any) -> KeyPath:
    path: list[str | int] = []
    while isinstance(table, dict) and table:
        key, table = next(iter(table.items()))
        path.append(key)
    return tuple(path)


def _put(tables: dict[str, Any], override: Override) -> None:
    table: Any = tables
    for depth, key in enumerate(override.path[:-1]):
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            where = dotted(override.path[: depth + 1])
            raise ConfigError([f"{override.origin}: {where} is not a table"])
    table[override.path[-1]] = override.value
