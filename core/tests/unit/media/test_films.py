"""Films as pictures: which frames, the same each time, upright, kept once; and their sound."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.conversation.keys import prompt_parts
from aisbench.media import films
from aisbench.media.contents import content_of, with_contents
from aisbench.media.delivery import MediaDelivery
from aisbench.media.films import Film, chosen_times
from aisbench.media.store import MediaStore
from aisbench.types.media import Frames, Media, MediaPlace
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request

Image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
av = pytest.importorskip("av", reason="PyAV is not installed")

REAL = Path(__file__).parents[5] / "shared" / "data2" / "mm" / "media_formats_video"
TIMES = tuple(number / 4 for number in range(12))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of four frames, whose grey says which it is, with sound."""
    path = tmp_path_factory.mktemp("films") / "a film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=4)
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        stream.gop_size = 5
        sound = container.add_stream("aac", rate=16000, layout="mono")
        for number in range(12):
            picture = Image.new("RGB", (64, 32), (number * 20,) * 3)
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))
        for number in range(16):  # AAC takes 1024 samples at a time
            silence = av.AudioFrame(format="fltp", layout="mono", samples=1024)
            silence.planes[0].update(bytes(silence.planes[0].buffer_size))
            silence.sample_rate, silence.pts = 16000, 1024 * number
            container.mux(sound.encode(silence))
        container.mux(sound.encode(None))
    return path


def asked(*media: Media) -> Prompt:
    parts = (*(ContentPart(media=one) for one in media), ContentPart(text="What happens?"))
    return Prompt(messages=(Message(role="user", content=parts),))


def shown(store: MediaStore, path: Path, **frames: Any) -> tuple[Media, ...]:
    media = Media(kind="video", path=str(path), frames=Frames(**frames))
    return store.prepared(asked(media), 1e-9, "sample 1").media


def grey(media: Media) -> int:
    return round(Image.open(io.BytesIO(content_of(media))).convert("L").getpixel((9, 9)) / 20)


@pytest.mark.parametrize(
    ("frames", "numbers"),
    [
        ({"count": 4}, [0, 3, 7, 11]),
        ({"count": 1}, [5]),
        ({"count": 99}, list(range(12))),
        ({"rate": 1}, [0, 4, 8]),
        ({"rate": 2, "most": 3}, [0, 4, 10]),
        ({"times": (1.3, 0.2)}, [0, 5]),
    ],
)
def test_which_frames(
    film: Path, tmp_path: Path, frames: dict[str, Any], numbers: list[int]
) -> None:
    assert chosen_times(Film(TIMES, False), Frames(**frames), "") == tuple(
        TIMES[one] for one in numbers
    )
    before, after = MediaStore(), MediaStore()
    found = shown(before, film, **frames)
    assert [one.time for one in found] == [TIMES[one] for one in numbers]
    assert [grey(one) for one in found] == numbers
    # The same whether they are kept ahead or read when they are sent.
    kept, later = tmp_path / "a", tmp_path / "b"
    for folder in (kept, later):
        folder.mkdir()
    before.keep_in(kept)
    after.keep_in(later)
    own = shown(after, film, **frames)
    assert own == found
    assert [content_of(one) for one in own] == [content_of(one) for one in found]
    contents = [{one.name: one.read_bytes() for one in at.iterdir()} for at in (kept, later)]
    assert contents[0] == contents[1]
    assert len(contents[0]) == len(numbers)


def test_a_film_in_an_archive_its_sound_and_its_size(film: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(film, "b.mp4")
    frames = Frames(count=2, sound=True)
    media = Media(
        kind="video", path=str(tmp_path / "a.zip"), inside=MediaPlace(member="b.mp4"),
        frames=frames, max_side=16,
    )  # fmt: skip
    store = MediaStore()
    prompt = store.prepared(asked(media), 1, "sample 1")
    (tmp_path / "media").mkdir()
    store.keep_in(tmp_path / "media")
    *pictures, sound = store.prepared(prompt, 1, "sample 1").media
    assert [Image.open(io.BytesIO(content_of(one))).size for one in pictures] == [(16, 8)] * 2
    assert (sound.kind, sound.mime) == ("audio", "audio/wav")
    content = content_of(sound)
    assert content[:4] == b"RIFF" and abs(len(content) - 32044) < 5000
    # The film itself is no part of the run.
    assert len(list((tmp_path / "media").iterdir())) == 3
    # What is shown of a film is part of what a request is known by.
    keys = [prompt_parts(asked(one)) for one in prompt.media]
    assert all(one not in keys[:at] for at, one in enumerate(keys))


def test_frames_that_are_one_film(film: Path, tmp_path: Path) -> None:
    """A list of JPEG in base64, as vLLM takes it, whether it is kept ahead or made when sent."""
    before, after = MediaStore(), MediaStore()
    (media,) = shown(before, film, count=3, together=True)
    assert (media.kind, media.mime, media.times) == ("video", "video/jpeg", (0.0, 1.25, 2.75))
    after.keep_in(tmp_path)
    (kept,) = shown(after, film, count=3, together=True)
    asked_now = [
        with_contents(
            Request(
                key="", sample_id="1", repeat=0, turn=0, model="m", prompt=asked(one),
                generation={}, stream=False, seed=None,
            )
        ).prompt.media[0].address
        for one in (media, kept)
    ]  # fmt: skip
    assert asked_now[0] == asked_now[1]
    begin, _, frames = asked_now[0].partition(",")
    assert begin == "data:video/jpeg;base64"
    numbers = [
        round(Image.open(io.BytesIO(base64.b64decode(one))).convert("L").getpixel((9, 9)) / 20)
        for one in frames.split(",")
    ]
    assert numbers == [0, 5, 11]
    by_place = after.prepared(asked(kept), 1, "", MediaDelivery(name="m", send="file")).media[0]
    assert not by_place.sent


def test_what_cannot_be_shown(film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = tmp_path / "p.mp4"
    Image.new("RGB", (2, 2)).save(picture, format="PNG")
    for media, said in (
        (Media(kind="video", url="http://a/b.mp4", frames=Frames(count=1)), "by the server"),
        (Media(kind="video", path=str(picture), frames=Frames(count=1)), "is no video: its type"),
        (Media(kind="video", path=str(film), frames=Frames(times=(9,))), "ends after 3.000 s"),
    ):
        with pytest.raises(DataError, match=f"sample 1: .*{said}"):
            MediaStore().prepared(asked(media), 50, "sample 1")
    monkeypatch.setattr(films, "missing", lambda names: ["av"])
    with pytest.raises(DataError, match="made with av, which is not installed") as error:
        shown(MediaStore(), film, count=1)
    assert "aisbench[films]" in error.value.hint


@pytest.mark.skipif(not REAL.is_dir(), reason="shared/data2/mm is not here")
def test_a_film_that_is_turned() -> None:
    store = MediaStore()
    plain, turned = (shown(store, REAL / one, count=1)[0] for one in ("UPPER.MP4", "rotated.mp4"))
    first, second = (Image.open(io.BytesIO(content_of(one))) for one in (plain, turned))
    assert (first.size, second.size) == ((160, 120), (120, 160))
    with pytest.raises(DataError, match=r"truncated\.mp4: it ends in the middle"):
        shown(store, REAL / "truncated.mp4", count=1)
