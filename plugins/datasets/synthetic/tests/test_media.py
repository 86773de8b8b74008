"""Pictures, sounds and films of requests: which, how many, how large, and that they are real."""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from aisbench.api import DataError, Message, Prompt, Response
from aisbench.data import media_of
from aisbench_plugin_synthetic.dataset import Synthetic
from aisbench_plugin_synthetic.lengths import Lengths
from aisbench_plugin_synthetic.media_making import make
from aisbench_plugin_synthetic.media_plan import Content, plan_media
from aisbench_plugin_synthetic.media_settings import MediaLoad, MediaMix
from aisbench_plugin_synthetic.settings import TurnsSettings
from aisbench_plugin_synthetic.turns import SyntheticTurns

av = pytest.importorskip("av")
Image = pytest.importorskip("PIL.Image")

Make = Callable[..., Synthetic]
SMALL: dict[str, Any] = {"width": 40, "height": 30}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AISBENCH_DATA", str(tmp_path))


def contents(value: Any) -> Iterator[Any]:
    """All values of media in a field."""
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from contents(one)
    elif isinstance(value, dict):
        yield value["!media"]


def picture(**changes: Any) -> Content:
    values: dict[str, Any] = {
        "kind": "image", "form": "jpeg", "seed": "0/1", "noise": 0.3, "width": 64, "height": 48,
        "quality": 85,
    }  # fmt: skip
    return Content(**{**values, **changes})


# -- which


def test_a_mix_has_its_shares(synthetic: Make) -> None:
    mix = (
        MediaMix(share=7), MediaMix(share=2, pictures=2, **SMALL),
        MediaMix(share=1, pictures=1, sounds=1, seconds=0.1, place="after", **SMALL),
    )  # fmt: skip
    made = synthetic(rows=50, input=9, media=MediaLoad(mix=mix))
    samples = made.samples()
    assert Counter(one.labels["modality"] for one in samples) == {
        "text": 35, "picture": 10, "picture + sound": 5,
    }  # fmt: skip
    assert {one.labels["size"] for one in samples} == {
        "text", "2 pictures 40x30", "1 picture 40x30, 1 sound 0.1 s",
    }  # fmt: skip
    before = next(one for one in samples if one.labels["modality"] == "picture")
    assert len(list(contents(before.fields["shown_0"]))) == 2
    after = next(one for one in samples if one.labels["modality"] == "picture + sound")
    assert after.fields["shown_0"] == "" and len(list(contents(after.fields["shown_1"]))) == 2
    (chat,) = made.variants().values()
    assert chat.prompt["user"] == "{shown_0}{text_0}{shown_1}"
    names = [one["member"] for sample in samples for one in contents(list(sample.fields.values()))]
    assert len(names) == len(set(names)) == 30  # none is shown twice
    path = {one["path"] for sample in samples for one in contents(list(sample.fields.values()))}
    with zipfile.ZipFile(path.pop()) as archive:
        assert sorted(archive.namelist()) == sorted(names)
    assert not path


