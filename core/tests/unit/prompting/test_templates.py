"""Prompt templates: fields in braces, chat turns, plain strings."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisbench.base.errors import DataError
from aisbench.data import fill_places
from aisbench.prompting.choices import (
    ChatChoicesSettings,
    ChatChoicesTemplate,
    TextChoicesSettings,
    TextChoicesTemplate,
)
from aisbench.prompting.templates import (
    ChatSettings,
    ChatTemplate,
    TextSettings,
    TextTemplate,
    TokensSettings,
    TokensTemplate,
)
from aisbench.types.prompt import Choice, Message, Prompt
from aisbench.types.sample import Sample

SAMPLE = Sample(id="q", fields={"question": "1+1?", "answer": 2, "tricky": "{question} {{x}}"})
NESTED = Sample(
    id="n",
    fields={
        "question": {"stem": "Why?", "choices": [{"text": "a"}, {"text": "b"}]},
        "Right Answer": "yes",
        "题目": "好",
        "rows": {"1": {"q-x": 5}},
        "none": None,
    },
)
SHOTS = [
    Sample(id="a", fields={"question": "A?", "answer": "a"}),
    Sample(id="b", fields={"question": "B?", "answer": "b"}),
]


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("Q: {question} A: {answer}", "Q: 1+1? A: 2"),
        ("{question}{question}", "1+1?1+1?"),
        ("{{question}}", "{question}"),
        ("{{{question}}}", "{1+1?}"),
        (r"\boxed{}", r"\boxed{}"),
        (r"\boxed{{}}", r"\boxed{}"),
        ("{1} {...} { } {", "{1} {...} { } {"),
        ('{"answer": 1} {\n question }', '{"answer": 1} {\n question }'),
        ('{"a": {"b": 1}}', '{"a": {"b": 1}}'),
        ("{tricky}", "{question} {{x}}"),
    ],
)
def test_fill(text: str, filled: str) -> None:
    assert fill_places(text, SAMPLE) == filled


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{question.stem}", "Why?"),
        ("{question.choices[1].text}{question.choices[-1].text}", "bb"),
        ("{question.choices[*].text}", "['a', 'b']"),
        ("""{'Right Answer'}{"Right Answer"}""", "yesyes"),
        ("{题目}", "好"),
        ("{rows.1.'q-x'}", "5"),
        ("<{none}>", "<>"),
    ],
)
def test_paths(text: str, filled: str) -> None:
    assert fill_places(text, NESTED) == filled


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{question.stern}", "has no 'stern': it is an object with stem, choices"),
        ("{question.choices[2].text}", r"question.choices has no item \[2\]: it has 2"),
        ("{question.choices.text}", r"write question.choices\[\*\].text for those of all items"),
        ("{question.stem.x}", "question.stem has no 'x': it is a text"),
        ("{ question }", r"holds \{ question \}, which names nothing(.|\n)*written \{question\}"),
        ("{question-x}", r"holds \{question-x\}, which names nothing"),
        ("{Right Answer}", r"names nothing(.|\n)*written \{'Right Answer'\}"),
        ("{question.}", "names nothing"),
        ("{question and so on", r"begins a place with \{question and does not close it"),
    ],
)
def test_places_that_name_nothing(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        fill_places(text, NESTED)


def test_a_field_that_is_missing() -> None:
    with pytest.raises(DataError) as caught:
        fill_places("{question} {qestion}", SAMPLE)
    assert caught.value.message == (
        "the prompt template names {qestion}, which sample q does not have"
    )
    assert caught.value.hint == (
        "fields of this data set: answer, question, tricky; write {{ and }} for literal braces"
    )


@given(st.text(), st.text())
@settings(deadline=None)
def test_values_are_put_in_as_they_are(value: str, around: str) -> None:
    sample = Sample(id="q", fields={"x": value})
    around = around.replace("{", "").replace("}", "")
    assert fill_places(f"{around}{{x}}{around}", sample) == around + value + around


@given(st.text(alphabet="{}ab_1 "))
@settings(deadline=None)
def test_doubling_the_braces_of_any_text_keeps_it(text: str) -> None:
    assert fill_places(text.replace("{", "{{").replace("}", "}}"), SAMPLE) == text


def test_chat_with_everything() -> None:
    template = ChatTemplate(
        ChatSettings(
            system="Be brief on {question}",
            user="Q {question}",
            assistant="A {answer}",
            final="Now {question}",
            stop=("\n",),
        )
    )
    assert template.render(SAMPLE, SHOTS) == Prompt(
        messages=(
            Message(role="system", content="Be brief on 1+1?"),
            Message(role="user", content="Q A?"),
            Message(role="assistant", content="A a"),
            Message(role="user", content="Q B?"),
            Message(role="assistant", content="A b"),
            Message(role="user", content="Now 1+1?"),
        ),
        stop=("\n",),
    )


def test_chat_with_the_least() -> None:
    made = ChatTemplate(ChatSettings(user="{question}")).render(SAMPLE, [])
    assert made == Prompt(messages=(Message(role="user", content="1+1?"),))


def test_text_with_everything() -> None:
    template = TextTemplate(
        TextSettings(
            introduction="Sums.",
            example="Q: {question}\nA: {answer}",
            question="Q: {question}\nA:",
            separator="\n---\n",
            stop=("Q:",),
        )
    )
    made = template.render(SAMPLE, SHOTS)
    assert made.text == "Sums.\n---\nQ: A?\nA: a\n---\nQ: B?\nA: b\n---\nQ: 1+1?\nA:"
    assert made.messages is None
    assert made.stop == ("Q:",)


def test_text_with_the_least() -> None:
    assert TextTemplate(TextSettings(question="{question}")).render(SAMPLE, []).text == "1+1?"


def test_a_prompt_has_one_form() -> None:
    with pytest.raises(ValueError, match="one of text, messages, tokens and texts"):
        Prompt()
    with pytest.raises(ValueError, match="one of text, messages, tokens and texts"):
        Prompt(text="a", messages=())
    with pytest.raises(ValueError, match="one of text, messages, tokens and texts"):
        Prompt(text="a", tokens=(1,))


def test_tokens() -> None:
    sample = Sample(id="q", fields={"token_ids": [5, 0, 7], "other": [1]})
    assert TokensTemplate(TokensSettings()).render(sample, []) == Prompt(tokens=(5, 0, 7))
    made = TokensTemplate(TokensSettings(field="other", stop=("x",))).render(sample, [])
    assert made == Prompt(tokens=(1,), stop=("x",))


@pytest.mark.parametrize("ids", [[], "12", [1, "2"], [1.0], [True], [3, -1], None, {"a": 1}])
def test_what_is_no_list_of_ids(ids: Any) -> None:
    with pytest.raises(DataError, match="'token_ids' of sample q is not a list of token ids"):
        TokensTemplate(TokensSettings()).render(Sample(id="q", fields={"token_ids": ids}), [])


def test_tokens_need_their_field_and_show_no_examples() -> None:
    template = TokensTemplate(TokensSettings())
    with pytest.raises(DataError, match="sample q has no field 'token_ids'") as caught:
        template.render(SAMPLE, [])
    assert "answer, question, tricky" in caught.value.hint
    with pytest.raises(DataError, match="cannot show few-shot examples"):
        template.render(Sample(id="q", fields={"token_ids": [1]}), SHOTS)


# -- pictures, and answers to choose from


def media_of(fields: dict[str, Any], **texts: Any) -> list[tuple[str, str]]:
    prompt = ChatTemplate(ChatSettings(user="Look", **texts)).render(
        Sample(id="m", fields=fields), []
    )
    assert prompt.messages is not None
    return [(one.kind, one.path or one.url or one.base64) for one in prompt.media]


def test_pictures_stand_before_the_text() -> None:
    more = ["https://x/b.png", "data:image/gif;base64,QUJD"]
    fields = {"pic": "/a.png", "more": more, "no": None}
    found = media_of(fields, images=("{pic}", "{more}", "{no}"), audio=("{pic}",))
    assert found == [
        ("image", "/a.png"),
        ("image", "https://x/b.png"),
        ("image", "QUJD"),
        ("audio", "/a.png"),
    ]
    settings = ChatSettings(user="Look", images=("{pic}",))
    prompt = ChatTemplate(settings).render(Sample(id="m", fields=fields), [])
    assert prompt.messages is not None
    content = prompt.messages[0].content
    assert not isinstance(content, str)
    assert [part.text for part in content] == ["", "Look"]
    assert prompt.messages[0].text == "Look"


def test_without_pictures_a_turn_is_plain_text() -> None:
    settings = ChatSettings(user="Look", images=("{no}",))
    prompt = ChatTemplate(settings).render(Sample(id="m", fields={"no": ""}), [])
    assert prompt.messages == (Message(role="user", content="Look"),)


def test_data_urls_keep_their_type() -> None:
    settings = ChatSettings(user="Look", images=("{pic}",))
    sample = Sample(id="m", fields={"pic": "data:image/gif;base64,QUJD"})
    assert ChatTemplate(settings).render(sample, []).media[0].mime == "image/gif"


def test_choices_of_a_field_or_written_out() -> None:
    sample = Sample(id="m", fields={"question": "?", "options": ["red", "blue"], "A": "x"})
    from_field = TextChoicesTemplate(
        TextChoicesSettings(question="{question}", choices=("{options}",), before=" ")
    ).render(sample, [])
    assert from_field == Prompt(text="?", choices=(" red", " blue"))
    written = ChatChoicesTemplate(ChatChoicesSettings(user="{question}", choices=("A", "{A}")))
    assert written.render(sample, []).choices == (Choice("A"), Choice("x"))
    with pytest.raises(DataError, match="has 1 answers to choose from"):
        TextChoicesTemplate(TextChoicesSettings(question="?", choices=("{A}",))).render(sample, [])


WINO = Sample(
    id="w",
    fields={"before": "Ann thanked Eve, as ", "options": ["Ann", "Eve"], "after": "helped."},
)


def test_choices_with_a_context_of_their_own() -> None:
    texts: dict[str, Any] = {"choices": ("{after}",), "each": ("{options}",), "before": " "}
    plain = TextChoicesSettings(question="{before}{choice}", example="E", **texts)
    prompt = TextChoicesTemplate(plain).render(WINO, SHOTS[:1])
    assert prompt.choices == (
        Choice(" helped.", "E\n\nAnn thanked Eve, as Ann"),
        Choice(" helped.", "E\n\nAnn thanked Eve, as Eve"),
    )
    whole = attrs.evolve(plain, scored="prompt")
    assert [one.continuation for one in TextChoicesTemplate(whole).render(WINO, []).choices] == [
        "Ann thanked Eve, as Ann helped.", "Ann thanked Eve, as Eve helped.",
    ]  # fmt: skip
    chat = ChatChoicesSettings(user="{before}{choice}", system="S", **texts)
    assert ChatChoicesTemplate(chat).render(WINO, []).choices[1].context == (
        "Ann thanked Eve, as Eve"
    )


@pytest.mark.parametrize(
    ("sample", "choices", "message"),
    [
        (WINO, ("{after}", "x"), "2 `choices` and `each`"),
        (attrs.evolve(WINO, fields={**WINO.fields, "choice": "x"}), ("{after}",), "of its own"),
        (attrs.evolve(WINO, fields={**WINO.fields, "options": ["a"]}), ("{after}",), "has 1 "),
    ],
)
def test_contexts_that_cannot_be(sample: Sample, choices: tuple[str, ...], message: str) -> None:
    settings = TextChoicesSettings(question="{choice}", choices=choices, each=("{options}",))
    with pytest.raises(DataError, match=message):
        TextChoicesTemplate(settings).render(sample, [])
