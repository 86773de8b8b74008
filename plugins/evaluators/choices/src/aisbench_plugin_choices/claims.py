"""What one statement claims of the options. Pure."""

from __future__ import annotations

import enum
import re
from functools import cached_property

from attrs import frozen

from aisbench.answers import SURE, Kind, Mark, Polarity, Statement, polarity
from aisbench_plugin_choices.mentions import Mention, behind, groups, letters, text_behind, texts
from aisbench_plugin_choices.options import Options


class Weight(enum.Enum):
    """How much a claim is one."""

    SURE = "marked as the answer"
    CORRECTED = "marked as a correction"
    CONCLUDED = "concluded"
    HEDGED = "considered"
    SEVERAL = "marked, and several or none of the options"


@frozen
class Claim:
    """``place`` is an option's, from 0; ``how`` says in a few words how it is marked."""

    place: int
    weight: Weight
    how: str = "stated"
    by_text: bool = False


SEVERAL = Claim(-1, Weight.SEVERAL)

_REASON = re.compile(
    r"[\s*_\"'`)\]}>.:,;!。，、|–—-]{1,6}(?:because|since|as\b|due\sto|for\b|given|reason|explanation|"
    r"this\b|it\b|the\b|that\b|in\b|here\b|因为|理由|解析|由于|解释|根据)",
    re.IGNORECASE,
)
_THE_ANSWER = re.compile(
    r"(?:is|must\sbe|should\sbe|would\sbe|remains)\s(?:clearly\s|therefore\s|thus\s)?(?:the|our|my)\s"
    r"(?:only\s)?(?:correct|right|best|true|final)?\s?(?:answer|option|choice)|[是为](?:本题)?(?:的)?正确?(?:的)?(?:答案|选项)"
)
_AGAINST = (Polarity.DENIED, Polarity.WRONG, Polarity.FAILS)
_CLAUSE = re.compile(r"[\s)\]\"'*]{0,3}[,.;—(（，；。]|而")


@frozen
class ClaimReader:
    """Reads statements against ``options``.

    ``by_letter`` is false where the prompt asks for an option's words; ``wrong_wanted`` is true
    where the question asks for the option that is wrong.
    """

    options: Options
    by_letter: bool
    wrong_wanted: bool

    def letters(self, one: Statement) -> list[Mention]:
        """The letters that a statement mentions."""
        return letters(one.text, self.options) if self.by_letter else []

    def meant(
        self, one: Statement, group: list[Mention], *, until: int | None, since: int | None = None
    ) -> Polarity:
        """What a statement does with a group of options."""
        return polarity(
            one.lower,
            group[0].start,
            group[-1].end,
            since=since,
            until=until,
            wrong_wanted=self.wrong_wanted,
        )

    def claim(self, one: Statement) -> Claim | None:
        """What a statement marks as the answer; None for nothing that is an option.

        Of several marks the last counts: a later one corrects an earlier one.
        """
        if not one.marks:
            return self._called_the_answer(one)
        named = _Named(self, one)
        tried: set[int] = set()
        hedged: Claim | None = None
        for mark in reversed(one.marks):
            found = self._behind(one, mark)
            if found is None or (found.start in tried and mark.kind not in SURE):
                continue
            tried.add(found.start)
            alone = found.ends and not found.by_text
            claim = self._taken(one, mark, found, [] if alone else named.groups)
            if claim is not None and claim.weight is not Weight.HEDGED:
                return claim
            hedged = hedged or claim
        if hedged is not None:
            return hedged
        sure = [mark for mark in one.marks if mark.kind in SURE]
        if not sure:
            return self._called_the_answer(one)
        return self._elsewhere(one, sure[-1], named.groups)

    def _behind(self, one: Statement, mark: Mark) -> Mention | None:
        """The option that a mark marks."""
        found = behind(one.text, mark.end, self.options) if self.by_letter else None
        if found is not None:
            return found
        return text_behind(one.text, one.lower, mark.end, self.options)

    def _taken(
        self, one: Statement, mark: Mark, found: Mention, mentioned: list[list[Mention]]
    ) -> Claim | None:
        """What becomes of a marked option, as the statement goes on."""
        group = self._group_of(one, mark, found, mentioned)
        until = next(
            (many[0].start for many in mentioned if many[0].start > group[-1].start), None
        )
        meant = self.meant(one, group, until=until, since=mark.start)
        if meant in _AGAINST:
            # Called wrong where the wrong one is asked for: is it chosen or not?
            unclear = meant is Polarity.WRONG and self.wrong_wanted and mark.kind in SURE
            return SEVERAL if unclear else None
        return self._stands(one, mark, found, group, meant, mentioned)

    def _group_of(
        self, one: Statement, mark: Mark, found: Mention, mentioned: list[list[Mention]]
    ) -> list[Mention]:
        """The options that are named together with the marked one, from the mark on."""
        if found.by_text:
            by_text = groups(one.text, texts(one.text, one.lower, self.options))
            return next((many for many in by_text if _holds(many, found)), [found])
        group = next((many for many in mentioned if _holds(many, found)), None)
        if group is None:
            return [found]
        if group[0].start < mark.end:
            return [each for each in group if each.start >= found.start]
        return group

    def _stands(
        self,
        one: Statement,
        mark: Mark,
        found: Mention,
        group: list[Mention],
        meant: Polarity,
        mentioned: list[list[Mention]],
    ) -> Claim | None:
        """The claim of a marked option that is not denied."""
        sure = mark.kind in SURE
        if len({each.place for each in group}) > 1:
            return SEVERAL if sure or group[-1].ends else None
        if sure and not found.begun and self._goes_on(one, group, mentioned):
            return SEVERAL
        if found.contradicts or _clustered(one.text, found, self.options):
            return SEVERAL if sure else None
        if meant is Polarity.HEDGED:
            return Claim(found.place, Weight.HEDGED, by_text=found.by_text)
        if sure:
            return Claim(found.place, Weight.SURE, mark.kind.value, found.by_text)
        return _concluded(one, found, meant)

    def _called_the_answer(self, one: Statement) -> Claim | None:
        """An option that a sentence begins with and calls the answer: "B is the right option"."""
        if not self.by_letter or _THE_ANSWER.search(one.lower) is None:
            return None
        grouped = groups(one.text, self.letters(one))
        if (
            not grouped
            or len(grouped[0]) > 1
            or re.search(r"\w{4}", one.text[: grouped[0][0].start])
        ):
            return None
        until = grouped[1][0].start if len(grouped) > 1 else None
        if self.meant(one, grouped[0], until=until) is not Polarity.RIGHT:
            return None
        said = one.lower[grouped[0][0].end : until]
        if _THE_ANSWER.search(said) is None:
            return None
        return Claim(grouped[0][0].place, Weight.CONCLUDED)

    def _goes_on(
        self, one: Statement, group: list[Mention], mentioned: list[list[Mention]]
    ) -> bool:
        """Whether the sentence states another option as well: "A before 2000, B after"."""
        return any(
            many[0].start > group[-1].end
            and many[0].leads
            and many[0].place != group[0].place
            and self.meant(one, many, until=None) is Polarity.PLAIN
            for many in mentioned
        )

    def _elsewhere(
        self, one: Statement, mark: Mark, mentioned: list[list[Mention]]
    ) -> Claim | None:
        """The only option that is named behind a sure mark with other words before it."""
        stand: set[int] = set()
        hedged: set[int] = set()
        for number, group in enumerate(mentioned):
            if group[0].start < mark.end or not any(m.named or m.ends or m.begun for m in group):
                continue
            until = mentioned[number + 1][0].start if number + 1 < len(mentioned) else None
            meant = self.meant(one, group, until=until, since=mark.start)
            places = {each.place for each in group}
            if meant in (Polarity.PLAIN, Polarity.RIGHT):
                stand |= places
            elif meant is Polarity.HEDGED:
                hedged |= places
        if len(stand) == 1:
            return Claim(next(iter(stand)), Weight.SURE)
        if stand:
            return SEVERAL
        if len(hedged) == 1:
            return Claim(next(iter(hedged)), Weight.HEDGED)
        return SEVERAL if hedged else None


