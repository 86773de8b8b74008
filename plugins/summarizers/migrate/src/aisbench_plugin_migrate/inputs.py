"""What an input is: found by its content, and handed to what reads that kind."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import yaml  # type: ignore[import-untyped]

from aisbench.api import DataError
from aisbench_plugin_migrate.ais.command import from_command as from_ais
from aisbench_plugin_migrate.ais.configs import Gathered, gather, is_config, make_suite, reader_of
from aisbench_plugin_migrate.ais.presets import exact_config, find_config
from aisbench_plugin_migrate.documents import from_document
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.programs import from_program
from aisbench_plugin_migrate.shell import Command, commands_in, program_of
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import words

_LARGEST = 4_000_000


def drafts_of(inputs: Sequence[str], given: Sequence[str], options: FlagValues) -> list[Draft]:
    """The suites of all inputs: one for the Python configs together, one for each command line
    and for each other file. Raises DataError for what is of no known kind."""
    drafts: list[Draft] = []
    configs: list[Path] = []
    if given:
        drafts.append(_of_words(given, options))
    for one in inputs:
        path = Path(one)
        if path.is_file() and _is_python(path):
            configs.append(path)
        elif path.is_file():
            drafts += _of_file(path, attrs.evolve(options, folder=path.parent))
        elif path.is_dir():
            raise DataError(
                words().text("{path} is a folder", path=path),
                hint=words().text("name its files; a run of AISBench: its configs/*.py"),
            )
        else:
            drafts += _of_line(one, options)
    if configs:
        drafts.insert(0, of_configs(configs, options))
    return drafts


def _of_words(given: Sequence[str], options: FlagValues) -> Draft:
    if len(given) == 1 and " " in given[0]:
        return _of_line(given[0], options)[0]
    known = program_of(given)
    if known is None:
        raise unknown(" ".join(given[:3]))
    return _of_command(Command(*known), "", options)


def _of_line(line: str, options: FlagValues) -> list[Draft]:
    """A command line in quotes, or the name of one of AISBench's configs."""
    found = commands_in(line)
    if found:
        return [_of_command(one, "", options) for one in found]
    name = line.strip()
    if name in table("aisbench-models")["configs"]:
        return [from_ais("ais_bench", ["--models", name], name, options)]
    if find_config(name) is not None and "/" not in name:
        return [from_ais("ais_bench", ["--datasets", name], name, options)]
    if " " not in name:
        raise DataError(words().text("{path} does not exist", path=name), hint=_kinds())
    raise unknown(name[:60])


def _is_python(path: Path) -> bool:
    if path.suffix == ".py":
        return True
    if path.suffix:
        return False
    try:
        return "dict(" in path.read_text("utf-8")[:_LARGEST] and bool(ast.parse(path.read_bytes()))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return False


def of_configs(paths: Sequence[Path], options: FlagValues) -> Draft:
    """The suite of Python configs. Raises DataError where one is none."""
    draft = Draft(tool="AISBench", source=", ".join(path.name for path in paths))
    asked = Gathered()
    for path in paths:
        reader = reader_of(options)
        stem = path.stem if exact_config(path.stem) is not None else ""
        names = reader.read(path, stem)
        if not is_config(names):
            raise DataError(
                words().text("{path} is no config: it gives no models and no datasets", path=path),
                hint=_kinds(),
            )
        text = path.read_text("utf-8", errors="replace")
        if "opencompass" in text and "ais_bench" not in text:
            draft.tool = "OpenCompass"
        gather(asked, path, names, reader)
    make_suite(draft, asked, options)
    return draft


def _of_file(path: Path, options: FlagValues) -> list[Draft]:
    text = text_of(path)
    document = _document(path, text)
    if document is not None:
        draft = from_document(document, path.name, str(path))
        if draft is not None:
            return [draft]
    found = commands_in(text)
    if found:
        return [_of_command(one, path.name, options) for one in found]
    raise unknown(str(path))


def _of_command(command: Command, file: str, options: FlagValues) -> Draft:
    place = f"{file}:{command.line}" if file else words().text("command line")
    if command.program in ("ais_bench", "opencompass"):
        return from_ais(command.program, command.words, place, options)
    return from_program(command, place, options)


def text_of(path: Path) -> str:
    """The text of an input. Raises DataError."""
    try:
        if path.stat().st_size > _LARGEST:
            raise DataError(words().text("{path} is too large for a config file", path=path))
        return path.read_text("utf-8")
    except OSError as error:
        raise DataError(
            words().text("{path}: {reason}", path=path, reason=error.strerror or error)
        ) from error
    except UnicodeDecodeError as error:
        raise DataError(words().text("{path} is no text in UTF-8", path=path)) from error


def _document(path: Path, text: str) -> Mapping[str, Any] | None:
    """A YAML or JSON file that holds a table; None where it is none. Raises DataError where its
    name says that it is one, and it cannot be read."""
    named = path.suffix.lower() in (".yaml", ".yml", ".json")
    try:
        value = json.loads(text) if path.suffix.lower() == ".json" else _yaml(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        if not named:
            return None
        reason = " ".join(str(error).split())[:200]
        raise DataError(words().text("{path}: {reason}", path=path, reason=reason)) from error
    return value if isinstance(value, dict) else None


def document_of(path: Path) -> Mapping[str, Any] | None:
    """The table that a YAML or JSON file holds. Raises DataError."""
    return _document(path, text_of(path))


class ConfigLoader(yaml.SafeLoader):  # type: ignore[misc]
    """YAML whose tags of functions (lm-eval's ``!function``) are texts."""


def _tagged(loader: ConfigLoader, suffix: str, node: yaml.Node) -> str:
    return f"!{suffix} {getattr(node, 'value', '')}"[:200]


ConfigLoader.add_multi_constructor("!", _tagged)


def _yaml(text: str) -> Any:
    if text.count("*") > 1000 and text.count("&") > 20:  # aliases that grow without end
        raise ValueError("too many aliases")
    return yaml.load(text, ConfigLoader)


def _kinds() -> str:
    return words().text(
        "read are Python configs of AISBench and OpenCompass; command lines of ais_bench, "
        "opencompass, lm_eval, evalscope, vllm bench serve, guidellm and aiperf, in quotes, "
        "behind "
        "-- or in a file; YAML and JSON configs of lm-eval, evalscope, guidellm and aiperf"
    )


def unknown(what: str) -> DataError:
    """The error for an input of no known kind."""
    return DataError(words().text("{what}: this is of no known kind", what=what), hint=_kinds())
