"""The command line. Sub-commands are imported only when they are called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from aisbench.errors import AisbenchError, ExitCode

COMMANDS = {
    "run": "ask the models of a suite, score the answers, show the figures",
    "evaluate": "score the stored answers of a run again",
    "report": "show the stored figures of a run again",
    "calibrate": "find up to which load this machine's client measures rightly",
    "validate": "check a suite without sending anything",
    "schema": "print the JSON Schema of suites, for editors",
    "plugins": "list, show, check and repair what is installed",
    "datasets": "list data sets, and fetch their files",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code is as :class:`aisbench.errors.ExitCode` says."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _dispatch(words)
    except AisbenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away (`| head`); nobody is left to tell.
        sys.stderr.close()
        return ExitCode.OK
    except Exception:  # noqa: BLE001 - a bug must not look like exit code 1, which has a meaning
        import traceback

        traceback.print_exc()
        print(
            "error: this is a bug in aisbench or in a plugin; what is stored is intact",
            file=sys.stderr,
        )
        return ExitCode.ABORTED
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return ExitCode.ABORTED


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return ExitCode.OK if words else ExitCode.USAGE
    name, rest = words[0], words[1:]
    if name in ("-V", "--version"):
        import aisbench

        print(f"aisbench {aisbench.__version__}")
        return ExitCode.OK
    if name in COMMANDS:
        module = importlib.import_module(f"aisbench.cli.{name}")
        code: int = module.main(rest)
        return code
    return _plugin_command(name, rest)


def _plugin_command(name: str, rest: list[str]) -> int:
    import difflib

    from aisbench import plugins
    from aisbench.errors import PluginError
    from aisbench.types.offer import CommandOffer

    catalog = plugins.discover()
    known = [one.offer.name for one in catalog.of_kind("command")]
    if name not in known:
        near = difflib.get_close_matches(name, [*COMMANDS, *known], 1)
        hint = f"did you mean {near[0]!r}?" if near else "aisbench --help lists the commands"
        raise PluginError(f"there is no command {name!r}", hint=hint)
    _, listed = catalog.find(CommandOffer, name)
    code: int = plugins.resolve(listed.offer.target, listed)(rest)
    return code


def _help() -> str:
    from aisbench import plugins

    commands = dict(COMMANDS)
    for one in plugins.discover().of_kind("command"):
        commands.setdefault(one.offer.name, f"{one.offer.summary} ({one.dist})")
    lines = [f"  {name:<10} {summary}" for name, summary in commands.items()]
    return "\n".join(
        [
            "usage: aisbench COMMAND ...",
            "",
            "Evaluate large language models: accuracy and serving performance.",
            "",
            "commands:",
            *lines,
            "",
            "aisbench COMMAND --help tells more; aisbench --version the version.",
            "exit codes: 0 done, 1 too many samples failed, 2 bad suite or usage, 3 aborted",
        ]
    )
