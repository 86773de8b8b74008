"""What pages say is done, block by block, in a fresh folder against the simulator.

The blocks of a Chinese page are those of its English one, letter by letter (test_languages.py), so
that they are played there every day, and once more as Chinese pages with ``-m slow``.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from page_stage import stage
from pages import Block, blocks, english_of, name_of, pages


def _played(page: Path) -> list[Block]:
    return list(blocks(page.read_text(encoding="utf-8")))


def _runs(found: list[Block]) -> bool:
    return any(
        one.language in ("sh", "python") and not one.notes.keys() & {"file", "not run"}
        for one in found
    )


PLAYED = [
    pytest.param(
        one,
        id=name_of(one),
        marks=[pytest.mark.slow] if english_of(one) else [],
    )
    for one in pages()
    if _runs(_played(one))
]


@pytest.mark.not_quick
@pytest.mark.parametrize("page", PLAYED)
def test_what_the_page_says_is_so(page: Path, tmp_path: Path) -> None:
    with stage(tmp_path) as made:
        for block in _played(page):
            try:
                made.play(block)
            except AssertionError as error:
                raise AssertionError(f"{name_of(page)}:{block.line}: {error}") from None
