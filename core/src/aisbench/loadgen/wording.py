"""Prompts of other words and the same length: salted ones, and those of a warm-up.

A prompt may fill the model's context to the last token, so nothing is added to it. Words after a
single blank are exchanged for one another, or for common English words: tokenizers split texts at
blanks, so each such word has its own tokens wherever it stands, and a common word is one token in
any vocabulary, which no word has fewer of. A prompt's first word stays: it is written without a
blank, and so is another token. Where the model's tokenizer is known, the tokens are counted.
"""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Callable, Sequence

import attrs
from attrs import frozen

from aisbench.tokens.exact_text import PLAIN_WORDS
from aisbench.tokens.tokenizer import TextTokenizer
from aisbench.types.prompt import ContentPart, Prompt

SALT_WORDS = 4
"""Each is one of some 500: that two of a million prompts are alike has a chance of one in ten."""
_WORD = re.compile(r"(?<= )[^\s]+(?= |\Z)")
_RUN = re.compile(r"[^\s]{24,}")
_RUN_CUT = 16
"""So many characters of a script without blanks, or of code, are more tokens than the salt is."""
_STEPS = 64


@frozen
class PromptChanger:
    """Makes such prompts. ``tokenizer`` is the model's, where the suite names it."""

    tokenizer: TextTokenizer | None = None

    def salted(self, prompt: Prompt, source: random.Random) -> tuple[Prompt, bool]:
        """The prompt with words of its own near its beginning, and whether its length is kept.

        It is not where a prompt has neither four words after blanks nor a long run of characters:
        then it is longer by some ten tokens. Ids of tokens are salted with ids that they hold.
        """
        if prompt.tokens is not None:
            ids = tuple(source.choices(prompt.tokens, k=min(8, len(prompt.tokens))))
            return attrs.evolve(prompt, tokens=ids + prompt.tokens[len(ids) :]), True
        texts = _texts(prompt)
        before = self._count(texts)
        fresh = source.choices(PLAIN_WORDS, k=SALT_WORDS)
        kept = _replace_words(texts, fresh) or _replace_run(texts, fresh)
        if not kept:
            texts[0] = f"[{source.getrandbits(40):010x}] {texts[0]}"
        kept = self._level(texts, before, source) or (kept and before is None)
        return _with_texts(prompt, texts), kept

    def shuffled(self, prompt: Prompt, source: random.Random) -> Prompt:
        """A prompt that is no longer and shares no more than its first word with this one."""
        if prompt.tokens is not None:
            ids = list(prompt.tokens)
            source.shuffle(ids)
            return attrs.evolve(prompt, tokens=tuple(ids))
        texts = _texts(prompt)
        before = self._count(texts)
        for place, text in enumerate(texts):
            words = _WORD.findall(text)
            if len(words) < SALT_WORDS:
                words = source.choices(PLAIN_WORDS, k=len(words))
            else:
                source.shuffle(words)
            one = [text]
            _replace_words(one, words)
            if len(words) < SALT_WORDS:
                _replace_run(one, source.choices(PLAIN_WORDS, k=SALT_WORDS))
            texts[place] = one[0]
        self._level(texts, before, source)
        return _with_texts(prompt, texts)

    def _count(self, texts: Sequence[str]) -> int | None:
        tokenizer = self.tokenizer
        return None if tokenizer is None else sum(map(tokenizer.count, texts))

    def _level(self, texts: list[str], wanted: int | None, source: random.Random) -> bool:
        """Take words away, or put common ones in, until the tokens are as many as ``wanted``;
        whether they are no more than that. Without a tokenizer nothing is done."""
        if wanted is None:
            return False
        for _ in range(_STEPS):
            now = self._count(texts)
            assert now is not None
            if now == wanted:
                return True
            if now < wanted:
                grown = list(texts)
                _insert_word(grown, source.choice(PLAIN_WORDS))
                more = self._count(grown)
                assert more is not None
                if more > wanted:
                    return True
                texts[:] = grown
            elif not _drop_word(texts):
                longest = max(range(len(texts)), key=lambda place: len(texts[place]))
                over = max(1, now - wanted)
                if len(texts[longest]) <= over:
                    return False
                texts[longest] = texts[longest][:-over]
        now = self._count(texts)
        return now is not None and now <= wanted


