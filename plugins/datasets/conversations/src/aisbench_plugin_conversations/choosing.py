"""Which conversations are asked, and how long the answers in the data are."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from aisbench.api import DataError, Sample, TextTokenizer, load_tokenizer
from aisbench_plugin_conversations.settings import ConversationSettings
from aisbench_plugin_conversations.talk import Talk

# Below "aisbench", whose records core keeps; a plugin's own module name is not.
log = logging.getLogger("aisbench.plugins.conversations")

BATCH = 1000
"""Conversations whose tokens are counted at once: enough for all cores, little to do in vain."""


def check(settings: ConversationSettings, name: str) -> None:
    """Raises DataError for settings that need each other."""
    bounds = (settings.min_prompt_tokens, settings.max_prompt_tokens)
    counting = [
        key
        for key, on in (
            ("limit_output", settings.limit_output),
            ("min_prompt_tokens", bounds[0] is not None),
            ("max_prompt_tokens", bounds[1] is not None),
        )
        if on
    ]
    if counting and not settings.tokenizer:
        raise DataError(
            f"{name}: {counting[0]} counts tokens, and no tokenizer is named",
            hint="set tokenizer to the model's folder, its tokenizer.json or its hub name",
        )
    if settings.ignore_eos and not settings.limit_output:
        raise DataError(
            f"{name}: ignore_eos without limit_output would let answers run to the very end",
            hint="set limit_output = true, or put ignore_eos and max_tokens into `generation`",
        )
    for low, high in (
        ("min_turns", "max_turns"),
        ("min_prompt_characters", "max_prompt_characters"),
        ("min_prompt_tokens", "max_prompt_tokens"),
    ):
        least, most = getattr(settings, low), getattr(settings, high)
        if least is not None and most is not None and least > most:
            raise DataError(f"{name}: {low} is above {high}", hint="swap the two")


class ConversationChooser:
    """Makes samples of conversations; counts what is left out, and why."""

    def __init__(self, settings: ConversationSettings, name: str) -> None:
        self.settings = settings
        self.name = name
        self.unusable: Counter[str] = Counter()
        self.filtered: Counter[str] = Counter()

    def samples(self, talks: Iterable[Talk]) -> list[Sample]:
        """The samples, in order. Raises DataError when none is left."""
        tokenizer = load_tokenizer(self.settings.tokenizer) if self._counts else None
        kept: list[Sample] = []
        rest = self._fitting(talks)
        while batch := list(islice(rest, BATCH)):
            kept += self._batch(batch, tokenizer)
            if self.settings.take is not None and len(kept) >= self.settings.take:
                del kept[self.settings.take :]
                break
        self._tell(len(kept))
        return kept

    @property
    def _counts(self) -> bool:
        one = self.settings
        return (
            one.limit_output
            or one.min_prompt_tokens is not None
            or one.max_prompt_tokens is not None
        )

    def _fitting(self, talks: Iterable[Talk]) -> Iterator[Talk]:
        """Conversations cut to their turns, that pass every filter but that of tokens."""
        one = self.settings
        for talk in talks:
            count = len(talk.turns)
            if one.min_turns is not None and count < one.min_turns:
                self.filtered["have fewer turns than min_turns"] += 1
                continue
            if one.max_turns is not None and count > one.max_turns:
                self.filtered["have more turns than max_turns"] += 1
                continue
            played = talk if one.turns is None else talk.cut(one.turns)
            if one.limit_output and played.answers[-1] is None:
                # A turn that nothing limits would be another workload.
                played = played.cut(len(played.turns) - 1)
                if not played.turns:
                    self.unusable["have no recorded answer"] += 1
                    continue
            length = sum(map(len, played.last_prompt))
            if self._outside(length, "prompt_characters"):
                continue
            yield played

    def _batch(self, talks: Sequence[Talk], tokenizer: TextTokenizer | None) -> Iterator[Sample]:
        if tokenizer is None:
            yield from (_sample(talk, None) for talk in talks)
            return
        one = self.settings
        if one.min_prompt_tokens is not None or one.max_prompt_tokens is not None:
            lengths = _sums(tokenizer, [talk.last_prompt for talk in talks])
            pairs = zip(talks, lengths, strict=True)
            talks = [talk for talk, length in pairs if not self._outside(length, "prompt_tokens")]
        if not one.limit_output:
            yield from (_sample(talk, None) for talk in talks)
            return
        counts = iter(tokenizer.counts([str(text) for talk in talks for text in talk.answers]))
        for talk in talks:
            yield _sample(talk, [max(1, next(counts)) for _ in talk.answers])

    def _outside(self, length: int, what: str) -> bool:
        least = getattr(self.settings, f"min_{what}")
        most = getattr(self.settings, f"max_{what}")
        if least is not None and length < least:
            self.filtered[f"are shorter than min_{what}"] += 1
            return True
        if most is not None and length > most:
            self.filtered[f"are longer than max_{what}"] += 1
            return True
        return False

    def _tell(self, kept: int) -> None:
        reasons = self.unusable + self.filtered
        if not reasons and kept:
            return
        left_out = reasons.total()
        words = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
        text = f"{self.name}: {left_out} of {kept + left_out} conversations are left out: {words}"
        if not kept:
            raise DataError(
                text if reasons else f"{self.name}: there are no conversations",
                hint="widen the filters, or see the README for the layout",
            )
        log.log(logging.WARNING if self.unusable else logging.INFO, "%s", text)


def _sums(tokenizer: TextTokenizer, texts: Sequence[Sequence[str]]) -> list[int]:
    """Tokens of each group of texts."""
    counts = iter(tokenizer.counts([text for group in texts for text in group]))
    return [sum(next(counts) for _ in group) for group in texts]


def _sample(talk: Talk, limits: list[int] | None) -> Sample:
    return Sample(
        id=talk.id,
        fields={
            **talk.fields,
            "first": talk.turns[0],
            "system": talk.system,
            "turns": list(talk.turns),
            "answers": list(talk.answers),
            **({"limits": limits} if limits else {}),
        },
        target=talk.target,
    )
