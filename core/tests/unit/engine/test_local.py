"""Models in this process: all turns, every fault, stopping, resuming; nothing asked twice."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import attrs
import pytest
from local_fakes import CHOICES, LOCAL, Oracle
from unit_fakes import catalog, listed, plan_of

from aisbench.api import AisbenchError, Capability, ModelDescription, Prompt, Support
from aisbench.base.errors import AbortError, ConfigError
from aisbench.builtin import aisbench_load_shapes
from aisbench.config.plan import Plan
from aisbench.conversation.asking import Later
from aisbench.conversation.prepare import Rows
from aisbench.stages import assignments, infer_local, resuming
from aisbench.stages.infer import Inference
from aisbench.stages.preflight import check_models, check_prompts
from aisbench.stages.progress import Progress
from aisbench.store.journal import read_rows
from aisbench.store.redactor import Redactor
from aisbench.store.run import RunFolder, create_run, read_json, write_json

SUITE = """\
[suite]
name = "demo"
[models.m1]
backend = "oracle"
[datasets.d1]
dataset = "sums"
path = "sums.jsonl"
"""


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run(tmp_path, "demo")


def planned(text: str = SUITE) -> Plan:
    return plan_of(text, catalog(listed(LOCAL), listed(CHOICES)))


def rows_of(plan: Plan) -> dict[str, Rows]:
    return {
        one.name: Rows(
            samples=one.dataset.samples(), examples=one.dataset.examples(), checksums={}
        )
        for one in plan.datasets
    }


def inference(plan: Plan, run: RunFolder) -> Inference:
    return Inference(
        plan=plan, rows=rows_of(plan), run=run, session=1, progress=Progress([]),
        redactor=Redactor(),
    )  # fmt: skip


def oracle(plan: Plan) -> Oracle:
    backend = plan.models[0].backend
    assert isinstance(backend, Oracle)
    return backend


def journal(run: RunFolder, dataset: str = "d1") -> list[dict[str, Any]]:
    return list(read_rows(run.predictions("m1", dataset)))


def test_all_rows_are_asked_in_one_call_and_written_as_they_come(run: RunFolder) -> None:
    plan = planned(SUITE + "repeats = 2\n")
    stage = inference(plan, run)
    written: list[int] = []
    oracle(plan).on_answer = lambda: written.append(len(journal(run)))
    asyncio.run(stage.execute({}))
    assert oracle(plan).batches == [6]
    assert written == [1, 2, 3, 4, 5, 6]
    assert {row["url"] for row in journal(run)} == {"local:m1"}
    (task,) = stage.progress.tasks
    assert (task.done, task.failed, task.total) == (6, 0, 6)
    # All of it in one thread, which is not the display's.
    threads = {entry[1] for entry in oracle(plan).log if isinstance(entry, tuple)}
    assert len(threads) == 1
    assert threads.pop().startswith("local-model")
    assert oracle(plan).log[-1][0] == "close"


def test_turns_follow_each_other_with_the_answers_in_them(run: RunFolder) -> None:
    text = SUITE.replace('dataset = "sums"\npath = "sums.jsonl"\n', 'dataset = "talks"\n')
    plan = planned(text)
    asyncio.run(inference(plan, run).execute({}))
    assert oracle(plan).batches == [1, 1]
    second = journal(run)[1]
    # The reasoning is no part of what the first answer said.
    assert second["prompt"]["text"] == "You said hello. Why?"
    assert second["turn"] == 1


def test_rows_that_build_on_others_come_in_waves(run: RunFolder) -> None:
    text = SUITE.replace('dataset = "sums"\npath = "sums.jsonl"\n', 'dataset = "diary"\n')
    plan = planned(text)
    stage = inference(plan, run)
    asyncio.run(stage.execute({}))
    assert oracle(plan).batches == [1, 1, 2]
    prompts = {row["sample"]: row["prompt"].get("text") for row in journal(run)}
    assert prompts["b"] == "Monday; Tuesday"
    assert prompts["c"] == "Monday; Monday; Tuesday; When?"
    # What prepares is asked and stored, and is nothing that could be right.
    assert (stage.progress.tasks[0].done, stage.progress.tasks[0].scored) == (4, 2)
    again = planned(text)
    asyncio.run(inference(again, run).execute({}))
    assert oracle(again).batches == []


def test_rows_that_build_on_a_failed_one_are_not_asked(run: RunFolder) -> None:
    text = SUITE.replace('dataset = "sums"\npath = "sums.jsonl"\n', 'dataset = "diary"\n')
    plan = planned(text)
    oracle(plan).fail = {"b"}
    stage = inference(plan, run)
    asyncio.run(stage.execute({}))
    assert oracle(plan).batches == [1, 1]
    assert (stage.progress.tasks[0].done, stage.progress.tasks[0].failed) == (4, 3)
    faults = {row["sample"]: row["response"].get("fault") for row in journal(run)}
    assert {name for name, fault in faults.items() if fault} == {"b", "c", "d"}
    assert faults["c"]["kind"] == "dropped"
    again = planned(text)
    asyncio.run(inference(again, run).execute({}))
    assert oracle(again).batches == [1, 2]


def test_a_failed_request_costs_itself_alone_and_is_asked_again_on_resume(run: RunFolder) -> None:
    plan = planned()
    oracle(plan).fail = {"1"}
    stage = inference(plan, run)
    asyncio.run(stage.execute({}))
    assert stage.progress.tasks[0].failed == 1
    again = planned()
    stage = inference(again, run)
    asyncio.run(stage.execute({}))
    assert oracle(again).batches == [1]
    (reuse,) = stage.reuses
    assert (reuse.reused, reuse.failed_before) == (2, 1)


def test_another_model_is_not_taken_for_this_one(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    asyncio.run(inference(planned(), run).execute({}))
    plan = planned()
    monkeypatch.setattr(oracle(plan), "open", lambda: "oracle-2")
    asyncio.run(inference(plan, run).execute({}))
    assert oracle(plan).batches == [3]


def test_stopping_keeps_what_is_there_and_lets_go_of_the_batch(run: RunFolder) -> None:
    plan = planned()
    stage = inference(plan, run)
    oracle(plan).on_answer = stage.stop
    asyncio.run(stage.execute({}))
    assert 1 <= len(journal(run)) < 3
    assert oracle(plan).log[1:] == ["answered", oracle(plan).log[-1]]


def test_what_the_backend_raises_ends_the_run_and_frees_the_model(run: RunFolder) -> None:
    plan = planned()
    oracle(plan).break_at = 0
    with pytest.raises(RuntimeError, match="the device is gone"):
        asyncio.run(inference(plan, run).execute({}))
    assert len(journal(run)) == 2
    assert oracle(plan).log[-1][0] == "close"


def test_a_model_that_cannot_be_loaded_is_closed_as_well(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned()

    def fail() -> str:
        raise AisbenchError("models.m1.path: no such folder")

    monkeypatch.setattr(oracle(plan), "open", fail)
    with pytest.raises(AisbenchError, match="no such folder"):
        asyncio.run(inference(plan, run).execute({}))
    assert oracle(plan).log[-1][0] == "close"


def test_a_model_that_always_fails_is_given_up(run: RunFolder) -> None:
    plan = planned(SUITE.replace('name = "demo"', 'name = "demo"\nabort_after = 2'))
    oracle(plan).fail = {"0", "1", "2"}
    with pytest.raises(AbortError, match="out of memory"):
        asyncio.run(inference(plan, run).execute({}))
    assert len(journal(run)) == 2


def test_all_choices_are_asked_at_once_and_known_by_their_turn(run: RunFolder) -> None:
    plan = planned(
        SUITE + 'template = "text-choices"\nvariant = "text-0"\n'
        'prompt = { question = "Q: {question}", choices = ["yes", "no"], before = " " }\n'
    )
    asyncio.run(inference(plan, run).execute({}))
    rows = journal(run)
    assert len(rows) == 6
    assert oracle(plan).batches == [6]
    first = sorted((row for row in rows if row["sample"] == "0"), key=lambda row: row["turn"])
    assert [row["prompt"]["continuation"] for row in first] == [" yes", " no"]
    assert [row["turn"] for row in first] == [0, 1]
    assert first[0]["response"]["scored"]["logprobs"] == [-4.0]


def test_choices_that_were_scored_before_a_stop_are_not_scored_again(run: RunFolder) -> None:
    text = SUITE + 'template = "text-choices"\nvariant = "text-0"\n'
    text += 'prompt = { question = "Q: {question}", choices = ["yes", "no"] }\n'
    plan = planned(text)
    stage = inference(plan, run)
    count = 0

    def after_two() -> None:
        nonlocal count
        count += 1
        if count == 2:
            stage.stop()

    # The last of them first: of sample 2 both choices, of sample 1 the second alone.
    oracle(plan).on_answer = after_two
    asyncio.run(stage.execute({}))
    assert len(journal(run)) == 3
    again = planned(text)
    asyncio.run(inference(again, run).execute({}))
    assert oracle(again).batches == [4]


def test_choices_need_a_backend_that_tells_log_probabilities() -> None:
    offer = attrs.evolve(LOCAL, capabilities={Capability.TEXT: Support.FULL})
    text = SUITE + 'template = "text-choices"\nvariant = "text-0"\n'
    text += 'prompt = { question = "Q", choices = ["a", "b"] }\n'
    with pytest.raises(ConfigError, match="needs 'logprobs', which backend 'oracle'"):
        plan_of(text, catalog(listed(offer), listed(CHOICES)))


def test_keys_of_services_are_no_keys_of_local_models() -> None:
    with pytest.raises(ConfigError, match="concurrency"):
        planned(SUITE.replace('"oracle"', '"oracle"\nconcurrency = 3'))


def test_local_models_cannot_be_put_under_load() -> None:
    closed = next(offer for offer in aisbench_load_shapes() if offer.name == "closed")
    text = SUITE.replace('name = "demo"', 'name = "demo"\nmode = "performance"')
    with pytest.raises(ConfigError, match="only services can be put under load"):
        plan_of(text, catalog(listed(LOCAL), listed(closed)))


def test_services_beside_it_are_no_trouble() -> None:
    service = '[models.m2]\nbackend = "chatty"\nurl = "http://127.0.0.1:8000"\n'
    plan = planned(SUITE.replace("[datasets", service + "[datasets"))
    assert [model.local for model in plan.models] == [True, False]


def test_prompts_are_whole() -> None:
    with pytest.raises(ValueError, match="choices or one continuation"):
        Prompt(text="x", continuation="a", choices=("b",))
    with pytest.raises(ValueError, match="is empty"):
        Prompt(text="x", continuation="")


def session(run: RunFolder, *warnings: str, **files: str) -> tuple[Inference, Oracle]:
    """One session with a model whose files have these digests."""
    plan = planned()
    oracle(plan).description = ModelDescription(
        fingerprint=files,
        defaults={"temperature": 0.5},
        notes=("computed in halves",),
        warnings=warnings,
    )
    stage = inference(plan, run)
    asyncio.run(stage.execute({}))
    return stage, oracle(plan)


def test_answers_of_another_checkpoint_are_not_used_again(run: RunFolder) -> None:
    _, asked = session(run, weights="a", config="c")
    assert asked.batches == [3]
    again, asked = session(run, weights="a", config="c")
    assert asked.batches == []
    assert (again.reuses[0].reused, again.reuses[0].stale) == (3, 0)
    other, asked = session(run, weights="b", config="c")
    assert asked.batches == [3]
    (reuse,) = other.reuses
    assert (reuse.reused, reuse.stale) == (0, 3)
    assert reuse.why == "model m1: weights has other content"
    assert len(list(read_rows(run.predictions("m1", "d1")))) == 3
    assert len(list(read_rows(run.stale("m1", "d1")))) == 3
    # With the first weights back, so are their answers.
    back, asked = session(run, weights="a", config="c")
    assert asked.batches == []
    assert (back.reuses[0].reused, back.reuses[0].stale) == (3, 3)
    more, _ = session(run, weights="a", config="c", template="t")
    assert "template is new" in more.reuses[0].why


def test_answers_of_which_it_is_not_known_whose_they_are_are_not_used(run: RunFolder) -> None:
    """As of a run that an earlier version of the plugin made."""
    session(run)
    document = read_json(run.environment)
    del document["loaded"]
    write_json(run.environment, document)
    stage, asked = session(run, weights="a")
    assert asked.batches == [3]
    assert "not recorded" in stage.reuses[0].why


def test_which_model_it_was_is_recorded_and_its_warnings_are_told(run: RunFolder) -> None:
    stage, _ = session(run, "num_beams = 4 is left out", weights="a")
    assert read_json(run.environment)["loaded"]["m1"] == {
        "name": "oracle-1",
        "fingerprint": {"weights": "a"},
        "defaults": {"temperature": 0.5},
        "notes": ["computed in halves"],
        "warnings": ["num_beams = 4 is left out"],
    }
    assert stage.notices == ["warning: models.m1: num_beams = 4 is left out"]


def test_a_model_that_is_seen_to_fail_is_told_before_the_run() -> None:
    plan = planned(SUITE + 'variant = "text-0"\n')
    check_models(plan, rows_of(plan))
    assert [prompt.text for prompt in oracle(plan).checked] == ["Q: 0+1"]
    chats = planned()
    with pytest.raises(AisbenchError, match=r"models\.m1: there is no template") as caught:
        check_models(chats, rows_of(chats))
    assert caught.value.hint == "set one"


@pytest.mark.parametrize(
    ("question", "before", "warned"),
    [
        ("Q: {question}", "", True),
        ("Q: {question}\nAnswer:", "", True),
        ("Q: {question}\nAnswer:", " ", False),
        ("Q: {question}\nAnswer: ", "", False),
        ("问：{question}\n答案：", "", False),
    ],
)
def test_words_that_would_run_together_are_told(
    question: str, before: str, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    text = SUITE + 'template = "text-choices"\nvariant = "text-0"\n'
    words = question.replace("\n", "\\n")
    text += f'prompt = {{ question = "{words}", choices = ["a", "b"], before = "{before}" }}\n'
    plan = planned(text)
    log = logging.getLogger("aisbench.conversation.conversation")
    log.addHandler(caplog.handler)
    try:
        check_prompts(plan, rows_of(plan))
    finally:
        log.removeHandler(caplog.handler)
    assert any("no blank between" in message for message in caplog.messages) is warned


def test_long_prompts_do_not_wait_all_at_once(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(infer_local, "MOST_TEXT", 1)
    plan = planned()
    asyncio.run(inference(plan, run).execute({}))
    assert oracle(plan).batches == [1, 1, 1]
    assert len(journal(run)) == 3


def test_what_is_resumed_of_long_rows_is_begun_when_it_is_due(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = planned()
    oracle(plan).fail = {"2"}
    asyncio.run(inference(plan, run).execute({}))
    before = journal(run)
    for module in (assignments, resuming):
        monkeypatch.setattr(module, "LONG_ROW", 1)
    again = planned()
    stage = inference(again, run)
    (found,) = stage._assignments.of_model(again.models[0], "oracle")
    matched = resuming.match(found, lambda *_: None)
    assert [type(one) for one in matched.pending] == [Later] * 3
    asyncio.run(inference(again, run).execute({}))
    rows = journal(run)
    assert oracle(again).batches == [1]
    assert rows[:3] == before
    assert [row["key"] for row in rows[3:]] == [
        row["key"] for row in before if row["response"].get("fault")
    ]
