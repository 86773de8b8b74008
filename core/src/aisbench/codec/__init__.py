"""What codecs of HTTP protocols have in common. Public: plugins import it beside ``aisbench.api``.

A protocol of JSON objects, streamed as server-sent events or sent whole, needs a
:class:`Collector` that says what an object means, and :class:`EventDecoder` does the rest. If it
is a :class:`TextCollector` as well, events that differ only in their text are not parsed one by
one.
"""

from __future__ import annotations

from aisbench.base.lenient import INVALID, dumps, loads, whole
from aisbench.codec.alike import TextCollector
from aisbench.codec.blocks import Blocks
from aisbench.codec.checkpoint import (
    check_adapter,
    check_folder,
    check_weights,
    named,
    surely_missing,
    tensor_names,
)
from aisbench.codec.collecting import FaultCollector
from aisbench.codec.decoder import Collector, EventDecoder
from aisbench.codec.faults import (
    alien_fault,
    cut_fault,
    error_message,
    garbled_fault,
    http_fault,
    is_error,
    server_fault,
    shorten,
)
from aisbench.codec.fingerprint import digest, fingerprint_of, fingerprint_of_model, model_folder
from aisbench.codec.forms import post_file
from aisbench.codec.json_requests import get_json, parts_in_a_row, plain_text, post_json
from aisbench.codec.listed_adapters import check_listed_adapters
from aisbench.codec.local_adapters import (
    adapter_asked,
    check_local_adapters,
    fingerprint_of_adapters,
    refused_adapter,
    without_adapter,
)
from aisbench.codec.logprobs import (
    asked_logprobs,
    logprob_of,
    most_probable,
    refused_logprobs,
    token_logprobs,
)
from aisbench.codec.mapping import Names, greedy_by_flag
from aisbench.codec.model_lists import openai_models
from aisbench.codec.numbers import count_of, keep_counts, number_of
from aisbench.codec.opened_media import (
    FilmShape,
    OpenedFilm,
    check_readers,
    opened_film,
    opened_picture,
    opened_sound,
)
from aisbench.codec.own_settings import OwnSettings, is_sampled, own_settings, rule_of
from aisbench.codec.preparing import (
    ABSENT,
    Preparation,
    Prepared,
    PreparingBackend,
    Remembered,
    Reply,
)
from aisbench.codec.reasons import BROKEN, finish_reason
from aisbench.codec.rendering import (
    Rendered,
    Renderer,
    Unfit,
    kinds_of,
    placeholders,
    sound_rate,
)
from aisbench.codec.routes import route_problem
from aisbench.codec.scored import Uncut, Wanted, begin_of
from aisbench.codec.stops import cut_text, stop_list, stop_strings
from aisbench.codec.windows import joined, pieces_of, within
from aisbench.media.sound_length import length_of_sound

__all__ = [
    "ABSENT",
    "BROKEN",
    "INVALID",
    "Blocks",
    "Collector",
    "EventDecoder",
    "FaultCollector",
    "FilmShape",
    "Names",
    "OpenedFilm",
    "OwnSettings",
    "Preparation",
    "Prepared",
    "PreparingBackend",
    "Remembered",
    "Rendered",
    "Renderer",
    "Reply",
    "TextCollector",
    "Uncut",
    "Unfit",
    "Wanted",
    "adapter_asked",
    "alien_fault",
    "asked_logprobs",
    "begin_of",
    "check_adapter",
    "check_folder",
    "check_listed_adapters",
    "check_local_adapters",
    "check_readers",
    "check_weights",
    "count_of",
    "cut_fault",
    "cut_text",
    "digest",
    "dumps",
    "error_message",
    "fingerprint_of",
    "fingerprint_of_adapters",
    "fingerprint_of_model",
    "finish_reason",
    "garbled_fault",
    "get_json",
    "greedy_by_flag",
    "http_fault",
    "is_error",
    "is_sampled",
    "joined",
    "keep_counts",
    "kinds_of",
    "length_of_sound",
    "loads",
    "logprob_of",
    "model_folder",
    "most_probable",
    "named",
    "number_of",
    "openai_models",
    "opened_film",
    "opened_picture",
    "opened_sound",
    "own_settings",
    "parts_in_a_row",
    "pieces_of",
    "placeholders",
    "plain_text",
    "post_file",
    "post_json",
    "refused_adapter",
    "refused_logprobs",
    "route_problem",
    "rule_of",
    "server_fault",
    "shorten",
    "sound_rate",
    "stop_list",
    "stop_strings",
    "surely_missing",
    "tensor_names",
    "token_logprobs",
    "whole",
    "within",
    "without_adapter",
]
