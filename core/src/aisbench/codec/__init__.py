"""What codecs of HTTP protocols have in common. Public: plugins import it beside ``aisbench.api``.

A protocol of JSON objects, streamed as server-sent events or sent whole, needs a
:class:`Collector` that says what an object means, and :class:`EventDecoder` does the rest.
"""

from __future__ import annotations

from aisbench.codec.blocks import Blocks
from aisbench.codec.decoder import Collector, EventDecoder
from aisbench.codec.faults import (
    alien_fault,
    cut_fault,
    error_message,
    garbled_fault,
    http_fault,
    server_fault,
    shorten,
)
from aisbench.codec.lenient import INVALID, dumps, loads, whole
from aisbench.codec.mapping import Names
from aisbench.codec.numbers import count_of, number_of
from aisbench.codec.reasons import BROKEN, finish_reason
from aisbench.codec.rendering import Rendered, Renderer, Unfit
from aisbench.codec.scored import continuation_length, scored_tail
from aisbench.codec.stops import cut_text, stop_list, stop_strings

__all__ = [
    "BROKEN",
    "INVALID",
    "Blocks",
    "Collector",
    "EventDecoder",
    "Names",
    "Rendered",
    "Renderer",
    "Unfit",
    "alien_fault",
    "continuation_length",
    "count_of",
    "cut_fault",
    "cut_text",
    "dumps",
    "error_message",
    "finish_reason",
    "garbled_fault",
    "http_fault",
    "loads",
    "number_of",
    "scored_tail",
    "server_fault",
    "shorten",
    "stop_list",
    "stop_strings",
    "whole",
]
