"""Rows and examples, as they are made ready before anything is sent."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_fakes import GOOD, EvaluatorSettings, FakeDataset, FakeEvaluator, plan_of

from aisbench.base.errors import DataError, PluginError
from aisbench.config.plan import Plan
from aisbench.conversation.asking import Asker
from aisbench.conversation.choosing import even_shares
from aisbench.conversation.prepare import Rows, keep_media, prepare, write_samples
from aisbench.conversation.references import check_references
from aisbench.store.held import HeldFields
from aisbench.store.rows import dump_row
from aisbench.store.run import RunFolder
from aisbench.tokens.exact_text import LazyRows
from aisbench.types.sample import Sample


class Table(FakeDataset):
    """Rows that a test gives."""

    def __init__(self, samples: Sequence[Sample], examples: Sequence[Sample] = ()) -> None:
        self._samples, self._examples = samples, examples

    def files(self) -> Sequence[Any]:
        return ()

    def samples(self) -> Sequence[Sample]:
        return self._samples

    def examples(self) -> Sequence[Sample]:
        return self._examples


def planned(dataset: Table, more: str = "", evaluator: object = None, **offer: Any) -> Plan:
    """GOOD's plan with another data set, and perhaps another evaluator."""
    plan = plan_of(GOOD + more)
    (task,) = plan.tasks
    own = attrs.evolve(
        task.dataset, dataset=dataset, offer=attrs.evolve(task.dataset.offer, **offer)
    )
    made = attrs.evolve(
        task.required_evaluator, instance=evaluator or FakeEvaluator(EvaluatorSettings())
    )
    return attrs.evolve(plan, tasks=(attrs.evolve(task, dataset=own, evaluator=made),))


def asked(**fields: Any) -> Sample:
    """A row."""
    fields = {"answer": "B", **fields}
    return Sample(id=fields.pop("id", "q"), fields=fields, target=fields["answer"])


# -- few-shot examples


CHOICES = (
    'template = "chat"\nshots = 1\n'
    'prompt = { user = "About {part}.\\n{question}\\n{options}\\nAnswer:", '
    'assistant = "{answer}" }\n'
)
TEST = asked(
    id="t1", question="Which city is the capital of Wexland?", options="A. Orm\nB. Tal",
    part="cities", answer="B",
)  # fmt: skip
OTHER = asked(id="e8", question="Which sea?", options="A. Ulm\nB. Ost", part="", answer="B")


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"id": "t1"},
        {"answer": "b"},
        {"answer": "Tal", "explanation": "as all know"},
        {"part": "other cities"},
        {"question": "which city is the CAPITAL of wexland?"},
        {"question": "Which city is the capital of Wexland"},
        {"question": " “Which city is the capital\tof  Wexland?”\n"},
        {"question": "Which city\nis the capital\nof Wexland ?"},
        {"question": "Ｗｈｉｃｈ city is the capital of Wexland？"},
        {"question": "Which city is the capital of Wexland!"},
        {"options": "A. orm.\nB. tal."},
        {"options": "A. Tal\nB. Orm"},
        {"options": "A) Orm\nB) Tal"},
        {"options": "A.  Orm \nB.\tTal\n"},
    ],
)
def test_the_asked_question_is_no_example(
    changes: Mapping[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    same = asked(**{"id": "e7", **TEST.fields, **changes})
    with caplog.at_level(logging.WARNING, "aisbench"):
        rows = prepare(planned(Table([TEST], [same, OTHER]), CHOICES))["d1"]
    assert [one.id for one in rows.examples] == ["e8"]
    assert rows.left_out == 1
    assert "datasets.d1: 1 of 2 few-shot examples are left out" in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        {"question": "Which city is the capital of Estland?"},
        {"question": "Which city is no capital of Wexland?"},
        {"options": "A. Orm\nB. Ost"},
        {"options": "A. Orm\nB. Tal\nC. Ost"},
        {"options": "A. 5\nB. -5"},
        {"options": ""},
    ],
)
def test_another_question_may_be_shown(changes: Mapping[str, str]) -> None:
    other = asked(**{"id": "t1", **TEST.fields, **changes})
    assert prepare(planned(Table([TEST], [other]), CHOICES))["d1"].examples == [other]


@pytest.mark.parametrize(("one", "other"), [("5", "-5"), ("5!", "5"), ("[0, 1)", "(0, 1)")])
def test_signs_and_brackets_count(one: str, other: str) -> None:
    table = Table([asked(question=one)], [asked(question=other)])
    assert len(prepare(planned(table, "shots = 1\n"))["d1"].examples) == 1


def test_too_few_examples_are_told_before_anything_is_sent() -> None:
    same = attrs.evolve(TEST, id="e7")
    table = Table([TEST], [same, same, OTHER])
    assert len(prepare(planned(table, CHOICES))["d1"].examples) == 1
    with pytest.raises(DataError) as error:
        prepare(planned(table, CHOICES.replace("shots = 1", "shots = 2")))
    assert error.value.message == (
        "datasets.d1: 2 few-shot examples are asked for, and the pool holds 1; 2 hold a question "
        "that is asked, and are left out"
    )


