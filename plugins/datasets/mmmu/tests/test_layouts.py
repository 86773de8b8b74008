"""Tables of another version are told: without options every question would be an open one."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.api import DataError, open_dataset


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ("index\tpicture\tquestion\tA\tB\tanswer", "no column 'image' or 'image_1'"),
        ("index\timage\tquestion\tone\ttwo\tanswer", "no column 'options' or 'A'"),
        ("index\timage_1\tquestion\tA\tB\tanswer", "no picture is in it"),
    ],
)
def test_a_table_of_another_version(tmp_path: Path, columns: str, why: str) -> None:
    (tmp_path / "MMMU_Pro_10c.tsv").write_text(f"{columns}\n1\t\tWhich?\tx\ty\tA\n")
    with pytest.raises(DataError, match=rf"MMMU_Pro_10c\.tsv:2: {why}"):
        open_dataset("mmmu-pro", {"path": str(tmp_path)}).samples()
