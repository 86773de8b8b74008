"""Prompt templates and retrievers of examples."""

from __future__ import annotations

import copy

from aisbench.api import Capability, DataError, Prompt, Retriever, Sample, Template
from aisbench_testkit.checks.trial import refusal, trial
from aisbench_testkit.checks.unchanged import unchanged

SAMPLE = Sample(
    id="test-0", fields={"question": "1 + 1?", "answer": "2", "token_ids": [5, 7]}, target="2"
)
POOL = tuple(
    Sample(id=f"train-{n}", fields={"question": f"{n} + 1?", "answer": str(n + 1)}, target=n + 1)
    for n in range(9)
)


def form_problem(prompt: object, form: Capability) -> str:
    """Why ``prompt`` is not of the form that the template's offer says, or ""."""
    if not isinstance(prompt, Prompt):
        return f"render() returns {type(prompt).__name__}, not Prompt"
    has = _forms_of(prompt)
    if form not in has:
        return f"render() makes a {has[0].value} prompt, and the offer says {form.value}"
    if prompt.messages is not None and not prompt.messages:
        return "render() makes a prompt without messages"
    return ""


def _forms_of(prompt: Prompt) -> tuple[Capability, ...]:
    """What a prompt can be: a message with a sound is a chat, or is to be written down."""
    if prompt.texts is not None and prompt.query is not None:
        return (Capability.RERANK,)
    if prompt.texts is not None:
        return (Capability.EMBED, Capability.CLASSIFY)
    if prompt.tokens is not None:
        return (Capability.TOKENS,)
    if prompt.text is not None:
        return (Capability.TEXT,)
    one_sound = [media.kind for media in prompt.media] == ["audio"]
    return (Capability.CHAT, Capability.TRANSCRIBE) if one_sound else (Capability.CHAT,)


def check_template(template: Template, form: Capability, sample: Sample = SAMPLE) -> list[str]:
    """Prompts are of the form offered, always the same, and never lack a field in silence."""
    problems: list[str] = []
    # Token ids show no examples: there is no text to put between them.
    sample, pool = copy.deepcopy(sample), copy.deepcopy(POOL)
    for shots in (pool[:0], pool[:2])[: 2 if form in (Capability.TEXT, Capability.CHAT) else 1]:
        with (
            trial(problems, f"render() with {len(shots)} examples"),
            unchanged(problems, "render()", [sample, *shots]),
        ):
            prompt = template.render(sample, shots)
            if problem := form_problem(prompt, form):
                problems.append(problem)
            if template.render(sample, shots) != prompt:
                problems.append("render() makes another prompt of the same row")
    refusal(
        problems,
        "render() of a row without fields",
        DataError,
        lambda: template.render(Sample(id="bare"), ()),
    )
    return problems


def check_retriever(retriever: Retriever) -> list[str]:
    """As many examples as asked for, from the pool; equal arguments give equal ones."""
    problems: list[str] = []
    asked, pool = copy.deepcopy(SAMPLE), copy.deepcopy(POOL)
    for count in (0, 1, 4, len(POOL)):
        with (
            trial(problems, f"pick() of {count} from {len(POOL)}"),
            unchanged(problems, "pick()", [asked, *pool]),
        ):
            picked = list(retriever.pick(asked, pool, count, 5))
            if len(picked) != count:
                problems.append(f"pick() of {count} gives {len(picked)}")
            if any(one not in pool for one in picked):
                problems.append("pick() gives an example that is not in the pool")
            if len({one.id for one in picked}) < len(picked):
                problems.append("pick() gives an example twice")
            if list(retriever.pick(asked, pool, count, 5)) != picked:
                problems.append("pick() gives others for the same arguments")
    refusal(
        problems,
        "pick() of more than the pool holds",
        DataError,
        lambda: retriever.pick(asked, pool, len(POOL) + 1, 5),
    )
    return problems
