"""Answers of all kinds, read by ours and by the rules that other tools publish.

Of each answer of corpus/ and of combinations.py: *right*, what a careful reader takes it to say;
*unparsed*, nothing where he reads something; *another value*, anything else: the bad one, as it
is a wrong score in silence. Of the other tools each rule is shown that is published for such
answers, so each of them can be taken at its best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal

from combinations import combinations
from corpus import Item, files
from heldout_combinations import heldout_combinations
from reference import reference
from report import answered

from aisbench.api import Sample, Score

Verdict = Literal["right", "unparsed", "another value"]
VERDICTS: tuple[Verdict, ...] = ("right", "unparsed", "another value")
PEERS = {
    "lm-eval 0.4.13": ("lm_eval", "lm_eval_answers.py"),
    "evalscope 1.14.1": ("evalscope", "evalscope_answers.py"),
    "AISBench 3.1.20260630": ("ais_bench", "ais_bench_answers.py"),
}
OURS = "ours"
SHOWN = 40


def answers() -> bool:
    """Prints the tables, and each of ours that is another value; whether ours is first."""
    groups: dict[str, list[Item]] = dict(files())
    made = combinations() | heldout_combinations()
    groups |= {f"{name} x noise": group for name, group in made.items()}
    found = _read_by_peers(groups)
    first = True
    tables = {}
    for name, group in groups.items():
        of_set = name.removeprefix("heldout-").split("-")[0]
        evaluator = _evaluator(of_set)
        ours = [_verdict(of_set, item, _ours(evaluator, of_set, item)) for item in group]
        table = tables[name] = {OURS: Counter(verdict for verdict, _ in ours)}
        for peer, replies in found.items():
            rules = dict.fromkeys(rule for reply in replies[name] for rule in reply)
            for rule in rules:
                # A rule that isn't there for an answer's language finds nothing in it.
                table[f"{peer}, {rule}"] = Counter(
                    _verdict(of_set, item, reply.get(rule, {"extracted": None}))[0]
                    for item, reply in zip(group, replies[name], strict=True)
                )
        first &= _shown(name, table)
        if name.startswith("heldout"):
            continue  # they stay unread, so that nothing can be mended for them alone
        wrong = [
            f"  ours {extracted!r}, truth {item.truth!r}: {item.id}, {item.answer!r}"
            for item, (verdict, extracted) in zip(group, ours, strict=True)
            if verdict == "another value"
        ]
        print(
            "\n".join(wrong[:SHOWN] + [f"  and {len(wrong) - SHOWN} more"] * (len(wrong) > SHOWN))
        )
    _print_best(tables)
    return first


def _print_best(tables: dict[str, dict[str, Counter[Verdict]]]) -> None:
    """In Markdown, each tool by whichever of its rules reads most of a file rightly."""
    tools = (OURS, *PEERS)
    print("\nright / unparsed / another value, of each tool's best rule\n")
    print(f"| answers | {' | '.join(tools)} |\n|{'---|' * (len(tools) + 1)}")
    for name, table in tables.items():
        cells = []
        for tool in tools:
            of_tool = [counts for rule, counts in table.items() if rule.startswith(tool)]
            best = max(of_tool, key=lambda counts: (counts["right"], -counts["another value"]))
            cells.append(" / ".join(str(best[one]) for one in VERDICTS))
        print(f"| {name} ({sum(table[OURS].values())}) | {' | '.join(cells)} |")


def _read_by_peers(groups: dict[str, list[Item]]) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """What each peer's rules make of each group's answers."""
    rows = [
        {
            "set": (parts := name.removeprefix("heldout-").split("-"))[0],
            "language": parts[1].split()[0] if parts[1].split()[0] != "other" else item.kind,
            "question": item.question,
            "options": item.options,
            "answer": item.answer,
            "targets": item.targets,
        }
        for name, group in groups.items()
        for item in group
    ]
    found = {}
    for peer, (environment, script) in PEERS.items():
        replies = iter(reference(environment, script, rows))
        found[peer] = {name: [next(replies) for _ in group] for name, group in groups.items()}
    return found


def _evaluator(of_set: str) -> Any:
    """Ours of a set, as a data set's settings make it."""
    if of_set == "choice":
        from aisbench_plugin_choices.evaluator import ChoiceEvaluator
        from aisbench_plugin_choices.settings import ChoiceSettings

        return ChoiceEvaluator(ChoiceSettings())
    if of_set == "numeric":
        from aisbench_plugin_numeric.evaluator import NumericEvaluator
        from aisbench_plugin_numeric.settings import NumericSettings

        return NumericEvaluator(NumericSettings())
    if of_set == "math":
        from aisbench_plugin_math.evaluator import MathEvaluator
        from aisbench_plugin_math.settings import MathSettings

        return MathEvaluator(MathSettings())
    from aisbench_plugin_text.exact import ExactEvaluator, ExactSettings

    return ExactEvaluator(ExactSettings())


def _ours(evaluator: Any, of_set: str, item: Item) -> dict[str, Any]:
    said = answered(item.answer)

    def score(target: str) -> Score:
        # As a data set gives it: what was asked is part of what an evaluator knows.
        fields: dict[str, Any] = {"question": item.question} if item.question else {}
        if item.options:
            fields["choices"] = list(item.options)
        found = evaluator.score(Sample(id=item.id, fields=fields, target=target), said)
        assert isinstance(found, Score)
        return found

    if of_set in ("math", "exact"):
        scores = [score(target) for target in item.targets]
        return {
            "extracted": scores[0].extracted,
            "right": [one.value == 1 for one in scores],
        }
    return {"extracted": score(str(item.target)).extracted}


def _verdict(of_set: str, item: Item, reply: dict[str, Any]) -> tuple[Verdict, object]:
    extracted = reply["extracted"]
    wanted = () if item.truth is None else (item.truth, *item.also)
    unlike: Sequence[bool] = ()
    if "right" in reply:
        right = item.truth is not None and any(reply["right"][: len(wanted)])
        unlike = reply["right"][len(item.targets) - len(item.unlike) :]
    elif of_set == "numeric":
        right = any(_number(extracted) == _number(one) for one in (*wanted, *item.also))
    else:
        right = extracted in (*wanted, *item.also)
    if extracted is None:
        agreed = item.truth is None or item.may_be_null
        return ("right" if agreed else "unparsed"), None
    return ("right" if right and not any(unlike) else "another value"), extracted


def _number(text: object) -> object:
    try:
        return Fraction(str(text).replace(",", ""))
    except (ValueError, ZeroDivisionError):
        return text


def _shown(name: str, table: dict[str, Counter[Verdict]]) -> bool:
    """Prints it; whether ours has most right, and no more other values than any rule that
    reads half as many."""
    total = sum(table[OURS].values())
    print(f"\nanswers, {name}: {total}")
    width = max(map(len, table))
    print(f"  {'':{width}}  " + "  ".join(f"{one:>13}" for one in VERDICTS))
    for rule, counts in table.items():
        print(f"  {rule:{width}}  " + "  ".join(f"{counts[one]:13}" for one in VERDICTS))
    ours = table[OURS]
    others = [counts for rule, counts in table.items() if rule != OURS]
    first = all(ours["right"] >= one["right"] for one in others) and all(
        ours["another value"] <= one["another value"]
        for one in others
        if one["right"] >= total / 2
    )
    if not first:
        print("  NOT FIRST")
    return first
