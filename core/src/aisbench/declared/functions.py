"""Functions that a declaration names as ``"module:function"``: the one odd rule of a data set."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from aisbench.base.errors import PluginError
from aisbench.declared.offers import DeclaredOffer

_NAME = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*\Z")


def function_problem(text: str) -> str | None:
    """What is wrong with a text that should name a function; nothing is if it is empty."""
    if not text or _NAME.match(text):
        return None
    return f'must be "module:function", got {text!r}'


def function_of(offer: DeclaredOffer, text: str, key: str) -> Callable[..., Any]:
    """The function that ``text`` names at ``key`` of a declaration: of a module beside the file,
    or else of any that is installed. Raises PluginError."""
    module_name, _, name = text.partition(":")
    where = f"{offer.place}: {key}: {text!r}"
    try:
        module = _module(offer, module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{offer.package}.{module_name}.".endswith(f"{error.name}."):
            raise PluginError(
                f"{where} needs the module {error.name!r}, which is not installed"
            ) from error
        beside = offer.folder or f"the package {offer.package}"
        raise PluginError(
            f"{where}: there is no module {module_name!r}, neither in {beside} nor installed",
            hint=f"write the function into {module_name}.py beside the TOML file",
        ) from error
    except Exception as error:
        raise PluginError(
            f"{where}: the module cannot be imported: {type(error).__name__}: {error}"
        ) from error
    found = getattr(module, name, None)
    if not callable(found):
        what = "has none" if found is None else f"is {type(found).__name__}"
        raise PluginError(f"{where}: {getattr(module, '__file__', module_name)} {what}")
    function: Callable[..., Any] = found
    return function


def _module(offer: DeclaredOffer, name: str) -> ModuleType:
    if offer.package:
        own = f"{offer.package}.{name}"
        if importlib.util.find_spec(own) is not None:
            return importlib.import_module(own)
    elif "." not in name and (file := Path(offer.folder) / f"{name}.py").is_file():
        return _of_file(file)
    return importlib.import_module(name)


def _of_file(file: Path) -> ModuleType:
    """The module of a file, under a name that holds its folder and content: two folders may each
    have a ``rows.py``, and a changed file is another module. ``sys.path`` stays as it is."""
    content = file.read_bytes()
    digest = hashlib.sha256(str(file).encode() + b"\0" + content).hexdigest()[:12]
    name = f"aisbench_beside_{digest}_{file.stem}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(file))
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(file)
    # attrs and dataclasses look a class's module up while it is made.
    sys.modules[name] = module
    try:
        exec(compile(content, str(file), "exec"), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module
