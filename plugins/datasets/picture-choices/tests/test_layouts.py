"""Tables of another version are told: figures would be of one ability that nobody named."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.api import DataError, open_dataset


@pytest.mark.parametrize(("name", "file"), [("mmstar", "MMStar"), ("mmbench", "MMBench_DEV_EN")])
def test_a_table_of_another_version(tmp_path: Path, name: str, file: str) -> None:
    table = "index\timage\tquestion\tA\tB\tanswer\tability\n1\t\tWhich?\tx\ty\tA\tz\n"
    (tmp_path / f"{file}.tsv").write_text(table)
    with pytest.raises(
        DataError, match=rf"{file}\.tsv:2: no column 'category' \(columns: index, "
    ):
        open_dataset(name, {"path": str(tmp_path)}).samples()
