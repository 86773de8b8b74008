"""Pictures, films and sounds: tiny random models of three architectures, and what Transformers
itself makes of the same prompts."""

from __future__ import annotations

import math
import struct
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny_models import media_model, text_model

from aisbench.api import (
    AisbenchError,
    ContentPart,
    Frames,
    Media,
    Message,
    PathOrName,
    Prompt,
    Request,
    Response,
    SeenMedia,
)
from aisbench_plugin_transformers.backend import HfBackend
from aisbench_plugin_transformers.settings import HfSettings

LOOKING = ("qwen2-vl", "llava")
OTHERS = ("qwen2.5-vl", "qwen3-vl", "llava-next", "llava-onevision")
RATE = 16000
Opened = Callable[[str], HfBackend]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Each model, loaded once."""
    pytest.importorskip("torch")
    loaded: dict[str, HfBackend] = {}

    def get(form: str) -> HfBackend:
        if form not in loaded:
            loaded[form] = backend(media_model(tmp_path_factory, form))
            loaded[form].open()
        return loaded[form]

    yield get
    for one in loaded.values():
        one.close()


def backend(folder: Path, **settings: Any) -> HfBackend:
    return HfBackend(HfSettings(path=PathOrName(folder), dtype="float32", **settings))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Media]:
    from PIL import Image

    folder = tmp_path_factory.mktemp("pictures")
    made = []
    for number, (colour, size) in enumerate((("red", (56, 28)), ("blue", (84, 84)))):
        Image.new("RGB", size, colour).save(folder / f"{number}.png")
        made.append(Media(kind="image", path=str(folder / f"{number}.png"), mime="image/png"))
    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Media:
    """Two seconds, ten frames a second, ever brighter."""
    av = pytest.importorskip("av", reason="PyAV is not installed here")
    from PIL import Image

    path = tmp_path_factory.mktemp("films") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 56, 84, "yuv420p"
        for number in range(20):
            picture = Image.new("RGB", (56, 84), (12 * number,) * 3)
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))
    return Media(kind="video", path=str(path), mime="video/mp4")


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> list[Media]:
    pytest.importorskip("av", reason="PyAV is not installed here")
    made = []
    for number, pitch in enumerate((220, 880)):
        path = tmp_path_factory.mktemp("sounds") / f"{number}.wav"
        waves = [round(9000 * math.sin(math.tau * pitch * n / RATE)) for n in range(RATE // 2)]
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(struct.pack(f"<{len(waves)}h", *waves))
        made.append(Media(kind="audio", path=str(path), mime="audio/wav"))
    return made


def shown(*media: Media, text: str = "What is it?", **more: Any) -> Prompt:
    parts = (*(ContentPart(media=one) for one in media), ContentPart(text=text))
    return Prompt(messages=(Message(role="user", content=parts),), **more)


def ask(*media: Media, **more: Any) -> Request:
    return Request(
        key="k", sample_id="1", repeat=0, turn=0, model="m", seed=7, stream=False,
        prompt=shown(*media, **more), generation={"temperature": 0.0, "max_tokens": 6},
    )  # fmt: skip


def answers(hf: HfBackend, requests: list[Request]) -> list[Response]:
    found = dict(hf.answer(requests))
    return [found[place] for place in range(len(requests))]


def direct(hf: HfBackend, media: list[Media], continuation: str = "") -> tuple[Any, Any]:
    """Model and inputs, as Transformers' own processor makes them of a chat."""
    from PIL import Image

    assert hf._loaded is not None
    model, processor = hf._loaded.model, hf._loaded.processor
    parts: list[dict[str, Any]] = [
        {"type": "image", "image": Image.open(one.path).convert("RGB")} for one in media
    ]
    turn = {"role": "user", "content": [*parts, {"type": "text", "text": "What is it?"}]}
    text = processor.apply_chat_template([turn], tokenize=False, add_generation_prompt=True)
    # Nested as Transformers' own chats are: LLaVA-OneVision shows one picture in more tiles.
    images = [[one["image"] for one in parts]] if parts else None
    return model, processor(text=[text + continuation], images=images, return_tensors="pt")


