"""Contents as processors of models in this process take them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from media_files import png, wav

from aisbench.base.errors import AisbenchError
from aisbench.codec.opened_media import FilmShape, opened_film, opened_picture, opened_sound
from aisbench.codec.rendering import Renderer, Unfit, kinds_of, placeholders, sound_rate
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt

pytest.importorskip("av", reason="PyAV is not installed: aisbench[films]")
pytest.importorskip("PIL", reason="Pillow is not installed: aisbench[pictures]")


class Eye:
    """A processor of pictures and films: a token for each letter, 7 for a picture."""

    image_processor = video_processor = SimpleNamespace()
    image_token_id = 7
    video_token = "V"
    chat_template = "{{ x }}"

    def __init__(self) -> None:
        self.tokenizer = self

    def convert_tokens_to_ids(self, token: str) -> int:
        return ord(token)

    def encode(self, text: str, add_special_tokens: bool = True) -> list[int]:
        return [ord(one) for one in text]

    def apply_chat_template(self, turns: Sequence[dict[str, Any]], **keys: Any) -> str:
        parts = [part for turn in turns for part in turn["content"]]
        return "".join(part.get("text") or f"<{part['type']}>" for part in parts)


def inline(kind: Any, content: bytes) -> Media:
    return Media(kind=kind, base64=base64.b64encode(content).decode())


def shown(*media: Media, **more: Any) -> Prompt:
    parts = (*(ContentPart(media=one) for one in media), ContentPart(text="ok"))
    return Prompt(messages=(Message(role="user", content=parts),), **more)


def test_a_prompt_with_contents_names_them_in_the_order_of_their_places() -> None:
    renderer = Renderer(Eye(), Eye(), None, {})
    picture, film = inline("image", png()), Media(kind="video", path="film.mp4")
    found = renderer.render(shown(picture, film))
    assert (found.text, found.media) == ("<image><video>ok", (picture, film))
    scored = renderer.render(shown(picture, continuation=" no"))
    assert scored.text == "<image>ok no"
    assert scored.own == [ord(one) for one in " no"]
    assert [one.size for one in renderer.render(shown(picture)).images] == [(1, 1)]
    renderer.check(shown(picture, film))
    assert [placeholders(Eye(), kind, [7, 86, 7]) for kind in ("image", "video", "audio")] == [
        2, 1, None,
    ]  # fmt: skip


def test_what_the_processor_does_not_take() -> None:
    sound = inline("audio", wav())
    with pytest.raises(AisbenchError, match=r"takes no sounds: .* \(Eye\) takes pictures, films"):
        Renderer(Eye(), Eye(), None, {}).check(shown(sound))
    with pytest.raises(AisbenchError, match=r"takes text alone .* is shown sounds, pictures"):
        Renderer(Eye(), None, None, {}).check(shown(sound, inline("image", png())))
    for media in (Media(kind="image", url="http://x/a.png"), inline("audio", wav())):
        with pytest.raises(Unfit):
            Renderer(Eye(), Eye(), None, {}).render(shown(media))
    assert kinds_of(SimpleNamespace(feature_extractor=SimpleNamespace())) == {"audio"}
    assert sound_rate(SimpleNamespace(audio_processor=SimpleNamespace(sampling_rate=8000))) == 8000


def test_contents_are_read() -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    assert opened_picture(inline("image", png(width=1, height=1))).mode == "RGB"
    sound = opened_sound(inline("audio", wav(samples=1600)), 8000)
    assert sound.dtype == numpy.float32
    assert abs(len(sound) - 800) < 40
    for media in (inline("image", b"no"), inline("image", png()[:40])):
        with pytest.raises(Unfit, match="cannot be read"):
            opened_picture(media)
    with pytest.raises(Unfit, match="holds no sound"):
        opened_sound(inline("audio", png()), 8000)


def test_frames_of_a_film(tmp_path: Path) -> None:
    numpy = pytest.importorskip("numpy", reason="NumPy is not installed")
    import av

    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 32, 16, "yuv420p"
        for number in range(20):
            frame = numpy.full((16, 32, 3), 12 * number, numpy.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode(None))
    film = Media(kind="video", path=str(tmp_path / "film.mp4"))
    asked: list[FilmShape] = []

    def chosen(shape: FilmShape) -> list[int]:
        asked.append(shape)
        return [0, 10, 19, 99]

    found = opened_film(film, chosen)
    assert asked == [FilmShape(frames=20, rate=pytest.approx(10.0), seconds=pytest.approx(2.0))]
    assert found.indices == (0, 10, 19)
    assert found.pixels.shape == (3, 16, 32, 3)
    assert found.size == (32, 16)
    assert [round(float(one.mean()) / 12) for one in found.pixels] == [0, 10, 19]
    whole = Media(kind="video", path=film.path, times=(0.0, 0.5), mime="video/jpeg")
    listed = opened_film(whole, chosen)
    assert (listed.indices, listed.pixels.shape) == ((0, 1), (2, 16, 32, 3))
    with pytest.raises(Unfit, match="no\\.mp4"):
        opened_film(Media(kind="video", path=str(tmp_path / "no.mp4")), chosen)
