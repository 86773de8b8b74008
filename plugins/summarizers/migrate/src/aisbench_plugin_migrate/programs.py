"""Command lines of tools other than AISBench, to what reads each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from aisbench.api import DataError
from aisbench_plugin_migrate.accuracy.evalscope import from_evalscope
from aisbench_plugin_migrate.accuracy.lm_eval import from_lm_eval
from aisbench_plugin_migrate.documents import flags_in
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.flags import Flag, Flags, read_flags
from aisbench_plugin_migrate.options import FlagValues
from aisbench_plugin_migrate.serving.aiperf import from_aiperf
from aisbench_plugin_migrate.serving.evalscope_perf import from_evalscope_perf
from aisbench_plugin_migrate.serving.guidellm import from_guidellm
from aisbench_plugin_migrate.serving.vllm_bench import from_vllm
from aisbench_plugin_migrate.shell import Command
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import words

_MADE: Sequence[tuple[tuple[str, ...], str, Callable[[Flags, str], Draft]]] = (
    (("lm_eval", "run"), "lm_eval", from_lm_eval),
    (("lm_eval",), "lm_eval", from_lm_eval),
    (("evalscope", "perf"), "evalscope-perf", from_evalscope_perf),
    (("evalscope", "eval"), "evalscope", from_evalscope),
    (("vllm", "bench", "serve"), "vllm", from_vllm),
    (("guidellm", "run"), "guidellm", from_guidellm),
    (("guidellm", "benchmark", "run"), "guidellm", from_guidellm),
    (("guidellm", "benchmark"), "guidellm", from_guidellm),
    (("aiperf", "profile"), "aiperf", from_aiperf),
    (("genai_perf", "profile"), "aiperf", from_aiperf),
)
"""A program with its sub-command, the table of its flags, and what makes a suite of them."""


def from_program(command: Command, place: str, options: FlagValues) -> Draft:
    """The suite of a command line. Raises DataError where the program's sub-command measures
    nothing that a suite can."""
    program, given = command.program.replace("-", "_"), list(command.words)
    source = " ".join((command.program, *command.words))
    for (name, *first), tool, make in _MADE:
        if program == name and given[: len(first)] == first:
            flags = read_flags(tool, given[len(first) :], place)
            return make(_with_config(flags, options), source)
    raise DataError(
        words().text(
            "{source}: this command measures nothing", source=" ".join(source.split()[:3])
        ),
        hint=words().text(
            "known are lm_eval, evalscope eval, evalscope perf, vllm bench serve, guidellm "
            "run, aiperf profile, ais_bench and opencompass"
        ),
    )


def _with_config(flags: Flags, options: FlagValues) -> Flags:
    """The flags with the keys of the file that the tool was told to read; flags win."""
    about = table(flags.tool)
    name = about["program"].get("config")
    named = flags.one(name) if name else None
    if named is None:
        return flags
    if named in about.get("scenarios", {}):
        if not any(one.name == "--data" for one in flags.given):
            flags.add("--data", about["scenarios"][named])
        return flags
    from aisbench_plugin_migrate.inputs import document_of

    path = Path(named) if Path(named).is_absolute() else options.folder / named
    if not path.is_file():
        why = words().text("this file is not here: give it as an input, or start where it is")
        flags.missing = (name, why)
        return flags
    inner = flags_in(flags.tool, document_of(path) or {}, path.name)
    flags.given[:0] = [one for one in inner.given if not _again(one, flags)]
    return flags


def _again(one: Flag, flags: Flags) -> bool:
    return any(other.name == one.name for other in flags.given)