@pytest.mark.parametrize("form", [*LOOKING, *OTHERS])
def test_answers_are_those_of_transformers(
    opened: Opened, pictures: list[Media], form: str
) -> None:
    import torch

    hf = opened(form)
    assert hf._loaded is not None
    red, blue = pictures
    requests = [ask(red), ask(blue), ask(red, blue), ask(), ask(blue, red, blue)]
    together = answers(hf, requests)
    assert all(one.fault is None for one in together), together
    for request, response in zip(requests, together, strict=True):
        # Alone, and in batches of prompts with other numbers of pictures.
        assert answers(hf, [request]) == [response]
        model, inputs = direct(hf, list(request.prompt.media))
        with torch.inference_mode():
            output = model.generate(
                **inputs, max_new_tokens=6, do_sample=False, eos_token_id=hf._loaded.ends
            )
        width = inputs["input_ids"].shape[1]
        ids = output[0, width:].tolist()
        assert response.text == hf._loaded.tokenizer.decode(ids, skip_special_tokens=True)
        assert response.usage.prompt_tokens == width
    # What a picture shows changes what the model foretells.
    logits = []
    for one in pictures:
        model, inputs = direct(hf, [one])
        with torch.inference_mode():
            logits.append(model(**inputs).logits[0, -1])
    assert not torch.allclose(*logits, atol=1e-4)


def test_what_the_processor_made_is_recorded(opened: Opened, pictures: list[Media]) -> None:
    red, blue = pictures
    (looked,) = answers(opened("qwen2-vl"), [ask(red, blue)])
    # 28 x 28 points are a token: 2 and 9 of them.
    assert looked.seen == (
        SeenMedia(kind="image", count=2, tokens=2 + 9, sizes=((56, 28), (84, 84))),
    )
    (looked,) = answers(opened("llava"), [ask(red, blue)])
    assert looked.seen == (
        SeenMedia(kind="image", count=2, tokens=32, sizes=((16, 16), (16, 16))),
    )
    (plain,) = answers(opened("llava"), [ask()])
    assert plain.seen == ()


@pytest.mark.parametrize("form", [*LOOKING, *OTHERS])
def test_choices_behind_pictures(opened: Opened, pictures: list[Media], form: str) -> None:
    import torch

    hf = opened(form)
    red, blue = pictures
    asked = [
        (media, choice) for media in ([red], [red, blue], []) for choice in (" 12", " many more")
    ]
    found = answers(hf, [ask(*media, continuation=choice) for media, choice in asked])
    for (media, choice), response in zip(asked, found, strict=True):
        assert response.scored is not None, response
        model, inputs = direct(hf, media, choice)
        ids = inputs["input_ids"][0].tolist()
        with torch.inference_mode():
            rows = torch.log_softmax(model(**inputs).logits[0], dim=-1)
        count = len(response.scored.logprobs)
        truth = [float(rows[at - 1, ids[at]]) for at in range(len(ids) - count, len(ids))]
        assert response.scored.logprobs == pytest.approx(truth, abs=1e-4)
        assert "".join(response.scored.tokens) == choice
        assert response.usage.prompt_tokens == len(ids)
        assert sum(one.count for one in response.seen) == len(media)
    assert found[0].scored != found[2].scored


def test_films(opened: Opened, film: Media, pictures: list[Media]) -> None:
    hf = opened("qwen2-vl")
    requests = [ask(film), ask(film, pictures[0]), ask(film, film)]
    whole = answers(hf, requests)
    assert [one.fault for one in whole] == [None] * 3
    # Its own rule is 2 frames a second, so 4 of 20; two of them and 2 x 3 patches are a token.
    (seen,) = whole[0].seen
    assert seen == SeenMedia(kind="video", count=1, tokens=12, sizes=((56, 84),), frames=(4,))
    assert [one.kind for one in whole[1].seen] == ["video", "image"]
    assert whole[2].seen[0].frames == (4, 4)
    assert answers(hf, requests[:1]) == whole[:1]
    folder = Path(hf._settings.path)
    for rule in ({"fps": 5.0}, {"num_frames": 10}):
        often = backend(folder, video_processor=rule)
        often.open()
        (told,) = answers(often, [ask(film)])
        assert told.seen[0].frames == (10,)
        often.close()
    # Frames that core chose, as one film.
    some = Media(kind="video", path=film.path, times=(0.0, 0.5, 1.0, 1.5), mime="video/jpeg")
    (chosen,) = answers(hf, [ask(some)])
    assert chosen.seen[0].frames == (4,)
    assert chosen.usage.prompt_tokens == whole[0].usage.prompt_tokens


