"""Command lines of tools other than AISBench, to what reads each."""

from __future__ import annotations

from pathlib import Path

from aisbench.api import DataError
from aisbench_plugin_migrate.accuracy.evalscope import from_evalscope
from aisbench_plugin_migrate.accuracy.lm_eval import from_lm_eval
from aisbench_plugin_migrate.draft import Draft
from aisbench_plugin_migrate.flags import Flags, flags_of, read_flags
from aisbench_plugin_migrate.options import Options
from aisbench_plugin_migrate.serving.aiperf import from_aiperf
from aisbench_plugin_migrate.serving.evalscope_perf import from_evalscope_perf
from aisbench_plugin_migrate.serving.guidellm import from_guidellm
from aisbench_plugin_migrate.serving.vllm_bench import from_vllm
from aisbench_plugin_migrate.shell import Command
from aisbench_plugin_migrate.words import words


def from_program(command: Command, place: str, options: Options) -> Draft:
    """The suite of a command line. Raises DataError where the program's sub-command measures
    nothing that a suite can."""
    program = command.program.replace("-", "_")
    given = list(command.words)
    source = " ".join((command.program, *command.words))
    if program == "lm_eval":
        if given[:1] == ["run"]:
            given = given[1:]
        return from_lm_eval(_with_config(read_flags("lm_eval", given, place), options), source)
    if program == "evalscope":
        if given[:1] == ["perf"]:
            flags = read_flags("evalscope-perf", given[1:], place)
            return from_evalscope_perf(flags, source)
        if given[:1] == ["eval"] or (given and given[0].startswith("-")):
            words_ = given[1:] if given[0] == "eval" else given
            return from_evalscope(read_flags("evalscope", words_, place), source)
    if program == "vllm" and given[:2] == ["bench", "serve"]:
        return from_vllm(read_flags("vllm", given[2:], place), source)
    if program == "guidellm" and given[:1] == ["benchmark"]:
        rest = given[2:] if given[1:2] == ["run"] else given[1:]
        return from_guidellm(read_flags("guidellm", rest, place), source)
    if program in ("aiperf", "genai_perf") and given[:1] == ["profile"]:
        return from_aiperf(read_flags("aiperf", given[1:], place), source)
    raise DataError(
        words().text(
            "{source}: this command measures nothing", source=" ".join(source.split()[:3])
        ),
        hint=words().text(
            "known are lm_eval, evalscope eval, evalscope perf, vllm bench serve, guidellm "
            "benchmark, aiperf profile, ais_bench and opencompass"
        ),
    )


def _with_config(flags: Flags, options: Options) -> Flags:
    """The flags with the keys of the file that --config names; flags win."""
    named = flags.one("--config")
    if named is None:
        return flags
    from aisbench_plugin_migrate.inputs import document_of

    path = Path(named) if Path(named).is_absolute() else options.folder / named
    if not path.is_file():
        return flags
    inner = flags_of("lm_eval", document_of(path) or {}, path.name)
    flags.given[:0] = inner.given
    return flags
