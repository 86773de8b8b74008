"""Pictures: a tiny random LLaVA."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import vision_model

from aisbench.api import ContentPart, Media, Message, PathOrName, Prompt, Request, Response
from aisbench_plugin_transformers.backend import HfBackend
from aisbench_plugin_transformers.settings import HfSettings


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return vision_model(tmp_path_factory)


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    from PIL import Image

    made = []
    for number, (colour, size) in enumerate((("red", (16, 16)), ("blue", (32, 16)))):
        path = tmp_path / f"{number}.png"
        Image.new("RGB", size, colour).save(path)
        made.append(path)
    return made


def ask(*media: Media, text: str = "What is it?") -> Request:
    parts = (*(ContentPart(media=one) for one in media), ContentPart(text=text))
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", seed=7, stream=False,
        prompt=Prompt(messages=(Message(role="user", content=parts),)),
        generation={"temperature": 0.0, "max_tokens": 6},
    )  # fmt: skip


def answers(hf: HfBackend, requests: list[Request]) -> list[Response]:
    found = dict(hf.answer(requests))
    return [found[place] for place in range(len(requests))]


def test_pictures_reach_the_model(folder: Path, pictures: list[Path]) -> None:
    hf = HfBackend(HfSettings(path=PathOrName(folder), dtype="float32"))
    hf.open()
    red, blue = (Media(kind="image", path=str(one), mime="image/png") for one in pictures)
    plain = ask()
    requests = [ask(red), ask(blue), ask(red, blue), plain]
    together = answers(hf, requests)
    assert all(one.fault is None for one in together), together
    assert [answers(hf, [one])[0] for one in requests] == together
    tokens = [one.usage.prompt_tokens or 0 for one in together]
    assert [count - tokens[3] for count in tokens] == [16, 16, 32, 0]
    # What is in the picture changes what the model foretells.
    assert len({one.text for one in together[:3]}) == 3
    hf.close()


def test_pictures_that_cannot_be_put_to_it(folder: Path, tmp_path: Path) -> None:
    hf = HfBackend(HfSettings(path=PathOrName(folder), dtype="float32"))
    hf.open()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno")
    requests = [
        ask(Media(kind="image", path=str(broken), mime="image/png")),
        ask(Media(kind="image", url="https://example.org/a.png")),
        ask(Media(kind="audio", base64="QUJD", mime="audio/wav")),
    ]
    said = ["cannot be read", "must be files here", "audio cannot be given to the model"]
    for response, words in zip(answers(hf, requests), said, strict=True):
        assert response.fault is not None
        assert words in response.fault.message
    hf.close()
