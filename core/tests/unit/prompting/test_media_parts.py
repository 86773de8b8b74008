"""Pictures, sounds and films stand where a turn's text names them."""

from __future__ import annotations

from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.media.values import media_value
from aisbench.prompting.templates import ChatSettings, ChatTemplate
from aisbench.types.media import MediaPlace
from aisbench.types.sample import Sample


def shown(user: str, fields: dict[str, Any], **settings: Any) -> str:
    """The turn: its text, with <a.png> where a part is, and | between parts of text."""
    template = ChatTemplate(ChatSettings(user=user, **settings))
    (message,) = template.render(Sample(id="s", fields=fields), ()).messages or ()
    if isinstance(message.content, str):
        return message.content
    return "|".join(
        part.text if part.media is None else f"<{part.media.path or part.media.url}>"
        for part in message.content
    )


TWO = {"q": "Which?", "a": "a.png", "b": "b.png"}
BOTH: dict[str, Any] = {"images": ("{a}", "{b}")}


@pytest.mark.parametrize(
    ("user", "wanted"),
    [
        ("{q}", "<a.png>|<b.png>|Which?"),
        ("Is {image_1} in {image_2}?", "Is |<a.png>| in |<b.png>|?"),
        ("{b} and {a}: {q}", "<b.png>| and |<a.png>|: Which?"),
        ("{image_2}{q}", "<a.png>|<b.png>|Which?"),
        ("{a}{a}{q}", "<b.png>|<a.png>|<a.png>|Which?"),
        ("{{image_1}} {q}", "<a.png>|<b.png>|{image_1} Which?"),
    ],
)
def test_named_by_number_or_by_field(user: str, wanted: str) -> None:
    assert shown(user, TWO, **BOTH) == wanted


def test_a_list_is_named_whole_or_item_by_item() -> None:
    fields = {"q": "Which?", "all": ["a.png", "", "c.png"]}
    images = {"images": ("{all}",)}
    assert shown("{q}", fields, **images) == "<a.png>|<c.png>|Which?"
    assert shown("{q} {all}", fields, **images) == "Which? |<a.png>|<c.png>"
    assert shown("{all[2]} or {all[0]}?", fields, **images) == "<c.png>| or |<a.png>|?"
    # Empty ones keep their number, and show nothing.
    assert shown("{image_3}, {image_2}!", fields, **images) == "<a.png>|<c.png>|, !"


def test_kinds_have_numbers_of_their_own() -> None:
    fields = {"a": "a.png", "s": "s.wav", "f": "f.mp4"}
    settings: dict[str, Any] = {"images": ("{a}",), "audio": ("{s}",), "video": ("{f}",)}
    wanted = "<s.wav>| |<f.mp4>| |<a.png>"
    assert shown("{audio_1} {video_1} {image_1}", fields, **settings) == wanted


@pytest.mark.parametrize("name", ["image_3", "image_0", "image_x", "audio_1", "image"])
def test_a_name_of_nothing_is_an_error(name: str) -> None:
    with pytest.raises(DataError, match=name):
        shown(f"{{{name}}} {{q}}", TWO, **BOTH)


def test_a_field_of_that_name_comes_first() -> None:
    fields = {"q": "?", "image_1": None, "image_2": "b.png"}
    settings: dict[str, Any] = {"images": ("{image_1}", "{image_2}")}
    assert shown("{image_1}{q}{image_2}", fields, **settings) == "?|<b.png>"
    assert shown("{image_2}", {"image_2": "words", "a": "a.png"}, images=("{a}",)) == (
        "<a.png>|words"
    )


@pytest.mark.parametrize(
    ("text", "mark", "wanted"),
    [
        ("See <image 2> and <image 1>.", "<image {n}>", "See |<b.png>| and |<a.png>|."),
        ("In <image 1>, yes, <image 1>.", "<image {n}>", "<b.png>|In |<a.png>|, yes, <image 1>."),
        ("In <image 7> or <image 0>", "<image {n}>", "<a.png>|<b.png>|In <image 7> or <image 0>"),
        ("<image>\nand <image>, <image>", "<image>", "<a.png>|\nand |<b.png>|, <image>"),
        ("a {image_1} here", "<image>", "<a.png>|<b.png>|a {image_1} here"),
    ],
)
def test_marks_in_the_data_sets_own_text(text: str, mark: str, wanted: str) -> None:
    assert shown("{q}", {**TWO, "q": text}, image_mark=mark, **BOTH) == wanted


def test_a_value_that_says_its_kind_needs_no_setting() -> None:
    place = MediaPlace(member="a.png")
    known = media_value("/in.zip", place, "image")
    fields: dict[str, Any] = {"q": "?", "a": known, "row": {"pictures": [known, known]}}
    assert shown("{a} {q}", fields) == "</in.zip>| ?"
    assert shown("{row.pictures[1]}{q}", fields) == "</in.zip>|?"
    assert shown("{q}", fields) == "?"
    for value in (media_value("/in.zip", place), [media_value("/in.zip", place)]):
        with pytest.raises(DataError, match="listed in their `images`"):
            shown("{a}", {"a": value})
    with pytest.raises(DataError, match="names no image there, but an object"):
        shown("{q}", {"q": "?", "a": {"x": 1}}, images=("{a}",))


def test_settings_reach_pictures_alone() -> None:
    settings = ChatSettings(
        user="?", images=("{a}",), audio=("{s}",), max_pixels=9, max_side=8, detail="low"
    )
    sample = Sample(id="s", fields={"a": "a.png", "s": "s.wav"})
    picture, sound = ChatTemplate(settings).render(sample, ()).media
    assert (picture.max_pixels, picture.max_side, picture.detail) == (9, 8, "low")
    assert (sound.max_pixels, sound.max_side, sound.detail) == (None, None, "")


def test_a_field_without_its_braces() -> None:
    with pytest.raises(DataError, match="'a' names a file, and no field") as caught:
        shown("{q}", TWO, images=("a",))
    assert caught.value.hint == "a field stands in braces: {a}"