def test_each_part_has_a_pool_that_must_do() -> None:
    rows = [attrs.evolve(TEST, id=part, part=part) for part in ("a", "b")]
    pool = [
        attrs.evolve(OTHER, id=f"e{n}", part=part, fields={**OTHER.fields, "question": f"{n}?"})
        for n, part in enumerate("aab")
    ]
    with pytest.raises(DataError, match="the pool of part 'b' holds 1"):
        prepare(planned(Table(rows, pool), CHOICES.replace("shots = 1", "shots = 2")))
    prepare(planned(Table(rows[:1], pool), CHOICES.replace("shots = 1", "shots = 2")))


def test_an_example_that_is_named_and_left_out() -> None:
    same = attrs.evolve(TEST, id="e7")
    text = CHOICES + 'retriever = "fixed"\nretrieval = { ids = ["e7"] }\n'
    with pytest.raises(DataError) as error:
        prepare(planned(Table([TEST], [same, OTHER]), text))
    assert "no few-shot example e7; 1 hold a question that is asked" in error.value.message


NOISE = st.sampled_from(["", " ", "\n", "  \t", ".", "?", "”", " ."])


@given(st.text(alphabet="abAB 1-(", min_size=1), st.text(alphabet="cdCD 2"), NOISE)
def test_what_is_asked_is_never_shown(question: str, option: str, noise: str) -> None:
    option = f"c{option}"
    test = asked(id="t", question=question, options=f"A. {option}\nB. x", part="")
    same = asked(
        id="e", question=noise.strip("?.") + question.upper() + noise,
        options=f"A. x{noise}\nB. {option}", part="z", answer="B",
    )  # fmt: skip
    table = Table([test], [same, OTHER])
    assert same not in prepare(planned(table, CHOICES))["d1"].examples


# -- references


class Numbers(FakeEvaluator):
    """Takes numbers."""

    def __init__(self) -> None:
        super().__init__(EvaluatorSettings())

    def check(self, sample: Sample) -> None:
        if sample.target is None:
            raise RuntimeError("not asked for these")
        if not str(sample.target).isdigit():
            raise DataError(f"{sample.target!r} is no number", hint="write digits")


def row(name: str, target: Any, place: str = "") -> Sample:
    return Sample(id=name, fields={"question": name}, target=target, place=place)


ZERO = "shots = 0\n"


def test_references_that_cannot_be_read() -> None:
    rows = [row("a", "5"), row("b", "maybe", "q.jsonl:2"), row("c", "x"), row("d", None)]
    with pytest.raises(DataError) as error:
        prepare(planned(Table(rows), ZERO, Numbers()))
    assert error.value.message == (
        "datasets.d1: rows that the evaluator 'same' can never score:\n"
        "  q.jsonl:2 (sample b): 'maybe' is no number\n  sample c: 'x' is no number"
    )
    assert error.value.hint == "write digits"
    # What is not asked does not matter.
    prepare(planned(Table(rows), ZERO + "limit = 1\n", Numbers()))


def test_many_references_that_cannot_be_read_are_counted() -> None:
    rows = [row(str(n), "x") for n in range(9)]
    with pytest.raises(DataError, match="and 4 more of 9 rows"):
        prepare(planned(Table(rows), ZERO, Numbers()))


def test_single_rows_without_a_reference(caplog: pytest.LogCaptureFixture) -> None:
    rows = [row("a", "5"), *(row(f"b{n}", None) for n in range(7)), row("c", None, "q.jsonl:9")]
    with caplog.at_level(logging.WARNING, "aisbench"):
        prepare(planned(Table(rows), ZERO, Numbers()))
    assert "m1 / d1: 8 of 9 rows have no reference (b0, b1, b2, b3, b4, ...)" in caplog.text


def test_no_reference_at_all(caplog: pytest.LogCaptureFixture) -> None:
    table = Table([row("a", None), row("b", None)])
    with pytest.raises(DataError, match="no row has a reference, which the evaluator 'same'"):
        prepare(planned(table, ZERO, Numbers()))
    # Of such data sets an evaluation server keeps them.
    prepare(planned(table, ZERO, Numbers(), submits=True))
    assert "2 of 2 rows have no reference" in caplog.text


def test_an_evaluator_that_uses_none() -> None:
    plan = planned(Table([row("a", None)]), ZERO)
    (task,) = plan.tasks
    offer = attrs.evolve(task.required_evaluator.listed.offer, reference="unused")
    listed = attrs.evolve(task.required_evaluator.listed, offer=offer)
    unused = attrs.evolve(task, evaluator=attrs.evolve(task.required_evaluator, listed=listed))
    check_references(unused, [row("a", None)])
    broken = attrs.evolve(
        unused, evaluator=attrs.evolve(unused.required_evaluator, instance=Numbers())
    )
    with pytest.raises(PluginError, match="fails to check sample a: RuntimeError: not asked"):
        check_references(broken, [row("a", None)])


