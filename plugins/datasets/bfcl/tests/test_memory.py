"""What a model writes down in one conversation is there in the next, and nowhere else."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import (
    AisbenchError,
    Answer,
    Prompt,
    Response,
    Sample,
    Score,
    ToolCall,
    Verdict,
    open_dataset,
)
from aisbench_plugin_bfcl.evaluator import FunctionCalls
from aisbench_plugin_bfcl.library import installed_version, library
from aisbench_plugin_bfcl.memory import told
from aisbench_plugin_bfcl.templates import FunctionsTextTemplate, ToolsTemplate

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]

both = pytest.mark.parametrize("native", [True, False], ids=["tools", "prompt"])
KINDS = ("memory_kv", "memory_rec_sum")


def rows(category: str) -> tuple[list[Sample], list[Sample]]:
    """Conversations to be remembered, and questions, of one person."""
    found = list(open_dataset("bfcl", {"categories": [category]}).samples())
    mine = [one for one in found if "-notetaker-" in one.id]
    return [one for one in mine if not one.scored], [one for one in mine if one.scored]


def call(native: bool, name: str, **arguments: str) -> Response:
    if native:
        made = ToolCall(name=name, arguments=json.dumps(arguments), id="call-1")
        return Response(tool_calls=(made,))
    given = ", ".join(f"{key}={value!r}" for key, value in arguments.items())
    return Response(text=f"[{name}({given})]")


def talk(
    sample: Sample, said: Sequence[Response], before: Sequence[Answer], native: bool
) -> Answer:
    """The conversation of a model that says these things, and then no more than 'Fine.'"""
    dataset: Any = open_dataset("bfcl", {"categories": [sample.part]})
    first = (ToolsTemplate() if native else FunctionsTextTemplate()).render(sample, ())
    play = dataset.follow(sample, first, before) if sample.after else dataset.play(sample, first)
    left = list(said)
    prompts, responses = [next(play)], []
    while True:
        responses.append(left.pop(0) if left else Response(text="Fine."))
        try:
            prompts.append(play.send(responses[-1]))
        except StopIteration:
            return Answer(prompts=tuple(prompts), responses=tuple(responses))


def system(answer: Answer) -> str:
    messages = answer.prompts[0].messages or ()
    assert messages[0].role == "system"
    return messages[0].text


def score(sample: Sample, answer: Answer) -> Score:
    return FunctionCalls().score(sample, answer)


NOTE = {
    "memory_kv": ("core_memory_add", {"key": "school_supply", "value": "buy a glue stick"}),
    "memory_rec_sum": ("memory_append", {"text": "To buy: a glue stick."}),
}


@both
@pytest.mark.parametrize("category", KINDS)
def test_notes_are_there_in_later_conversations(category: str, native: bool) -> None:
    earlier, questions = rows(category)
    name, arguments = NOTE[category]
    transcripts: list[Answer] = []
    for place, one in enumerate(earlier):
        said = [call(native, name, **arguments)] if place == 1 else []
        transcripts.append(talk(one, said, transcripts, native))
    assert "glue stick" not in system(transcripts[0])
    assert "glue stick" not in system(transcripts[1])
    assert all("glue stick" in system(one) for one in transcripts[2:])
    question = questions[-2]
    assert question.target == ["Glue Stick"]
    found = talk(question, [Response(text="A *Glue* stick!")], transcripts, native)
    assert "glue stick" in system(found)
    assert score(question, found).verdict is Verdict.RIGHT
    wrong = talk(question, [Response(text="A pencil.")], transcripts, native)
    assert score(question, wrong).verdict is Verdict.WRONG
    assert "'Glue Stick'" in score(question, wrong).reason


@both
def test_what_a_question_writes_down_is_not_kept(native: bool) -> None:
    earlier, questions = rows("memory_kv")
    transcripts: list[Answer] = []
    for one in earlier:
        transcripts.append(talk(one, [], transcripts, native))
    name, arguments = NOTE["memory_kv"]
    for question in questions[:2]:
        found = talk(question, [call(native, name, **arguments)], transcripts, native)
        assert "glue stick" not in system(found)
        # It is executed all the same: the second time in an empty memory again.
        assert "Key-value pair added." in (found.prompts[1].messages or ())[-1].text


def test_archival_memory_is_searched() -> None:
    earlier, questions = rows("memory_kv")
    transcripts: list[Answer] = []
    notes = [
        call(True, "archival_memory_add", key="school_supplies", value="a glue stick"),
        call(True, "archival_memory_add", key="old_note", value="x"),
        call(True, "archival_memory_remove", key="old_note"),
    ]
    for place, one in enumerate(earlier):
        transcripts.append(talk(one, notes if place == 0 else [], transcripts, True))
    said = [
        call(True, "archival_memory_key_search", query="supplies"),
        call(True, "archival_memory_retrieve", key="school_supplies"),
        call(True, "archival_memory_retrieve", key="old_note"),
    ]
    found = talk(questions[0], said, transcripts, True)
    told_back = [(prompt.messages or ())[-1].text for prompt in found.prompts[1:]]
    assert "school_supplies" in told_back[0]
    assert json.loads(told_back[1]) == {"value": "a glue stick"}
    assert json.loads(told_back[2]) == {"error": "Key not found."}


@both
def test_endless_calls_are_no_answer(native: bool) -> None:
    (first, *_), questions = rows("memory_kv")
    before = [talk(first, [], [], native)] * len(questions[0].after)
    endless = [call(native, "core_memory_list_keys")] * 50
    found = talk(questions[0], endless, before, native)
    assert len(found.prompts) == 21
    assert score(questions[0], found).verdict is Verdict.UNPARSED
    empty = talk(questions[0], [Response(text="")], before, native)
    assert score(questions[0], empty).verdict is Verdict.UNPARSED


@pytest.mark.parametrize("category", KINDS)
def test_the_prompt_is_the_one_of_bfcl_eval(category: str) -> None:
    """Its own functions, called as its handlers call them, on a memory of known content."""
    handling: Any = library()._handling

    class Known:
        def _dump_core_memory_to_context(self) -> str:
            return "what {was} noted"

    earlier, questions = rows(category)
    for sample in (earlier[0], questions[0]):
        entry: Any = sample.fields["entry"]
        theirs = copy.deepcopy(entry)
        theirs["question"] = handling.add_memory_instruction_system_prompt(
            theirs["question"], category, entry["scenario"], Known()
        )
        tools = told(entry, ToolsTemplate().render(sample, ()), "what {was} noted")
        assert _plain(tools) == theirs["question"][0]
        written = handling.system_prompt_pre_processing_chat_model(
            theirs["question"][0], library().hinted(entry)["function"], entry["id"]
        )
        text = told(entry, FunctionsTextTemplate().render(sample, ()), "what {was} noted")
        assert _plain(text) == written


def _plain(prompt: Prompt) -> list[dict[str, str]]:
    return [{"role": one.role, "content": one.text} for one in prompt.messages or ()]


def test_each_question_comes_after_all_conversations_of_its_person() -> None:
    samples = list(open_dataset("bfcl", {"categories": ["memory_kv"]}).samples())
    assert (sum(one.scored for one in samples), len(samples)) == (155, 192)
    for one in samples:
        person = one.id.split("-")[1]
        chain = [s.id for s in samples if not s.scored and s.id.split("-")[1] == person]
        wanted = chain if one.scored else chain[: chain.index(one.id)]
        assert list(one.after) == wanted


def test_without_its_packages_the_vector_memory_says_what_to_do() -> None:
    pytest.importorskip("bfcl_eval")
    try:
        import sentence_transformers  # noqa: F401
    except ImportError:
        with pytest.raises(AisbenchError, match="sentence_transformers") as raised:
            open_dataset("bfcl", {"categories": ["memory_vector"]}).samples()
        assert "aisbench-plugin-bfcl[vector]" in (raised.value.hint or "")


STAND_IN = '''
"""Stands in for the model of embeddings and its index: a bag of letters, looked at one by one."""
import sys, types
import numpy

class Model:
    def __init__(self, name, device):
        assert name == "all-MiniLM-L6-v2"
    def get_sentence_embedding_dimension(self):
        return 26
    def encode(self, texts, normalize_embeddings):
        rows = [[text.lower().count(chr(97 + n)) + 0.01 for n in range(26)] for text in texts]
        return [numpy.array(row) / numpy.linalg.norm(row) for row in rows]

class Index:
    def __init__(self, inner=None):
        self.rows = {}
    def add_with_ids(self, vectors, ids):
        self.rows.update(zip(map(int, ids), vectors))
    def remove_ids(self, ids):
        for one in ids: del self.rows[int(one)]
    def reset(self):
        self.rows.clear()
    def search(self, query, k):
        found = sorted(((float(v @ query[0]), i) for i, v in self.rows.items()), reverse=True)[:k]
        return [[s for s, _ in found]], [[i for _, i in found]]

for name, parts in (("sentence_transformers", {"SentenceTransformer": Model}),
                    ("faiss", {"IndexFlatIP": lambda n: None, "IndexIDMap": Index})):
    sys.modules[name] = types.ModuleType(name)
    vars(sys.modules[name]).update(parts)

import importlib.util
spec = importlib.util.spec_from_file_location("test_memory", "test_memory.py")
t = importlib.util.module_from_spec(spec)
spec.loader.exec_module(t)
from aisbench.api import Response
earlier, questions = t.rows("memory_vector")
transcripts = []
for place, one in enumerate(earlier):
    said = [t.call(True, "archival_memory_add", text="glue stick"),
            t.call(True, "archival_memory_add", text="xylophone")] if place == 0 else []
    transcripts.append(t.talk(one, said, transcripts, True))
found = t.talk(questions[-2], [t.call(True, "archival_memory_retrieve", query="a glue stick")],
               transcripts, True)
told = (found.prompts[1].messages or ())[-1].text
assert told.index("glue stick") < told.index("xylophone"), told
print("remembered")
'''


def test_the_vector_memory_with_a_stand_in_for_its_model() -> None:
    """Its code is bfcl-eval's; the model of embeddings is not here to be had."""
    done = subprocess.run(
        [sys.executable, "-c", STAND_IN],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "remembered\n", done.stderr
