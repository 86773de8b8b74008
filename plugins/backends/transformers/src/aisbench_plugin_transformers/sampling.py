"""Generation settings: which there are, and what they become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen

from aisbench.api import JsonObject, JsonValue, Request
from aisbench.codec import (
    Names,
    asked_logprobs,
    is_sampled,
    stop_list,
    stop_strings,
    without_adapter,
)

NAMES = Names(
    protocol="the hf backend",
    known=frozenset(
        {
            "bad_words_ids", "begin_suppress_tokens", "do_sample", "frequency_penalty",
            "ignore_eos", "logprobs", "max_tokens", "min_p", "min_tokens", "no_repeat_ngram_size",
            "presence_penalty", "repetition_penalty", "suppress_tokens", "temperature", "top_k",
            "top_p", "typical_p",
        }
    ),
    renamed={"max_new_tokens": "max_tokens", "min_new_tokens": "min_tokens"},
    advice={
        "num_beams": "it has no beams: answers are sampled, or greedy",
        "num_return_sequences": "set `repeats` of the data set",
    },
)  # fmt: skip

HONOURED = frozenset(
    {
        "bad_words_ids", "begin_suppress_tokens", "do_sample", "epsilon_cutoff", "eta_cutoff",
        "frequency_penalty", "max_length", "max_new_tokens", "min_length", "min_new_tokens",
        "min_p", "no_repeat_ngram_size", "presence_penalty", "repetition_penalty",
        "sequence_bias", "stop_strings", "suppress_tokens", "temperature", "top_k", "top_p",
        "typical_p",
    }
)  # fmt: skip
"""Keys of a model's generation_config.json that hold where the suite is silent."""

DEFAULT_MAX_TOKENS = 512

Ids = tuple[int, ...]


@frozen(kw_only=True)
class Sampling:
    """How one request is answered. Requests that agree in all but their own limits share a batch.

    ``temperature`` 0 is greedy search. ``biases`` are sequences of tokens and what is added to
    the logit of the last one behind the others (-inf: it never comes).
    """

    temperature: float = 0.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0
    typical_p: float = 1.0
    epsilon_cutoff: float = 0.0
    eta_cutoff: float = 0.0
    repetition_penalty: float = 1.0
    presence_penalty: float = 0.0
    frequency_penalty: float = 0.0
    no_repeat_ngram_size: int = 0
    biases: tuple[tuple[Ids, float], ...] = ()
    bad_words: tuple[Ids, ...] = ()
    suppressed: Ids = ()
    begin_suppressed: Ids = ()
    ignore_eos: bool = False
    logprobs: int | None = None
    """How many of the likeliest tokens are told beside the chosen one; None: not even that."""


@frozen(kw_only=True)
class TokenLimits:
    """What is the request's own, in tokens. ``max_length`` and ``min_length`` count the prompt
    too."""

    max_tokens: int
    min_tokens: int
    stop: tuple[str, ...]
    seed: int
    max_length: int | None = None
    min_length: int = 0

    def behind(self, width: int) -> TokenLimits:
        """The same for a prompt of so many tokens, in tokens of the answer alone."""
        most = self.max_tokens if self.max_length is None else max(1, self.max_length - width)
        return TokenLimits(
            max_tokens=most,
            min_tokens=max(self.min_tokens, self.min_length - width),
            stop=self.stop,
            seed=self.seed,
        )


