"""Prefix caches and speculative decoding in tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from aisbench.api import (
    KindSpeculation,
    PerformanceResult,
    PrefixCacheResult,
    PrefixHits,
    Wording,
    translated,
)
from aisbench_plugin_html.sections.performance_tables import cell
from aisbench_plugin_html.tables import Cell, TableColumn, TableNumber, table

NONE = TableNumber(None, "—")


def prefix_block(load: PerformanceResult, words: Wording) -> Markup | None:
    """None where nothing was, or could have been, in the cache."""
    cache = load.prefix_cache
    if cache is None:
        return None
    hits = cache.looked_up
    if not (hits.most or hits.reported or cache.server_hits or cache.agrees is False):
        return None
    title = words.text("Prefix cache")
    columns = [
        TableColumn(title=words.text("requests of")),
        TableColumn(title=words.text("requests"), number=True),
        TableColumn(title=words.text("prompt tokens"), number=True),
        TableColumn(
            title=words.text("theory %"),
            number=True,
            hint=words.text(
                "what an infinite cache had computed for certain when each request was sent"
            ),
        ),
        TableColumn(
            title=words.text("at most %"),
            number=True,
            hint=words.text("the same, if what was in flight then counts as well"),
        ),
        TableColumn(
            title=words.text("of its size %"),
            number=True,
            hint=words.text("the theory of a cache of the server's own size, by LRU"),
        ),
        TableColumn(title=words.text("usage %"), number=True),
        TableColumn(
            title=words.text("hits by TTFT"),
            number=True,
            hint=words.text(
                "share of the requests in the fast one of two parts, and its 95 % interval"
            ),
        ),
    ]
    rows: list[list[Cell]] = [[words.text("all"), *_hits(cache.measured)]]
    rows += [[f"{one.label} {one.value}", *_hits(one.hits)] for one in cache.groups]
    return Markup("<h3>{}</h3>{}{}{}").format(
        title,
        _verdict(cache, words),
        _trimmed(columns, rows, title),
        _notes(_prefix_notes(cache, words)),
    )


def _verdict(cache: PrefixCacheResult, words: Wording) -> Markup:
    sign = "" if cache.agrees is None else "good" if cache.agrees else "mind"
    verdict = translated(cache.verdict, words.language)
    causes = (
        words.text("a likely cause: {cause}", cause=translated(one, words.language))
        for one in cache.causes
    )
    items = Markup('<li class="{}">{}</li>').format(sign, verdict)
    items += Markup("").join(Markup("<li>{}</li>").format(one) for one in causes)
    return Markup('<ul class="verdict">{}</ul>').format(items)


def _prefix_notes(cache: PrefixCacheResult, words: Wording) -> Iterator[str]:
    source = {
        "server": words.text("as the server publishes"),
        "setting": words.text("as load.prefix_cache says"),
        "assumed": words.text("assumed"),
    }[cache.block_size_from]
    yield words.text("blocks of {n} tokens, {source}", n=cache.block_size, source=source)
    if cache.basis == "words":
        yield words.text("the tokens are those of the words, without the chat template")
    if cache.unknown:
        yield words.text("the prompts of {n} requests are not known", n=f"{cache.unknown:,}")
    if cache.server_source:
        yield words.text("the server's rate is of {source}", source=cache.server_source)


def _hits(hits: PrefixHits) -> list[Cell]:
    split = hits.inferred
    inferred = NONE
    if split is not None:
        inferred = TableNumber(
            split.share, f"{split.share:.0%} ({split.low:.0%}–{split.high:.0%})"
        )
    return [
        cell(hits.requests),
        cell(hits.prompt),
        _share(hits.theory, hits.prompt),
        _share(hits.most, hits.prompt),
        _share(hits.limited, hits.prompt),
        _share(hits.reported, hits.reported_prompt),
        inferred,
    ]


def _share(tokens: int | None, of: int) -> TableNumber:
    if tokens is None or not of:
        return NONE
    return TableNumber(100 * tokens / of, f"{100 * tokens / of:.1f}")


def speculation_block(load: PerformanceResult, words: Wording) -> Markup | None:
    """None where nothing tells of speculative decoding."""
    drafts = load.speculation
    if drafts is None:
        return None
    kinds = (drafts.overall, *drafts.kinds)
    places = sorted(
        {one for kind in kinds for one in kind.acceptance_by_position or () if one.isdigit()},
        key=int,
    )
    title = words.text("Speculative decoding")
    columns = [
        TableColumn(title=drafts.label or words.text("requests of")),
        TableColumn(title=words.text("requests"), number=True),
        TableColumn(title=words.text("output tokens"), number=True),
        TableColumn(
            title=words.text("tokens an event"),
            number=True,
            hint=words.text(
                "tokens after the first by events after the first: what one step made, where the "
                "server sends an event a step"
            ),
        ),
        TableColumn(title=words.text("TPOT mean"), number=True),
        TableColumn(title=words.text("accepted %"), number=True),
        TableColumn(title=words.text("acceptance length"), number=True),
        *(
            TableColumn(title=words.text("position {n} %", n=int(one) + 1), number=True)
            for one in places
        ),
    ]
    rows = [_kind(one, places, words) for one in kinds]
    notes = [translated(drafts.note, words.language)] if drafts.note else []
    return Markup("<h3>{}</h3>{}{}").format(title, _trimmed(columns, rows, title), _notes(notes))


def _kind(kind: KindSpeculation, places: Sequence[str], words: Wording) -> list[Cell]:
    positions = kind.acceptance_by_position or {}
    return [
        kind.value or words.text("all"),
        cell(kind.requests),
        cell(kind.output_tokens),
        _known(kind.tokens_per_event),
        _known(kind.tpot_ms),
        _known(kind.acceptance_rate_percent),
        _known(kind.acceptance_length),
        *(_known(100 * positions[one] if one in positions else None) for one in places),
    ]


def _known(value: float | None) -> TableNumber:
    return NONE if value is None else cell(value)


def tpot_block(loads: Sequence[PerformanceResult], words: Wording) -> Markup | None:
    """What speculative decoding did to TPOT: models with it beside those without, of the same
    data set and load; None where there are no such pairs."""
    rows: list[list[Cell]] = []
    for one in loads:
        for other in loads:
            if not _pair(one, other):
                continue
            theirs = dict(_by_kind(other))
            for kind, value in _by_kind(one):
                if theirs.get(kind):
                    ratio = value / theirs[kind]
                    rows.append(
                        [
                            f"{one.dataset} {one.load}",
                            kind or words.text("all"),
                            one.model,
                            cell(value),
                            other.model,
                            cell(theirs[kind]),
                            TableNumber(ratio, f"{ratio:.2f}"),
                        ]
                    )
    if not rows:
        return None
    title = words.text("TPOT with and without speculative decoding")
    columns = [
        TableColumn(title=words.text("load")),
        TableColumn(title="prompt kind"),
        TableColumn(title=words.text("with")),
        TableColumn(title="TPOT ms", number=True),
        TableColumn(title=words.text("without")),
        TableColumn(title="TPOT ms", number=True),
        TableColumn(title=words.text("times as long"), number=True),
    ]
    return Markup("<h3>{}</h3>{}").format(title, table(columns, rows, caption=title))


def _pair(one: PerformanceResult, other: PerformanceResult) -> bool:
    same = (one.dataset, one.load) == (other.dataset, other.load)
    return same and one.model != other.model and _drafts(one) and not _drafts(other)


def _drafts(load: PerformanceResult) -> bool:
    found = load.speculation
    return found is not None and found.overall.acceptance_rate_percent is not None


def _by_kind(load: PerformanceResult) -> Iterator[tuple[str, float]]:
    for part in load.populations[:1]:
        yield from (("", found.mean) for found in part.statistics if found.name == "tpot")
    for label in load.labels:
        for value in label.values if label.name == "prompt kind" else ():
            for found in value.statistics:
                if found.name == "tpot":
                    yield value.value, found.mean


def _trimmed(
    columns: Sequence[TableColumn], rows: Sequence[Sequence[Cell]], caption: str
) -> Markup:
    """Columns without a value in any row are left out."""
    keep = [at for at in range(len(columns)) if at < 3 or any(row[at] != NONE for row in rows)]
    return table(
        [columns[at] for at in keep], [[row[at] for at in keep] for row in rows], caption=caption
    )


def _notes(lines: Iterator[str] | Sequence[str]) -> Markup:
    items = Markup("").join(Markup("<li>{}</li>").format(one) for one in lines)
    return Markup('<ul class="notes">{}</ul>').format(items) if items else Markup("")
