"""Counts of the tokenizer beside the server's: what is compared is what both have counted."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import attrs
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from aisbench.loadgen import attempt_rows as records
from aisbench.stages.counting import count_tokens
from aisbench.store.recording.columns import ABSENT, FIELDS, AttemptOutcome, Phase
from aisbench.store.recording.folder import LoadFolder
from aisbench.store.recording.writer import RecordingWriter
from aisbench.store.redactor import Redactor
from aisbench.tokens.chat_template import load_chat_template
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request
from aisbench.types.response import Response
from aisbench.types.tools import Tool

TEMPLATE = (
    "{{ bos_token }}{% if tools %}[{{ tools[0].function.name }}] {% endif %}"
    "{% for message in messages %}<|im_start|> {{ message['role'] }} {{ message['content'] }} "
    "<|im_end|> {% endfor %}{% if add_generation_prompt %}<|im_start|> assistant"
    "{% if thinking %} think{% endif %}{% endif %}"
)
CONFIG = {"chat_template": TEMPLATE, "bos_token": {"content": "<s> "}, "model_max_length": 5}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder whose tokenizer takes each word for a token."""
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    home = tmp_path / "model"
    home.mkdir()
    tokenizer.save(str(home / "tokenizer.json"))
    return home


def template(folder: Path, value: Any = TEMPLATE, **more: Any) -> None:
    config = {**CONFIG, "chat_template": value, **more}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))


CHAT = Prompt(messages=(Message(role="system", content="be brief"),
                        Message(role="user", content="what is that")))  # fmt: skip
WORDS = 5
"""Of CHAT, without what a template adds."""
WHOLE = 1 + 3 + 2 + 3 + 3 + 2


def recorded(
    tmp_path: Path, prompts: list[Prompt], server: int = ABSENT, **more: Any
) -> LoadFolder:
    """A worker's files of answers of three words."""
    load = tmp_path / "load"
    load.mkdir()
    recorder = RecordingWriter(load, 0)
    for number, prompt in enumerate(prompts):
        request = Request(
            key="k", sample_id="s", repeat=0, turn=0, prompt=prompt, model="m",
            generation=more.get("generation", {}), seed=None, stream=True,
        )  # fmt: skip
        flight = attrs.make_class("Flight", ["request"])(request)
        answer = more.get("answer", "it is new")
        row = dict.fromkeys(FIELDS, ABSENT)
        row |= {"phase": Phase.MEASURED, "outcome": AttemptOutcome.SUCCESS,
                "prompt_tokens": server, "completion_tokens": server, "events": 0,
                "reads": 0}  # fmt: skip
        recorder.add([row[name] for name in FIELDS], array("q"))
        recorder.add_texts(records.texts(number, flight, Response(text=answer), Redactor()))
    recorder.close()
    return LoadFolder(load)


def test_ids_count_by_their_number(tmp_path: Path, folder: Path) -> None:
    load = recorded(tmp_path, [Prompt(tokens=tuple(range(77)))], server=77)
    assert count_tokens(load, str(folder)) == {0: (77, 3)}


@pytest.mark.parametrize(("server", "count"), [(ABSENT, 3), (9, ABSENT)])
def test_broken_bytes_are_compared_with_nothing(
    tmp_path: Path, folder: Path, server: int, count: int
) -> None:
    load = recorded(tmp_path, [Prompt(text="one")], server=server, answer="it \ufffd\ufffd new")
    assert count_tokens(load, str(folder)) == {0: (1, count)}


def test_a_text_counts_as_it_is(tmp_path: Path, folder: Path) -> None:
    load = recorded(tmp_path, [Prompt(text="one two three four")], server=5)
    assert count_tokens(load, str(folder / "tokenizer.json")) == {0: (4, 3)}


