"""The metric dictionary: name, unit, formula and source of every quantity in a result.

Light to import: files, tables and docs take it from here.
"""

from __future__ import annotations

from aisbench.metrics.conversation_metrics import CONVERSATION
from aisbench.metrics.energy_metrics import ENERGY
from aisbench.metrics.media_metrics import MEDIA_OF_REQUEST, MEDIA_OF_RUN
from aisbench.metrics.metric import CLIENT, Metric, of_run
from aisbench.metrics.session_metrics import SESSION

_USAGE = "server's usage, else the tokenizer"
_BOTH = f"{CLIENT}; {_USAGE}"

_REQUEST = (
    Metric("e2el", "E2EL", "ms", "done - sent", CLIENT, "Empty answers have no latency at all."),
    Metric(
        "e2el_scheduled",
        "E2EL (scheduled)",
        "ms",
        "done - scheduled",
        CLIENT,
        "Counts the wait of a request that was sent late: no coordinated omission (G. Tene).",
    ),
    Metric(
        "ttft",
        "TTFT",
        "ms",
        "first_token - sent",
        CLIENT,
        "The first event that carries a token, reasoning included; role-only and empty events "
        "are none. The time to connect is not part of it.",
    ),
    Metric("ttft_scheduled", "TTFT (scheduled)", "ms", "first_token - scheduled", CLIENT),
    Metric(
        "ttfa",
        "TTFA",
        "ms",
        "first_answer - sent",
        CLIENT,
        "Time to the first token that is not reasoning; shown where it differs from TTFT.",
    ),
    Metric("ttfb", "TTFB", "ms", "first_byte - sent", CLIENT),
    Metric(
        "tpot",
        "TPOT",
        "ms",
        "(last_token - first_token) / (output_tokens - 1)",
        _BOTH,
        "Requests with fewer than 2 output tokens have none, rather than 0; nor have answers "
        "whose tokens all came with one read of the socket.",
    ),
    Metric(
        "normalised_latency",
        "Normalised latency",
        "ms/token",
        "e2el / output_tokens",
        _BOTH,
        "As in Orca (OSDI 2022) and vLLM (SOSP 2023).",
    ),
    Metric(
        "items",
        "Items",
        "items",
        "texts, documents or sounds of the request",
        "the request",
        "Of embeddings, rerank, classification and transcripts.",
        better=None,
    ),
    Metric(
        "audio_length",
        "AudioLength",
        "s",
        "length of the request's sounds",
        "the sound's own head, else the server",
        better=None,
    ),
    Metric(
        "real_time_factor",
        "RTF",
        "s/s",
        "e2el / audio_length",
        f"{CLIENT}; the sound's own head, else the server",
        "Real-time factor of a transcript: below 1 it is made faster than the sound is heard.",
    ),
    Metric("input_tokens", "InputTokens", "tokens", "prompt_tokens", _USAGE, better=None),
    Metric("output_tokens", "OutputTokens", "tokens", "completion_tokens", _USAGE, better=None),
    Metric(
        "cached_tokens",
        "CachedTokens",
        "tokens",
        "cached_tokens of the server's usage",
        "server's usage",
        "Input tokens that the server had in its prefix cache. Shown where it tells them.",
        better=None,
    ),
    Metric(
        "request_output_token_throughput",
        "OutputTokenThroughput",
        "tokens/s",
        "output_tokens / e2el",
        _BOTH,
        "Of one request, its TTFT included.",
        better="up",
    ),
    Metric(
        "decode_token_throughput",
        "DecodeTokenThroughput",
        "tokens/s",
        "(output_tokens - 1) / (last_token - first_token)",
        _BOTH,
        "What a reader sees once the answer has begun: the inverse of TPOT, unknown where that "
        "is.",
        better="up",
    ),
    Metric(
        "prefill_token_throughput",
        "PrefillTokenThroughput",
        "tokens/s",
        "input_tokens / ttft",
        _BOTH,
        "Queueing and cached prefixes are in it: no measure of the prefill alone.",
        better="up",
    ),
    Metric(
        "connect_time",
        "Connect",
        "ms",
        "connect",
        CLIENT,
        "Of the requests that opened a connection; never part of TTFT or E2EL.",
    ),
    Metric("queueing", "Client queueing", "ms", "dispatched - scheduled", CLIENT),
    Metric(
        "schedule_lag",
        "Schedule lag",
        "ms",
        "sent - scheduled",
        CLIENT,
        "How late the client was, a new connection included.",
    ),
)

_HISTOGRAM = (
    "Percentiles are exact up to 4 million gaps of the run; beyond, they come from a log-linear "
    "histogram and are within 0.05 %."
)

_GAP = (
    Metric(
        "itl",
        "ITL",
        "ms",
        "time(event i + 1) - time(event i)",
        CLIENT,
        "Events that one read of the socket brought share its time: the gaps between them are "
        f"0. An answer that came with one read has unknown gaps, and adds none. {_HISTOGRAM}",
        scope="gap",
    ),
    Metric(
        "itl_read",
        "ITL (reads)",
        "ms",
        "time(read i + 1) - time(read i)",
        CLIENT,
        "What the user sees: the pauses between moments at which anything arrived. Equal to ITL "
        "when each read brought one event.",
        scope="gap",
    ),
    Metric(
        "itl_token",
        "ITL (tokens)",
        "ms",
        "(time(read i + 1) - time(read i)) / tokens(read i + 1), once for each of these tokens",
        _BOTH,
        "tokens(read) = events of the read · output_tokens / events of the request: right in the "
        "mean where one event carries several tokens (speculative decoding). n is the tokens, "
        "rounded; percentiles are inverse distribution values within 0.05 %.",
        scope="gap",
    ),
)


