"""Many data sets of one model in one command: side by side, killed and resumed."""

from __future__ import annotations

import itertools
import json

import pytest
from live import Project

from benchmarks import thirty_sets

FEW = list(thirty_sets.SETS)[:8]


@pytest.mark.not_quick
def test_a_suite_that_is_killed_three_times_ends_as_one_that_is_not() -> None:
    assert thirty_sets.survive(FEW, repeats=20, concurrency=8)


def test_a_late_answer_of_one_set_keeps_no_other_waiting(project: Project) -> None:
    """Each set is begun before the last answer of the one before it is there."""
    with thirty_sets.tailed() as url:
        text = thirty_sets.suite_text(FEW[:4], url, repeats=6, concurrency=4)
        project.write("s.toml", text.replace("concurrency", "stream = false\nconcurrency"))
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    spans = []
    for name in FEW[:4]:
        timings = [row["timing"] for row in project.rows(thirty_sets.NAME, "sim", name)]
        spans.append((min(one["sent"] for one in timings), max(one["done"] for one in timings)))
    assert all(begun < ended for (_, ended), (begun, _) in itertools.pairwise(spans))
    documents = [project.result(thirty_sets.NAME, "sim", name) for name in FEW[:4]]
    assert [one["complete"] for one in documents] == [True] * 4, json.dumps(documents)
