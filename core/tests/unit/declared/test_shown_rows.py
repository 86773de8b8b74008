"""VLMEvalKit's tables: contents in cells, lists of them, other rows' pictures, names of files."""

from __future__ import annotations

import base64
import gzip
from pathlib import Path
from typing import Any

import pytest
from declaring import declared

from aisbench.base.errors import DataError
from aisbench.media.contents import source_of
from aisbench.media.values import media_of
from aisbench.types.sample import Sample

FIRST = b"\x89PNG\r\n\x1a\n" + bytes(60) + b"1"
SECOND = b"\xff\xd8\xff" + bytes(70) + b"2"
ONE, TWO = (base64.b64encode(one).decode() for one in (FIRST, SECOND))
KEYS: dict[str, Any] = {
    "files": {"test": "t.tsv"},
    "columns": {"id": "index"},
    "media": {"image": {"references": "index", "paths": "image_path"}},
}
REAL = Path(__file__).parents[5] / "shared" / "data2" / "mm" / "vlmevalkit_tsv"


def samples(folder: Path, *lines: str, packed: bool = False, **keys: Any) -> list[Sample]:
    text = "\n".join(("index\timage\timage_path\tA", *lines)) + "\n"
    (folder / "t.tsv").write_text(text)
    if packed:
        (folder / "t.tsv.gz").write_bytes(gzip.compress(text.encode()))
        keys["files"] = {"test": "t.tsv.gz"}
    return list(declared(folder, {**KEYS, **keys}).samples())


def contents(sample: Sample) -> list[bytes]:
    held: Any = sample.fields["image"]
    several = held if isinstance(held, list) else [held]
    return [source_of(media_of(one, "image")) for one in several if one]


@pytest.mark.parametrize("packed", [False, True])
def test_references_lists_and_cells_that_stay_text(tmp_path: Path, packed: bool) -> None:
    (tmp_path / "a.png").write_bytes(FIRST)
    made = samples(
        tmp_path,
        "0\t01\t\tnull",
        f"01\t{ONE}\t\tNA",
        f'7\t"[""{ONE}"", ""{TWO}""]"\t\t1.0',
        f"8\t['{TWO}']\t\t01",
        "9\t7\t\tnan",
        "10\t\t['a.png', \"a.png\"]\tNone",
        "11\t\ta.png\t",
        packed=packed,
    )
    assert [contents(one) for one in made] == [
        [FIRST], [FIRST], [FIRST, SECOND], [SECOND], [FIRST, SECOND], [FIRST, FIRST], [FIRST],
    ]  # fmt: skip
    assert [one.fields["A"] for one in made] == ["null", "NA", "1.0", "01", "nan", "None", ""]
    assert [one.id for one in made][:2] == ["test-0", "test-01"]
    # A content stands in the file, and no copy of it in the sample.
    assert packed or ONE not in repr(made)


def test_a_reference_to_a_row_that_is_left_out(tmp_path: Path) -> None:
    keep = {"rows": {"where": {"A": "test"}}}
    (one,) = samples(tmp_path, f"1\t{ONE}\t\tdev", "2\t1\t\ttest", **keep)
    assert contents(one) == [FIRST]
    shown = {"rows": {"where": {"image": {"present": True}}}}
    (one,) = samples(tmp_path, f"1\t{ONE}\t\t", "2\t\t\t", **shown)
    assert one.id == "test-1"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ((f"0\t{ONE}\t\t", "1\t0\t\t", "2\t1\t\t"), ":4: .*'1', which itself names the row '0'"),
        (("0\t99\t\t",), ":2: .*names the row '99', and no row has that index"),
        (("0\t0\t\t",), ":2: .*names its own row"),
        (("0\t\t\t", "1\t0\t\t"), ":3: .*names the row '0', which has no image"),
        ((f"0\t{ONE}\t\t", f"0\t{ONE}\t\t"), ":3: .*index '0' is that of .*:2 too"),
        ((f"0\t{'x' * 5000}\t\t",), ":2: media.image: 5000 characters .* are no name of a file"),
    ],
)
def test_a_reference_that_leads_nowhere(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(DataError, match=r"t\.tsv" + said):
        samples(tmp_path, *lines)


@pytest.mark.parametrize(
    "line",
    ["0\tno.png\t\t", "0\t\t['no.png']\t", f"0\t{'x/' * 300}{'y' * 300}no.png\t\t"],
)
def test_a_file_that_is_not_there_is_told_where_its_row_is_asked(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "pictures.zip").write_bytes(b"")
    (one, other) = samples(tmp_path, line, f"1\t{ONE}\t\t")
    assert contents(other) == [FIRST]
    with pytest.raises(DataError, match=r"no\.png: ") as told:
        contents(one)
    assert told.value.hint.startswith(("unpack pictures.zip in ", "check the path"))


def test_one_of_the_files_in_place_of_the_folder(tmp_path: Path) -> None:
    """Of a folder with several layouts the one that is meant; no other file is taken for one."""
    keys = {**KEYS, "files": {"test": ["a.jsonl", "in/t*.tsv"]}, "media": {}}
    (tmp_path / "in").mkdir()
    (tmp_path / "a.jsonl").write_text('{"index": 7}\n')
    for name in ("t", "t2", "other"):
        (tmp_path / "in" / f"{name}.tsv").write_text(f"index\tq\n{name}\tx\n")
    assert [one.id for one in declared(tmp_path, keys).samples()] == ["test-7"]
    chosen = declared(tmp_path, keys, path="in/t2.tsv")
    assert [one.id for one in chosen.samples()] == ["test-t2"]
    assert chosen.files() == [tmp_path / "in" / "t2.tsv"]
    with pytest.raises(DataError, match=r"other\.tsv is a file, not a folder"):
        declared(tmp_path, keys, path="in/other.tsv").samples()


def test_a_name_with_places(tmp_path: Path) -> None:
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "01.png").write_bytes(FIRST)
    keys = {"media": {"image": {"column": "{index}.png", "folder": "v"}}}
    (one,) = samples(tmp_path, "01\tx\t\t", **keys)
    assert contents(one) == [FIRST]
    (one,) = samples(tmp_path, "02\tx\t\t", **keys)
    with pytest.raises(DataError, match=r"v.02\.png: No such file"):
        contents(one)


@pytest.mark.skipif(not REAL.is_dir(), reason="shared/data2/mm is not here")
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("bad_chain_ref", ":4: .*reference to a reference"),
        ("bad_dangling_ref", ":2: .*'99'"),
        ("edge_image_path", "missing.jpg: No such file"),
        ("edge_index_ref", ""),
        ("edge_string_index", ""),
    ],
)
def test_tables_in_the_published_layout(tmp_path: Path, name: str, said: str) -> None:
    table = {"references": "index", "paths": "image_path", "folder": str(REAL)}
    keys = {**KEYS, "files": {"test": str(REAL / f"{name}.tsv")}, "media": {"image": table}}
    if said:
        with pytest.raises(DataError, match=said):
            list(map(contents, declared(tmp_path, keys).samples()))
        return
    made = declared(tmp_path, keys).samples()
    assert all(len(contents(one)) == 1 + (one.id == "test-4") for one in made)
