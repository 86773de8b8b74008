"""Why answers to one question were judged differently: each differing sample gets one cause."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from attrs import define, field, frozen

from aisbench.api import Wording
from aisbench_plugin_compare.foreign.aggregation import aggregation
from aisbench_plugin_compare.foreign.answers import canonical
from aisbench_plugin_compare.foreign.cause import (
    Cause,
    CauseReport,
    Example,
    SampleCause,
    short,
)
from aisbench_plugin_compare.foreign.prompt_difference import difference
from aisbench_plugin_compare.foreign.settings_difference import settings_difference
from aisbench_plugin_compare.foreign.spoken import texts
from aisbench_plugin_compare.sides.side import Outcome, SideAnswer, SideRow, SideTask

_ORDER: tuple[SampleCause, ...] = (
    "failure", "prompt", "sampling", "truncation", "extraction", "grading", "unknown",
)  # fmt: skip
_LOST = frozenset({"failed", "filtered", "refused"})
_CUT = frozenset({"truncated", "unfinished"})


def sort_causes(left: SideTask, right: SideTask, pairs: Sequence[tuple[int, int]]) -> CauseReport:
    """The causes of all pairs that differ in their verdict or value. ``pairs`` are indices into
    the rows of both. Raises AisbenchError where answers cannot be read again."""
    words = texts()
    differing = [
        (left.rows[ours], right.rows[theirs])
        for ours, theirs in pairs
        if differs(left.rows[ours], right.rows[theirs])
    ]
    mine = dict(left.answers.read([one.place for one, _ in differing]))
    other = dict(right.answers.read([one.place for _, one in differing]))
    found = _Found(words, left, right)
    for ours, theirs in differing:
        found.add(ours, theirs, mine.get(ours.place), other.get(theirs.place))
    causes = found.causes()
    causes += aggregation(words, left, right, pairs, bool(differing))
    headline = words.text(
        "{differing} of {compared} samples were judged differently",
        differing=len(differing), compared=len(pairs),
    )  # fmt: skip
    if not pairs:
        headline = words.text("no sample of both sides is the same: none can be sorted by cause")
    return CauseReport(
        compared=len(pairs), differing=len(differing), headline=headline, causes=tuple(causes)
    )


def differs(left: SideRow, right: SideRow) -> bool:
    """Whether both sides say something else of a sample: its value, or right against not right
    where there is none. Kinds of wrong (unparsed, truncated) are one and the same here."""
    if left.value is not None and right.value is not None:
        return abs(left.value - right.value) > 1e-9
    return _known(left.outcome) and _known(right.outcome) and left.outcome != right.outcome


def _known(outcome: Outcome) -> bool:
    return outcome != "unjudged"


def cause_of(
    left: SideRow, right: SideRow, ours: SideAnswer | None, theirs: SideAnswer | None
) -> SampleCause:
    """Why two verdicts on one question differ. What is nearest to the verdict counts first: the
    same answer can only have been read or graded differently, whatever was asked."""
    if left.outcome in _LOST or right.outcome in _LOST:
        return "failure"
    if ours is None or theirs is None or not (ours.text or theirs.text):
        return "unknown"
    if same_answer(ours.extracted, theirs.extracted):
        return "grading"
    if _plain(ours.text) == _plain(theirs.text):
        return "extraction"
    if _is_cut(left, ours, theirs) != _is_cut(right, theirs, ours):
        return "truncation"
    if not ours.prompt or not theirs.prompt:
        return "unknown"
    return "sampling" if ours.prompt == theirs.prompt else "prompt"


def _plain(text: str) -> str:
    return " ".join(text.split())


def same_answer(left: str | None, right: str | None) -> bool:
    """Whether two extracted answers are one: 1,000 and 1000.0, "B" and "(b)"."""
    if left is None or right is None:
        return False
    return canonical(left) == canonical(right)


def _is_cut(row: SideRow, answer: SideAnswer, other: SideAnswer) -> bool:
    """Whether an answer ends early: by its outcome or reason, or because the other one goes on
    where it ends."""
    if row.outcome in _CUT or answer.finish_reason == "length":
        return True
    own, longer = _plain(answer.text), _plain(other.text)
    return len(own) < len(longer) and longer.startswith(own)


@frozen
class _Pair:
    left: SideRow
    right: SideRow
    ours: SideAnswer | None
    theirs: SideAnswer | None


@define
class _Found:
    """Collects pairs by cause, and makes sentences of them."""

    words: Wording
    left: SideTask
    right: SideTask
    pairs: dict[SampleCause, list[_Pair]] = field(factory=lambda: defaultdict(list))

    def add(
        self, left: SideRow, right: SideRow, ours: SideAnswer | None, theirs: SideAnswer | None
    ) -> None:
        name = cause_of(left, right, ours, theirs)
        self.pairs[name].append(_Pair(left, right, ours, theirs))

    def causes(self) -> list[Cause]:
        """In the order from question to verdict."""
        return [self._cause(name) for name in _ORDER if self.pairs.get(name)]

    def _cause(self, name: SampleCause) -> Cause:
        held = self.pairs[name]
        return Cause(
            name=name,
            count=len(held),
            sentence=self._sentence(name, len(held)),
            details=tuple(self._details(name, held)),
            example=_example(name, held[0]),
            ids=tuple(one.left.id for one in held),
        )

    def _sentence(self, name: SampleCause, n: int) -> str:
        sentences = {
            "failure": self.words.text(
                "failure: {n} were not answered (or refused) on one side", n=n
            ),
            "prompt": self.words.text(
                "prompt: {n} were asked in other words, and answered differently", n=n
            ),
            "sampling": self.words.text(
                "sampling: {n} have the same prompt and another answer", n=n
            ),
            "truncation": self.words.text("truncation: {n} were cut on one side alone", n=n),
            "extraction": self.words.text(
                "extraction: {n} have the same answer, of which another value was read", n=n
            ),
            "grading": self.words.text(
                "grading: {n} have the same value read, and another verdict", n=n
            ),
            "unknown": self.words.text(
                "unknown: {n} cannot be sorted, as one side keeps no prompt or no answer", n=n
            ),
        }
        return sentences[name]

    def _details(self, name: SampleCause, held: Sequence[_Pair]) -> list[str]:
        if name == "prompt":
            return self._prompts(held)
        if name == "sampling":
            return [self._sampling(held)]
        if name == "extraction":
            return self._readings(held)
        if name == "grading":
            return self._references(held)
        return []

    def _prompts(self, held: Sequence[_Pair]) -> list[str]:
        counted = Counter(
            difference(self.words, one.ours, one.theirs)
            for one in held
            if one.ours is not None and one.theirs is not None
        )
        shown = [
            self.words.text("{n} times: {how}", n=n, how=how) for how, n in counted.most_common(3)
        ]
        rest = sum(n for _, n in counted.most_common()[3:])
        return shown + ([self.words.text("{n} times otherwise", n=rest)] if rest else [])

    def _sampling(self, held: Sequence[_Pair]) -> str:
        found: dict[str, int] = Counter()
        for one in held:
            told = settings_difference(
                self._settings(one.ours, self.left), self._settings(one.theirs, self.right)
            )
            for setting in told:
                found[setting] += 1
        if found:
            several = "; ".join(found)
            return self.words.text("settings differ: {settings}", settings=several)
        other = self._model()
        if other:
            return self.words.text("other models were asked: {models}", models=other)
        return self.words.text(
            "no setting that both sides tell differs: free variation of the server "
            "(aisbench probe measures it)"
        )

    def _model(self) -> str:
        """What tells the models of both sides apart; "" where nothing that both tell does."""
        ours, theirs = (task.facts.get("model", {}) for task in (self.left, self.right))
        # A tool's own "name" of a model is no more than a label; some keep its last part alone.
        shared = [name for name in ours if name in theirs and name != "name"]
        told = [
            f"{name} {ours[name]} | {theirs[name]}"
            for name in shared
            if ours[name].rpartition("/")[2] != theirs[name].rpartition("/")[2]
        ]
        own = any(one != "served as" for one in shared)
        if not told and own and self.left.model != self.right.model:
            told = [f"{self.left.model} | {self.right.model}"]
        return "; ".join(told)

    @staticmethod
    def _settings(answer: SideAnswer | None, task: SideTask) -> Mapping[str, str]:
        own = dict(answer.settings) if answer is not None else {}
        return {**task.facts.get("settings", {}), **own}

    def _readings(self, held: Sequence[_Pair]) -> list[str]:
        nothing_left = sum(one.ours is not None and one.ours.extracted is None for one in held)
        nothing_right = sum(
            one.theirs is not None and one.theirs.extracted is None for one in held
        )
        found = []
        if nothing_left:
            found.append(self.words.text("{n} times nothing was read on the left", n=nothing_left))
        if nothing_right:
            found.append(
                self.words.text("{n} times nothing was read on the right", n=nothing_right)
            )
        return found

    def _references(self, held: Sequence[_Pair]) -> list[str]:
        other = sum(
            one.ours is not None
            and one.theirs is not None
            and one.ours.target is not None
            and one.theirs.target is not None
            and canonical(one.ours.target) != canonical(one.theirs.target)
            for one in held
        )
        if not other:
            return []
        return [self.words.text("{n} of them were compared with another reference", n=other)]


def _example(name: SampleCause, one: _Pair) -> Example:
    left, right = _told(name, one.left, one.ours), _told(name, one.right, one.theirs)
    return Example(id=one.left.id, left=left, right=right)


def _told(name: SampleCause, row: SideRow, answer: SideAnswer | None) -> str:
    """What of one side shows the cause: the answer's end, with what was read and the verdict."""
    if answer is None:
        return row.outcome
    if name == "failure" and row.outcome in _LOST:
        return f"{row.outcome}: {short(answer.reason)}" if answer.reason else row.outcome
    read = "-" if answer.extracted is None else short(answer.extracted, 60)
    verdict = f"{row.outcome}, {read}"
    if name == "grading":
        return f"{verdict} | {short(answer.target or '-', 60)}"
    return f"{short(answer.text)} [{verdict}]"
