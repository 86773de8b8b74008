"""The command line. Sub-commands are imported only when they are called."""

from __future__ import annotations

import errno
import importlib
import sys
from collections.abc import Callable, Sequence

from aisbench.base.errors import AisbenchError, ExitCode
from aisbench.base.raised import never_ended
from aisbench.base.visible import visible

COMMANDS = {
    "run": "ask the models of a suite, score the answers, show the figures",
    "judge": "ask the judges of a run about its stored answers",
    "evaluate": "score the stored answers of a run again",
    "rerun": "ask some rows of a run again: those answered wrong, or not at all",
    "score": "score answers that somebody already has, without a model",
    "report": "show the stored figures of a run again",
    "calibrate": "find the load up to which this machine's client can be trusted",
    "lock": "write a suite, and what it is run with, into one file",
    "validate": "check a suite without sending anything",
    "schema": "print the JSON Schema of suites, for editors",
    "plugins": "list, show, check and repair what is installed",
    "datasets": "list data sets, and fetch their files",
}


ENVIRONMENT = frozenset(
    {
        errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EMFILE, errno.ENFILE,
        errno.ENOMEM, errno.ENOSPC, errno.EPERM, errno.EROFS,
    }
)  # fmt: skip
"""Errors of the machine, and not of the program that meets them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code is as :class:`aisbench.base.errors.ExitCode` says.

    Without ``arguments`` it is the program: it takes those of the process, and its signals and
    standard files.
    """
    if arguments is not None:
        words = list(arguments)
        return guarded(lambda: _dispatch(words))
    from aisbench.cli import streams
    from aisbench.runs import signals

    try:
        signals.as_interrupts()
        streams.keep_standard_files()
        output = streams.lasting_output()
        code = guarded(lambda: _dispatch(sys.argv[1:]))
        signals.end_now_on_signals(code)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = _stopped()
    signals.end_soon(code, _not_waited)
    if code == ExitCode.OK and output.error is not None:
        print(f"error: standard output: {output.error.strerror}", file=sys.stderr)
        return ExitCode.ABORTED
    return code


def guarded(action: Callable[[], int]) -> int:
    """The exit code of what is done; what it raises is told on standard error."""
    try:
        return action()
    except SystemExit as error:  # argparse has said why
        return error.code if isinstance(error.code, int) else ExitCode.OK
    except AisbenchError as error:
        print(visible(_spoken(f"error: {error}")), file=sys.stderr)
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - a bug must not look like exit code 1, which has a meaning
        if isinstance(error, OSError) and error.errno in ENVIRONMENT:
            where = f"{visible(str(error.filename))}: " if error.filename else ""
            print(
                f"error: {where}{error.strerror}\n  help: what is stored is intact; mend the "
                "cause, then continue a run with --resume",
                file=sys.stderr,
            )
            return ExitCode.ABORTED
        from aisbench.runs.guard import told

        print(
            visible(told(error)),
            file=sys.stderr,
        )
        print(
            "error: this is a bug in aisbench or in a plugin; what is stored is intact",
            file=sys.stderr,
        )
        return ExitCode.ABORTED
    except KeyboardInterrupt:
        return _stopped()


def _spoken(text: str, package: str | None = None) -> str:
    """In the reader's language, unless that is what cannot be known."""
    from aisbench.wording.language import LanguageError
    from aisbench.wording.lines import translated

    try:
        return translated(text, package=package)
    except LanguageError:
        return text


def _stopped() -> int:
    from aisbench.runs import signals

    # Asked again while libraries wait for their threads, Python would show tracebacks.
    signals.end_now_on_signals(ExitCode.ABORTED)
    print("stopped", file=sys.stderr)
    return ExitCode.ABORTED


def _not_waited(seconds: float) -> None:
    words = f"warning: a library does not end within {seconds:g} s, and is not waited for"
    print(_spoken(words), file=sys.stderr, flush=True)


def _dispatch(words: list[str]) -> int:
    from aisbench.wording.language import language

    language()  # a wrong one is told before anything is done
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return ExitCode.OK if words else ExitCode.USAGE
    files = []
    while words[:1] == ["--plugin"] and len(words) > 2:  # for commands that files offer
        files.append(words[1])
        words = words[2:]
    name, rest = words[0], words[1:]
    if name in ("-V", "--version"):
        import aisbench

        print(f"aisbench {aisbench.__version__}")
        return ExitCode.OK
    if name in COMMANDS:
        module = importlib.import_module(f"aisbench.cli.{name}")
        with never_ended():
            words = [*rest, *(word for file in files for word in ("--plugin", file))]
            code: int = module.main(words)
            return code
    from aisbench.cli.plugin_command import call

    return call(name, rest, files)


def _help() -> str:
    from aisbench.plugins.discovery import discover

    commands = {name: _spoken(summary) for name, summary in COMMANDS.items()}
    for one in discover().of_kind("command"):
        commands.setdefault(
            one.offer.name, f"{_spoken(one.offer.summary, one.package)} ({one.dist})"
        )
    width = max(map(len, commands))
    lines = [f"  {name:<{width}} {summary}" for name, summary in commands.items()]
    above = (
        "usage: aisbench COMMAND ...\n\n"
        "Evaluate large language models: accuracy and serving performance.\n\n"
        "commands:"
    )
    below = (
        "\naisbench COMMAND --help tells more; aisbench --version the version;\n"
        "aisbench --plugin FILE.py COMMAND calls a command that a file offers.\n"
        "exit codes: 0 done, 1 too many samples failed, 2 bad suite or usage, 3 aborted"
    )
    return "\n".join([_spoken(above), *lines, _spoken(below)])
