"""Prompts of several texts, of a query with documents, of a sound; vectors in journals."""

from __future__ import annotations

import json

import pytest

from aisbench.base.errors import DataError
from aisbench.config.row_choice import RowChoice
from aisbench.conversation.choosing import choose
from aisbench.conversation.keys import prompt_parts, request_key
from aisbench.prompting.batches import (
    ClassifySettings,
    ClassifyTemplate,
    EmbedSettings,
    EmbedTemplate,
    RerankSettings,
    RerankTemplate,
    TranscribeSettings,
    TranscribeTemplate,
)
from aisbench.store.rows import converter
from aisbench.types.prompt import Prompt
from aisbench.types.response import Response
from aisbench.types.sample import Sample
from aisbench.types.vectors import Classes, Vectors

ROW = Sample(
    id="1",
    fields={"title": "Cats", "texts": ["a", "", "b"], "query": "q", "sound": "a.wav", "none": ""},
)


def test_lists_of_fields_become_texts() -> None:
    made = EmbedTemplate(EmbedSettings(texts=("{title}", "{texts}"), before="doc: ")).render(
        ROW, ()
    )
    assert made.texts == ("doc: Cats", "doc: a", "doc: b")
    assert ClassifyTemplate(ClassifySettings(texts=("{title}!",))).render(ROW, ()).texts == (
        "Cats!",
    )
    ranked = RerankTemplate(RerankSettings(query="{query}?", documents=("{texts}",))).render(
        ROW, ()
    )
    assert (ranked.query, ranked.texts, ranked.words) == ("q?", ("a", "b"), "q?\na\nb")


def test_a_sound_with_a_hint() -> None:
    made = TranscribeTemplate(TranscribeSettings(audio="{sound}", hint="About {title}"))
    prompt = made.render(ROW, ())
    assert [one.kind for one in prompt.media] == ["audio"]
    assert prompt.words.strip() == "About Cats"


def test_what_cannot_be_made() -> None:
    with pytest.raises(DataError, match="has no texts"):
        EmbedTemplate(EmbedSettings(texts=("{none}",))).render(ROW, ())
    with pytest.raises(DataError, match="has no query"):
        RerankTemplate(RerankSettings(query="{none}", documents=("{texts}",))).render(ROW, ())
    with pytest.raises(DataError, match="has 0 sounds"):
        TranscribeTemplate(TranscribeSettings(audio="{none}")).render(ROW, ())
    with pytest.raises(DataError, match="few-shot"):
        EmbedTemplate(EmbedSettings(texts=("{title}",))).render(ROW, (ROW,))
    for wrong in ({"text": "a", "texts": ("b",)}, {"texts": ()}, {"text": "a", "query": "b"}):
        with pytest.raises(ValueError, match="Prompt"):
            Prompt(**wrong)  # type: ignore[arg-type]


def test_keys_tell_batches_apart() -> None:
    prompts = [
        Prompt(texts=("a", "b")), Prompt(texts=("b", "a")), Prompt(texts=("a\nb",)),
        Prompt(texts=("a", "b"), query="q"), Prompt(text="a\nb"),
    ]  # fmt: skip
    assert len({request_key(prompt_parts(one)) for one in prompts}) == len(prompts)


def test_vectors_are_base64_in_a_journal() -> None:
    vectors = Vectors.of([[0.1, -2.0, 3.5], [0.0, 1.0, 1e-3]])
    response = Response(vectors=vectors)
    cells = converter().unstructure(response)
    assert cells == {"vectors": {"width": 3, "float32": "zczMPQAAAMAAAGBAAAAAAAAAgD9vEoM6"}}
    again = converter().structure(json.loads(json.dumps(cells)), Response)
    assert again == response
    assert len(again.vectors or ()) == 2
    labelled = Response(relevance=(0.5, -1.0), classes=(Classes(label="x"),))
    assert converter().structure(converter().unstructure(labelled), Response) == labelled
    prompt = Prompt(texts=("a",), query="q")
    assert converter().structure(converter().unstructure(prompt), Prompt) == prompt


def test_vectors_that_are_none() -> None:
    for rows in ([], [[1.0], [1.0, 2.0]], [[1e300]], [["x"]]):
        with pytest.raises(ValueError, match=r"vectors|precision"):
            Vectors.of(rows)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no vectors of 2 numbers"):
        Vectors(2, b"1234")


def test_what_a_person_is_shown() -> None:
    assert Response(vectors=Vectors.of([[1.0, 2.0]])).shown == "1 x 2 numbers"
    assert Response(relevance=(0.25, 1.0)).shown == "0.25, 1"
    assert Response(classes=(Classes(label="a"), Classes(label="b"))).shown == "a\nb"
    assert Response(text="said").shown == "said"


def test_documents_are_asked_whatever_rows_are_chosen() -> None:
    documents = [Sample(id=f"d{at}", scored=False) for at in range(3)]
    before = Sample(id="turn", scored=False)
    queries = [Sample(id=f"q{at}") for at in range(4)]
    last = Sample(id="last", after=("turn",))
    rows = [*documents, before, *queries, last]
    chosen = choose("d", RowChoice(limit=2), rows, seed=0)
    assert [one.id for one in chosen.samples] == ["d0", "d1", "d2", "q0", "q1"]
    assert (chosen.questions, chosen.of) == (2, 5)
