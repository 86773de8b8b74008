"""Settings from TOML, JSON and the command line: plain values in, SimulatorSettings out."""

from __future__ import annotations

import difflib
import enum
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import attrs
import tomli

from aisbench.api import AisbenchError, JsonObject
from aisbench_plugin_simulator.adapter_spec import AdapterSpec
from aisbench_plugin_simulator.failures import Failure
from aisbench_plugin_simulator.length import Length
from aisbench_plugin_simulator.media_checking import MediaCheck
from aisbench_plugin_simulator.reasoning import ReasoningMode
from aisbench_plugin_simulator.refusal import ErrorForm
from aisbench_plugin_simulator.settings import SimulatorSettings
from aisbench_plugin_simulator.speculation import Acceptance

_Word = TypeVar("_Word", bound=enum.Enum)


def read_file(path: Path) -> JsonObject:
    """The settings in a TOML file. Raises AisbenchError."""
    try:
        return tomli.loads(path.read_text("utf-8"))
    except OSError as error:
        raise AisbenchError(f"{path}: {error.strerror}") from None
    except (tomli.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AisbenchError(f"{path}: {error}") from None


def change(settings: SimulatorSettings, values: Mapping[str, Any]) -> SimulatorSettings:
    """``settings`` with some of them replaced. Raises AisbenchError that lists all problems."""
    types = typing.get_type_hints(SimulatorSettings)
    problems: list[str] = []
    read: dict[str, Any] = {}
    for name, value in values.items():
        if name not in types:
            longer = [known for known in types if known.startswith(name)]
            close = longer or difflib.get_close_matches(name, types, 1)
            problems.append(
                f"{name}: there is no such setting" + (f", is it {close[0]}?" if close else "")
            )
            continue
        try:
            read[name] = _READERS[types[name]](value)
        except ValueError as error:
            problems.append(f"{name}: {error}")
    if not problems:
        try:
            return attrs.evolve(settings, **read)
        except ValueError as error:
            problems.append(str(error))
    raise AisbenchError("\n".join(problems))


def plain(settings: SimulatorSettings) -> dict[str, Any]:
    """The settings as JSON values, without the key."""
    values: dict[str, Any] = {}
    for field in attrs.fields(SimulatorSettings):
        value = getattr(settings, field.name)
        if isinstance(value, tuple):
            value = [str(item) for item in value]
        elif isinstance(value, enum.Enum):
            value = value.value
        elif isinstance(value, (Path, Length)):
            value = str(value)
        values[field.name] = value
    values["api_key"] = None if settings.api_key is None else "(set)"
    return values


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a string, got {value!r}")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"must be a whole number, got {value!r}")
    return value


def _number(value: Any) -> float:
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"must be a number, got {value!r}")
    return float(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, got {value!r}")
    return value


def _one_of(kind: type[_Word]) -> Callable[[Any], _Word]:
    def read(value: Any) -> _Word:
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(str(word.value) for word in kind)
            raise ValueError(f"must be one of {allowed}; got {value!r}") from None

    return read


def _length(value: Any) -> Length:
    return value if isinstance(value, Length) else Length.parse(str(value))


def _failure(value: Any) -> Failure:
    return value if isinstance(value, Failure) else Failure.parse(_text(value))


def _acceptance(value: Any) -> Acceptance:
    return value if isinstance(value, Acceptance) else Acceptance.parse(str(value))


def _adapter(value: Any) -> AdapterSpec:
    return value if isinstance(value, AdapterSpec) else AdapterSpec.parse(_text(value))


def _path(value: Any) -> Path:
    return value if isinstance(value, Path) else Path(_text(value))


def _each(reader: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    # One value needs no list: model = "tiny".
    return lambda value: tuple(
        reader(item) for item in (value if isinstance(value, (list, tuple)) else [value])
    )


def _or_none(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else reader(value)


_READERS: dict[Any, Callable[[Any], Any]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _flag,
    ReasoningMode: _one_of(ReasoningMode),
    ErrorForm: _one_of(ErrorForm),
    MediaCheck: _one_of(MediaCheck),
    Length: _length,
    str | None: _or_none(_text),
    float | None: _or_none(_number),
    Path | None: _or_none(_path),
    tuple[str, ...]: _each(_text),
    tuple[Failure, ...]: _each(_failure),
    tuple[Acceptance, ...]: _each(_acceptance),
    tuple[AdapterSpec, ...]: _each(_adapter),
}
