"""Small real plugin parts and catalogs for core's unit tests."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import tomli
from attrs import frozen

from aisbench.api import (
    Answer,
    BackendOffer,
    Capability,
    DatasetOffer,
    EvaluatorOffer,
    Figure,
    HttpRequest,
    JsonObject,
    Offer,
    Prompt,
    ReducerOffer,
    Request,
    Response,
    RetrieverOffer,
    Sample,
    Score,
    ScoreGroup,
    Secret,
    SummarizerOffer,
    Summary,
    Support,
    TemplateOffer,
    Transcript,
    Variant,
    Verdict,
    above,
    at_least,
    between,
    setting,
)
from aisbench.config.plan import Component, Plan
from aisbench.config.planner import make_plan
from aisbench.config.source import Source
from aisbench.plugins.catalog import Catalog, Listed

DIST = "aisbench-plugin-fake"
OTHER = "aisbench-plugin-other"


# -- parts that the offers name


@frozen
class BackendSettings:
    """One plain key and one secret."""

    echo: bool = setting(default=False, help="whether the prompt comes back")
    login: Secret | None = setting(default=None, help="a second secret")


class FakeBackend:
    """Refuses the one setting ``best_of``."""

    def __init__(self, settings: BackendSettings | None = None) -> None:
        self.settings = settings

    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {name: "use repeats" for name in generation if name == "best_of"}

    def encode(self, request: Request) -> HttpRequest:
        return HttpRequest(method="POST", path="/v1/fake", body=request.key.encode())

    def decoder(self, request: Request) -> Any:
        raise NotImplementedError

    def models_request(self) -> HttpRequest | None:
        return None

    def parse_models(self, body: bytes) -> Sequence[str]:
        return ()


@frozen
class DataSettings:
    """A path, to see what it is relative to, and a limit."""

    path: Path = setting(help="the data file")
    difficulty: int = setting(default=1, check=at_least(1), help="how hard")


class FakeDataset:
    """A default variant for chat and one for plain text."""

    def __init__(self, settings: DataSettings) -> None:
        self.settings = settings

    def variants(self) -> Mapping[str, Variant]:
        return {
            "chat-4": Variant(
                template="chat",
                prompt={"user": "{question}", "assistant": "{answer}"},
                source="here",
                shots=4,
                generation={"max_tokens": 64, "temperature": 0.0},
            ),
            "text-0": Variant(
                template="text", prompt={"question": "Q: {question}"}, source="here"
            ),
        }

    def files(self) -> Sequence[Path]:
        return (self.settings.path,)

    def samples(self) -> Sequence[Sample]:
        return [Sample(id=str(one), fields={"question": f"{one}+1"}) for one in range(3)]

    def examples(self) -> Sequence[Sample]:
        return [
            Sample(id=f"e{one}", fields={"question": f"{one}*2", "answer": str(one * 2)})
            for one in range(6)
        ]


class FakeDialogue:
    """Without settings; two turns, the second of which quotes the first answer."""

    def variants(self) -> Mapping[str, Variant]:
        return {"chat": Variant(template="chat", prompt={"user": "{question}"}, source="here")}

    def files(self) -> Sequence[Path]:
        return ()

    def samples(self) -> Sequence[Sample]:
        return [Sample(id="d1", fields={"question": "hello"})]

    def examples(self) -> Sequence[Sample]:
        return []

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        answer = yield first
        yield Prompt(text=f"You said {answer.text}. Why?")


class FakeDiary(FakeDialogue):
    """Two days, and two questions on them."""

    def samples(self) -> Sequence[Sample]:
        return [
            Sample(id="a", fields={"question": "Monday"}, scored=False),
            Sample(id="b", fields={"question": "Tuesday"}, scored=False, after=("a",)),
            Sample(id="c", fields={"question": "When?"}, target="?", after=("a", "b")),
            Sample(id="d", fields={"question": "Why?"}, target="?", after=("a", "b")),
        ]

    def play(self, sample: Sample, first: Prompt) -> Generator[Prompt, Response, None]:
        yield first

    def follow(
        self, sample: Sample, first: Prompt, before: Sequence[Transcript]
    ) -> Generator[Prompt, Response, None]:
        assert first.messages is not None
        told = [one.response.text for one in before]
        yield Prompt(text="; ".join([*told, first.messages[-1].text]))


@frozen
class EvaluatorSettings:
    """A tolerance and a path."""

    tolerance: float = setting(default=0.0, check=at_least(0), help="how far off is right")
    rules: Path | None = setting(default=None, help="a file of rules")


class FakeEvaluator:
    """Right when the text is the target."""

    def __init__(self, settings: EvaluatorSettings) -> None:
        self.settings = settings

    def score(self, sample: Sample, answer: Answer) -> Score:
        text = answer.text
        if not text:
            return Score(value=0.0, verdict=Verdict.UNPARSED)
        right = text == sample.target
        verdict = Verdict.RIGHT if right else Verdict.WRONG
        return Score(value=float(right), verdict=verdict, extracted=text)


@frozen
class KSettings:
    """Of ``pass@k``."""

    k: int = setting(check=at_least(1), help="how many tries")


@frozen
class NSettings:
    """Of ``avg@n``."""

    n: int = setting(check=at_least(1), help="how many answers")


def evaluator_part(
    made: object, reference: Literal["needed", "optional", "unused"] = "needed"
) -> Component:
    """An evaluator as a task holds it."""
    offer = EvaluatorOffer(name="same", summary="", target="m:X", reference=reference)
    listed = Listed(offer=offer, plugin="p", dist="aisbench-plugin-p", version="1.2")
    return Component(listed=listed, settings=None, instance=made)


@frozen
class TauSettings:
    """Of ``g-pass@k_tau``."""

    k: int = setting(check=at_least(1), help="how many tries")
    tau: float = setting(check=between(0, 1), help="which share must be right")


class FakeReducer:
    """Makes nothing."""

    def __init__(self, settings: object = None) -> None:
        self.settings = settings

    def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
        return ()


@frozen
class TableSettings:
    """Of the summarizer ``table``."""

    digits: int = setting(default=1, check=above(0), help="digits after the point")


class FakeSummarizer:
    """Writes nothing."""

    def __init__(self, settings: TableSettings | None = None) -> None:
        self.settings = settings

    def summarize(self, results: object, folder: Path, width: int) -> Summary:
        return Summary()


@frozen
class ClashingSettings:
    """Takes a key that is core's."""

    concurrency: int = setting(default=1, help="core has this one")


