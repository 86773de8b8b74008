"""The checks of every kind of offer but data sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from aisbench.api import (
    BackendOffer,
    Capability,
    DataError,
    EvaluatorOffer,
    Request,
    Sample,
    TemplateOffer,
    TogetherEvaluator,
    Verdict,
)
from aisbench.plugins.targets import resolve
from aisbench_testkit import canned
from aisbench_testkit.checking.case import OfferCase
from aisbench_testkit.checking.dataset_steps import NamedStep
from aisbench_testkit.checking.transport_steps import transport_steps
from aisbench_testkit.checking.twin import scores_of
from aisbench_testkit.checks import (
    backend,
    capabilities,
    command,
    device_sampler,
    evaluator,
    judged,
    local,
    observer,
    ordering,
    postprocessor,
    prompting,
    reducer,
    shape,
    summarizer,
    tuner,
)
from aisbench_testkit.checks.backend import Recorded
from aisbench_testkit.checks.evaluator import Gold
from aisbench_testkit.checks.trial import NotChecked

Steps = Iterator[NamedStep]


def backend_steps(case: OfferCase) -> Steps:
    """A codec, a transport of its own, or a model in this process."""
    offer = case.listed.offer
    assert isinstance(offer, BackendOffer)
    if offer.local:
        yield "settings of generation", lambda: local.check_refused(case.make())
        return
    if offer.transport == "own":
        yield from transport_steps(case)
        return
    requests = canned.requests(offer)
    if not requests:
        return

    def each(check: Callable[..., list[str]]) -> Callable[[], list[str]]:
        one, other = requests[0], requests[-1]
        return lambda: list(dict.fromkeys([*check(case.make(), one), *check(case.make(), other)]))

    yield "encode", lambda: backend.check_encode(case.make, requests)
    yield "capabilities", lambda: capabilities.check_capabilities(case.make, offer), "encode"
    yield "generation settings", lambda: _generation(case, requests), "encode"
    yield "bodies that are no answer", each(backend.check_junk)
    yield "error statuses", each(backend.check_errors)
    yield "list of models", lambda: backend.check_models(case.make())
    yield "recorded answers", lambda: _recorded(case, offer)


def _generation(case: OfferCase, requests: list[Request]) -> list[str]:
    """Of one request of each form and way to answer."""
    forms: dict[tuple[bool, bool, bool], Request] = {}
    for one in requests:
        prompt = one.prompt
        forms.setdefault((prompt.text is None, prompt.tokens is None, one.stream), one)
    found = [
        problem for one in forms.values() for problem in backend.check_generation(case.make, one)
    ]
    return list(dict.fromkeys(found))


def _recorded(case: OfferCase, offer: BackendOffer) -> list[str]:
    recorded = [
        Recorded(
            request=capabilities.request_of(one.form, one.stream),
            body=one.file.read_bytes(),
            status=one.status,
            content_type=one.content_type
            or ("text/event-stream" if one.stream else "application/json"),
            text=one.text,
            marks_its_end=one.marks_its_end,
            usage=one.usage,
            name=one.file.name,
        )
        for one in case.table.recorded
    ]
    capabilities.needs_recorded(offer, recorded)
    made = case.make()
    found = [problem for one in recorded for problem in backend.check_recorded(made, one)]
    found += capabilities.check_recorded_usage(case.make, offer, recorded)
    return found + capabilities.check_recorded_stream(case.make, offer, recorded)


def evaluator_steps(case: OfferCase) -> Steps:
    """One that scores by itself, or one that asks a judge."""
    offer = case.listed.offer
    assert isinstance(offer, EvaluatorOffer)
    if offer.judged:
        yield "settings of the judge", lambda: judged.check_names(case.make())
        yield "questions", lambda: judged.check_questions(case.make(), case.sample(judged.SAMPLE))
        known = [case.table.judgement] if case.table.judgement else []
        yield (
            "conclusions",
            lambda: judged.check_conclusions(case.make(), case.sample(judged.SAMPLE), known),
            "questions",
        )
        return
    if isinstance(case.make(), TogetherEvaluator):
        yield "no answers", lambda: evaluator.check_together(case.make())
        return
    yield "any answer", lambda: evaluator.check_answers(case.make, _sample(case), _answers(case))
    yield "any reference", lambda: evaluator.check_references(case.make(), _sample(case))
    if offer.reference != "unused":
        yield (
            "right answers above wrong ones",
            lambda: ordering.check_right_above_wrong(case.make(), _sample(case), _gold(case)),
            "any answer",
        )
    if case.table.gold:
        yield "gold", lambda: evaluator.check_gold(case.make(), _gold(case), _sample(case))
    yield "scores in a fresh process", lambda: _fresh(case), "any answer"


def _gold(case: OfferCase) -> list[Gold]:
    return [
        Gold(
            target=case.table.target if one.target is None else one.target,
            answer=one.answer,
            verdict=Verdict(one.verdict),
            extracted=one.extracted,
        )
        for one in case.table.gold
    ]


def _answers(case: OfferCase) -> Sequence[str]:
    return case.table.answers or canned.ANSWERS


def _sample(case: OfferCase) -> Sample:
    if case.table.target is not None or case.table.fields:
        return case.sample(Sample(id="test-0", fields={"question": "?"}))
    try:
        return evaluator.sample_for(case.make())
    except NotChecked as missing:
        give = f"[tool.aisbench.check.{case.listed.offer.name}] target = ..., fields = {{ ... }}"
        raise NotChecked(missing.reason, give=give) from None


def _fresh(case: OfferCase) -> list[str]:
    """The same scores with another hash seed, clock, folder, time zone and locale."""
    sample = _sample(case)
    answers = [text for text in _answers(case) if len(text) < 2000]
    answers += [text for pair in ordering.pairs(sample.target) for text in pair]
    answers += [one.answer for one in case.table.gold]
    own = scores_of(case.make(), sample, answers)
    said, why = case.compare(
        own, fields=dict(sample.fields), target=sample.target, answers=answers
    )
    if not why:
        return []
    if "error" in said:
        return [f"in a fresh process score() {said['error']}"]
    pairs = zip(answers, own["scores"], said["scores"], strict=True)
    text, one, other = next(found for found in pairs if found[1] != found[2])
    return [f"a fresh process scores {text[:30]!r} otherwise, {other} for {one}: it takes {why}"]


def reducer_steps(case: OfferCase) -> Steps:
    """Figures of many scores."""
    repeats = case.table.repeats
    measures = case.table.measures
    name = case.listed.offer.name
    yield "figures", lambda: reducer.check_reducer(case.make(), repeats, measures, name)


def shape_steps(case: OfferCase) -> Steps:
    """Instants of a load."""
    yield "schedules", lambda: shape.check_shape(case.make)


def summarizer_steps(case: OfferCase) -> Steps:
    """A form of report."""
    yield "any result", lambda: summarizer.check_summarizer(case.make)


def observer_steps(case: OfferCase) -> Steps:
    """What is told of runs."""
    yield "any run", lambda: observer.check_observer(case.make)


def device_sampler_steps(case: OfferCase) -> Steps:
    """What reads devices."""
    yield "readings", lambda: device_sampler.check_sampler(case.make)


def tuner_steps(case: OfferCase) -> Steps:
    """What searches settings of a server."""
    yield "searches", lambda: tuner.check_tuner(case.make)


def template_steps(case: OfferCase) -> Steps:
    """Prompts of samples."""
    offer = case.listed.offer
    assert isinstance(offer, TemplateOffer)
    yield "prompts", lambda: _prompts(case, offer.form)


def _prompts(case: OfferCase, form: Capability) -> list[str]:
    sample = case.sample(prompting.SAMPLE)
    if not case.table.fields:
        try:
            case.make().render(case.sample(prompting.SAMPLE), ())
        except DataError as error:
            raise NotChecked(
                f"refuses the kit's sample: {error.message}",
                give=f"[tool.aisbench.check.{case.listed.offer.name}] fields = {{ ... }}",
            ) from None
        except Exception:  # noqa: BLE001 - the check itself reports it
            pass
    return prompting.check_template(case.make(), form, sample)


def retriever_steps(case: OfferCase) -> Steps:
    """Examples for a sample."""
    yield "examples", lambda: prompting.check_retriever(case.make())


def postprocessor_steps(case: OfferCase) -> Steps:
    """A step before the evaluator."""
    sample = case.sample(prompting.SAMPLE)
    yield "any answer", lambda: postprocessor.check_postprocessor(case.make, sample)


def command_steps(case: OfferCase) -> Steps:
    """A sub-command."""
    target = case.listed.offer.target
    yield (
        "use",
        lambda: command.check_command(resolve(target, case.listed), case.table.arguments),
    )
