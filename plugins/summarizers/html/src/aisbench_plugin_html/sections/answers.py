"""The answers that one wants to read: wrong, unparsed, cut, failed and odd ones."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from aisbench import AisbenchError, AnsweredSample, AnswerOutcome, RunResult
from aisbench.answers import read_span
from aisbench.api import Prompt, Wording, translated
from aisbench_plugin_html.blocks import Block, PageSection
from aisbench_plugin_html.facts import FAULTY, NS, TaskFacts
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.pictures import Pictures
from aisbench_plugin_html.scripts import in_script
from aisbench_plugin_html.terms import verdict_word

BUDGET = 6_000_000
"""Characters of all answers in the page."""
LONGEST = 12_000
"""Characters of one text; of a longer one begin and end are shown."""
KINDS = (*FAULTY, "graded", "odd")


def answers(material: Material, facts: Sequence[TaskFacts]) -> list[PageSection]:
    """The section of answers; none where there is nothing to show."""
    run = material.run
    if run is None or not any(one.chosen for one in facts):
        return []
    words = material.words
    pictures = Pictures(Path(run.path))
    shown = list(_within(BUDGET, _shown(run, facts, material.samples, words, pictures)))
    of = sum(one.of for task in facts for one in task.chosen.values())
    kinds = words.text("wrong, unparsed, cut, failed or odd")
    if any("graded" in one.chosen for one in facts):
        kinds = words.text("graded below 0.5, unparsed, cut, failed, wrong or odd")
    if len(shown) < of:
        told = words.text(
            "{shown} of {of} answers that are {kinds}: of each task and outcome some, drawn by "
            "the checksum of their ids. `aisbench view` and results/*.scores.jsonl have all.",
            shown=f"{len(shown):,}", of=f"{of:,}", kinds=kinds,
        )  # fmt: skip
    else:
        told = words.text("All {of} answers that are {kinds}.", of=f"{of:,}", kinds=kinds)
    blocks: list[Block] = [
        Markup("<p>{}</p>").format(told),
        _filters(shown, words),
        Markup(
            '<p id="answers-count" class="quiet" role="status"></p>'
            '<div class="answers" id="answers-shown"></div>'
            '<p class="more"><button type="button" id="answers-more" hidden>{}</button></p>'
            '<script type="application/json" id="answers-pictures">{}</script>'
            '<script type="application/json" id="answers-data">{}</script>'
            "<noscript><p>{}</p></noscript>"
        ).format(
            words.text("Show more"),
            in_script(pictures.held),
            in_script(shown),
            words.text("Answers need JavaScript."),
        ),
    ]
    title = words.text("Answers to read")
    return [PageSection(id="answers", title=title, blocks=blocks, group=words.text("Accuracy"))]


def _filters(shown: Sequence[Mapping[str, Any]], words: Wording) -> Markup:
    titles = {
        "verdict": words.text("Outcome"),
        "model": words.text("Model"),
        "dataset": words.text("Data set"),
        "part": words.text("Part"),
    }
    boxes = Markup("")
    for key, title in titles.items():
        values = dict.fromkeys(one[key] for one in shown if one[key])
        named = {one["verdict"]: one["word"] for one in shown} if key == "verdict" else {}
        options = Markup("").join(
            Markup('<option value="{}">{}</option>').format(one, named.get(one, one))
            for one in values
        )
        if len(values) > 1:
            boxes += Markup(
                '<label>{}<select name="{}"><option value="">{}</option>{}</select></label>'
            ).format(title, key, words.text("all"), options)
    return Markup(
        '<form id="answers-filters" class="filters">{}'
        '<label>{}<input type="search" name="text" autocomplete="off"></label></form>'
    ).format(boxes, words.text("Text in it"))


def quotas(counts: Mapping[str, int], most: int) -> dict[str, int]:
    """How many of each kind to show: all share ``most`` alike, and what one does not need goes to
    the others."""
    left, open_ = most, dict(counts)
    given: dict[str, int] = {}
    for kind in sorted(counts, key=lambda one: counts[one]):
        given[kind] = min(open_.pop(kind), left // (len(open_) + 1))
        left -= given[kind]
    return given


def _shown(
    run: RunResult, facts: Sequence[TaskFacts], most: int, words: Wording, pictures: Pictures
) -> Iterator[dict[str, Any]]:
    """One of each task and kind after the other, so that a budget cuts all alike."""
    sources = []
    for task in facts:
        wanted = quotas({kind: len(one) for kind, one in task.chosen.items()}, most)
        for kind in KINDS:
            if kind in task.chosen:
                sources.append((kind, list(task.chosen[kind])[: wanted[kind]]))
    longest = max((len(one) for _, one in sources), default=0)
    for at in range(longest):
        for kind, members in sources:
            if at < len(members):
                yield _answer(run, kind, members[at], words, pictures)


def _within(budget: int, rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in rows:
        budget -= len(json.dumps(one, ensure_ascii=False))
        if budget < 0:
            return
        yield one


def _answer(
    run: RunResult, kind: str, outcome: AnswerOutcome, words: Wording, pictures: Pictures
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "model": outcome.model,
        "dataset": f"{outcome.dataset} [{outcome.load}]" if outcome.load else outcome.dataset,
        "part": outcome.part,
        "id": outcome.sample if not outcome.repeat else f"{outcome.sample} #{outcome.repeat + 1}",
        "verdict": "right" if kind == "odd" else kind,
        "word": verdict_word(kind, words),
        "prompt": [],
        "media": [],
        "reasoning": "",
        "answer": [""],
        "extracted": outcome.extracted,
        "target": "",
        "reason": "",
        "fault": "",
        "odd": "",
        "facts": _facts(outcome, words),
    }
    try:
        whole = run.answer_of(outcome)
    except AisbenchError as error:
        return {**row, "fault": error.message}
    media = [
        (one.kind, one.whence, pictures.name_of(one))
        for prompt in whole.prompts
        for one in prompt.media
    ]
    return {**row, **_texts(whole, words), "media": media}


def _texts(whole: AnsweredSample, words: Wording) -> dict[str, Any]:
    score = whole.score
    text = whole.answer
    if text is None:
        text = "\n\n".join(one.text for one in whole.responses)
    extracted = None if score is None else score.extracted
    fault = next((one.fault for one in whole.responses if one.fault is not None), None)
    told = "" if fault is None else translated(fault.message, words.language)
    if fault is not None and fault.body:
        told = f"{told}\n{fault.body}"
    target = whole.sample.target
    return {
        "prompt": [
            (role, _short(said, words)) for one in whole.prompts for role, said in _said(one)
        ],
        "reasoning": _short(
            "\n\n".join(one.reasoning for one in whole.responses if one.reasoning), words
        ),
        "answer": _marked(text, extracted, words),
        "extracted": extracted,
        "target": "" if target is None else _short(_plain(target), words),
        "reason": "" if score is None else translated(score.reason, words.language),
        "fault": _short(told, words),
        "odd": "; ".join(f"{one.kind.value}: {one.evidence}" for one in whole.anomalies),
    }


def _said(prompt: Prompt) -> list[tuple[str, str]]:
    """Role and text of each message; "" is the role of a text without any."""
    if prompt.messages:
        return [(one.role, one.text) for one in prompt.messages]
    return [("", prompt.words)]


def _marked(text: str, extracted: str | None, words: Wording) -> list[str]:
    """The answer; or what stands before the part that was read, that part, and what follows."""
    span = read_span(text, extracted) if extracted else None
    if span is None:
        return [_short(text, words)]
    begin, end = span
    return [_short(text[:begin], words), text[begin:end], _short(text[end:], words)]


def _short(text: str, words: Wording) -> str:
    if len(text) <= LONGEST:
        return text
    half = LONGEST // 2
    left = words.text("[… {n} characters left out …]", n=f"{len(text) - 2 * half:,}")
    return f"{text[:half]}\n{left}\n{text[-half:]}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _facts(one: AnswerOutcome, words: Wording) -> str:
    found = []
    if one.completion_tokens is not None:
        found.append(words.text("{n} completion tokens", n=f"{one.completion_tokens:,}"))
    if one.reasoning_tokens is not None:
        found.append(words.text("{n} of them reasoning", n=f"{one.reasoning_tokens:,}"))
    if one.prompt_tokens is not None:
        found.append(words.text("{n} prompt tokens", n=f"{one.prompt_tokens:,}"))
    if one.total_ns is not None:
        found.append(words.text("{seconds} s", seconds=f"{one.total_ns / NS:.2f}"))
    if one.finish_reason:
        found.append(words.text("finish reason {reason}", reason=one.finish_reason))
    if one.turns > 1:
        found.append(words.text("{n} turns", n=one.turns))
    return ", ".join(found)
