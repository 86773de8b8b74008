"""Writing a new plugin into a folder that does not exist, or as one file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import aisbench
from aisbench.base.errors import PluginError
from aisbench.scaffold.kinds import KINDS
from aisbench.scaffold.merging import merged
from aisbench.scaffold.naming import PluginNames, names_of

_PLACE = re.compile(r"@([A-Za-z_]+)@")


def write_package(kind: str, name: str, into: Path) -> Path:
    """A distribution in a new folder in ``into``. Returns the folder.

    Raises PluginError for a name that cannot be one, and for a folder that exists.
    """
    names = names_of(name, KINDS[kind], one_file=False)
    folder = into / names.distribution
    if folder.exists():
        raise PluginError(f"{folder} exists", hint="choose another name, or another --into")
    values = _values(kind, names)
    source = Path("src") / names.package
    files = {
        Path("pyproject.toml"): _text("common/pyproject.toml", values),
        Path("README.md"): _text("common/README.md", values),
        Path("LICENSE"): _text("common/LICENSE", {}),
        Path(".gitignore"): _text("common/gitignore", {}),
        Path(".github/workflows/tests.yml"): _text("common/ci.yml", values),
        source / "__init__.py": _text("common/init.py", values),
        source / "py.typed": "",
        Path("tests") / f"test_{names.snake}.py": _text(f"{kind}/test.py", values),
        Path("example/suite.toml"): _text(f"{kind}/suite.toml", values),
        **{
            Path("example") / path: _text(f"{kind}/example/{path}", values)
            for path in _examples(kind)
        },
    }
    if (resources.files("aisbench.scaffold") / "files" / kind / "check.toml.in").is_file():
        files[Path("check.toml")] = _text(f"{kind}/check.toml", values)
    if kind == "declared":
        files[source / f"{names.name}.toml"] = _text("declared/set.toml", values)
        files[Path("example") / f"{names.name}.jsonl"] = _text("declared/rows.jsonl", values)
    else:
        files[source / "plugin.py"] = _text(f"{kind}/offers.py", values)
        files[source / f"{KINDS[kind].module}.py"] = _text(f"{kind}/code.py", values)
    _write(folder, files)
    return folder


def write_file(kind: str, name: str, into: Path) -> list[Path]:
    """One file in ``into``; of a declared set its rows beside it. Returns what was written.

    Raises PluginError for a name that cannot be one, and for a file that exists.
    """
    names = names_of(name, KINDS[kind], one_file=True)
    values = _values(kind, names)
    if kind == "declared":
        files = {
            Path(f"{names.name}.toml"): _text("declared/set.toml", values),
            Path(f"{names.name}.jsonl"): _text("declared/rows.jsonl", values),
        }
    else:
        code, offers = _text(f"{kind}/code.py", values), _text(f"{kind}/offers.py", values)
        files = {Path(f"{names.module}.py"): merged(code, offers)}
    for path in files:
        if (into / path).exists():
            raise PluginError(
                f"{into / path} exists", hint="choose another name, or another --into"
            )
    _write(into, files)
    return [into / path for path in files]


def _values(kind: str, names: PluginNames) -> Mapping[str, str]:
    """What stands for each place of a text."""
    chosen = KINDS[kind]
    bound = _bound(aisbench.__version__)
    needs = [f'"aisbench{bound}"', *(f'"{one}{bound}"' for one in _needs(kind))]
    if kind != "declared":
        needs.append('"attrs>=24.2"')
    declared = kind == "declared"
    article = "an" if chosen.noun[0] in "aeiou" else "a"
    run = "aisbench run suite.toml"
    if kind == "command":
        run += f"\naisbench {names.name} outputs/*/*"
    return {
        "name": names.name,
        "dist": names.distribution,
        "package": names.package,
        "module": names.module,
        "Class": names.class_name,
        "kind": chosen.noun,
        "article": article,
        "Article": article.capitalize(),
        "bound": bound,
        "dependencies": ", ".join(needs),
        "group": '"aisbench.declared"' if declared else "aisbench",
        "entry": names.snake,
        "entry_module": names.package if declared else f"{names.package}.plugin",
        "run": run,
    }


def _needs(kind: str) -> list[str]:
    """The distributions beside aisbench without which it cannot be used."""
    file = resources.files("aisbench.scaffold") / "files" / kind / "needs.in"
    return file.read_text(encoding="utf-8").split() if file.is_file() else []


def _bound(version: str) -> str:
    """From the minor version that is installed to the next."""
    major, minor = version.split(".")[:2]
    return f">={major}.{minor},<{major}.{int(minor) + 1}"


def _text(path: str, values: Mapping[str, str]) -> str:
    file = resources.files("aisbench.scaffold")
    for part in ("files", *f"{path}.in".split("/")):
        file = file / part
    text = file.read_text(encoding="utf-8")
    return _PLACE.sub(lambda match: values[match[1]], text) if values else text


def _examples(kind: str) -> list[str]:
    """Files beside the example's suite."""
    found: list[str] = []
    top = resources.files("aisbench.scaffold") / "files" / kind / "example"
    folders = [("", top)] if top.is_dir() else []
    while folders:
        before, folder = folders.pop()
        for one in folder.iterdir():
            if one.is_dir():
                folders.append((f"{before}{one.name}/", one))
            else:
                found.append(before + one.name.removesuffix(".in"))
    return found


def _write(folder: Path, files: Mapping[Path, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8", newline="\n")