# -- offers

_HERE = "unit_fakes"
_CHAT = {Capability.CHAT: Support.FULL, Capability.STREAM: Support.FULL}
_TEXT = {Capability.TEXT: Support.FULL, Capability.STREAM: Support.DEPENDS}


def backend(
    name: str, capabilities: Mapping[Capability, Support], settings: str = "BackendSettings"
) -> BackendOffer:
    """An offer of FakeBackend."""
    return BackendOffer(
        name=name,
        summary="A fake.",
        target=f"{_HERE}:FakeBackend",
        settings=f"{_HERE}:{settings}",
        capabilities=capabilities,
    )


def reducer(name: str, settings: str | None = None) -> ReducerOffer:
    """An offer of FakeReducer."""
    return ReducerOffer(
        name=name,
        summary="A fake.",
        target=f"{_HERE}:FakeReducer",
        settings=settings and f"{_HERE}:{settings}",
    )


def sums(*, needs: frozenset[Capability] = frozenset(), name: str = "sums") -> DatasetOffer:
    """An offer of FakeDataset."""
    return DatasetOffer(
        name=name,
        summary="Sums.",
        target=f"{_HERE}:FakeDataset",
        settings=f"{_HERE}:DataSettings",
        evaluator="same",
        needs=needs,
    )


OFFERS: tuple[Offer, ...] = (
    backend("chatty", _CHAT),
    backend("texty", _TEXT),
    backend("still", {Capability.CHAT: Support.FULL}),
    sums(),
    DatasetOffer(
        name="talks",
        summary="Dialogues.",
        target=f"{_HERE}:FakeDialogue",
        evaluator="same",
        dialogue=True,
    ),
    DatasetOffer(
        name="diary",
        summary="Rows that build on others.",
        target=f"{_HERE}:FakeDiary",
        evaluator="same",
        dialogue=True,
    ),
    sums(name="chat-only", needs=frozenset({Capability.CHAT})),
    EvaluatorOffer(
        name="same",
        summary="Same text.",
        target=f"{_HERE}:FakeEvaluator",
        settings=f"{_HERE}:EvaluatorSettings",
    ),
    reducer("accuracy"),
    reducer("pass@k", "KSettings"),
    reducer("avg@n", "NSettings"),
    reducer("g-pass@k_tau", "TauSettings"),
    SummarizerOffer(
        name="table",
        summary="A table.",
        target=f"{_HERE}:FakeSummarizer",
        settings=f"{_HERE}:TableSettings",
        default=True,
    ),
    SummarizerOffer(name="silent", summary="Nothing.", target=f"{_HERE}:FakeSummarizer"),
    TemplateOffer(
        name="chat",
        summary="Messages.",
        target="aisbench.prompting.templates:ChatTemplate",
        settings="aisbench.prompting.templates:ChatSettings",
        form=Capability.CHAT,
    ),
    TemplateOffer(
        name="text",
        summary="A string.",
        target="aisbench.prompting.templates:TextTemplate",
        settings="aisbench.prompting.templates:TextSettings",
        form=Capability.TEXT,
    ),
    RetrieverOffer(
        name="fixed",
        summary="The first.",
        target="aisbench.prompting.retrievers:FixedRetriever",
        settings="aisbench.prompting.retrievers:FixedSettings",
    ),
    RetrieverOffer(
        name="random",
        summary="Drawn.",
        target="aisbench.prompting.retrievers:RandomRetriever",
    ),
)


def listed(offer: Offer, dist: str = DIST) -> Listed:
    """An offer as discovery would list it."""
    return Listed(offer=offer, plugin="fake", dist=dist, version="1.0")


def catalog(*more: Listed) -> Catalog:
    """The fake offers, and more."""
    return Catalog(
        listed=(*(listed(one) for one in OFFERS), *more), broken=(), known=frozenset({DIST})
    )


# -- suites

GOOD = """\
[suite]
name = "demo"

[models.m1]
backend = "chatty"
url = "http://127.0.0.1:8000"

[datasets.d1]
dataset = "sums"
path = "sums.jsonl"
"""


def source_of(text: str, base: Path = Path("/suites")) -> Source:
    """A suite as if read from ``suite.toml``."""
    return Source(tables=tomli.loads(text), text=text, name="suite.toml", base=base)


def plan_of(text: str, found: Catalog | None = None, base: Path = Path("/suites")) -> Plan:
    """The plan of a suite's text against the fake catalog."""
    return make_plan(source_of(text, base=base), found or catalog())
