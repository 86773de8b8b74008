"""Which row the n-th conversation of a load asks, and the words it asks it with."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import attrs
from attrs import define, field

from aisbench.load.spec import LoadSpec
from aisbench.stages.conversation import Asker, Conversation
from aisbench.types.load import OpenLoop
from aisbench.types.prompt import Part, Prompt


@define
class Work:
    """Conversations by number: the same in every process, whoever begins them."""

    spec: LoadSpec
    _asker: Asker = field(init=False)
    _warm: Asker = field(init=False)
    _bound: Sequence[int] | None = field(init=False)
    _cycle: int = -1
    _shuffled: list[int] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        spec = self.spec
        schedule = spec.schedule
        self._bound = schedule.rows if isinstance(schedule, OpenLoop) else None
        salting = Salt(f"{spec.seed}/{spec.nonce}").apply if spec.settings.salt else None
        self._asker = Asker(
            spec.task, spec.rows, spec.model, spec.seed, keyed=spec.keep_answers, change=salting
        )
        self._warm = Asker(
            spec.task,
            spec.rows,
            spec.model,
            spec.seed,
            keyed=False,
            change=lambda prompt, repeat: other_words(
                prompt, random.Random(f"{spec.seed}/warm-up/{repeat}")
            ),
        )

    def begin(self, number: int) -> tuple[int, Conversation]:
        """The row, and the conversation before its first request."""
        row, repeat = self._place(number)
        return row, self._asker.begin(self.spec.rows.samples[row], repeat)

    def warm_up(self, number: int) -> tuple[int, Conversation]:
        """The same for the warm-up: the lengths of real prompts, of words in another order."""
        samples = self.spec.rows.samples
        row = len(samples) - 1 - number % len(samples)
        return row, self._warm.begin(samples[row], number)

    def _place(self, number: int) -> tuple[int, int]:
        count = len(self.spec.rows.samples)
        cycle, place = divmod(number, count)
        if self._bound is not None:
            return self._bound[number], cycle
        order = self.spec.settings.order
        if order == "rows":
            return place, cycle
        if order == "random":
            # Drawn by number, not one after the other: any process can begin any of them.
            return random.Random(f"{self.spec.seed}/{number}").randrange(count), number
        if cycle != self._cycle:
            self._cycle = cycle
            self._shuffled = list(range(count))
            random.Random(f"{self.spec.seed}/{cycle}").shuffle(self._shuffled)
        return self._shuffled[place], cycle


@define
class Salt:
    """Begins prompts with text of their own, so that no prefix of theirs was ever computed."""

    seed: str

    def apply(self, prompt: Prompt, repeat: int) -> Prompt:
        """The prompt with its salt. Ids of tokens are salted with ids that they hold."""
        content = repr(prompt.messages or prompt.text or prompt.tokens)
        source = random.Random(f"{self.seed}/{repeat}/{content}")
        if prompt.tokens is not None:
            ids = tuple(source.choices(prompt.tokens, k=min(8, len(prompt.tokens))))
            return attrs.evolve(prompt, tokens=ids + prompt.tokens[len(ids) :])
        return _with_first_text(prompt, lambda text: f"[{source.getrandbits(40):010x}] {text}")


def other_words(prompt: Prompt, source: random.Random) -> Prompt:
    """A prompt of the same length that shares no beginning with the one given."""

    def shuffle(text: str) -> str:
        words = text.split(" ")
        source.shuffle(words)
        return f"{source.getrandbits(40):010x} " + " ".join(words)

    if prompt.tokens is not None:
        ids = list(prompt.tokens)
        source.shuffle(ids)
        return attrs.evolve(prompt, tokens=tuple(ids))
    if prompt.messages is not None:
        messages = tuple(
            attrs.evolve(one, content=_with_text(one.content, shuffle)) for one in prompt.messages
        )
        return attrs.evolve(prompt, messages=messages)
    return attrs.evolve(prompt, text=shuffle(prompt.text or ""))


def _with_first_text(prompt: Prompt, change: Callable[[str], str]) -> Prompt:
    if prompt.messages is not None:
        first, *rest = prompt.messages
        changed = attrs.evolve(first, content=_with_text(first.content, change, most=1))
        return attrs.evolve(prompt, messages=(changed, *rest))
    return attrs.evolve(prompt, text=change(prompt.text or ""))


def _with_text(
    content: str | tuple[Part, ...], change: Callable[[str], str], most: int | None = None
) -> str | tuple[Part, ...]:
    """The content with its texts, at most so many, changed; a picture alone gets one."""
    if isinstance(content, str):
        return change(content)
    parts = list(content)
    places = [place for place, part in enumerate(parts) if part.media is None][:most]
    for place in places:
        parts[place] = Part(text=change(parts[place].text))
    return tuple(parts) if places else (Part(text=change("")), *parts)
