"""What a plugin's author gives so that offers can be checked: ``[tool.aisbench.check]``.

Tables are found in the project's ``pyproject.toml`` under ``tool.aisbench.check``, or in a
``check.toml`` beside it (or beside a file that is checked by itself), there without the prefix.
Each is called like an offer, or ``KIND/NAME`` where two kinds share a name::

    [tool.aisbench.check.acme-sums]
    settings = { path = "tests/data" }          # relative to the file
    skip = { "damaged files" = "they are generated" }

    [tool.aisbench.check.acme-exact]
    target = "4"                                # a reference that the evaluator takes
    fields = { question = "2 + 2?" }            # of the sample that carries it
    gold = [{ answer = "It is 4.", verdict = "right" }, { answer = "5", verdict = "wrong" }]

    [tool.aisbench.check.acme-wire]
    recorded = [{ form = "chat", stream = true, file = "tests/chat.sse", text = "Hello" }]

    [tool.aisbench.check.acme-socket]
    peer = "tests/peer.py:serve"                # what a transport of its own is tried against
    expected = [{ prompt = "1 + 1 =", text = "2" }]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
import tomli
from attrs import field, frozen

from aisbench.api import AisbenchError, JsonObject, JsonValue, setting
from aisbench.settings.convert import structure
from aisbench.settings.problems import Problems

FILE = "check.toml"


class CheckTableError(AisbenchError):
    """A table that cannot be read; says where and why."""


@frozen
class GoldTable:
    """An answer whose verdict the author knows."""

    answer: str = setting(help="what a model said")
    verdict: Literal["right", "wrong", "unparsed", "graded", "unjudged"] = setting(
        help="what it deserves"
    )
    target: JsonValue = setting(default=None, help="the reference; default: the table's")
    extracted: str | None = setting(default=None, help="the answer that must be found in it")


@frozen
class RecordedTable:
    """An answer as a real server sent it."""

    file: Path = setting(help="its body, byte for byte")
    form: Literal["chat", "text", "tokens", "texts", "documents", "sound"] = setting(
        default="chat", help="of the request"
    )
    stream: bool = setting(default=False, help="whether the request asked for a stream")
    status: int = setting(default=200, help="HTTP status")
    content_type: str = setting(default="", help="default: by `stream`")
    text: str | None = setting(default=None, help="what it says")
    usage: bool = setting(default=True, help="whether it counts tokens")
    marks_its_end: bool = setting(default=True, help="false: the protocol's streams just stop")


@frozen
class ExpectedTable:
    """What the author's server answers."""

    prompt: str = setting(help="what is asked")
    text: str | None = setting(default=None, help="what is answered; default: whatever it is")


@frozen
class CheckTable:
    """The table of one offer."""

    settings: JsonObject = setting(factory=dict, help="of the offer, as in a suite")
    skip: Mapping[str, str] = setting(factory=dict, help="checks that do not apply -> why")
    target: JsonValue = setting(default=None, help="a reference that the evaluator takes")
    fields: JsonObject = setting(factory=dict, help="fields of the sample that checks make")
    answers: tuple[str, ...] = setting(
        factory=tuple, help="what is scored instead of the kit's answers, where those take long"
    )
    evaluation: JsonObject = setting(factory=dict, help="settings of a data set's evaluator")
    gold: tuple[GoldTable, ...] = setting(factory=tuple, help="answers of known verdict")
    recorded: tuple[RecordedTable, ...] = setting(factory=tuple, help="answers of real servers")
    peer: str = setting(
        default="",
        help="of a transport of its own: an asynchronous context manager that yields the url of a "
        "server, as tests/peer.py:serve or module:serve",
    )
    lingers: str = setting(
        default="",
        help="why a connection to a silent server may stay after it was given up",
    )
    expected: tuple[ExpectedTable, ...] = setting(factory=tuple, help="answers of `peer`")
    repeats: int = setting(default=1, help="scores of each sample, for a reducer")
    measures: Mapping[str, float] = setting(
        factory=dict, help="measures of each score, for a reducer that reads them"
    )
    judgement: str = setting(default="", help="what a judge may say, for a judged evaluator")
    arguments: tuple[str, ...] = setting(factory=tuple, help="of a command that ends by itself")