_RUN = (
    of_run(
        "benchmark_duration",
        "Benchmark Duration",
        "s",
        "last done - first sent",
        remarks="Over all measured attempts, failed ones included. Of a window: its length.",
    ),
    of_run(
        "total_requests",
        "Total Requests",
        "requests",
        "success + failed + cancelled",
        remarks="Retries are no requests of their own. Of a window: those sent in it.",
    ),
    of_run("success_requests", "Success Requests", "requests", "answered in full"),
    of_run(
        "total_conversations",
        "Total Conversations",
        "conversations",
        "conversations with a measured request",
    ),
    of_run(
        "success_conversations",
        "Success Conversations",
        "conversations",
        "conversations whose turns were all answered",
    ),
    of_run("total_sessions", "Total Sessions", "sessions", "sessions with a measured request"),
    of_run(
        "success_sessions",
        "Success Sessions",
        "sessions",
        "sessions whose steps were all answered",
    ),
    of_run(
        "failed_requests",
        "Failed Requests",
        "requests",
        "the last attempt failed",
        better="down",
    ),
    of_run(
        "empty_answers",
        "Empty Answers",
        "requests",
        "successful requests without a token",
        remarks="Among the success requests; never good, and without latencies. Shown where there "
        "are any.",
        better="down",
    ),
    of_run(
        "cancelled_requests",
        "Cancelled Requests",
        "requests",
        "cut by the client",
        remarks="The grace period was over or the run was stopped.",
    ),
    of_run(
        "concurrency",
        "Concurrency",
        "requests",
        "sum of the time from sent to done within the span / its length",
        remarks="All measured attempts, failed ones and those that were retried included.",
    ),
    of_run(
        "max_concurrency",
        "Max Concurrency",
        "requests",
        "the most in flight at any instant",
        remarks="Counted, not the number that was asked for.",
    ),
    of_run(
        "request_throughput",
        "Request Throughput",
        "requests/s",
        "success_requests / benchmark_duration",
        remarks="Of a window: successful requests done within it / its length.",
        better="up",
    ),
    of_run(
        "total_items",
        "Total Items",
        "items",
        "sum of items over successful requests",
        "the requests",
        "Texts, documents or sounds. Of a window: of the requests done within it.",
    ),
    of_run(
        "item_throughput",
        "Item Throughput",
        "items/s",
        "total_items / benchmark_duration",
        f"{CLIENT}; the requests",
        better="up",
    ),
    of_run(
        "total_audio",
        "Total Audio",
        "s",
        "sum of audio_length over successful requests",
        "the sounds' own heads, else the server",
    ),
    of_run(
        "audio_throughput",
        "Audio Throughput",
        "s/s",
        "total_audio / benchmark_duration",
        f"{CLIENT}; the sounds' own heads, else the server",
        "Seconds of sound written down in a second; the Open ASR Leaderboard calls it RTFx.",
        better="up",
    ),
    of_run(
        "total_input_tokens",
        "Total Input Tokens",
        "tokens",
        "sum of input_tokens over successful requests",
        _USAGE,
        "Of a window: requests whose first token came within it.",
    ),
    of_run(
        "total_output_tokens",
        "Total Output Tokens",
        "tokens",
        "sum of output_tokens over successful requests, and of the tokens of cancelled ones",
        _USAGE,
        "The events of cancelled requests stand for tokens as those of the successful ones do. Of "
        "a window: tokens that came within it, a request's count being shared by its events.",
    ),
    of_run(
        "input_token_throughput",
        "Input Token Throughput",
        "tokens/s",
        "total_input_tokens / benchmark_duration",
        _BOTH,
        better="up",
    ),
    of_run(
        "output_token_throughput",
        "Output Token Throughput",
        "tokens/s",
        "total_output_tokens / benchmark_duration",
        _BOTH,
        better="up",
    ),
    of_run(
        "total_token_throughput",
        "Total Token Throughput",
        "tokens/s",
        "(total_input_tokens + total_output_tokens) / benchmark_duration",
        _BOTH,
        better="up",
    ),
    of_run(
        "cached_share",
        "Cached Input",
        "share",
        "sum of cached_tokens / sum of prompt_tokens",
        "server's usage",
        "Of the successful requests whose usage tells both. Of a window: those sent in it.",
    ),
    of_run(
        "goodput",
        "Goodput",
        "requests/s",
        "requests within every limit of the SLO / benchmark_duration",
        remarks="As in DistServe (OSDI 2024). Failed and cancelled requests are never good.",
        better="up",
    ),
    of_run(
        "slo_attainment",
        "SLO Attainment",
        "share",
        "requests within every limit of the SLO / total_requests",
        remarks="With its Wilson interval.",
        better="up",
    ),
    of_run(
        "token_goodput",
        "Token Goodput",
        "tokens/s",
        "sum of output_tokens over requests within every limit / benchmark_duration",
        _BOTH,
        "Of a window: of good requests done within it.",
        better="up",
    ),
)

_ALL = _REQUEST + MEDIA_OF_REQUEST + _GAP + CONVERSATION + SESSION + _RUN + MEDIA_OF_RUN + ENERGY

DICTIONARY: dict[str, Metric] = {metric.name: metric for metric in _ALL}
"""Every metric by its key, in the order in which tables show them."""
