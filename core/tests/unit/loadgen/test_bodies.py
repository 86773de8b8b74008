"""Bodies whose contents stay in their files: the same bytes as a codec makes, or the codec's."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.engine.pieces import PiecedRequest
from aisbench.loadgen.bodies import LEAST, Bodies
from aisbench.media.store import MediaStore
from aisbench.types.http import HttpRequest
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request

JPEG = b"\xff\xd8\xff\xe0\0\2\xff\xda\0\2"


class Codec:
    """Writes contents in different ways."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.seen = 0

    def encode(self, request: Request) -> HttpRequest:
        contents = [media.content for media in request.prompt.media]
        self.seen = max(self.seen, *map(len, contents))
        body: Any = {"texts": request.prompt.words, "contents": contents, "max_tokens": 7}
        if self.way == "length":
            body["length"] = sum(map(len, contents))
        data = json.dumps(body).encode()
        if self.way == "bytes":
            data = b"".join(map(base64.b64decode, contents))
        return HttpRequest(method="POST", path="/", body=data, headers={"X": "1"})


def request(*files: Path) -> Request:
    parts = [ContentPart(media=Media(kind="image", path=str(one))) for one in files]
    content = (ContentPart(text="a"), *parts, ContentPart(text="b"))
    prompt = Prompt(messages=(Message(role="user", content=content),))
    prompt = MediaStore().prepared(prompt, 50, "one")
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", prompt=prompt, generation={},
        stream=True, seed=None,
    )  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two large files and a small one."""
    found = []
    for at, size in enumerate((LEAST, 2 * LEAST + 1, 100)):
        found.append(tmp_path / f"{at}.jpg")
        found[-1].write_bytes(JPEG + bytes([at]) * size + b"\xff\xd9")
    return found


def whole(made: Any) -> bytes:
    return b"".join(made.chunks(b"")) if isinstance(made, PiecedRequest) else made.body


def test_large_contents_stay_in_their_files(files: list[Path]) -> None:
    codec = Codec("as they are")
    bodies, one = Bodies(codec), request(*files, files[0])  # type: ignore[arg-type]
    first = bodies.make(one)
    codec.seen = 0
    made = bodies.make(one)
    assert codec.seen < 200  # of the second request no large content was in memory
    assert isinstance(first, PiecedRequest) and isinstance(made, PiecedRequest)
    assert whole(made) == whole(first)
    assert made.length == len(whole(made)) and made.held < 1000
    assert made.request == HttpRequest(method="POST", path="/", headers={"X": "1"})
    found = json.loads(whole(made))["contents"]
    wanted = [*files, files[0]]
    assert [base64.b64decode(one) for one in found] == [one.read_bytes() for one in wanted]


@pytest.mark.parametrize("way", ["length", "bytes"])
def test_a_codec_that_looks_at_contents_gets_them(files: list[Path], way: str) -> None:
    codec = Codec(way)
    bodies, one = Bodies(codec), request(files[0])  # type: ignore[arg-type]
    for _ in range(2):
        made = bodies.make(one)
        assert isinstance(made, HttpRequest)
        assert codec.seen > LEAST
        codec.seen = 0
    if way == "bytes":
        assert whole(made) == files[0].read_bytes()


def test_a_file_that_changed_is_told(files: list[Path]) -> None:
    bodies, one = Bodies(Codec("as they are")), request(files[0])  # type: ignore[arg-type]
    bodies.make(one)
    files[0].write_bytes(JPEG + bytes(LEAST) + b"another\xff\xd9")
    with pytest.raises(DataError, match="changed while the run was using it"):
        bodies.make(one)
