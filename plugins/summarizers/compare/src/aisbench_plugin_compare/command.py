"""``aisbench compare``."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from aisbench.api import AisbenchError, ExitCode, translated, wording
from aisbench_plugin_compare.arguments import parsed

if TYPE_CHECKING:
    from aisbench_plugin_compare.comparing.comparison import SideComparison
    from aisbench_plugin_compare.gates.deciding import Decision
    from aisbench_plugin_compare.gates.grammar import Gate
    from aisbench_plugin_compare.showing.page import Block
    from aisbench_plugin_compare.sides.side import ComparedSide

_PACKAGE = "aisbench_plugin_compare"
_WIDTH = 160
"""Of tables that go into a file or a pipe."""


def main(argv: list[str]) -> int:
    """Compare runs; returns the exit code: 1 when a gate fails."""
    args = parsed(argv)
    try:
        return _compare(args)
    except AisbenchError as error:
        print(f"aisbench compare: {translated(f'error: {error}')}", file=sys.stderr)
        return error.exit_code


def _compare(args: argparse.Namespace) -> int:
    from aisbench_plugin_compare.gates.grammar import parse_gate

    begun = time.monotonic()
    # What is wrong on the command line is told before anything is read.
    gates = [parse_gate(text) for text in args.fail_if]
    _check(args)
    if args.baselines:
        return _list(args)
    if args.history:
        return _history(args)
    if args.save_baseline and len(args.sides) == 1 and not args.baseline and not gates:
        return _save(args)
    sides = _sides(args)
    comparisons = _comparisons(sides, args)
    decisions = _decisions(gates, comparisons)
    _put_out(comparisons, decisions, args, time.monotonic() - begun)
    failed = any(one.failed for one in decisions)
    if args.save_baseline and not failed:
        _save(args)
    return ExitCode.FAILED_SAMPLES if failed else ExitCode.OK


def _check(args: argparse.Namespace) -> None:
    """Raises AisbenchError for arguments that do not go together."""
    sides: list[str] = args.sides
    if args.baselines:
        if sides:
            raise AisbenchError(
                "--baselines lists names and compares nothing",
                hint="leave the runs out; --outputs FOLDER says where the names are kept",
            )
        return
    if not sides:
        raise AisbenchError(
            "no run is given",
            hint="aisbench compare A B, or aisbench compare RUN --baseline NAME",
        )
    if args.figure and not args.history:
        raise AisbenchError("--figure is for --history", hint="add --history, or leave it out")
    if args.history and (len(sides) > 1 or args.baseline or args.fail_if or args.save_baseline):
        raise AisbenchError(
            "--history is of one run's suite, and compares nothing",
            hint="aisbench compare RUN --history",
        )
    if args.junit and not args.fail_if:
        raise AisbenchError(
            "--junit writes gates, and there are none", hint='add --fail-if "accuracy drops > 1pp"'
        )
    if args.save_baseline and len(sides) > 1:
        raise AisbenchError(
            "--save-baseline names one run, and several are given",
            hint="aisbench compare RUN --baseline OLD --save-baseline NEW",
        )


def _sides(args: argparse.Namespace) -> list[ComparedSide]:
    from aisbench_plugin_compare.records.baselines import baseline
    from aisbench_plugin_compare.sides.reading import apart, read_side, shortened

    texts: list[str] = list(args.sides)
    if args.baseline:
        found = baseline(_outputs(args), args.baseline)
        texts.insert(0, str(found.run))
    sides = [read_side(text) for text in texts]
    if len(sides) == 1:
        sides = apart(sides[0])
        if len(sides) == 1:
            raise AisbenchError(
                f"{texts[0]}: is one run of one model: there is nothing to compare it with",
                hint="name a second run, or --baseline NAME",
            )
        return sides
    return shortened(sides)


def _comparisons(sides: Sequence[ComparedSide], args: argparse.Namespace) -> list[SideComparison]:
    from aisbench_plugin_compare.comparing.comparison import SEED, compare

    seed = SEED if args.seed is None else args.seed
    found = []
    for one in sides[1:]:
        causes = args.causes
        if causes is None:
            causes = {sides[0].tool, one.tool} != {"aisbench"}
        found.append(compare(sides[0], one, seed, causes=causes))
    return found


def _decisions(gates: Sequence[Gate], comparisons: Sequence[SideComparison]) -> list[Decision]:
    from aisbench_plugin_compare.gates.deciding import decide

    return [
        decision
        for one in comparisons
        for gate in gates
        for decision in decide(gate, one.right.label, one.figures, one.lost)
    ]


def _put_out(
    comparisons: Sequence[SideComparison],
    decisions: Sequence[Decision],
    args: argparse.Namespace,
    seconds: float,
) -> None:
    from aisbench_plugin_compare.gates.junit import junit
    from aisbench_plugin_compare.showing.document import document
    from aisbench_plugin_compare.showing.markdown import markdown
    from aisbench_plugin_compare.showing.report import ReportOptions, report
    from aisbench_plugin_compare.writing import write, write_flips, write_json

    words = wording(_PACKAGE)
    options = ReportOptions(flips=args.flips)
    blocks: list[Block] = []
    for one in comparisons:
        own = [decision for decision in decisions if decision.against == one.right.label]
        blocks += report(one, own, options, words)
    _print(blocks)
    if args.markdown:
        write(args.markdown, markdown(blocks))
    if args.json:
        write_json(args.json, document(comparisons, decisions))
    if args.junit:
        write(args.junit, junit(decisions, seconds))
    if args.flips_to:
        write_flips(args.flips_to, comparisons)


def _print(blocks: Sequence[Block]) -> None:
    from rich.console import Console

    from aisbench_plugin_compare.showing.terminal import show

    console = Console(highlight=False, markup=False, emoji=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, emoji=False, width=_WIDTH)
    show(blocks, console)


def _outputs(args: argparse.Namespace) -> Path:
    from aisbench_plugin_compare.records.baselines import outputs_of
    from aisbench_plugin_compare.sides.reading import is_run

    if args.outputs is not None:
        return Path(args.outputs)
    run = Path(args.sides[0]) if args.sides else None
    if run is not None and is_run(run):
        return outputs_of(run)
    return Path("outputs")


def _list(args: argparse.Namespace) -> int:
    from aisbench_plugin_compare.records.baselines import baselines
    from aisbench_plugin_compare.showing.page import Grid, Lines

    words = wording(_PACKAGE)
    outputs = _outputs(args)
    found = baselines(outputs)
    if not found:
        _print([Lines([words.text("{folder} has no baselines", folder=outputs)])])
        return ExitCode.OK
    rows = [
        (one.name, str(one.run), one.saved, "" if one.run.exists() else words.text("gone"))
        for one in found.values()
    ]
    head = (words.text("baseline"), words.text("run"), words.text("saved"), "")
    _print([Grid(head, rows)])
    return ExitCode.OK


def _save(args: argparse.Namespace) -> int:
    from aisbench_plugin_compare.records.baselines import save_baseline
    from aisbench_plugin_compare.showing.page import Lines
    from aisbench_plugin_compare.sides.reading import read_side

    run = Path(args.sides[0])
    read_side(args.sides[0])  # a name for what cannot be compared would be found out too late
    found = save_baseline(_outputs(args), args.save_baseline, run)
    words = wording(_PACKAGE)
    _print([Lines([words.text("{name} is {run} now", name=found.name, run=run)])])
    return ExitCode.OK


def _history(args: argparse.Namespace) -> int:
    from aisbench_plugin_compare.records.history import history, past_figures
    from aisbench_plugin_compare.showing.markdown import markdown
    from aisbench_plugin_compare.showing.page import Lines
    from aisbench_plugin_compare.writing import write

    found, left_out = past_figures(Path(args.sides[0]), args.figure)
    blocks = history(found, wording(_PACKAGE))
    if left_out:
        blocks.append(Lines(left_out))
    _print(blocks)
    if args.markdown:
        write(args.markdown, markdown(blocks))
    return ExitCode.OK
