"""`aisbench import`: a run of another tool as a run of aisbench, scored again."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import tomli
from attrs import evolve

from aisbench import RunResult
from aisbench.api import DataError, ExitCode, Wording, command_parser
from aisbench_plugin_compare.foreign.answers import ForeignTask
from aisbench_plugin_compare.foreign.imported import FOLDER, ImportWish, import_run
from aisbench_plugin_compare.foreign.own_and_told import verdict_lines
from aisbench_plugin_compare.foreign.reading import ForeignRun, read_foreign_run, unknown_kind
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.foreign.suite_keys import changed_keys


def main(words: Sequence[str]) -> int:
    """Import one data set of a run of AISBench, OpenCompass, lm-eval or evalscope."""
    args = _parsed(words)
    text = texts()
    run = read_foreign_run(args.folder)
    if run is None:
        raise unknown_kind(args.folder)
    tasks = _chosen(run, args.task, args.model)
    result = import_run(
        ImportWish(
            tool=run.tool,
            source=args.folder,
            tasks=tasks,
            dataset=args.dataset,
            settings=_settings(args),
            overrides=changed_keys(args.set),
            output=args.output,
        ),
        on_message=print,
    )
    for line in _told(text, result, run.tool):
        print(line)
    return ExitCode.OK if result.ok else ExitCode.FAILED_SAMPLES


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    parser = command_parser(
        "import",
        "Make a run of aisbench of the answers that AISBench, OpenCompass, lm-eval or "
        "evalscope kept: scored again by aisbench's evaluators, with the other tool's figures and "
        "verdicts beside, and each differing verdict by its cause.",
        package="aisbench_plugin_compare",
    )
    parser.add_argument("folder", type=Path, help="what the other tool left behind")
    parser.add_argument("--dataset", required=True, help="data set, or the TOML file of one")
    parser.add_argument(
        "--task", help="the data set's name there; * and ? match several that are one here"
    )
    parser.add_argument("--model", help="only the answers of this model")
    parser.add_argument("--path", help="folder of the data set's files")
    parser.add_argument("--variant", help="prompt variant that the answers were given to")
    parser.add_argument("--evaluator", help="who scores, instead of the data set's own")
    parser.add_argument("--metrics", help="figures, such as accuracy,pass@5")
    parser.add_argument(
        "--settings", type=Path, metavar="TOML", help="further keys of [datasets.NAME]"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="change a key of the suite, such as datasets.gsm8k.evaluation.rule=aisbench",
    )
    parser.add_argument("--output", type=Path, help="folder in which runs are made (outputs)")
    return parser.parse_args(words)


def _chosen(run: ForeignRun, task: str | None, model: str | None) -> list[ForeignTask]:
    """The answers of each model to one data set, which may be several tasks there.

    Raises DataError.
    """
    answered = _answered(run)
    found = [
        one
        for one in answered
        if fnmatchcase(one.dataset, task or "*") and model in (None, one.model)
    ]
    if not found:
        given = " ".join(
            f"--{key} {one}" for key, one in (("task", task), ("model", model)) if one
        )
        names = sorted({f"{one.model} / {one.dataset}" for one in answered})
        raise DataError(
            f"{given}: {run.source} has none of that name", hint=f"there are: {', '.join(names)}"
        )
    names = sorted({one.dataset for one in found})
    if len(names) > 1 and task is None:
        raise DataError(
            f"{run.source}: has answers to {len(names)} data sets",
            hint=f"--task names one of them, or several that are parts of one here (* and ? "
            f"match): {', '.join(names)}",
        )
    by_model: dict[str, list[ForeignTask]] = {}
    for one in found:
        by_model.setdefault(one.model, []).append(one)
    return [
        many[0] if len(many) == 1 else _joined(many, task or "*") for many in by_model.values()
    ]


def _answered(run: ForeignRun) -> list[ForeignTask]:
    """The tasks that have answers. Raises DataError where none has any."""
    answered = [one for one in run.tasks if one.answers]
    if answered:
        return answered
    if run.loads:
        raise DataError(
            f"{run.source}: {run.tool} left requests of a load alone here",
            hint="aisbench compare reads loads as they are",
        )
    raise DataError(
        f"{run.source}: {run.tool} left no answers here",
        hint="lm-eval keeps answers with --log_samples",
    )


def _joined(tasks: Sequence[ForeignTask], name: str) -> ForeignTask:
    """Several tasks of a model as one; its figures stay those of the parts."""
    answers = [
        evolve(answer, id=f"{one.dataset}/{answer.id}", row=None, part=one.dataset)
        for one in tasks
        for answer in one.answers
    ]
    figures = [
        evolve(figure, part=figure.part or one.dataset) for one in tasks for figure in one.figures
    ]
    notes = list(dict.fromkeys(note for one in tasks for note in one.notes))
    return evolve(tasks[0], dataset=name, answers=answers, figures=figures, notes=notes)


def _settings(args: argparse.Namespace) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if args.settings is not None:
        try:
            found = tomli.loads(args.settings.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataError(f"{args.settings}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise DataError(f"{args.settings}: is not valid TOML: {error}") from None
    for key in ("path", "variant", "evaluator"):
        if getattr(args, key) is not None:
            found[key] = getattr(args, key)
    if args.metrics is not None:
        found["metrics"] = [one.strip() for one in args.metrics.split(",")]
    return found


def _told(text: Wording, result: RunResult, tool: str) -> list[str]:
    """Both figures of each task, and why verdicts differ."""
    lines = verdict_lines(text, result, tool)
    lines.append(
        text.text(
            "{tool}'s figures and verdicts are kept in {folder}; aisbench compare {run} {folder} "
            "sets them side by side",
            tool=tool,
            folder=result.path / FOLDER,
            run=result.path,
        )
    )
    return lines