@pytest.mark.parametrize("where", ["config", "jinja", "list"])
@pytest.mark.parametrize("named", ["", "tokenizer.json"])
def test_a_chat_counts_as_its_template_writes_it(
    tmp_path: Path, folder: Path, where: str, named: str
) -> None:
    if where == "list":
        template(folder, [{"name": "tool_use", "template": "x"},
                          {"name": "default", "template": TEMPLATE}])  # fmt: skip
    elif where == "jinja":
        template(folder, None)
        (folder / "chat_template.jinja").write_text(TEMPLATE)
    else:
        template(folder)
    load = recorded(tmp_path, [CHAT], server=WHOLE)
    assert count_tokens(load, str(folder / named)) == {0: (WHOLE, 3)}


def test_tools_and_arguments_are_in_the_template(tmp_path: Path, folder: Path) -> None:
    template(folder)
    tool = Tool(name="look", description="", parameters={})
    load = recorded(
        tmp_path, [attrs.evolve(CHAT, tools=(tool,))],
        generation={"chat_template_kwargs": {"thinking": True}},
    )  # fmt: skip
    assert count_tokens(load, str(folder)) == {0: (WHOLE + 2, 3)}


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "{{ raise_exception('no system') }}",
        "{{ messages[0].nothing.at.all }}",
        "{% if %}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    ],
)
def test_without_a_template_words_stand_in_for_a_missing_count_alone(
    tmp_path: Path, folder: Path, broken: str | None
) -> None:
    if broken is not None:
        template(folder, broken)
    served = recorded(tmp_path, [CHAT], server=WHOLE)
    # Nothing that could be compared with the server's count ...
    assert count_tokens(served, str(folder)) == {0: (ABSENT, 3)}
    # ... and better than nothing where it gave none.
    other = tmp_path / "other"
    other.mkdir()
    assert count_tokens(recorded(other, [CHAT]), str(folder)) == {0: (WORDS, 3)}


def test_pictures_are_not_counted(tmp_path: Path, folder: Path) -> None:
    template(folder)
    picture = Media(kind="image", url="http://127.0.0.1/x.png", mime="image/png")
    seen = Message(
        role="user", content=(ContentPart(text="what is that"), ContentPart(media=picture))
    )
    load = recorded(tmp_path, [Prompt(messages=(seen,))], server=900)
    assert count_tokens(load, str(folder)) == {0: (ABSENT, 3)}


def test_no_tokenizer_counts_nothing(tmp_path: Path) -> None:
    assert count_tokens(recorded(tmp_path, [CHAT]), "") == {}


def test_files_that_are_no_templates(folder: Path) -> None:
    for text in ("", "[]", "{", '{"chat_template": 5}', '{"chat_template": [1, {"name": 2}]}'):
        (folder / "tokenizer_config.json").write_text(text)
        assert load_chat_template(str(folder)) is None
    assert load_chat_template("nobody/such-a-model") is None


TEMPLATES = [
    TEMPLATE,
    # Blanks at the ends of blocks, helpers, loops that stop: as models' templates use them.
    "{%- for message in messages -%}\n  {%- if loop.index0 > 0 %}{% break %}{% endif %}\n"
    "  {{ message.content | trim }}\n{% endfor %}\n{{ tools | tojson }}",
    "{% for m in messages %}\n    {% if m.role == 'user' %}\n{{ m.content }}é\n    {% endif %}\n"
    "{% endfor %}{{ strftime_now('%Y') }}",
    "{{ messages | tojson(indent=2) }}{{ eos_token }}",
]


@pytest.mark.parametrize("source", TEMPLATES)
def test_the_text_is_that_of_transformers(folder: Path, source: str) -> None:
    transformers = pytest.importorskip("transformers")
    template(folder, source, eos_token="</s>", bos_token="<s> ")
    theirs = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), chat_template=source, bos_token="<s> ",
        eos_token="</s>",
    )  # fmt: skip
    messages = [{"role": "system", "content": "be ünder"}, {"role": "user", "content": " hm "}]
    ours = load_chat_template(str(folder))
    assert ours is not None
    assert ours.render({"messages": messages}) == theirs.apply_chat_template(
        messages, tokenize=False, add_generation_prompt=True
    )