def _replace_words(texts: list[str], words: Sequence[str]) -> bool:
    """Replace the first words after blanks with ``words``; whether there were as many."""
    wanted, done = len(words), 0
    changed: dict[int, str] = {}
    for place, text in enumerate(texts):
        if done == wanted:
            break
        pieces: list[str] = []
        end = 0
        # A prompt may be long, and few words are wanted: no more is looked at than these.
        for found in itertools.islice(_WORD.finditer(text), wanted - done):
            pieces += (text[end : found.start()], words[done])
            end = found.end()
            done += 1
        changed[place] = "".join((*pieces, text[end:]))
    if done < wanted:
        return False
    for place, text in changed.items():
        texts[place] = text
    return True


def _replace_run(texts: list[str], words: Sequence[str]) -> bool:
    """Replace the beginning of the first long run of characters; whether there is one."""
    for place, text in enumerate(texts):
        if found := _RUN.search(text):
            begin = found.start()
            texts[place] = text[:begin] + " ".join(words) + text[begin + _RUN_CUT :]
            return True
    return False


def _insert_word(texts: list[str], word: str) -> None:
    for place, text in enumerate(texts):
        if found := _WORD.search(text):
            texts[place] = f"{text[: found.start()]}{word} {text[found.start() :]}"
            return
    texts[-1] = f"{texts[-1]} {word}"


def _drop_word(texts: list[str]) -> bool:
    """Remove the first word behind those of the salt; whether there was one."""
    for place, text in enumerate(texts):
        found = list(_WORD.finditer(text))
        if len(found) > SALT_WORDS:
            begin, end = found[SALT_WORDS].span()
            texts[place] = text[: begin - 1] + text[end:]
            return True
    return False


# -- the texts of a prompt


def _texts(prompt: Prompt) -> list[str]:
    """All texts, in order; a single empty one where there is none."""
    if prompt.texts is not None:
        return [*prompt.texts]
    if prompt.messages is None:
        return [prompt.text or ""]
    found: list[str] = []
    for message in prompt.messages:
        if isinstance(message.content, str):
            found.append(message.content)
        else:
            found += [part.text for part in message.content if part.media is None]
    return found or [""]


def _with_texts(prompt: Prompt, texts: Sequence[str]) -> Prompt:
    """The prompt with ``texts`` for its own; a picture alone gets the one that is left over."""
    if prompt.texts is not None:
        return attrs.evolve(prompt, texts=tuple(texts))
    if prompt.messages is None:
        return attrs.evolve(prompt, text=texts[0])
    left = list(texts)
    messages = []
    for message in prompt.messages:
        content: str | tuple[ContentPart, ...]
        if isinstance(message.content, str):
            content = left.pop(0)
        else:
            content = tuple(
                part if part.media is not None else ContentPart(text=left.pop(0))
                for part in message.content
            )
        messages.append(attrs.evolve(message, content=content))
    if left and left[0]:
        first = messages[0]
        assert not isinstance(first.content, str)
        messages[0] = attrs.evolve(first, content=(ContentPart(text=left[0]), *first.content))
    return attrs.evolve(prompt, messages=tuple(messages))


def changer(
    change: Callable[[Prompt, random.Random], Prompt], seed: str
) -> Callable[[Prompt, int], Prompt]:
    """``change`` with a random source of its own for each prompt and repeat."""

    def changed(prompt: Prompt, repeat: int) -> Prompt:
        content = repr(prompt.messages or prompt.text or prompt.tokens or prompt.texts)
        return change(prompt, random.Random(f"{seed}/{repeat}/{content}"))

    return changed
