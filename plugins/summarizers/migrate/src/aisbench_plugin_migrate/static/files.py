"""A config file, and the files that it imports from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from attrs import define, field

from aisbench.api import DataError
from aisbench_plugin_migrate.static.frame import Budget, CannotRead, Frame
from aisbench_plugin_migrate.static.statements import Interrupted, StatementReader, merged
from aisbench_plugin_migrate.static.values import SourcePlace, Unread, Value
from aisbench_plugin_migrate.words import words

Preset = Callable[[str, str, SourcePlace], Value | None]
"""From the stem of a config file, the name that is imported and the place: its value, where the
file is not here and the preset is known."""
_LARGEST_FILE = 4_000_000
_DEEPEST = 30


@define
class Reader:
    """Reads config files, each once."""

    roots: Sequence[Path]
    """Checkouts and folders of configs, in which absolute imports are looked up."""
    preset: Preset
    budget: Budget = field(factory=Budget)
    done: dict[Path, Mapping[str, Value]] = field(factory=dict)
    skipped: list[Unread] = field(factory=list)
    _open: list[Path] = field(factory=list)

    def read(self, path: Path, preset: str = "") -> Mapping[str, Value]:
        """The names of the file at ``path``; ``preset``: the stem by which it is known.

        Raises DataError: unreadable, no Python, too large.
        """
        path = path.absolute()
        if path in self.done:
            return self.done[path]
        if path in self._open or len(self._open) >= _DEEPEST:
            raise DataError(words().text("{path}: imports go round in a circle", path=path))
        frame = Frame(path.name, self.budget, preset)
        statements = StatementReader(frame, lambda node, scope: self._follow(node, scope, path))
        self._open.append(path)
        try:
            statements.read(parsed(path).body)
        except Interrupted:
            self.skipped.append(Unread("break", SourcePlace(path.name, 0)))
        finally:
            self._open.pop()
        self.skipped += statements.skipped
        self.done[path] = frame.names
        return frame.names

    def _follow(self, node: ast.ImportFrom, frame: Frame, importer: Path) -> None:
        found = self.find(node.module or "", node.level, importer)
        if found is not None:
            try:
                merged(frame, self.read(found, found.stem), node.names)
                return
            except (CannotRead, DataError):
                pass
        stem = (node.module or "").rpartition(".")[2]
        for one in node.names:
            value = self.preset(stem, one.name, frame.place(node))
            name = one.asname or one.name
            frame.names[name] = frame.unread(node) if value is None else value

    def find(self, module: str, level: int, importer: Path) -> Path | None:
        """The file of a module, relative to ``importer`` or in one of the roots."""
        parts = [part for part in module.split(".") if part]
        for folder in self._folders(level, importer):
            path = folder.joinpath(*parts[:-1], f"{parts[-1]}.py") if parts else None
            if path is not None and path.is_file():
                return path
        return None

    def _folders(self, level: int, importer: Path) -> Iterator[Path]:
        if level:
            folder = importer.parent
            for _ in range(level - 1):
                folder = folder.parent
            yield folder
            return
        yield from self.roots
        yield from importer.parents


def parsed(path: Path) -> ast.Module:
    """The syntax of a Python file. Raises DataError."""
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise DataError(words().text("{path} is too large for a config file", path=path))
        return ast.parse(path.read_bytes(), filename=str(path))
    except OSError as error:
        raise DataError(
            words().text("{path}: {reason}", path=path, reason=error.strerror or error)
        ) from error
    except SyntaxError as error:
        text = words().text(
            "{path}:{line}: this is no Python: {reason}",
            path=path,
            line=error.lineno or 0,
            reason=error.msg,
        )
        raise DataError(text) from error
    except (ValueError, RecursionError, MemoryError) as error:
        text = words().text("{path}: Python cannot read this: {reason}", path=path, reason=error)
        raise DataError(text) from error