def test_a_performance_run_judges_nothing() -> None:
    plan = planned(Table([row("a", "x"), row("b", None)]), ZERO, Numbers())
    suite = attrs.evolve(plan.suite.suite, mode="performance")
    prepare(attrs.evolve(plan, suite=attrs.evolve(plan.suite, suite=suite)))


def test_places_are_not_kept_in_the_run(tmp_path: Any) -> None:
    run = RunFolder(tmp_path)
    rows = Rows(samples=[row("a", "5", "/home/me/q.jsonl:1")], examples=(), checksums={})
    write_samples(run, {"d1": rows})
    assert "/home/me" not in run.samples("d1").read_text()


class Text(str):
    """Knows how many of its kind there are."""

    alive: ClassVar[weakref.WeakSet[Text]] = weakref.WeakSet()

    def __init__(self, text: str) -> None:
        self.alive.add(self)


def test_rows_that_are_made_when_they_are_read_are_never_all_in_memory(tmp_path: Any) -> None:
    """From choosing to the run's file."""
    most = [0]

    def make(number: int) -> Sample:
        made = Sample(id=f"r{number}", fields={"question": Text(f"q{number}")}, target="5")
        most[0] = max(most[0], len(Text.alive))
        return made

    plan = planned(Table(LazyRows(range(100), make)), ZERO, Numbers())
    rows = prepare(plan)
    run = RunFolder(tmp_path)
    kept = keep_media(run, rows)
    write_samples(run, kept, hold=True)
    assert [one.id for one in kept["d1"].samples] == [f"r{number}" for number in range(100)]
    assert most[0] < 10


def test_long_rows_stay_in_the_runs_file_alone(tmp_path: Any) -> None:
    long = "long ü " * 10_000
    samples = [
        Sample(id=name, fields={"question": name, "context": f"{name} {long}"}) for name in "abc"
    ]
    run = RunFolder(tmp_path)
    rows = {"d1": Rows(samples=list(samples), examples=(), checksums={})}
    write_samples(run, rows, hold=True)
    assert all(isinstance(one.fields, HeldFields) for one in rows["d1"].samples)
    assert rows["d1"].samples == samples
    assert run.samples("d1").read_bytes() == b"".join(map(dump_row, samples))


# -- the rows of a limit


@given(st.lists(st.integers(0, 30), max_size=8), st.integers(1, 100))
def test_shares_are_even_and_all_of_the_limit(sizes: list[int], limit: int) -> None:
    shares = even_shares(sizes, limit)
    assert sum(shares) == min(limit, sum(sizes))
    assert all(0 <= share <= size for share, size in zip(shares, sizes, strict=True))
    # Who could have given more gave as much as any other, but for one.
    able = [share for share, size in zip(shares, sizes, strict=True) if share < size]
    assert all(share >= max(shares) - 1 for share in able)
    assert able == sorted(able, reverse=True)


def in_parts(**sizes: int) -> list[Sample]:
    return [
        Sample(id=f"{part}{n}", part=part, fields={"answer": "5"}, target="5")
        for part, size in sizes.items()
        for n in range(size)
    ]


@pytest.mark.parametrize("more", ["", "shuffle = true\n"])
def test_a_limit_takes_as_many_of_each_part(more: str) -> None:
    table = Table(in_parts(law=30, art=2, sea=30))
    rows = prepare(planned(table, ZERO + "limit = 12\n" + more, Numbers()))["d1"].samples
    count = {part: sum(row.part == part for row in rows) for part in ("law", "art", "sea")}
    assert count == {"law": 5, "art": 2, "sea": 5}
    # In the data set's order, drawn or not.
    order = [row.id for row in table.samples()]
    assert [row.id for row in rows] == sorted((row.id for row in rows), key=order.index)
    first = [row.id for row in rows if row.part == "law"] == [f"law{n}" for n in range(5)]
    assert first is not bool(more)


def test_a_limit_below_the_number_of_parts_takes_one_each_of_the_first() -> None:
    table = Table(in_parts(a=3, b=3, c=3))
    rows = prepare(planned(table, ZERO + "limit = 2\n", Numbers()))["d1"].samples
    assert [row.id for row in rows] == ["a0", "b0"]


def test_a_limit_of_rows_without_parts_takes_the_first() -> None:
    table = Table([row(str(n), "5") for n in range(9)])
    rows = prepare(planned(table, ZERO + "limit = 4\n", Numbers()))["d1"].samples
    assert [one.id for one in rows] == ["0", "1", "2", "3"]


# -- the version of a data set


def test_keys_of_requests_hold_a_version_where_there_is_one() -> None:
    def key(**offer: Any) -> str:
        rows = Table([asked(question="Why?")])
        (task,) = planned(rows, **offer).tasks
        asker = Asker(
            task=attrs.evolve(task, shots=0, retriever=None),
            rows=Rows(samples=rows.samples(), examples=(), checksums={}),
            seed=0,
            model="m",
        )
        return asker.begin(rows.samples()[0], 0).request().key

    assert key() == key(version=None)
    assert len({key(), key(version=1), key(version=2), key(version="1")}) == 4
