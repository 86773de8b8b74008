"""Python files outside any package: a plugin that is one file, and what lies beside it.

Such a file is what ``python file.py`` makes of it: a module of its own name, whose folder is the
last one on ``sys.path``. So it imports its neighbours, processes that are forked or spawned find
its classes, and nothing that is installed is hidden by it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType


class NameTaken(ImportError):
    """A file cannot be imported: another module has its name."""


def import_file(path: Path) -> ModuleType:
    """The module of the file ``path``, which is imported again when its content changed.

    Raises NameTaken, and whatever the file raises, SystemExit included.
    """
    file = path.resolve()
    content = hashlib.sha256(file.read_bytes()).hexdigest()
    name = file.stem
    known = sys.modules.get(name)
    if known is not None and _file_of(known) == file:
        if known.__spec__ is not None and known.__spec__.loader_state == content:
            return known
        # What it imported from beside it may have changed with it.
        for beside in modules_beside(file.parent):
            del sys.modules[beside]
    _check_name(name, file)
    spec = ModuleSpec(name, _FreshLoader(name, str(file)), origin=str(file), loader_state=content)
    spec.has_location = True
    module = importlib.util.module_from_spec(spec)
    _make_reachable(file.parent)
    sys.modules[name] = module
    try:
        with _no_bytecode():
            assert spec.loader is not None
            spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(name, None)
        raise
    # A module may put another object into its place.
    return sys.modules.get(name, module)


def modules_beside(folder: Path) -> dict[str, Path]:
    """The imported modules whose own file, or whose package, lies in ``folder``: name -> file."""
    home = folder.resolve()
    found = {}
    for name, module in list(sys.modules.items()):
        file = _file_of(module)
        if file is not None and _root(name, file).parent == home:
            found[name] = file
    return found


class _FreshLoader(SourceFileLoader):
    """Compiles what stands in the file now: bytecode is kept by seconds, and edits are quicker."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        code: CodeType = self.source_to_code(self.get_data(path), path)
        return code


def _check_name(name: str, file: Path) -> None:
    """Raises NameTaken when the file's name is that of another module."""
    other: str | None = None
    if name in sys.modules:
        own = _file_of(sys.modules[name])
        if own == file:
            return
        other = str(own or "part of Python")
    else:
        with contextlib.suppress(ImportError, ValueError, AttributeError):
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.origin is not None and Path(spec.origin) != file:
                same = spec.has_location and Path(spec.origin).resolve() == file
                other = None if same else spec.origin
    if other is not None:
        raise NameTaken(f"its name is that of another module, {name!r} ({other})")


def _file_of(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None)
    return Path(file).resolve() if isinstance(file, str) else None


def _root(name: str, file: Path) -> Path:
    """The file or folder that stands for the first word of a module's name."""
    depth = name.count(".") + (file.name == "__init__.py")
    return file.parents[depth - 1] if depth else file


def _make_reachable(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


@contextlib.contextmanager
def _no_bytecode() -> Iterator[None]:
    """Leave no ``__pycache__`` in a folder of the user's."""
    before = sys.dont_write_bytecode
    sys.dont_write_bytecode = True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before