@frozen(slots=False)
class _Named:
    """The letters that a statement mentions, in groups; looked for when first wanted."""

    _reader: ClaimReader
    _one: Statement

    @cached_property
    def groups(self) -> list[list[Mention]]:
        return groups(self._one.text, self._reader.letters(self._one))


def _holds(many: list[Mention], found: Mention) -> bool:
    return any(each.start == found.start for each in many)


def _concluded(one: Statement, found: Mention, meant: Polarity) -> Claim | None:
    """The claim behind a mark that is not a sure one: nothing but a reason may follow."""
    good = found.ends or meant is Polarity.RIGHT or (found.named and found.begun)
    rest = one.text[found.end :]
    if not good and not (found.begun and (_REASON.match(rest) or _CLAUSE.match(rest))):
        return None
    corrected = any(each.kind is Kind.CORRECTION for each in one.marks)
    weight = Weight.CORRECTED if corrected else Weight.CONCLUDED
    return Claim(found.place, weight, by_text=found.by_text)


def gives_reason(text: str, at: int) -> bool:
    """Whether a reason follows in ``text`` at ``at``."""
    return _REASON.match(text, at) is not None


def _clustered(text: str, found: Mention, options: Options) -> bool:
    """Whether the letter stands in a cluster such as "A/B"."""
    if found.by_text:
        return False
    cluster = re.match(
        r"[\s)\]]{0,2}[/、&+]\s?[(\[]?([A-Z])(?![A-Za-z0-9])",
        text[found.start + 1 : found.start + 12],
    )
    return (
        cluster is not None
        and cluster.group(1) in options.letters
        and cluster.group(1) != text[found.start].upper()
    )


def several_letters(text: str, options: Options) -> bool:
    """Whether a short text is several letters and nothing else: "A and C", "AB"."""
    words = re.findall(r"[A-Za-z]+", text)
    if len(text) > 40 or not words:
        return False
    if len(words) == 1 and words[0].isupper() and 1 < len(words[0]) <= options.count:
        return set(words[0]) <= set(options.letters) and options.equal(text) is None
    joiners = ("and", "or", "both", "either", "options", "option")
    kept = [word for word in words if word.lower() not in joiners]
    return len(kept) > 1 and all(len(word) == 1 and word in options.letters for word in kept)
