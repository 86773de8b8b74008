"""Contents inside files: zip members, base64 in text files; Parquet is in unit/data."""

from __future__ import annotations

import base64
import csv
import gzip
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from aisbench.base.errors import DataError
from aisbench.data import is_media, media_at, media_value, read_table
from aisbench.media.contents import content_of
from aisbench.media.values import kind_of, media_of
from aisbench.types.media import Media, MediaPlace

PNG = b"\x89PNG\r\n\x1a\n"
PICTURES = [PNG + bytes([number]) * 300 for number in range(4)]
TEXTS = [base64.b64encode(one).decode() for one in PICTURES]


def rows(file: Path, *files: str) -> list[Any]:
    return [row.cells["image"] for row in read_table(file, files=files)]


def contents(cells: list[Any]) -> list[bytes]:
    assert all(map(is_media, cells))
    return [content_of(media_of(cell, "image")) for cell in cells]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "json"])
def test_base64_stays_in_the_file_that_holds_it(tmp_path: Path, ending: str) -> None:
    """Behind quoted line breaks, letters of several bytes, a byte order mark."""
    told = [
        {"question": f'Wo "{n}"\nist\u00e4 {n}?', "image": text} for n, text in enumerate(TEXTS)
    ]
    file = tmp_path / f"a.{ending}"
    if ending == "jsonl":
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in told))
    elif ending == "json":
        file.write_text(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        with file.open("w", newline="", encoding="utf-8-sig") as opened:
            writer = csv.DictWriter(
                opened, ["question", "image"], delimiter="," if ending == "csv" else "\t"
            )
            writer.writeheader()
            writer.writerows(told)
    found = rows(file, "image")
    assert contents(found) == PICTURES
    assert not any(text in json.dumps(found) for text in TEXTS)
    assert [row.cells["question"] for row in read_table(file, files=("image",))] == [
        one["question"] for one in told
    ]
    # Not named as a column of files it is a text like any other.
    assert rows(file) == TEXTS


def test_addresses_lists_and_names_among_contents(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    cells: list[Any] = [
        [TEXTS[0], f"data:image/png;base64,{TEXTS[1]}", "c.png", None],
        "https://a/b.png", "", None,
        "/9j/pictures/of/people/who/live/in/houses/that/are/far/away/from/a.jpg",
    ]  # fmt: skip
    file.write_text("".join(json.dumps({"image": one}) + "\n" for one in cells))
    first, *others = rows(file, "image")
    assert contents(first[:2]) == PICTURES[:2]
    assert [*first[2:], *others] == ["c.png", None, *cells[1:]]


def test_what_has_no_place_in_a_file_stays_a_text(tmp_path: Path) -> None:
    """Slashes that JSON escapes; files that are packed."""
    file = tmp_path / "a.jsonl"
    text = base64.b64encode(PNG + b"\xff\xff\xff" * 30).decode()
    file.write_text('{"image": "' + text.replace("/", "\\/") + '"}\n')
    assert rows(file, "image") == [f"data:;base64,{text}"]
    packed = tmp_path / "a.csv.gz"
    packed.write_bytes(gzip.compress(f"image\n{text}\n".encode()))
    assert rows(packed, "image") == [text]


def test_members_of_a_zip_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.png", PICTURES[0])
    found = media_at("in.zip/a/b.png", tmp_path)
    assert found == media_value(tmp_path / "in.zip", MediaPlace(member="a/b.png"))
    assert found == media_at("a/b.png", tmp_path / "in.zip")
    assert contents([found]) == PICTURES[:1]
    for member, said in (("a/c.png", "no member 'a/c.png'"), ("A/b.png", "no member")):
        with pytest.raises(DataError, match=said):
            content_of(media_of(media_at(member, tmp_path / "in.zip"), "image"))
    (tmp_path / "in.zip").write_bytes(b"PK\3\4 and no more")
    with pytest.raises(DataError, match="cannot be unpacked"):
        content_of(media_of(found, "image"))


def test_cells_become_what_can_be_found_from_anywhere(tmp_path: Path) -> None:
    assert media_at("a.png", tmp_path) == str(tmp_path / "a.png")
    assert media_at(["/a.png", None, "", "https://a/b"], tmp_path) == [
        "/a.png",
        None,
        "",
        "https://a/b",
    ]
    named = media_at(["a.png", "https://a/b"], tmp_path, "video")
    assert kind_of(named) == "video"
    assert isinstance(named, list)
    assert media_of(named[0], "video") == Media(kind="video", path=str(tmp_path / "a.png"))
    assert media_of(named[1], "video") == Media(kind="video", url="https://a/b")
    for cell in (5, {"a": 1}, [["a.png", 3]]):
        with pytest.raises(DataError, match="names no file"):
            media_at(cell, tmp_path)


def test_a_file_that_changed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"image": TEXTS[0]}) + "\n")
    (cell,) = rows(file, "image")
    file.write_text("{" + "!" * 900)
    with pytest.raises(DataError, match=r"no base64 from byte .*: "):
        content_of(media_of(cell, "image"))