def test_sounds(opened: Opened, sounds: list[Media]) -> None:
    hf = opened("qwen2-audio")
    requests = [ask(sounds[0]), ask(sounds[1]), ask(*sounds)]
    found = answers(hf, requests)
    assert [one.fault for one in found] == [None] * 3
    # Half a second is 50 frames of 10 ms, of which four become a token.
    assert found[0].seen == (SeenMedia(kind="audio", count=1, tokens=12, samples=(RATE // 2,)),)
    assert [answers(hf, [one])[0] for one in requests] == found
    choices = [ask(one, continuation=" 12") for one in sounds]
    first, second = (one.scored for one in answers(hf, choices))
    assert first is not None
    assert second is not None
    assert first.logprobs != pytest.approx(second.logprobs, abs=1e-6)


def test_settings_of_the_processor(opened: Opened, pictures: list[Media]) -> None:
    folder = Path(opened("qwen2-vl")._settings.path)
    small = backend(folder, processor={"max_pixels": 4 * 28 * 28}, max_length=60)
    small.open()
    looked, crowd = answers(small, [ask(pictures[1]), ask(*pictures * 8)])
    assert looked.seen[0].sizes == ((56, 56),)
    assert looked.seen[0].tokens == 4
    assert crowd.fault is not None
    assert "those of its pictures, sounds and films included" in crowd.fault.message
    small.close()
    for key, said in (("processor", "max_pixel"), ("video_processor", "fsp")):
        with pytest.raises(AisbenchError, match=f"{key}.{said}: is nothing that") as caught:
            backend(folder, **{key: {said: 1}}).check([shown()])
        assert "max_pixels" in str(caught.value.hint)
    with pytest.raises(AisbenchError, match=r"LlavaProcessor\) takes no films"):
        backend(Path(opened("llava")._settings.path), video_processor={"fps": 1.0}).check([])


def test_what_a_model_does_not_take_is_told_before_it_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, opened: Opened, pictures: list[Media], film: Media
) -> None:
    reader = backend(text_model(tmp_path_factory))
    reader.check([shown()])
    with pytest.raises(AisbenchError, match=r"takes text alone .* and is shown pictures"):
        reader.check([shown(), shown(*pictures)])
    with pytest.raises(AisbenchError, match=r"takes no films: .* \(LlavaProcessor\) takes pict"):
        backend(Path(opened("llava")._settings.path)).check([shown(film)])
    with pytest.raises(AisbenchError, match=r"takes no pictures: .* takes sounds"):
        backend(media_model(tmp_path_factory, "qwen2-audio")).check([shown(*pictures)])
    text = backend(text_model(tmp_path_factory), processor={"max_pixels": 3136})
    with pytest.raises(AisbenchError, match="takes text alone, so it has no processor"):
        text.check([shown()])


def test_contents_that_cannot_be_put_to_it(
    opened: Opened, pictures: list[Media], tmp_path: Path
) -> None:
    from PIL import Image

    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nno")
    Image.new("RGB", (6000, 20)).save(tmp_path / "thin.png")
    requests = [
        ask(Media(kind="image", path=str(broken), mime="image/png")),
        ask(pictures[0]),
        ask(Media(kind="image", path=str(tmp_path / "thin.png"), mime="image/png")),
        ask(Media(kind="image", url="https://example.org/a.png")),
        ask(Media(kind="audio", base64="QUJD", mime="audio/wav")),
        ask(pictures[0], continuation=" 1", rolling=True),
    ]
    found = answers(opened("qwen2-vl"), requests)
    said = [
        "cannot be read", "", "refuses it: ", "must be files here", "takes no sounds",
        "with the border 'shared' alone",
    ]  # fmt: skip
    for response, words in zip(found, said, strict=True):
        assert (response.fault is None) == (not words), response
        assert response.fault is None or words in response.fault.message
    assert found[1] == answers(opened("qwen2-vl"), requests[1:2])[0]


def test_frames_of_a_film_are_pictures(opened: Opened, film: Media) -> None:
    frames = [
        Media(kind="image", path=film.path, time=second, mime="image/jpeg")
        for second in (0.0, 1.0)
    ]
    assert Frames(count=2)
    (found,) = answers(opened("llava"), [ask(*frames)])
    assert found.seen[0].count == 2
