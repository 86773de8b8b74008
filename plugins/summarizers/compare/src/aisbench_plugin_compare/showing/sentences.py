"""Verdicts and doubts in words, in the reader's language."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attrs import frozen

from aisbench.api import Wording
from aisbench_plugin_compare.comparing.comparison import (
    ComparedLoad,
    ComparedTask,
    SideComparison,
)
from aisbench_plugin_compare.comparing.difference import Difference
from aisbench_plugin_compare.comparing.fairness import Differing, unfair_to_servers
from aisbench_plugin_compare.showing.numbers import change, plain, probability, signed, value

_DIGITS = re.compile(r"[0-9.,]+")
_NAMED = 5
"""So many ids are named where rows have no partner."""


@frozen
class Sentences:
    """Makes sentences of one comparison; ``left`` and ``right`` are the labels of its sides."""

    words: Wording
    left: str
    right: str

    def verdict(self, one: Difference) -> str:
        """What the figure says of the right side."""
        said = {
            "better": self.words.text(
                "{name}: {right} is better", name=one.name, right=self.right
            ),
            "worse": self.words.text("{name}: {right} is worse", name=one.name, right=self.right),
            "differs": self.words.text("{name}: {right} differs", name=one.name, right=self.right),
            "same": self.words.text("{name}: every answer has the same score", name=one.name),
            "not tested": self.words.text("{name}: not tested", name=one.name),
        }.get(one.verdict)
        if said is None:
            said = self._no_difference(one)
        found = f"{said}: {value(one.left, one.unit)} -> {value(one.right, one.unit)}"
        if one.verdict != "same":
            found += f", {change(one)}"
        if one.adjusted is not None and one.verdict != "same":
            found += f", p {probability(one.adjusted)}"
        if one.verdict == "no difference" and one.smallest is not None:
            found += ". " + self.words.text(
                "One of {size} {unit} would have been found in 4 of 5 such comparisons",
                size=_size(one), unit=one.difference_unit,
            ).replace("  ", " ")  # fmt: skip
        if one.open and one.bounds is not None:
            found += ". " + self.words.text(
                "Failed and unfinished answers leave open who is ahead: they could make it "
                "{low} to {high} pp",
                low=signed(one.bounds[0], "pp"),
                high=signed(one.bounds[1], "pp"),
            )
        return found

    def _no_difference(self, one: Difference) -> str:
        if one.n is None:
            return self.words.text("{name}: no difference that this could show", name=one.name)
        if one.samples == "requests":
            return self.words.text(
                "{name}: no difference that {n} requests could show", name=one.name, n=one.n
            )
        return self.words.text(
            "{name}: no difference that {n} questions could show", name=one.name, n=one.n
        )

    def word(self, one: Difference) -> str:
        """The verdict in a cell."""
        return {
            "better": self.words.text("better"),
            "worse": self.words.text("worse"),
            "differs": self.words.text("differs"),
            "same": self.words.text("the same"),
            "no difference": self.words.text("no difference shown"),
            "not tested": self.words.text("not tested"),
        }[one.verdict]

    def fair(self, task: ComparedTask) -> Iterator[str]:
        """What the comparison of a data set is worth."""
        found = task.fairness
        topics = [self.topic(one) for one in found.deciding]
        if len(topics) > 1:
            yield self.words.text(
                "{name}: unfair as a comparison of one thing: {topics} differ, and the difference "
                "cannot be put down to one of them",
                name=task.name, topics=", ".join(topics),
            )  # fmt: skip
        elif topics and found.unknown:
            yield self.words.text("{name}: the {topic} differs", name=task.name, topic=topics[0])
        elif topics:
            yield self.words.text(
                "{name}: fair: only the {topic} differs", name=task.name, topic=topics[0]
            )
        elif not found.unknown:
            yield self.words.text(
                "{name}: model, prompts, settings and scoring are recorded as the same: a "
                "difference is chance, or the server's",
                name=task.name,
            )
        if found.unknown:
            yield self.words.text(
                "{name}: one side does not tell its {topics}: whether it is fair is not known",
                name=task.name, topics=", ".join(self.topic(one) for one in found.unknown),
            )  # fmt: skip
        yield from self._pairing(task)
        yield from self._outcomes(task)

    def _pairing(self, task: ComparedTask) -> Iterator[str]:
        pairs = task.pairs
        if not pairs.samples:
            yield self.words.text(
                "{name}: no row has a partner: nothing is compared", name=task.name
            )
        else:
            yield self.words.text(
                "{name}: {n} questions paired by {kind}",
                name=task.name, n=pairs.questions, kind=self.kind(pairs.kind),
            )  # fmt: skip
        for label, names in ((self.left, pairs.left_only), (self.right, pairs.right_only)):
            if names:
                yield self.words.text(
                    "{name}: {n} rows are in {label} alone, and in no difference: {ids}",
                    name=task.name, n=len(names), label=label, ids=some_names(names),
                )  # fmt: skip
        if pairs.changed:
            yield self.words.text(
                "{name}: {n} of those have the same id on both sides and other content: {ids}",
                name=task.name, n=len(pairs.changed), ids=some_names(pairs.changed),
            )  # fmt: skip
        share = task.fairness.prompts
        if share.known and share.equal < share.known:
            yield self.words.text(
                "{name}: {n} of {total} prompts are not the same on both sides",
                name=task.name, n=share.known - share.equal, total=share.known,
            )  # fmt: skip

    def _outcomes(self, task: ComparedTask) -> Iterator[str]:
        """Outcomes besides right, wrong and graded, where there are any."""
        outcomes = dict.fromkeys((*task.left_outcomes, *task.right_outcomes))
        found = [
            f"{self.outcome(one)} {task.left_outcomes.get(one, 0)} -> "
            f"{task.right_outcomes.get(one, 0)}"
            for one in outcomes
            if one not in ("right", "wrong", "graded")
        ]
        if found:
            yield f"{task.name}: {', '.join(found)}"

    def load(self, load: ComparedLoad) -> Iterator[str]:
        """What the comparison of a load is worth, and what it says."""
        differ = list(unfair_to_servers(load.found, one_tool=load.one_tool))
        if differ:
            yield self.words.text(
                "{name}: unfair as a comparison of servers: {names} differ",
                name=load.name, names=", ".join(one.name for one in differ[:8]),
            )  # fmt: skip
        if load.replicated:
            yield self.words.text(
                "{name}: {left} loads against {right}: what differs from load to load is counted",
                name=load.name, left=len(load.left), right=len(load.right),
            )  # fmt: skip
        else:
            yield self.words.text(
                "{name}: one load a side: only the spread within it is known, and a verdict is "
                "about these two loads; repeat both for one about the servers",
                name=load.name,
            )
        for label, side in ((self.left, load.left), (self.right, load.right)):
            # Repeats of a load say one doubt with other numbers; the first stands for them.
            doubts = {_DIGITS.sub("", one): one for each in reversed(side) for one in each.doubts}
            for doubt in doubts.values():
                yield f"{label}: {doubt}"

    def summary(self, load: ComparedLoad) -> Iterator[str]:
        """The figures of a load by their verdicts."""
        name, right = load.name, self.right
        words = {
            "better": self.words.text("{name}: {right} is better", name=name, right=right),
            "worse": self.words.text("{name}: {right} is worse", name=name, right=right),
            "differs": self.words.text("{name}: {right} differs", name=name, right=right),
            "no difference": self.words.text(
                "{name}: no difference that these loads could show", name=name
            ),
        }
        for word, said in words.items():
            names = [one.figure for one in load.figures if one.verdict == word]
            if names:
                yield f"{said}: {', '.join(names)}"

    def whole(self, comparison: SideComparison) -> Iterator[str]:
        """Of both sides as a whole."""
        if comparison.same_run:
            yield self.words.text("both sides are the same run: nothing can differ")
        for label, names in (
            (self.left, comparison.left_only),
            (self.right, comparison.right_only),
        ):
            if names:
                yield self.words.text(
                    "only {label} has: {names}", label=label, names=", ".join(names)
                )
        for label, side in ((self.left, comparison.left), (self.right, comparison.right)):
            for note in dict.fromkeys(side.notes):
                yield f"{label}: {note}"

    def topic(self, name: str) -> str:
        """A topic of facts."""
        return {
            "model": self.words.text("model"),
            "data": self.words.text("data"),
            "prompt": self.words.text("prompt"),
            "settings": self.words.text("settings"),
            "scoring": self.words.text("scoring"),
            "client": self.words.text("client"),
            "load": self.words.text("load"),
            "versions": self.words.text("versions"),
        }[name]

    def kind(self, name: str) -> str:
        """What rows were paired by."""
        return {
            "content": self.words.text("content"),
            "prompt": self.words.text("their prompts"),
            "question": self.words.text("their questions"),
            "id": self.words.text("their ids alone"),
        }[name]

    def outcome(self, name: str) -> str:
        """The word of an outcome."""
        return {
            "right": self.words.text("right"),
            "wrong": self.words.text("wrong"),
            "unparsed": self.words.text("unparsed"),
            "truncated": self.words.text("truncated"),
            "unfinished": self.words.text("unfinished"),
            "filtered": self.words.text("filtered"),
            "refused": self.words.text("refused"),
            "graded": self.words.text("graded"),
            "unjudged": self.words.text("unjudged"),
            "failed": self.words.text("failed"),
        }[name]

    def method(self, one: Difference) -> str:
        """How a figure was tested, and how its interval was made."""
        named = {
            "exact McNemar": self.words.text("exact McNemar test"),
            "from both intervals": self.words.text("from both intervals"),
            "within one load a side": self.words.text("within one load a side"),
            "paired permutation, exact": self.words.text("paired permutation test, of all signs"),
            "Tango's score interval": self.words.text("Tango's score interval"),
            "Student's t over parts": self.words.text("Student's interval over parts"),
            "paired bootstrap": self.words.text("paired bootstrap interval"),
            "of two intervals, as if independent": self.words.text(
                "interval of both, as if independent"
            ),
            "of both intervals": self.words.text("interval of both"),
            "hierarchical bootstrap": self.words.text("hierarchical bootstrap interval"),
            "bootstrap of stretches of the load": self.words.text(
                "bootstrap interval of its stretches"
            ),
        }
        numbers = re.findall(r"[0-9][0-9,]*", one.test)
        if one.test.startswith("paired permutation") and numbers:
            test = self.words.text("paired permutation test of {n} draws", n=numbers[0])
        elif one.test.startswith("between ") and len(numbers) == 2:
            test = self.words.text(
                "between {left} and {right} loads", left=numbers[0], right=numbers[1]
            )
        else:
            test = named.get(one.test, one.test)
        return f"{test}; {named.get(one.interval, one.interval)}"

    def note(self, one: Difference) -> str:
        """What else is to be known of a figure."""
        return {
            "few values beyond it": self.words.text("few values beyond it"),
            "no mean over samples": self.words.text("no mean over samples"),
            "no mean over samples: not paired": self.words.text(
                "no mean over samples: not paired"
            ),
            "of the groups' own intervals": self.words.text("of the groups' own intervals"),
        }.get(one.note, one.note)

    def fact(self, one: Differing) -> tuple[str, str, str, str]:
        """A row of the table of what differs."""
        unknown = self.words.text("not told")
        return (
            self.topic(one.topic),
            one.name,
            unknown if one.left is None else one.left,
            unknown if one.right is None else one.right,
        )


def _size(one: Difference) -> str:
    assert one.smallest is not None
    return f"{one.smallest:.2f}" if one.unit == "%" else plain(one.smallest)


def some_names(names: Sequence[str]) -> str:
    """The first of them, and how many there are."""
    more = f", ... ({len(names)})" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
