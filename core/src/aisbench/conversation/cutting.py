"""Prompts that are longer than a suite lets them be, cut in the middle.

A long document's beginning and end hold what it is about and what is asked: so the authors of
LongBench (Y. Bai et al. 2023, arXiv:2308.14508) and InfiniteBench do it, after N. F. Liu et al.,
"Lost in the Middle" (2023, arXiv:2307.03172). Keys of requests stand for what is left.
"""

from __future__ import annotations

from functools import lru_cache

import attrs

from aisbench.tokens.tokenizer import TextTokenizer, load_tokenizer
from aisbench.types.prompt import Message, Prompt


def cut(prompt: Prompt, most: int, tokenizer: str) -> Prompt:
    """The prompt with at most so many tokens, without what a chat template adds: of messages the
    longest text is cut, of a batch each text. Raises AisbenchError when the tokenizer cannot be
    loaded."""
    if prompt.tokens is not None:
        if len(prompt.tokens) <= most:
            return prompt
        half = most // 2
        behind = prompt.tokens[len(prompt.tokens) - half :]
        return attrs.evolve(prompt, tokens=prompt.tokens[:half] + behind)
    if prompt.text is not None:
        return attrs.evolve(prompt, text=_cut_text(prompt.text, most, tokenizer))
    if prompt.texts is not None:
        texts = tuple(_cut_text(one, most, tokenizer) for one in prompt.texts)
        return attrs.evolve(prompt, texts=texts)
    assert prompt.messages is not None
    messages = list(prompt.messages)
    sizes = [len(one.text.encode("utf-8", "replace")) for one in messages]
    if sum(sizes) <= most:  # no token is shorter than a byte
        return prompt
    counts = [_loaded(tokenizer).count(one.text) for one in messages]
    at = counts.index(max(counts))
    left = most - (sum(counts) - counts[at])
    if left >= counts[at] or not isinstance(messages[at].content, str):
        return prompt
    messages[at] = _shorter(messages[at], max(left, 0), tokenizer)
    return attrs.evolve(prompt, messages=tuple(messages))


def _shorter(message: Message, most: int, tokenizer: str) -> Message:
    return attrs.evolve(message, content=_cut_text(message.text, most, tokenizer))


def _cut_text(text: str, most: int, tokenizer: str) -> str:
    if len(text.encode("utf-8", "replace")) <= most:
        return text
    return _loaded(tokenizer).without_middle(text, most)


@lru_cache(maxsize=4)
def _loaded(name: str) -> TextTokenizer:
    return load_tokenizer(name, "models.NAME.tokenizer")
