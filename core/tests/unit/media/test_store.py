"""Files in prompts: checked, sealed by content, read only when a request is encoded."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from media_files import png, riff, wav

from aisbench.base.errors import DataError
from aisbench.conversation.keys import prompt_parts, request_key
from aisbench.media.contents import content_of, with_contents
from aisbench.media.store import MediaStore
from aisbench.media.values import media_of, media_value
from aisbench.store.rows import converter
from aisbench.types.media import Media, MediaPlace
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request
from aisbench.types.sample import Sample
from aisbench.types.tools import Tool, ToolCall

PNG = png()
TEXT_URL = "data:text/plain;base64,SGVsbG8="


def prompt(*media: Media) -> Prompt:
    parts = (*(ContentPart(media=one) for one in media), ContentPart(text="What is it?"))
    return Prompt(messages=(Message(role="user", content=parts),))


def with_checksums(asked: Prompt, limit_mb: float, whose: str) -> Prompt:
    return MediaStore().prepared(asked, limit_mb, whose)


def request(asked: Prompt) -> Request:
    return Request(
        key="", sample_id="1", repeat=0, turn=0, model="m", prompt=asked, generation={},
        stream=False, seed=None,
    )  # fmt: skip


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "picture.bin"
    file.write_bytes(PNG)
    return file


def test_a_file_is_sealed_and_read_when_it_is_needed(picture: Path) -> None:
    done = with_checksums(prompt(Media(kind="image", path=str(picture))), 1, "sample 1")
    (media,) = done.media
    assert media.mime == "image/png"
    assert len(media.sha256) == 64
    assert media.data == ""
    (full,) = with_contents(request(done)).prompt.media
    assert full.address == "data:image/png;base64," + base64.b64encode(PNG).decode()
    assert with_checksums(done, 1, "sample 1") == done


def test_a_request_is_known_by_the_content_and_not_by_the_place(
    picture: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes(PNG)
    other = tmp_path / "other.png"
    other.write_bytes(PNG + b"!")
    keys = [
        request_key(
            prompt_parts(with_checksums(prompt(Media(kind="image", path=str(one))), 1, ""))
        )
        for one in (picture, copy, other)
    ]
    assert keys[0] == keys[1] != keys[2]


def test_a_file_that_changes_is_seen(picture: Path) -> None:
    asked = prompt(Media(kind="image", path=str(picture)))
    before = with_checksums(asked, 1, "").media[0].sha256
    picture.write_bytes(PNG + b"more")
    assert with_checksums(asked, 1, "").media[0].sha256 != before


@pytest.mark.parametrize(
    ("content", "name", "kind", "mime"),
    [
        (b"\xff\xd8\xff\xda\xff\xd9", "a", "image", "image/jpeg"),
        (wav(), "a", "audio", "audio/wav"),
        (riff(b"WEBP"), "a", "image", "image/webp"),
        (b"whatever this is", "a.mpg", "video", "video/mpeg"),
        (b"whatever this is", "a.mp3", "audio", "audio/mpeg"),
    ],
)
def test_types_by_content_then_by_name(
    tmp_path: Path, content: bytes, name: str, kind: Any, mime: str
) -> None:
    (tmp_path / name).write_bytes(content)
    media = Media(kind=kind, path=str(tmp_path / name))
    assert with_checksums(prompt(media), 1, "").media[0].mime == mime


def test_what_cannot_be_sent_is_told_with_its_sample(picture: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.png").write_bytes(b"")
    (tmp_path / "words.txt").write_bytes(b"hello")
    for media, limit, said in (
        (Media(kind="image", path=str(tmp_path / "none.png")), 1, "No such file"),
        (Media(kind="image", path=str(tmp_path / "empty.png")), 1, "is empty"),
        (Media(kind="image", path=str(tmp_path / "words.txt")), 1, "its type is text/plain"),
        (Media(kind="audio", path=str(picture)), 1, "is no audio: its type is image/png"),
        (Media(kind="image", path=str(picture)), 0.00001, "more than 1e-05"),
        (Media(kind="image", base64="A" * 4000, mime="image/png"), 0.001, "more than 0.001"),
        (Media(kind="image", base64="QUJD"), 1, "its type is unknown"),
    ):
        with pytest.raises(DataError, match=f"sample 7: .*{said}"):
            with_checksums(prompt(media), limit, "sample 7")


def test_addresses_are_the_servers_matter() -> None:
    asked = prompt(Media(kind="video", url="https://example.org/film"))
    assert with_checksums(asked, 1, "") == asked
    assert with_contents(request(asked)) == request(asked)


def test_runs_name_files_and_do_not_hold_them(picture: Path) -> None:
    call = ToolCall(id="c", name="f", arguments="{}")
    done = with_contents(
        request(with_checksums(prompt(Media(kind="image", path=str(picture))), 1, ""))
    )
    full = Prompt(
        messages=(
            *(done.prompt.messages or ()),
            Message(role="assistant", content="", tool_calls=(call,)),
            Message(role="tool", content="42", tool_call_id="c"),
        ),
        tools=(Tool(name="f", parameters={"type": "object"}),),
        tool_choice="auto",
    )
    row = orjson.dumps(converter().unstructure(full))
    assert base64.b64encode(PNG) not in row
    back = converter().structure(orjson.loads(row), Prompt)
    assert back == full
    assert back.media[0].data == ""
    plain = Prompt(messages=(Message(role="user", content="hi"),))
    row = orjson.dumps(converter().unstructure(plain))
    assert converter().structure(orjson.loads(row), Prompt) == plain


def test_media_has_one_source() -> None:
    with pytest.raises(ValueError, match="one of path, url and base64"):
        Media(kind="image", path="a", url="b")
    with pytest.raises(ValueError, match="one of path, url and base64"):
        Media(kind="image")


def test_a_run_has_what_is_no_file_of_the_users(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr("a.png", PNG)
        archive.writestr("b.png", PNG + b"!")
    text = base64.b64encode(PNG + b"?").decode()
    asked = prompt(
        Media(kind="image", path=str(tmp_path / "in.zip"), inside=MediaPlace(member="a.png")),
        Media(kind="image", path=str(tmp_path / "in.zip"), inside=MediaPlace(member="b.png")),
        Media(kind="image", base64=text),
    )
    store = MediaStore()
    before = store.prepared(asked, 1, "")
    folder = tmp_path / "run" / "media"
    store.keep_in(folder)
    # What was known before is there at once; base64 when it is asked.
    assert {file.read_bytes() for file in folder.iterdir()} == {PNG, PNG + b"!"}
    done = store.prepared(asked, 1, "")
    assert {one.sha256 for one in done.media} == {file.name for file in folder.iterdir()}
    assert prompt_parts(before) == prompt_parts(done)
    row = orjson.dumps(converter().unstructure(done))
    assert text.encode() not in row
    # Elsewhere, without the user's files, the run is enough.
    stored = converter().structure(orjson.loads(row), Prompt)
    (tmp_path / "in.zip").unlink()
    (tmp_path / "run").rename(tmp_path / "copy")
    elsewhere = MediaStore()
    elsewhere.keep_in(tmp_path / "copy" / "media")
    found = elsewhere.prepared(stored, 1, "")
    assert prompt_parts(found) == prompt_parts(done)
    assert [content_of(one) for one in found.media] == [PNG, PNG + b"!", PNG + b"?"]


def test_what_a_power_cut_left_is_written_anew(tmp_path: Path) -> None:
    media = Media(kind="image", base64=base64.b64encode(PNG).decode())
    for left in (b"", PNG[:20], PNG[:-1] + b"y"):
        store = MediaStore()
        store.keep_in(tmp_path / "media")
        (tmp_path / "media").mkdir(exist_ok=True)
        (tmp_path / "media" / hashlib.sha256(PNG).hexdigest()).write_bytes(left)
        (kept,) = store.prepared(prompt(media), 1, "").media
        assert content_of(kept) == PNG


def test_samples_say_where_contents_are(tmp_path: Path) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(PNG)
    address = f"data:image/png;base64,{base64.b64encode(PNG + b'!').decode()}"
    sample = Sample(id="s", fields={
        "q": "data: is no url", "a": media_value(file, kind="image"), "b": [address, None],
        "odd": "data:image/png;base64,???", "text": TEXT_URL,
    })  # fmt: skip
    store = MediaStore()
    store.keep_in(tmp_path / "media")
    store.prepared(prompt(media_of(sample.fields["a"], "image")), 1, "")
    fields = store.without_contents(sample).fields
    assert fields["q"] == "data: is no url"
    assert fields["odd"] == "data:image/png;base64,???"
    assert fields["text"] == TEXT_URL
    assert fields["a"] == {"!media": {"path": str(file), "kind": "image", "mime": "image/png",
                                      "sha256": hashlib.sha256(PNG).hexdigest()}}  # fmt: skip
    (value, nothing), digest = fields["b"], hashlib.sha256(PNG + b"!").hexdigest()  # type: ignore[misc]
    assert nothing is None
    assert value == {"!media": {"sha256": digest, "mime": "image/png"}}
    (known,) = store.prepared(prompt(media_of(value, "image")), 1, "").media
    assert content_of(known) == PNG + b"!"
    plain = Sample(id="t", fields={"q": "data:"})
    assert store.without_contents(plain) is plain


def test_a_picture_that_changes_while_it_is_used_is_told(picture: Path) -> None:
    (media,) = with_checksums(prompt(Media(kind="image", path=str(picture))), 1, "").media
    picture.write_bytes(PNG + b"!")
    with pytest.raises(DataError, match="was changed while the run was using it"):
        content_of(media)