@pytest.mark.parametrize(
    ("given", "distinct"), [({"pool": 4}, 4), ({"repeats": 0.75}, 10), ({"repeats": 0.0}, 40)]
)
def test_a_pool_decides_what_is_shown_again(given: dict[str, Any], distinct: int) -> None:
    mix = (MediaMix(pictures=2, **SMALL),)
    plan = plan_media(MediaLoad(mix=mix, **given), 20, 3)
    shown = Counter(one for held in plan.places for one in held.contents)
    assert (len(plan.contents), len(shown), plan.uses) == (distinct, distinct, 40)
    assert set(shown.values()) == {40 // distinct}
    again = plan_media(MediaLoad(mix=mix, **given), 20, 3)
    assert [one.contents for one in again.places] == [one.contents for one in plan.places]
    other = plan_media(MediaLoad(mix=mix, **given), 20, 4)
    assert other.contents != plan.contents


def test_drawn_sizes_and_numbers_are_in_buckets() -> None:
    mix = MediaMix(
        pictures=Lengths(method="uniform", min=1, max=3),
        width=Lengths(method="uniform", min=100, max=900), height=500,
    )  # fmt: skip
    plan = plan_media(MediaLoad(mix=(mix,)), 60, 0)
    counts = Counter(len(one.contents) for one in plan.places)
    assert set(counts) == {1, 2, 3}
    for held in plan.places:
        amount = sum(one.width * one.height for one in held.contents) / 1e6
        words = held.labels["size"].split()
        assert float(words[3]) <= amount < float(words[5])
        assert words[0] == str(len(held.contents))


def test_contents_stand_between_parts_of_a_text(synthetic: Make) -> None:
    mix = (MediaMix(pictures=3, place="between", **SMALL),)
    (sample,) = synthetic(rows=1, input=8, unit="words", media=MediaLoad(mix=mix)).samples()
    fields = sample.fields
    texts = [str(fields[f"text_{at}"]) for at in range(4)]
    assert [len(one.split()) for one in texts] == [2, 2, 2, 2]
    assert len("".join(texts).split()) == 8
    assert [len(list(contents(fields[f"shown_{at}"]))) for at in range(4)] == [0, 1, 1, 1]


def test_turns_show_contents_of_their_own() -> None:
    mix = (MediaMix(share=1), MediaMix(share=1, pictures=1, **SMALL))
    settings = TurnsSettings(
        rows=4, input=8, turns=3, turn_input=4, unit="words", media=MediaLoad(mix=mix)
    )
    made = SyntheticTurns(settings)
    shown, kinds = 0, Counter[str]()
    for sample in made.samples():
        first = Prompt(messages=(Message(role="user", content="?"),), labels=sample.labels)
        playing = made.play(sample, first)
        prompt = next(playing)
        for _ in range(2):
            prompt = playing.send(Response(text="a"))
            shown += any(one.kind == "image" for one in prompt.messages[-1].media)  # type: ignore[index]
            kinds[prompt.labels["modality"]] += 1
        kinds[sample.labels["modality"]] += 1
        later = list(contents(sample.fields["later"]))
        assert all(media_of({"!media": one}).kind == "image" for one in later)
    assert kinds == {"text": 6, "picture": 6}
    assert shown == 6 - sum(one.labels["modality"] == "picture" for one in made.samples())


def test_only_the_first_turn_shows_contents_where_that_is_asked() -> None:
    media = MediaLoad(mix=(MediaMix(pictures=1, **SMALL),), turns="first")
    settings = TurnsSettings(rows=2, input=8, turns=3, unit="words", media=media)
    for sample in SyntheticTurns(settings).samples():
        assert "later" not in sample.fields
        assert len(list(contents(sample.fields["shown_0"]))) == 1


# -- that they are real


@pytest.mark.parametrize("form", ["jpeg", "png", "webp"])
def test_a_picture(form: str) -> None:
    content = picture(form=form)
    made = make(content)
    with Image.open(io.BytesIO(made)) as opened:
        opened.load()
        assert (opened.format.lower(), opened.size) == (form, (64, 48))
    assert make(content) == made
    assert make(picture(form=form, seed="0/2")) != made
    assert len(make(picture(form=form, noise=1.0))) > len(make(picture(form=form, noise=0.0)))


@pytest.mark.parametrize("form", ["jpeg", "png"])
def test_a_picture_of_so_many_bytes(form: str) -> None:
    made = make(picture(form=form, kilobytes=30, width=120, height=90))
    assert len(made) == 30_000
    with Image.open(io.BytesIO(made)) as opened:
        opened.load()
    with pytest.raises(DataError, match="even without noise"):
        make(picture(form=form, kilobytes=1, width=400, height=400))


@pytest.mark.parametrize("form", ["wav", "flac", "mp3"])
def test_a_sound(form: str) -> None:
    content = Content(
        kind="audio", form=form, seed="0/1", noise=0.3, seconds=0.5, sample_rate=16000, channels=2
    )
    made = make(content)
    assert make(content) == made
    with av.open(io.BytesIO(made)) as opened:
        frames = list(opened.decode(audio=0))
        assert (frames[0].sample_rate, len(frames[0].layout.channels)) == (16000, 2)
        assert 0.45 < sum(one.samples for one in frames) / 16000 < 0.65


def test_a_film() -> None:
    content = Content(
        kind="video", form="mp4", seed="0/1", noise=0.1, seconds=1.5, fps=8, width=64, height=48
    )
    made = make(content)
    assert make(content) == made
    with av.open(io.BytesIO(made)) as opened:
        stream = opened.streams.video[0]
        assert (stream.average_rate, stream.width, stream.height) == (8, 64, 48)
        assert len(list(opened.decode(video=0))) == 12


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "wav", "mp4"])
def test_estimates_are_about_right(kind: str) -> None:
    more: dict[str, Any] = {}
    if kind == "wav":
        more = {"kind": "audio", "seconds": 2.0, "sample_rate": 8000}
    elif kind == "mp4":
        more = {"kind": "video", "seconds": 1.0, "fps": 8}
    content = picture(form=kind, width=320, height=240, **more)
    assert 0.5 < content.estimate / len(make(content)) < 2


# -- what is refused


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (MediaLoad(mix=(MediaMix(),)), "no kind of media.mix has"),
        (MediaLoad(mix=(MediaMix(pictures=1),), pool=1, repeats=0.1), "do not go together"),
        (MediaLoad(mix=(MediaMix(films=1, kilobytes=9),)), "is the size of pictures"),
        (MediaLoad(mix=(MediaMix(pictures=1, width=200_000, height=200_000),)), "360.0 GB of mem"),
        (MediaLoad(mix=(MediaMix(pictures=9),), gigabytes=1e-4), "would take about"),
        (MediaLoad(mix=(MediaMix(pictures=99, place="between"),)), "more than 64"),
        (MediaLoad(mix=(MediaMix(pictures=1),), turns="first"), "is for conversations"),
    ],
)
def test_what_cannot_be_had(synthetic: Make, media: MediaLoad, words: str) -> None:
    with pytest.raises(DataError, match=words):
        made = synthetic(rows=5, input=9, unit="words", media=media)
        assert made.variants() and made.samples()


def test_a_rate_that_no_encoder_knows() -> None:
    content = Content(
        kind="audio", form="mp3", seed="0/1", noise=0.3, seconds=0.5, sample_rate=12345
    )
    with pytest.raises(DataError, match="cannot make mp3 of 12345 Hz"):
        make(content)


def test_what_is_not_installed(synthetic: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.metadata

    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    media = MediaLoad(mix=(MediaMix(pictures=1, **SMALL),))
    with pytest.raises(DataError, match="needs numpy") as caught:
        synthetic(rows=5, input=9, unit="words", media=media).samples()
    assert caught.value.hint == 'pip install "aisbench-plugin-synthetic[media]"'
