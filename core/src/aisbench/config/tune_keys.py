"""[tune]: settings of the servers that are tried. The tuner's own keys stand beside these."""

from __future__ import annotations

from attrs import frozen

from aisbench.config.durations import duration_problem
from aisbench.settings.fields import above, at_least, not_empty, setting
from aisbench.types.json import JsonObject, JsonValue

DEFAULT_TUNER = "grid"


@frozen(kw_only=True)
class TuneVariableTable:
    """[tune.variables.NAME], where it is more than a list of values."""

    values: tuple[JsonValue, ...] = setting(
        default=(), help="what it may be: numbers, texts, true and false", example=[64, 128, 256]
    )
    low: float | None = setting(default=None, help="of a range: the least", example=16)
    high: float | None = setting(default=None, help="of a range: the greatest", example=512)
    step: float | None = setting(
        default=None,
        check=above(0),
        help="of a range: from one value to the next; with `log` the factor between them",
        example=16,
    )
    log: bool = setting(default=False, help="of a range: by factors, instead of by differences")
    flag: str = setting(
        default="",
        help='what stands in the command before the value where the word is "{NAME}" alone; of '
        "true and false: what stands there for true",
        example="--max-num-seqs",
    )
    off: str = setting(
        default="",
        help="what stands in the command for false; empty: nothing",
        example="--no-enable-chunked-prefill",
    )
    when: JsonObject = setting(
        factory=dict,
        help="other variables, and the value (or list of values) with which this one matters",
        example={"chunked": True},
    )


@frozen(kw_only=True)
class TuneSettings:
    """Keys of [tune] that concern every tuner."""

    variables: JsonObject = setting(
        help="what stands as {NAME} in the commands of [servers]: a list of values, or a table",
        check=not_empty,
        example={"max_num_seqs": [64, 128, 256], "chunked": [True, False]},
    )
    objective: str = setting(
        default="goodput",
        help="what is to be best where the SLO holds: a figure of a load (goodput, "
        "request_throughput, output_token_throughput, output_tokens_per_joule), or the mean or a "
        "percentile of a metric (ttft_p99, tpot_mean)",
        example="output_token_throughput",
    )
    against: str = setting(
        default="e2el_p99",
        help="the latency that the Pareto front sets the objective against",
        example="ttft_p99",
    )
    points: int | None = setting(
        default=None,
        check=at_least(1),
        help="points at most, of each server; absent: all that the tuner proposes",
        example=30,
    )
    time: str = setting(
        default="",
        check=duration_problem,
        help='begin no further point after so long, such as "8h", all sessions together; empty: '
        "no limit",
        example="8h",
    )
    point_time: str = setting(
        default="",
        check=duration_problem,
        help="end a point that takes longer, once its server is ready; empty: no limit",
        example="20m",
    )
