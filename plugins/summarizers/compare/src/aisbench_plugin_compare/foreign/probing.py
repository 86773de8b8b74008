"""`aisbench probe`: whether a server gives the same answer to the same question."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from aisbench.api import AisbenchError, DataError, ExitCode, Wording, command_parser
from aisbench_plugin_compare.foreign.flips import FlipRate, Flips, ProbedTask, probed
from aisbench_plugin_compare.foreign.passes import ProbePass, ProbeWish, ask
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.foreign.suite_keys import changed_keys

SCHEMA = "aisbench-probe/1"


def main(words: Sequence[str]) -> int:
    """Ask rows again, one at a time and many at once, and tell how many answers change."""
    args = _parsed(words)
    wish = _wish(args)
    passes = ask(wish, print)
    tasks = probed(passes)
    if not tasks:
        raise DataError(f"{wish.source}: no request was answered")
    for task in tasks:
        print()
        for line in probe_lines(texts(), task, wish.concurrency):
            print(line)
    print()
    for one in passes:
        for result in one.results:
            print(f"{one.name}: {result.path}")
    if args.json is not None:
        _write(args.json, wish, tasks, passes)
    failed = any(not result.ok for one in passes for result in one.results)
    return ExitCode.FAILED_SAMPLES if failed else ExitCode.OK


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = command_parser(
        "probe",
        "Ask some rows of a run or a suite again, at concurrency 1 and at a higher "
        "one, and tell how many answers and verdicts change: whether the server is deterministic, "
        "and what that is worth beside the score. The answers are kept as runs.",
        package="aisbench_plugin_compare",
    )
    parser.add_argument("source", type=Path, help="run directory, or suite.toml")
    parser.add_argument("--rows", type=int, default=50, help="rows of each data set (50)")
    parser.add_argument(
        "--concurrency", type=int, default=32, help="requests in flight at once (32)"
    )
    parser.add_argument(
        "--repeats", type=int, default=2, help="passes at each concurrency (2); 1 asks less"
    )
    parser.add_argument(
        "--neighbours",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="ask them one at a time beside other requests, too, once; these are of the same data "
        "set, and cost tokens as long as that takes",
    )
    parser.add_argument(
        "--temperature",
        default="0",
        metavar="T",
        help="temperature of all passes (0); 'suite': as the suite has it",
    )
    parser.add_argument(
        "--seeds",
        choices=("same", "each"),
        default="same",
        help="whether each pass sends other seeds: a greedy server does not care",
    )
    parser.add_argument("--model", action="append", default=[], help="only this model")
    parser.add_argument("--dataset", action="append", default=[], help="only this data set")
    parser.add_argument("--seed", type=int, default=42, help="decides which rows are asked (42)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the suite"
    )
    parser.add_argument("--output", type=Path, help="folder in which the runs are made")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rates there, too")
    return parser.parse_args(words)


def _wish(args: argparse.Namespace) -> ProbeWish:
    for flag, least in (("rows", 1), ("concurrency", 2), ("repeats", 1)):
        given = getattr(args, flag)
        if given < least:
            raise AisbenchError(f"--{flag} {given}: must be at least {least}")
    if not args.source.exists():
        raise DataError(f"{args.source}: there is no such run or suite")
    return ProbeWish(
        source=args.source,
        rows=args.rows,
        concurrency=args.concurrency,
        repeats=args.repeats,
        neighbours=args.neighbours,
        temperature=_temperature(args.temperature),
        seeds=args.seeds,
        models=args.model,
        datasets=args.dataset,
        overrides=changed_keys(args.set),
        output=args.output,
        seed=args.seed,
    )


def _temperature(text: str) -> float | None:
    if text == "suite":
        return None
    try:
        return float(text)
    except ValueError:
        raise AisbenchError(
            f"--temperature {text}: must be a number, or 'suite' for that of the suite"
        ) from None


# -- what is told


def probe_lines(words: Wording, task: ProbedTask, concurrency: int) -> Iterator[str]:
    """One task in words: the verdict first, then rates with intervals, the score, examples."""
    yield f"{task.model} / {task.dataset}: {verdict(words, task, concurrency)}"
    for one in task.flips:
        name = {
            "alone": words.text("again, one at a time"),
            "beside": words.text("one at a time, beside {n} others", n=concurrency - 1),
            "together": words.text("{n} at once", n=min(concurrency, task.rows)),
        }[one.against]
        yield words.text(
            "  {name} ({passes} passes): other text {text}, other verdict {verdict}",
            name=name,
            passes=one.passes,
            text=rate(one.text),
            verdict=rate(one.verdict),
        )
    for name, score in task.scores.items():
        yield words.text(
            "  score {name}: {value:.1f} % [{low:.1f}, {high:.1f}]",
            name=name,
            value=100 * score.mean,
            low=100 * score.low,
            high=100 * score.high,
        )
    if task.failed:
        yield words.text("  {n} rows failed in a pass, and are in no rate", n=task.failed)
    if task.changed_prompts:
        yield words.text(
            "  {n} rows had another prompt in another pass: their answers say nothing of the "
            "server (--seeds each changes examples that the seed draws)",
            n=task.changed_prompts,
        )
    for one in task.flips:
        for example in one.examples[:1]:
            yield words.text(
                "  {id} differs from character {at} on ({first_verdict}, {other_verdict}):",
                id=example.id,
                at=example.at,
                first_verdict=example.verdicts[0],
                other_verdict=example.verdicts[1],
            )
            yield f"    {example.first!r}"
            yield f"    {example.other!r}"


def rate(one: FlipRate) -> str:
    """3 of 50 = 6.0 % [2.1, 16.2]."""
    return (
        f"{one.flips} / {one.n} = {100 * one.share:.1f} % "
        f"[{100 * one.low:.1f}, {100 * one.high:.1f}]"
    )


def verdict(words: Wording, task: ProbedTask, concurrency: int) -> str:
    """Whether the server is deterministic, in words."""
    found = {one.against: one for one in task.flips}
    alone, beside, together = (found.get(one) for one in ("alone", "beside", "together"))
    if together is None:
        return words.text("no row was answered in all passes: nothing can be said")
    if alone is not None and alone.text.flips:
        return words.text(
            "not deterministic: asked one at a time, {flips} of {n} rows got another text the "
            "second time; {meaning}",
            flips=alone.text.flips,
            n=alone.text.n,
            meaning=_meaning(words, task, *task.flips),
        )
    many = min(concurrency, task.rows)
    others = [one for one in (beside, together) if one is not None]
    worst = max(others, key=lambda one: one.text.flips)
    if worst.text.flips:
        at_once = words.text("with {n} at once", n=many)
        with_others = words.text("beside {n} others", n=concurrency - 1)
        where = with_others if not together.text.flips else at_once
        begin = (
            words.text("deterministic one at a time, and not {where}", where=where)
            if alone is not None
            else words.text("one at a time and {where} differ", where=where)
        )
        return words.text(
            "{begin}: {flips} of {n} rows got another text beside other prompts; {meaning}",
            begin=begin,
            flips=worst.text.flips,
            n=worst.text.n,
            meaning=_meaning(words, task, *others),
        )
    if beside is None:
        return words.text(
            "deterministic as far as {n} rows show: no text changed, alone or {many} at once (at "
            "most {high:.1f} % of all rows do, at 95 %)",
            n=together.text.n,
            many=many,
            high=100 * together.text.high,
        )
    return words.text(
        "deterministic as far as {n} rows show: no text changed, alone, beside {others} others or "
        "{many} at once (at most {high:.1f} % of all rows do, at 95 %)",
        n=together.text.n,
        others=concurrency - 1,
        many=many,
        high=100 * together.text.high,
    )


def _meaning(words: Wording, task: ProbedTask, *flips: Flips) -> str:
    """What the flips do to the score."""
    worst = max(one.verdict.flips for one in flips)
    if not worst:
        return words.text("no verdict changed with them")
    means = [100 * one.mean for one in task.scores.values()]
    if not means:
        return words.text("{flips} verdicts changed with them", flips=worst)
    return words.text(
        "{flips} verdicts changed with them, and the score was between {low:.1f} and {high:.1f} %",
        flips=worst,
        low=min(means),
        high=max(means),
    )


def _write(
    path: Path, wish: ProbeWish, tasks: Sequence[ProbedTask], passes: Sequence[ProbePass]
) -> None:
    about = {
        "schema": SCHEMA,
        "rows": wish.rows,
        "concurrency": wish.concurrency,
        "repeats": wish.repeats,
        "neighbours": any(one.way == "beside" for one in passes),
        "temperature": wish.temperature,
        "seeds": wish.seeds,
        "seed": wish.seed,
        "tasks": [one.json() for one in tasks],
        "runs": {one.name: [str(result.path) for result in one.results] for one in passes},
    }
    try:
        path.write_text(f"{json.dumps(about, ensure_ascii=False, indent=2)}\n", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot be written: {error.strerror}") from None