def read_sampling(request: Request, own: JsonObject) -> tuple[Sampling, TokenLimits]:
    """``own`` is what the model's generation_config.json says, which holds where the suite is
    silent (:mod:`aisbench.codec.own_settings`). Raises ValueError for a value that cannot be."""
    read = _SettingsReader(NAMES.translated(without_adapter(request.generation)), own)
    temperature = read.number("temperature", 1.0, 0.0)
    if not is_sampled(read.given, own):
        temperature = 0.0
    drawn = temperature > 0
    sampling = Sampling(
        temperature=temperature,
        top_k=max(0, int(read.number("top_k", 0, -1))) if drawn else 0,
        top_p=read.number("top_p", 1.0, 0.0) if drawn else 1.0,
        min_p=read.number("min_p", 0.0, 0.0) if drawn else 0.0,
        typical_p=read.number("typical_p", 1.0, 0.0) if drawn else 1.0,
        epsilon_cutoff=read.number("epsilon_cutoff", 0.0, 0.0) if drawn else 0.0,
        eta_cutoff=read.number("eta_cutoff", 0.0, 0.0) if drawn else 0.0,
        repetition_penalty=read.number("repetition_penalty", 1.0, 0.01),
        presence_penalty=read.number("presence_penalty", 0.0, None),
        frequency_penalty=read.number("frequency_penalty", 0.0, None),
        no_repeat_ngram_size=int(read.number("no_repeat_ngram_size", 0, 0)),
        biases=read.biases(),
        bad_words=tuple(sorted(read.sequences("bad_words_ids"))),
        suppressed=read.ids("suppress_tokens"),
        begin_suppressed=read.ids("begin_suppress_tokens"),
        ignore_eos=read.flag("ignore_eos"),
        logprobs=asked_logprobs(request.generation),
    )
    return sampling, _limits(request, read)


def _limits(request: Request, read: _SettingsReader) -> TokenLimits:
    stop = stop_strings(request)
    if "stop" not in request.generation:
        stop = list(dict.fromkeys([*stop, *(stop_list(read.own.get("stop_strings")) or ())]))
    said = read.given.get("max_tokens") is not None or "max_new_tokens" in read.own
    total = None if said else read.own.get("max_length")
    return TokenLimits(
        max_tokens=int(read.number("max_tokens", DEFAULT_MAX_TOKENS, 1, "max_new_tokens")),
        min_tokens=int(read.number("min_tokens", 0, 0, "min_new_tokens")),
        stop=tuple(stop),
        seed=request.seed or 0,
        max_length=None if total is None else int(_number("max_length", total, 1)),
        min_length=0
        if read.given.get("min_tokens") is not None
        else int(_number("min_length", read.own.get("min_length", 0), 0)),
    )


@frozen
class _SettingsReader:
    """Values of the suite, or else of the model."""

    given: Mapping[str, JsonValue]
    own: JsonObject

    def value(self, name: str, own_name: str = "") -> JsonValue:
        found = self.given.get(name)
        return self.own.get(own_name or name) if found is None else found

    def number(self, name: str, neutral: float, least: float | None, own_name: str = "") -> float:
        value = self.value(name, own_name)
        return _number(name, neutral if value is None else value, least)

    def flag(self, name: str) -> bool:
        value = self.value(name)
        if value is not None and not isinstance(value, bool):
            raise ValueError(f"generation.{name} must be true or false, not {value!r}")
        return bool(value)

    def ids(self, name: str) -> Ids:
        value = self.value(name)
        return () if value is None else tuple(sorted(set(_ids(name, value))))

    def sequences(self, name: str) -> set[Ids]:
        value = self.value(name)
        if value is None:
            return set()
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"generation.{name} must be a list of lists of token ids")
        return {_ids(name, one) for one in value}

    def biases(self) -> tuple[tuple[Ids, float], ...]:
        """``sequence_bias`` as JSON has it: ``[[[token, ...], bias], ...]``."""
        found: list[tuple[Ids, float]] = []
        value: Any = self.own.get("sequence_bias") or ()
        try:
            found = [(_ids("sequence_bias", ids), float(bias)) for ids, bias in value]
        except (TypeError, ValueError) as error:
            raise ValueError(
                "sequence_bias of generation_config.json is not a list of ids and numbers: "
                f"{value!r}"
            ) from error
        return tuple(sorted(found))


def _number(name: str, value: JsonValue, least: float | None) -> float:
    real = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not real or (least is not None and float(value) < least):  # type: ignore[arg-type]
        most = "" if least is None else f" from {least:g} on"
        raise ValueError(f"generation.{name} must be a number{most}, not {value!r}")
    return float(value)  # type: ignore[arg-type]


def _ids(name: str, value: JsonValue) -> Ids:
    several = isinstance(value, (list, tuple)) and value
    if not several or not all(type(one) is int and one >= 0 for one in value):  # type: ignore[union-attr]
        if isinstance(value, (list, tuple)) and not value:
            return ()
        raise ValueError(f"generation.{name} must be a list of token ids, not {value!r}")
    return tuple(value)  # type: ignore[arg-type]
