"""Prefix caches and speculative decoding: what was to be expected beside what was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from aisbench.api import KindSpeculation, PerformanceResult, PrefixCacheResult, PrefixHits
from aisbench_plugin_table.cells import MISSING
from aisbench_plugin_table.numbers import number
from aisbench_plugin_table.speaking import Say

MOST_GROUPS = 20
"""Of one label in the table; the report and summary.json have more."""


def cache_tables(result: PerformanceResult, say: Say) -> Iterator[Table]:
    """One of the prefix cache, one of speculative decoding, where there is something to tell."""
    cache = result.prefix_cache
    if cache is not None and notable(cache):
        yield _made(_prefix_heads(cache, say), list(_prefix_rows(cache, say)))
    drafts = result.speculation
    if drafts is not None:
        places = sorted(
            {place for one in (drafts.overall, *drafts.kinds) for place in _positions(one)},
            key=int,
        )
        heads = [say("speculative decoding"), say("requests"), say("output tokens"),
                 say("tokens an event"), say("TPOT mean"), say("accepted"), say("length"),
                 *(say(f"position {int(place) + 1}") for place in places)]  # fmt: skip
        rows = [_draft_row(one, places, say) for one in (drafts.overall, *drafts.kinds)]
        yield _made(heads, rows)


def notable(cache: PrefixCacheResult) -> bool:
    """Whether anything was, or could have been, in the cache."""
    hits = cache.looked_up
    return bool(hits.most or hits.reported or cache.server_hits) or cache.agrees is False


def cache_lines(result: PerformanceResult) -> Iterator[str]:
    """What the tables do not say."""
    cache = result.prefix_cache
    if cache is not None and notable(cache):
        yield f"prefix cache: {cache.verdict}"
        yield from (f"prefix cache: a likely cause: {one}" for one in cache.causes)
        held = "" if cache.blocks is None else f", {number(cache.blocks)} of them"
        yield (
            f"prefix cache: blocks of {cache.block_size} tokens ({cache.block_size_from}){held}; "
            f"tokens by {cache.basis}"
        )
        if cache.unknown:
            yield f"prefix cache: the prompts of {cache.unknown} requests are not known"
    if result.speculation is not None and result.speculation.note:
        yield f"speculative decoding: {result.speculation.note}"


def drafts_beside(loads: Sequence[PerformanceResult]) -> Iterator[str]:
    """What speculative decoding did to TPOT: a model with it beside one without, of the same data
    set and load."""
    for one in loads:
        if not _drafts(one):
            continue
        for other in loads:
            same = (other.dataset, other.load) == (one.dataset, one.load)
            if not same or other.model == one.model or _drafts(other):
                continue
            for kind, mine, theirs in _tpots(one, other):
                yield (
                    f"speculative decoding, {one.dataset} {one.load}, {kind}: TPOT "
                    f"{number(mine)} ms of {one.model}, {number(theirs)} ms of {other.model} "
                    f"without it: {mine / theirs:.2f} times as long"
                )


def _drafts(load: PerformanceResult) -> bool:
    found = load.speculation
    return found is not None and found.overall.acceptance_rate_percent is not None


def _tpots(one: PerformanceResult, other: PerformanceResult) -> Iterator[tuple[str, float, float]]:
    mine, theirs = dict(_by_kind(one)), dict(_by_kind(other))
    for kind, value in mine.items():
        if kind in theirs and theirs[kind] > 0:
            yield kind, value, theirs[kind]


def _by_kind(load: PerformanceResult) -> Iterator[tuple[str, float]]:
    for part in load.populations[:1]:
        yield from (("all", found.mean) for found in part.statistics if found.name == "tpot")
    for label in load.labels:
        if label.name == "prompt kind":
            for value in label.values:
                for found in value.statistics:
                    if found.name == "tpot":
                        yield value.value, found.mean


def _prefix_heads(cache: PrefixCacheResult, say: Say) -> list[str]:
    return [
        say("prefix cache"),
        say("requests"),
        say("prompt tokens"),
        say("theory"),
        say("at most"),
        say("of its size"),
        say("usage"),
        say("hits by TTFT"),
    ]


def _prefix_rows(cache: PrefixCacheResult, say: Say) -> Iterator[list[str]]:
    yield [say("all"), *_hits(cache.measured)]
    shown: dict[str, int] = {}
    for group in cache.groups:
        shown[group.label] = shown.get(group.label, 0) + 1
        if shown[group.label] <= MOST_GROUPS:
            yield [f"{group.label} {group.value}", *_hits(group.hits)]


def _hits(hits: PrefixHits) -> list[str]:
    split = hits.inferred
    inferred = MISSING
    if split is not None:
        inferred = f"{split.share:.0%} ({split.low:.0%}-{split.high:.0%})"
    return [
        number(hits.requests),
        number(hits.prompt),
        _share(hits.theory, hits.prompt),
        _share(hits.most, hits.prompt),
        _share(hits.limited, hits.prompt),
        _share(hits.reported, hits.reported_prompt),
        inferred,
    ]


def _share(tokens: int | None, of: int) -> str:
    return MISSING if tokens is None or not of else f"{tokens / of:.1%}"


def _positions(kind: KindSpeculation) -> Sequence[str]:
    return [one for one in kind.acceptance_by_position or () if one.isdigit()]


def _draft_row(kind: KindSpeculation, places: Sequence[str], say: Say) -> list[str]:
    def known(value: float | None, form: str = "") -> str:
        if value is None:
            return MISSING
        return number(value) if not form else format(value, form)

    rate = kind.acceptance_rate_percent
    positions = kind.acceptance_by_position or {}
    return [
        kind.value or say("all"),
        number(kind.requests),
        number(kind.output_tokens),
        known(kind.tokens_per_event),
        known(kind.tpot_ms),
        known(None if rate is None else rate / 100, ".1%"),
        known(kind.acceptance_length),
        *(known(positions.get(place), ".1%") for place in places),
    ]


def _made(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Columns without a value in any row are left out."""
    kept = [at for at in range(len(heads)) if at < 2 or any(row[at] != MISSING for row in rows)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for at in kept:
        side = "left" if at == 0 else "right"
        table.add_column(Text(heads[at]), justify=side, no_wrap=True)  # type: ignore[arg-type]
    for row in rows:
        table.add_row(*(Text(row[at]) for at in kept))
    return table
