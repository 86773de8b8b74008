"""Pictures within the limits of a template: the very bytes, or smaller ones."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import attrs
import pytest
from media_files import png
from PIL import Image

from aisbench.base.errors import DataError
from aisbench.conversation.keys import prompt_parts
from aisbench.media import resizing
from aisbench.media.contents import content_of, with_contents
from aisbench.media.resizing import size_within
from aisbench.media.store import MediaStore
from aisbench.types.media import Media
from aisbench.types.prompt import ContentPart, Message, Prompt
from aisbench.types.request import Request


def picture(
    folder: Path, kind: str, size: tuple[int, int], mode: str = "RGB", **more: Any
) -> Path:
    file = folder / f"a.{kind.lower()}"
    Image.new(mode, size, 128).save(file, format=kind, **more)
    return file


def prompt(media: Media) -> Prompt:
    return Prompt(messages=(Message(role="user", content=(ContentPart(media=media),)),))


def sent(store: MediaStore, media: Media) -> tuple[Image.Image, Media]:
    prepared = store.prepared(prompt(media), 50, "sample a")
    request = Request(key="", sample_id="", repeat=0, turn=0, model="", prompt=prepared,
                      generation={}, stream=False, seed=None)  # fmt: skip
    (full,) = with_contents(request).prompt.media
    return Image.open(io.BytesIO(content_of(prepared.media[0]))), full


@pytest.mark.parametrize(
    ("size", "limits", "wanted"),
    [
        ((400, 200), {"max_pixels": 20_000}, (200, 100)),
        ((400, 200), {"max_side": 100}, (100, 50)),
        ((400, 200), {"max_side": 300, "max_pixels": 20_000}, (200, 100)),
        ((401, 199), {"max_side": 400, "max_pixels": 10**9}, (400, 198)),
        ((5000, 1), {"max_side": 10}, (10, 1)),
        ((400, 200), {"max_side": 400, "max_pixels": 80_000}, (400, 200)),
    ],
)
def test_sizes(size: tuple[int, int], limits: dict[str, int], wanted: tuple[int, int]) -> None:
    assert size_within(*size, Media(kind="image", path="a", **limits)) == wanted  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "mode", "mime"),
    [("JPEG", "RGB", "image/jpeg"), ("PNG", "RGBA", "image/png"), ("GIF", "P", "image/png"),
     ("BMP", "RGB", "image/png"), ("JPEG", "CMYK", "image/jpeg"), ("WEBP", "RGB", "image/png")],
)  # fmt: skip
@pytest.mark.parametrize("kept", [True, False])
def test_what_is_too_large_is_made_smaller(
    tmp_path: Path, kind: str, mode: str, mime: str, kept: bool
) -> None:
    store = MediaStore()
    if kept:
        store.keep_in(tmp_path / "media")
    file = picture(tmp_path, kind, (400, 200), mode)
    made, full = sent(store, Media(kind="image", path=str(file), max_side=100))
    assert (made.size, full.mime) == ((100, 50), mime)
    assert full.address.startswith(f"data:{mime};base64,")
    names = [one.name for one in (tmp_path / "media").iterdir()] if kept else []
    assert names == ([f"{full.sha256}-100side"] if kept else [])


def test_what_fits_is_sent_as_it_is(tmp_path: Path) -> None:
    store = MediaStore()
    store.keep_in(tmp_path / "media")
    file = picture(tmp_path, "PNG", (400, 200))
    media = store.prepared(
        prompt(Media(kind="image", path=str(file), max_side=400)), 50, ""
    ).media[0]
    assert content_of(media) == file.read_bytes()
    assert not (tmp_path / "media").exists()


def test_the_way_up_is_kept(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    file = picture(tmp_path, "JPEG", (400, 200), exif=exif)
    made, _ = sent(MediaStore(), Media(kind="image", path=str(file), max_side=100))
    assert made.getexif()[0x0112] == 6


def test_settings_are_part_of_what_a_request_is_known_by(tmp_path: Path) -> None:
    file = picture(tmp_path, "PNG", (4, 4))
    plain = Media(kind="image", path=str(file))
    several = [plain, *(attrs.evolve(plain, **one) for one in ({"max_side": 9}, {"max_side": 8},
               {"max_pixels": 9}, {"detail": "low"}))]  # type: ignore[arg-type]  # fmt: skip
    known = [prompt_parts(MediaStore().prepared(prompt(one), 1, "")) for one in several]
    assert all(one not in known[:at] for at, one in enumerate(known))


def test_what_cannot_be_made_smaller_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.png"
    file.write_bytes(png(width=20)[:33] + png()[-12:])  # whole, and without a picture
    with pytest.raises(DataError, match=r"a.png: cannot be made smaller"):
        sent(MediaStore(), Media(kind="image", path=str(file), max_side=9))
    for media, said in (
        (Media(kind="video", path="a.mp4", max_side=9), "for pictures, not for video"),
        (Media(kind="image", url="https://a/b", max_side=9), "is fetched by the server"),
    ):
        with pytest.raises(DataError, match=said):
            MediaStore().prepared(prompt(media), 1, "sample a")
    monkeypatch.setattr(resizing, "missing", lambda names: list(names))
    with pytest.raises(DataError, match="made smaller with PIL, which is not installed") as error:
        MediaStore().prepared(prompt(Media(kind="image", path="a", max_pixels=9)), 1, "sample a")
    assert "aisbench[pictures]" in error.value.hint
