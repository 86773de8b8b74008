"""What a suite may set."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.api import PathOrName, above, at_least, setting

Unit = Literal["tokens", "words"]
EmptyAnswers = Literal["error", "drop", "one"]
MissingParents = Literal["error", "root"]


@frozen
class TraceDatasetSettings:
    """What all traces have."""

    path: Path = setting(help="the trace's file", example="trace.jsonl")
    tokenizer: PathOrName = setting(
        default=PathOrName(),
        help="the model's tokenizer: a folder with tokenizer.json, that file, or a hub name",
        example="./models/qwen",
    )
    unit: Unit = setting(
        default="tokens", help='what prompts are counted in; "words" needs no tokenizer'
    )
    begin: float = setting(
        default=0.0,
        unit="s",
        check=at_least(0),
        help="leave out rows before, from the trace's start",
    )
    end: float | None = setting(
        default=None, unit="s", check=above(0), help="leave out rows from here on", example=600.0
    )
    sort: bool = setting(default=False, help="bring rows into the order of their times")
    empty_answers: EmptyAnswers = setting(
        default="error", help="rows with 0 output tokens: refuse, leave out, or ask for 1 token"
    )
    ignore_eos: bool = setting(
        default=True, help="ask the server not to stop early (vLLM and SGLang know the key)"
    )
    seed: int = setting(default=0, check=at_least(0), help="words are drawn with it")


@frozen
class MooncakeSettings(TraceDatasetSettings):
    """Mooncake's traces."""

    block_size: int = setting(
        default=512, unit="tokens", check=at_least(1), help="tokens of a hash id"
    )


@frozen
class BurstGptSettings(TraceDatasetSettings):
    """BurstGPT's traces."""

    empty_answers: EmptyAnswers = setting(
        default="drop", help="rows with 0 response tokens, which failed: refuse, leave out, ask 1"
    )
    models: tuple[str, ...] = setting(
        default=(), help="keep these models only; empty: all", example=["ChatGPT"]
    )
    log_types: tuple[str, ...] = setting(
        default=(), help='keep these only, such as "API log"; empty: all', example=["API log"]
    )


@frozen
class AzureSettings(TraceDatasetSettings):
    """Azure's traces."""


@frozen
class SessionSettings(TraceDatasetSettings):
    """What all traces of sessions have."""

    pauses: float = setting(
        default=1.0,
        check=at_least(0),
        help="recorded pauses are multiplied with this; 0: nobody waits",
        example=0.5,
    )
    longest_pause: float | None = setting(
        default=None, unit="s", check=above(0), help="no pause is longer", example=60.0
    )
    sessions: int | None = setting(
        default=None, check=at_least(1), help="keep the first sessions alone", example=100
    )
    longest_input: int | None = setting(
        default=None,
        unit="tokens",
        check=at_least(1),
        help="leave out sessions with a longer prompt",
        example=128000,
    )


@frozen
class OwnFormatSettings(SessionSettings):
    """Traces in the format of ours."""


@frozen
class BailianSettings(SessionSettings):
    """Traces of Qwen on Bailian."""

    block_size: int = setting(
        default=16, unit="tokens", check=at_least(1), help="tokens of a hash id"
    )
    missing_parents: MissingParents = setting(
        default="error", help="chats that follow one which is not in the file: refuse, or begin"
    )


@frozen
class WekaSettings(SessionSettings):
    """Weka's traces of agents; `path` may be a folder of them."""

    apart: float = setting(
        default=0.0,
        unit="s",
        check=at_least(0),
        help="conversations begin so long after each other (shape trace): no file says when",
        example=5.0,
    )


@frozen
class OtelTraceSettings(SessionSettings):
    """Spans of OpenTelemetry."""

    missing_parents: MissingParents = setting(
        default="error", help="spans whose parent is not in the file: refuse, or take as a root"
    )
    without_tokens: Literal["error", "drop"] = setting(
        default="error", help="requests that do not say how long they were: refuse, or leave out"
    )
    check_clocks: bool = setting(
        default=True, help="refuse spans that begin before their parent does"
    )
