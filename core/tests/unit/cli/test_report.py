"""`aisbench report --as` takes that tool's formulas and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from aisbench.base.errors import AisbenchError
from aisbench.cli.report import main


@pytest.mark.parametrize("words", [("--percentiles", "50"), ("--window", "2"), ("--itl", "read")])
def test_a_setting_that_the_dialect_would_ignore_is_refused(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    with pytest.raises(AisbenchError, match=rf"{words[0]} does not change"):
        main([str(tmp_path), "--as", "vllm", *words])
