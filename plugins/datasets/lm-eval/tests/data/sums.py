"""Rows of a task that needs no file."""

from typing import Any

from datasets import Dataset


def rows(**_: Any) -> dict[str, Dataset]:
    def made(numbers: range) -> Dataset:
        return Dataset.from_list([{"first": one, "second": 2 * one + 1} for one in numbers])

    return {"train": made(range(50, 54)), "test": made(range(6))}
