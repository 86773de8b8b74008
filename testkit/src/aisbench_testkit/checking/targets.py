"""What is to be checked: a distribution by name, or the folder that it is developed in."""

from __future__ import annotations

import json
import os
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import tomli
from attrs import frozen

from aisbench_testkit.checking.tables import CheckTableError, CheckTables, read_tables
from aisbench_testkit.checks import packaging


@frozen(kw_only=True)
class CheckTarget:
    """A distribution, or a file, and its author's tables."""

    dist: str
    """As results call it: the name of a distribution, or of a file as it was given."""
    tables: CheckTables
    file: Path | None = None
    """A plugin that is a Python file, or a data set that is a TOML file."""


def target_of(text: str, config: Path | None = None) -> CheckTarget:
    """``text`` is the name of a distribution, a folder with a pyproject.toml, a .py or a .toml
    file. Raises CheckTableError for what is none of them."""
    folder = Path(text).expanduser()
    if folder.suffix.lower() in (".py", ".toml"):
        if not folder.is_file():
            raise CheckTableError(f"{text} is not a file")
        file = folder.absolute()
        return CheckTarget(dist=text, tables=read_tables(file.parent, config), file=file)
    if folder.is_dir() and (os.sep in text or folder.name != text or text == "."):
        return _of_folder(folder, config)
    found = packaging.find(text)
    if found is None:
        if folder.is_dir():
            return _of_folder(folder, config)
        raise CheckTableError(
            f"no distribution {text!r} is installed",
            hint="pip install it, or name the folder that holds its pyproject.toml",
        )
    return CheckTarget(dist=found.name, tables=read_tables(_project(found), config))


def _of_folder(folder: Path, config: Path | None) -> CheckTarget:
    file = folder / "pyproject.toml"
    if not file.is_file():
        raise CheckTableError(f"{folder} holds no pyproject.toml", hint="name a plugin's folder")
    try:
        name = tomli.loads(file.read_text(encoding="utf-8"))["project"]["name"]
    except (ValueError, KeyError, TypeError) as error:
        raise CheckTableError(f"{file} tells no [project].name: {error}") from error
    if packaging.find(name) is None:
        raise CheckTableError(f"{name} is not installed", hint=f"pip install -e {folder}")
    return CheckTarget(dist=name, tables=read_tables(folder.absolute(), config))


def _project(dist: Distribution) -> Path:
    """The folder that a distribution is developed in, if it is installed editable; else a folder
    without tables."""
    try:
        told: dict[str, Any] = json.loads(dist.read_text("direct_url.json") or "{}")
    except ValueError:
        told = {}
    if told.get("dir_info", {}).get("editable"):
        return Path(unquote(urlsplit(told["url"]).path))
    # What is not installed editable has its tests elsewhere; its metadata folder has no tables.
    return Path(str(dist.locate_file(f"{dist.name}-tables")))
