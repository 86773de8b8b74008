"""``aisbench simulate``."""

from __future__ import annotations

import argparse
import asyncio
import enum
import os
import signal
import sys
import typing
from pathlib import Path
from typing import Any

import attrs

from aisbench.api import AisbenchError, ExitCode, command_parser
from aisbench_plugin_simulator.config import change, read_file
from aisbench_plugin_simulator.failures import KINDS
from aisbench_plugin_simulator.server import serving
from aisbench_plugin_simulator.settings import SimulatorSettings


def main(argv: list[str]) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code."""
    given = vars(_parser().parse_args(argv))
    config: Path | None = given.pop("config", None)
    port_file: Path | None = given.pop("port_file", None)
    try:
        values = {**(read_file(config) if config is not None else {}), **given}
        settings = change(SimulatorSettings(), values)
        _raise_file_limit()
        asyncio.run(_serve(settings, port_file))
    except AisbenchError as error:
        print(f"aisbench simulate: error: {error}", file=sys.stderr)
        return error.exit_code
    return ExitCode.OK


async def _serve(settings: SimulatorSettings, port_file: Path | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(settings) as served:
        if port_file is not None:
            _write_port(port_file, served.port)
        print(f"listening on {served.url}", flush=True)
        await stop.wait()


def _write_port(path: Path, port: int) -> None:
    # Who waits for the file must never read half a number.
    part = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        part.write_text(f"{port}\n", "ascii")
        part.replace(path)
    except OSError as error:
        raise AisbenchError(f"{path}: {error.strerror}") from None


def _raise_file_limit() -> None:
    """Allow as many connections as the system does: the usual limit is 1024."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _parser() -> argparse.ArgumentParser:
    parser = command_parser(
        "simulate",
        "Serve a simulated model over the OpenAI API.",
        package=__package__,
        epilog="Kinds of --fail: a status code, "
        + "; ".join(f"{kind}: {meaning}" for kind, meaning in KINDS.items()),
    )
    # What is not given is left out, so that it does not hide the file's value.
    parser.argument_default = argparse.SUPPRESS
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings as TOML")
    parser.add_argument(
        "--port-file", type=Path, metavar="FILE", help="write the port there once it is open"
    )
    types = typing.get_type_hints(SimulatorSettings)
    for field in attrs.fields(SimulatorSettings):
        parser.add_argument(
            f"--{field.name.replace('_', '-')}",
            help=_help(field),
            **_kind(types[field.name]),
        )
    return parser


def _kind(type_: Any) -> dict[str, Any]:
    if type_ is bool:
        return {"action": argparse.BooleanOptionalAction}
    if isinstance(type_, type) and issubclass(type_, enum.Enum):
        return {"choices": [word.value for word in type_]}
    if type_ in (int, float, Path):
        return {"type": type_, "metavar": type_.__name__.upper()}
    if typing.get_origin(type_) is tuple:
        return {"action": "append", "metavar": "TEXT"}
    for plain in (float, Path):
        if type_ == plain | None:
            return {"type": plain, "metavar": plain.__name__.upper()}
    return {"metavar": "TEXT"}


def _help(field: attrs.Attribute[Any]) -> str:
    unit = f" in {field.metadata['unit']}" if field.metadata["unit"] else ""
    default = field.default
    if isinstance(default, tuple):
        default = " ".join(map(str, default))
    elif isinstance(default, enum.Enum):
        default = default.value
    shown = f" (default: {default})" if default not in (None, "", False) else ""
    return f"{field.metadata['help']}{unit}{shown}".replace("%", "%%")