@frozen(kw_only=True)
class CheckTables:
    """All tables of a project, and the folder that their paths are relative to."""

    folder: Path
    tables: Mapping[str, CheckTable] = field(factory=dict)
    config: Path | None = None
    """The file that they are in, if it is no pyproject.toml."""

    def of(self, kind: str, name: str) -> CheckTable:
        """The table of an offer; an empty one if there is none."""
        found = self.tables.get(f"{kind}/{name}") or self.tables.get(name)
        return found or CheckTable()


def read_tables(folder: Path, config: Path | None = None) -> CheckTables:
    """The tables of a project's folder, or of the file ``config``. Raises CheckTableError."""
    file = config or folder / FILE
    if file.is_file() or config is not None:
        return _tables(_read(file), file)
    file = folder / "pyproject.toml"
    found: Any = _read(file) if file.is_file() else {}
    for key in ("tool", "aisbench", "check"):
        found = found.get(key, {})
    return _tables(found, file, "tool.aisbench.check.")


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomli.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckTableError(f"{file}: {error}") from error


def _tables(found: Mapping[str, Any], file: Path, prefix: str = "") -> CheckTables:
    tables = {}
    for name, table in found.items():
        if not isinstance(table, dict):
            raise CheckTableError(
                f"{file}: {prefix}{name} is no table", hint="write one table for each offer"
            )
        try:
            tables[name] = structure(CheckTable, table, file.parent)
        except Problems as error:
            said = "; ".join(
                f"{prefix}{name}.{'.'.join(map(str, one.path))} {one.message}"
                for one in error.problems
            )
            raise CheckTableError(f"{file}: {said}") from None
    return CheckTables(folder=file.parent, tables=tables, config=None if prefix else file)


@frozen(kw_only=True)
class GivenSetting:
    """``--set OFFER.KEY=VALUE``; without an offer it is meant for all that have the key."""

    key: str
    value: JsonValue

    def path_for(self, names: Sequence[str], known: Sequence[str]) -> tuple[str, ...] | None:
        """The setting of an offer called ``names`` with settings ``known``; None: not meant."""
        for name in names:
            if self.key.startswith(f"{name}."):
                return tuple(self.key[len(name) + 1 :].split("."))
        path = tuple(self.key.split("."))
        return path if path[0] in known else None


def parse_given(text: str) -> GivenSetting:
    """Raises CheckTableError for what is not KEY=VALUE. A value that is no TOML is a text; a
    path is taken from the current folder."""
    key, equals, said = text.partition("=")
    key = key.strip()
    if not equals or not all(key.split(".")):
        raise CheckTableError(
            f"--set {text}: is not KEY=VALUE", hint="such as --set path=data or gsm8k.path=data"
        )
    try:
        value: JsonValue = tomli.loads(f"value = {said}")["value"]
    except tomli.TOMLDecodeError:
        value = said
    if key.rpartition(".")[2] == "path" and isinstance(value, str):
        value = str(Path(value).absolute())
    return GivenSetting(key=key, value=value)


def with_given(
    table: CheckTable, given: Sequence[GivenSetting], names: Sequence[str], known: Sequence[str]
) -> CheckTable:
    """``table`` with what the command line says for an offer."""
    settings: dict[str, Any] = dict(table.settings)
    for one in given:
        if path := one.path_for(names, known):
            _put(settings, path, one.value)
    return attrs.evolve(table, settings=settings)


def _put(settings: dict[str, Any], path: Sequence[str], value: JsonValue) -> None:
    for key in path[:-1]:
        settings[key] = dict(settings.get(key, {}))
        settings = settings[key]
    settings[path[-1]] = value
