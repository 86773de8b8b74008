"""Each check finds what it is there for: plugins that do one thing wrong."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import frozen

from aisbench.api import (
    AisbenchError,
    BackendOffer,
    Capability,
    ClosedLoop,
    DataError,
    Decoder,
    Fault,
    FaultKind,
    Figure,
    HttpRequest,
    JsonObject,
    LoadContext,
    LoadShapeOffer,
    ModelDescription,
    OpenLoop,
    Prompt,
    Request,
    Response,
    Sample,
    Score,
    ScoreGroup,
    SuiteResult,
    Summary,
    Support,
    Transcript,
    Variant,
    Verdict,
    VirtualClient,
    above,
    setting,
)
from aisbench.plugins.discovery import discover
from aisbench_testkit import canned
from aisbench_testkit.checks import (
    backend,
    damage,
    dataset,
    evaluator,
    importing,
    imports,
    local,
    observer,
    prompting,
    reducer,
    shape,
    summarizer,
)
from aisbench_testkit.checks.backend import Recorded
from aisbench_testkit.checks.offers import check_offer
from aisbench_testkit.checks.settings import check_settings
from aisbench_testkit.checks.trial import NotChecked

OFFER = BackendOffer(
    name="x", summary="A wire.", target="x:y", capabilities={Capability.TEXT: Support.FULL}
)
SECOND = 1_000_000_000
REQUESTS = canned.requests(OFFER)


class GoodDecoder:
    def __init__(self) -> None:
        self.status, self.body = 0, b""

    answer_begun = False

    def start(self, status: int, content_type: str) -> None:
        self.status = status

    def feed(self, data: bytes) -> int:
        self.body += data
        return 0

    def finish(self) -> Response:
        if self.status != 200:
            return _fault(FaultKind.HTTP, self.status)
        try:
            answer = json.loads(self.body)["answer"]
        except Exception:  # noqa: BLE001 - whatever is wrong with it, it is no answer
            return _fault(FaultKind.PROTOCOL, None)
        return Response(text=answer)


def _fault(kind: FaultKind, status: int | None) -> Response:
    return Response(fault=Fault(kind=kind, message="no", status=status))


class GoodBackend:
    def refused(self, generation: JsonObject) -> Mapping[str, str]:
        return {}

    def encode(self, request: Request) -> HttpRequest:
        body = json.dumps([request.prompt.text, request.generation], ensure_ascii=False)
        return HttpRequest(method="POST", path="/ask", body=body.encode())

    def decoder(self, request: Request) -> Decoder:
        return GoodDecoder()

    def models_request(self) -> HttpRequest | None:
        return HttpRequest(method="GET", path="/models")

    def parse_models(self, body: bytes) -> Sequence[str]:
        raise ValueError("no list")


def test_a_good_backend_has_no_problem() -> None:
    made = GoodBackend()
    assert backend.check_encode(GoodBackend, REQUESTS) == []
    assert backend.check_generation(GoodBackend, REQUESTS[0]) == []
    assert backend.check_junk(made, REQUESTS[0]) == []
    assert backend.check_errors(made, REQUESTS[0]) == []
    assert backend.check_models(made) == []
    answer = Recorded(request=REQUESTS[0], body=b'{"answer": "\xc3\xa4"}', text="ä")
    assert backend.check_recorded(made, answer) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"path": "ask"}, 'must start with "/"'),
        ({"path": "/a b"}, "the path"),
        ({"method": "post"}, "the method"),
        ({"body": "text"}, "not bytes"),
        ({"headers": {"Host": "x"}}, "the engine's to set"),
        ({"headers": {"X": "a\r\nb"}}, "HTTP cannot carry"),
        ({"body": b"{}"}, "leaves the prompt out"),
    ],
)
def test_bad_http_is_found(changes: dict[str, Any], words: str) -> None:
    class Bad(GoodBackend):
        def encode(self, request: Request) -> HttpRequest:
            return attrs.evolve(super().encode(request), **changes)

    assert any(words in one for one in backend.check_encode(Bad, REQUESTS))


def test_bytes_that_change_are_found() -> None:
    class Bad(GoodBackend):
        def encode(self, request: Request) -> HttpRequest:
            headers = {"X-Id": str(random.random())}
            return attrs.evolve(super().encode(request), headers=headers)

    assert any("second time" in one for one in backend.check_encode(Bad, REQUESTS))


def test_a_dropped_setting_is_found() -> None:
    class Bad(GoodBackend):
        def encode(self, request: Request) -> HttpRequest:
            kept = {key: item for key, item in request.generation.items() if key != "top_p"}
            return super().encode(attrs.evolve(request, generation=kept))

    (problem,) = backend.check_generation(Bad, REQUESTS[0])
    assert problem.startswith("generation.top_p is dropped")


class _Decoding(GoodBackend):
    def __init__(self, cls: type[GoodDecoder]) -> None:
        self.cls = cls

    def decoder(self, request: Request) -> Decoder:
        return self.cls()


class Raises(GoodDecoder):
    def finish(self) -> Response:
        return Response(text=json.loads(self.body)["answer"])


class Silent(GoodDecoder):
    def finish(self) -> Response:
        return Response(text=self.body.decode("utf-8", "replace"))


class CutsCharacters(GoodDecoder):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def feed(self, data: bytes) -> int:
        self.text += data.decode("utf-8", "replace")
        return 0

    def finish(self) -> Response:
        self.body = self.text.encode()
        return super().finish()


class CountsBytes(GoodDecoder):
    def feed(self, data: bytes) -> int:
        super().feed(data)
        return None  # type: ignore[return-value]


def test_bad_decoders_are_found() -> None:
    request = REQUESTS[0]
    assert any("raises" in one for one in backend.check_junk(_Decoding(Raises), request))
    assert any("raises" in one for one in backend.check_errors(_Decoding(Raises), request))
    junk = backend.check_junk(_Decoding(Silent), request)
    assert any("counts as an answer" in one for one in junk)
    assert any(
        "count of events" in one for one in backend.check_junk(_Decoding(CountsBytes), request)
    )
    errors = backend.check_errors(_Decoding(Silent), request)
    assert any("status 500" in one and "must be a Fault" in one for one in errors)
    answer = Recorded(request=request, body='{"answer": "ä"}'.encode(), text="ä")
    assert backend.check_recorded(_Decoding(CutsCharacters), answer)
    assert any(
        "counts as a whole answer" in one
        for one in backend.check_recorded(_Decoding(Silent), answer)
    )


def test_a_list_of_models_that_raises_otherwise_is_found() -> None:
    class Bad(GoodBackend):
        def parse_models(self, body: bytes) -> Sequence[str]:
            return [one["id"] for one in json.loads(body)["data"]]

    assert any("KeyError" in one for one in backend.check_models(Bad()))


# -- data sets


class Rows:
    rows: Sequence[Sample] = tuple(Sample(id=str(n), fields={"q": f"{n}?"}) for n in range(3))
    pool: Sequence[Sample] = (Sample(id="e", fields={"q": "e?"}),)
    variant = Variant(template="text", prompt={"question": "{q}"}, source="own")

    def variants(self) -> Mapping[str, Variant]:
        return {"0-shot": self.variant}

    def files(self) -> Sequence[Path]:
        return [Path(__file__)]

    def samples(self) -> Sequence[Sample]:
        return self.rows

    def examples(self) -> Sequence[Sample]:
        return self.pool


def _rows(**changes: Any) -> Rows:
    made = Rows()
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def test_a_good_data_set_has_no_problem() -> None:
    made, catalog = Rows(), discover()
    assert dataset.check_variants(made, catalog) == []
    assert dataset.check_files(made) == []
    assert dataset.check_samples(Rows) == []
    assert dataset.check_examples(made, 1) == []
    assert dataset.check_render(made, catalog) == []


def test_bad_data_sets_are_found() -> None:
    catalog = discover()

    def variants(**changes: Any) -> str:
        made = _rows(variant=attrs.evolve(Rows.variant, **changes))
        return "\n".join(dataset.check_variants(made, catalog))

    assert "shots = 2" in variants(shots=2)
    assert "source" in variants(source=" ")
    assert "template 'txet', which is not installed" in variants(template="txet")
    assert "is not a file" in dataset.check_files(_rows(files=lambda: [Path("not-there")]))[0]
    twice = [Sample(id="1"), Sample(id="1")]
    assert "2 rows with the id '1'" in dataset.check_samples(lambda: _rows(rows=twice))[0]
    assert "is empty" in dataset.check_samples(lambda: _rows(rows=()))[0]
    odd = [Sample(id="1", target=float("nan"))]
    assert "JSON" in dataset.check_samples(lambda: _rows(rows=odd))[0]
    ids = iter(range(99))
    unstable = dataset.check_samples(lambda: _rows(rows=[Sample(id=str(next(ids)))]))
    assert "other ids" in unstable[0]
    assert "also a question" in dataset.check_examples(_rows(pool=Rows.rows), 1)[0]
    assert "the pool holds 1" in dataset.check_examples(Rows(), 2)[0]
    bare = _rows(rows=[*Rows.rows, Sample(id="bare")])
    assert "DataError" in dataset.check_render(bare, catalog)[0]
    constant = _rows(variant=attrs.evolve(Rows.variant, prompt={"question": "?"}))
    assert "the same prompt of every row" in dataset.check_render(constant, catalog)[0]


def test_damaged_files_that_go_unnoticed_are_found(tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"q": "1"}\n{"q": "2"}\n')

    def damaged(read: Callable[[str], object], scratch: str) -> str:
        def made(path: Path) -> Any:
            def rows() -> list[Sample]:
                read(path.read_text("utf-8") if path.is_file() else "")
                return [Sample(id="1")]

            return _rows(samples=rows, files=lambda: [path])

        (tmp_path / scratch).mkdir()
        return "\n".join(damage.check_damaged(made, source, tmp_path / scratch))

    careless = damaged(lambda text: None, "careless")
    assert "rows.jsonl, which is empty, is read without an error" in careless
    assert "ends within its last row, is read without an error" in careless
    assert "is not UTF-8, raises UnicodeDecodeError" in careless
    crashing = damaged(lambda text: [json.loads(line) for line in text.splitlines()], "crashing")
    assert "ends within its last row, raises JSONDecodeError" in crashing

    def refuse(text: str) -> None:
        if text != source.read_text():
            raise DataError("the file is bad")

    assert "an error that does not name it: the file is bad" in damaged(refuse, "nameless")


def test_a_data_set_without_its_data_is_not_checked() -> None:
    def missing() -> Sequence[Path]:
        raise DataError("the folder is empty")

    with pytest.raises(NotChecked, match="the folder is empty"):
        dataset.needs_data(_rows(files=missing))


def test_templates_and_retrievers() -> None:
    class Fixed:
        def render(self, sample: Sample, shots: Sequence[Sample]) -> Prompt:
            return Prompt(text="?")

        def pick(
            self, sample: Sample, pool: Sequence[Sample], count: int, seed: int
        ) -> Sequence[Sample]:
            return random.sample(list(pool), min(count, len(pool)))

    assert "does not raise DataError" in prompting.check_template(Fixed(), Capability.TEXT)[-1]
    assert "offer says chat" in prompting.check_template(Fixed(), Capability.CHAT)[0]
    assert any("same arguments" in one for one in prompting.check_retriever(Fixed()))


# -- scores and figures


def test_bad_evaluators_are_found() -> None:
    sample = Sample(id="1", target="18")

    def found(score: Any) -> str:
        class Bad:
            def score(self, sample: Sample, transcript: Transcript) -> Score:
                made: Score = score(transcript.response.text)
                return made

        return "\n".join(evaluator.check_answers(Bad, sample, canned.ANSWERS[:6]))

    right, wrong = Verdict.RIGHT, Verdict.WRONG
    assert found(lambda text: Score(value=0.0, verdict=wrong, extracted=text)) == ""
    assert "not in 0..1" in found(lambda _: Score(value=100.0, verdict=right))
    assert "with the value 1" in found(lambda _: Score(value=1.0, verdict=wrong))
    assert "core alone" in found(lambda _: Score(value=0.0, verdict=Verdict.FAILED))
    unparsed = Verdict.UNPARSED
    assert "unparsed" in found(lambda _: Score(value=0.0, verdict=unparsed, extracted="1"))
    assert "raises IndexError" in found(lambda text: text.split()[0])
    chance = lambda _: Score(value=random.random(), verdict=wrong)  # noqa: E731
    assert "gives another score" in found(chance)


def test_references_that_only_score_refuses_are_found() -> None:
    sample = Sample(id="1", target="18")

    class Late:
        def score(self, sample: Sample, transcript: Transcript) -> Score:
            if not isinstance(sample.target, str):
                raise DataError("no text")
            right = sample.target == "18"
            return Score(value=float(right), verdict=Verdict.RIGHT if right else Verdict.WRONG)

    class Early(Late):
        def check(self, sample: Sample) -> None:
            self.score(sample, evaluator.transcript(""))

    class Lax(Late):
        def check(self, sample: Sample) -> None:
            if sample.target is True:
                raise DataError(" ")
            if sample.target == []:
                raise KeyError("target")

    assert evaluator.check_references(Early(), sample) == []
    assert "there is no check()" in evaluator.check_references(Late(), sample)[0]
    lax = "\n".join(evaluator.check_references(Lax(), sample))
    assert "which check() lets pass" in lax
    assert "without a sentence" in lax
    assert "raises KeyError" in lax


def test_bad_reducers_are_found() -> None:
    def found(**changes: Any) -> str:
        class Bad:
            def reduce(self, groups: Sequence[ScoreGroup]) -> Sequence[Figure]:
                if not groups and not changes.get("empty"):
                    raise ValueError("no scores")
                values: dict[str, Any] = {"name": "x", "value": 50.0, "unit": "%"}
                values["n"] = len(groups)
                if changes.get("first"):
                    values["value"] = groups[0].scores[0].value * 100
                return [Figure(**{**values, **changes.get("figure", {})})]

        return "\n".join(reducer.check_reducer(Bad()))

    assert found() == ""
    assert "does not raise ValueError" in found(empty=True)
    assert "leaves 0..100 %" in found(figure={"value": 120.0})
    assert "not finite" in found(figure={"value": float("nan")})
    assert "outside 60..70" in found(figure={"low": 60.0, "high": 70.0, "method": "m"})
    assert "says n = 7000" in found(figure={"n": 7000})
    assert "None means unknown" in found(figure={"stderr": float("nan")})
    assert "order of the samples" in found(first=True)


def test_bad_summarizers_are_found() -> None:
    def found(act: Any) -> str:
        class Bad:
            def summarize(self, results: SuiteResult, folder: Path, width: int) -> Summary:
                made: Summary = act(results, folder)
                return made

        return "\n".join(summarizer.check_summarizer(Bad))

    def file(results: SuiteResult, folder: Path) -> Summary:
        (folder / "a.json").write_text("{}")
        return Summary(files=(folder / "a.json",))

    assert found(file) == ""

    def outside(results: SuiteResult, folder: Path) -> Summary:
        (folder.parent / f"{results.name}-{len(results.tasks)}.txt").write_text("")
        return Summary(text="")

    assert "writes outside its folder" in found(outside)

    def unnamed(results: SuiteResult, folder: Path) -> Summary:
        (folder / "b.csv").write_text("nan")
        return Summary(text=str(results.tasks[0].figures[0].low))

    text = found(unnamed)
    assert "does not name it" in text
    assert "says 'nan'" in text
    assert "says 'None'" in text
    assert "raises IndexError" in text


# -- settings and packaging


def test_bad_settings_are_found() -> None:
    @frozen
    class Bad:
        plain: int = 3
        silent: int = setting(default=1, help="")
        low: float = setting(default=-1.0, help="A number.", check=above(0))
        names: list[str] = setting(factory=list, help="Names.")
        nothing: int = setting(default=None, help="A number.")
        url: str = setting(default="", help="Taken.")

    problems = "\n".join(check_settings(Bad, OFFER))
    assert "Bad.plain is not made by aisbench.api.setting()" in problems
    assert "Bad.silent has no help" in problems
    assert "Bad.low: its own default must be above 0" in problems
    assert "Bad.names has the type list[str]" in problems
    assert "Bad.nothing defaults to None" in problems
    assert "Bad.url: every backend has a key of that name" in problems
    assert "is not an attrs class" in check_settings(int, OFFER)[0]


def test_bad_imports_are_found() -> None:
    text = (
        "import aisbench.plugins\nfrom aisbench import base, api\nimport aisbench_plugin_b.x\n"
        "import importlib\nimportlib.import_module('aisbench.base.sse')\n"
        "from aisbench.api import x\n"
        "import aisbench_plugin_a.y\n"
    )
    problems = imports.check_source(text, "f.py", "aisbench_plugin_a")
    assert [one.split(" ")[0] for one in problems] == ["f.py:1", "f.py:2", "f.py:3", "f.py:5"]


def test_a_heavy_import_is_found_with_its_place() -> None:
    assert importing.check_light("aisbench.builtin") == []
    (problem,) = [
        one for one in importing.check_light("pytest") if "brings in pluggy" in one
    ] or importing.check_light("aisbench_testkit.plugin")[:1]
    assert "brings in" in problem and "asked for in" in problem
    assert "raises ModuleNotFoundError" in importing.check_light("not_there_at_all")[0]


class GoodShape:
    def schedule(self, context: LoadContext) -> OpenLoop | ClosedLoop:
        chance = random.Random(context.seed)
        due = sorted(chance.randrange(SECOND) for _ in range(context.requests or 9))
        return OpenLoop(due_ns=due, rows=[0] * len(due))


class Scheduled:
    """Gives a schedule made in advance."""

    def __init__(self, schedule: Any) -> None:
        self._schedule = schedule

    def schedule(self, context: LoadContext) -> Any:
        return self._schedule


class Restless:
    def schedule(self, context: LoadContext) -> OpenLoop:
        return OpenLoop(due_ns=[random.randrange(SECOND)])


class Refusing:
    def schedule(self, context: LoadContext) -> OpenLoop:
        raise DataError("the rate is 0")


def test_good_shapes_have_no_problem() -> None:
    assert shape.check_shape(GoodShape) == []
    assert shape.check_shape(lambda: Scheduled(ClosedLoop(clients=[VirtualClient()]))) == []


@pytest.mark.parametrize(
    ("schedule", "words"),
    [
        (OpenLoop(due_ns=[]), "is empty"),
        (OpenLoop(due_ns=[2, 1]), "not in order"),
        (OpenLoop(due_ns=[-1, 1]), "before the start"),
        (OpenLoop(due_ns=[0, 30 * SECOND]), "beyond context.horizon_ns"),
        (OpenLoop(due_ns=[0] * 31), "has 31 instants"),
        (OpenLoop(due_ns=[0.5]), "not whole numbers"),  # type: ignore[list-item]
        (OpenLoop(due_ns=[1], rows=[0, 1]), "2 rows for 1 instants"),
        (OpenLoop(due_ns=[1], rows=[40]), "rows that the data set does not have"),
        (ClosedLoop(clients=[]), "no client"),
        (ClosedLoop(clients=[VirtualClient(5)]), "begins with no client"),
        (ClosedLoop(clients=[VirtualClient(0, 0)]), "a client from 0 to 0 ns"),
        ([1, 2], "returns list"),
    ],
)
def test_bad_schedules_are_found(schedule: Any, words: str) -> None:
    problems = shape.check_shape(lambda: Scheduled(schedule))
    assert any(words in one for one in problems), problems


def test_shapes_that_differ_each_time_are_found() -> None:
    problems = shape.check_shape(Restless)
    assert any("the random module itself" in one for one in problems)
    assert any("another the second time" in one for one in problems)


def test_a_shape_that_refuses_everything_is_not_checked() -> None:
    with pytest.raises(NotChecked, match="the rate is 0"):
        shape.check_shape(Refusing)


def test_a_strength_that_is_no_number_is_found() -> None:
    listed = discover().find(LoadShapeOffer, "gamma")[1]
    assert check_offer(listed) == []
    for wrong in ("rescale", "speed"):
        offer = attrs.evolve(listed.offer, strength=wrong)
        (problem,) = check_offer(attrs.evolve(listed, offer=offer))
        assert f"the strength {wrong!r} of gamma" in problem


def test_token_ids_that_are_left_out_are_found() -> None:
    offer = attrs.evolve(OFFER, capabilities={Capability.TOKENS: Support.FULL})
    requests = canned.requests(offer)
    assert len(requests) == 2

    class Forgetful(GoodBackend):
        def encode(self, request: Request) -> HttpRequest:
            return HttpRequest(method="POST", path="/x", body=b"{}")

    assert "leaves the prompt's token ids out" in "".join(
        backend.check_encode(Forgetful, requests)
    )


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ([{"weights": "a"}, {"weights": "a"}], ""),
        ([{"weights": "a"}, {"weights": "b"}], "another model the second time"),
        ([{}, {}], "nothing tells two models apart"),
        ([{"weights": ""}, {"weights": ""}], "empty digest or name"),
    ],
)
def test_a_model_that_is_not_told_apart_is_found(told: list[dict[str, str]], said: str) -> None:
    class Model:
        def refused(self, generation: JsonObject) -> Mapping[str, str]:
            return {}

        def files(self) -> Sequence[Path]:
            return ()

        def open(self) -> str:
            return "m"

        def answer(self, requests: Sequence[Request]) -> Any:
            return iter(())

        def close(self) -> None:
            return None

        def check(self, prompts: Sequence[Prompt]) -> None:
            return None

        def describe(self) -> ModelDescription:
            return ModelDescription(fingerprint=told.pop(0))

    problems = local.check_description(Model())
    assert said in "\n".join(problems)
    assert bool(problems) is bool(said)


def test_bad_observers_are_found() -> None:
    class Quiet:
        def begin(self, start: Any) -> None: ...
        def task(self, result: Any) -> None: ...
        def load(self, result: Any) -> None: ...
        def summary(self, results: Any, files: Any) -> None: ...
        def end(self, end: Any) -> None: ...

    class Lacking:
        def begin(self, start: Any) -> None: ...

    class Failing(Quiet):
        def task(self, result: Any) -> None:
            raise KeyError(result.model)

    class Outside(Quiet):
        def begin(self, start: Any) -> None:
            (start.path / "mine.txt").write_text("")

    class Refusing(Quiet):
        def begin(self, start: Any) -> None:
            raise AisbenchError("no server is named")

    assert observer.check_observer(Quiet) == []
    (lacking,) = observer.check_observer(Lacking)  # type: ignore[arg-type]
    assert lacking == "it has no method task, load, summary, end"
    assert "task() of two tasks raises KeyError" in "\n".join(observer.check_observer(Failing))
    assert "writes outside its folder" in "\n".join(observer.check_observer(Outside))
    with pytest.raises(NotChecked, match="no server is named"):
        observer.check_observer(Refusing)
