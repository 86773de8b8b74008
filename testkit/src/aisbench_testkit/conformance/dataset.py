"""A data set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from aisbench.api import Dataset, DatasetOffer, Offer
from aisbench_testkit.checking.case import packages_of
from aisbench_testkit.checking.guard import deed_problems, watched
from aisbench_testkit.checks import damage, dataset, leaks, offers, scoring, snapshots
from aisbench_testkit.checks.making import make
from aisbench_testkit.conformance.base import OfferConformance, expect_none, installed


class DatasetConformance(OfferConformance):
    """``settings`` must lead to data: use a small file beside the test. ``snapshots`` is a
    folder beside the test with the prompt of the first row under each variant."""

    kind: ClassVar[type[Offer]] = DatasetOffer
    snapshots: ClassVar[str] = ""
    evaluation: ClassVar[Mapping[str, Any]] = {}
    """Settings of the evaluator, where it needs some."""

    @property
    def descriptor(self) -> DatasetOffer:
        """The offer as a DatasetOffer."""
        return installed().find(DatasetOffer, self.offer)[0]

    def test_evaluator_and_metrics_are_installed(self) -> None:
        """What the offer names comes with the dependencies."""
        expect_none(lambda: offers.check_names_used(self.descriptor, installed()))

    def test_downloads(self) -> None:
        """https, checksums, plain names."""
        if self.descriptor.downloads is None:
            pytest.skip("the data set offers no downloads")
        expect_none(lambda: offers.check_downloads(self.listed))

    def test_variants(self) -> None:
        """Each says its source, and names an installed template and retriever."""
        expect_none(lambda: dataset.check_variants(self.make(), installed()))

    def test_files(self) -> None:
        """They exist."""
        expect_none(lambda: dataset.check_files(self.make()))

    def test_damaged_files(self, tmp_path: Path) -> None:
        """Empty, cut, in another encoding, gone: DataError, with the file's name."""
        given = self.settings.get("path")
        if not isinstance(given, str):
            pytest.skip("no files of its own: settings have no `path`")

        def made(path: Path) -> Dataset:
            changed = {**self.settings, "path": str(path)}
            found: Dataset = make(self.listed, changed, self.folder())
            return found

        expect_none(lambda: damage.check_damaged(made, self.folder() / given, tmp_path))

    def test_samples(self) -> None:
        """Unique ids, the same rows in every load."""
        expect_none(lambda: dataset.check_samples(self.make))

    def test_examples(self) -> None:
        """None of them is also a question."""
        expect_none(lambda: dataset.check_examples(self.make(), dataset.shots(self.make())))

    def test_every_variant_renders_every_row(self) -> None:
        """No row lacks a field that a prompt names."""
        expect_none(lambda: dataset.check_render(self.make(), installed()))

    def test_prompts_do_not_tell_the_answer(self) -> None:
        """The reference of a row is not in its own question."""
        made = self.make()
        expect_none(lambda: leaks.check_hidden(made, made.samples(), installed()))

    def test_every_row_can_be_scored(self) -> None:
        """References are there, and the evaluator can read them."""
        if self.descriptor.evaluator is None:
            pytest.skip("a workload: nothing scores it")
        made = self.make()
        expect_none(
            lambda: scoring.check_scorable(
                made, self.descriptor, made.samples(), installed(), self.evaluation
            )
        )

    def test_reading_leaves_nothing_behind(self) -> None:
        """Only files that files() names are opened, and none is left open or written."""
        made = self.make()
        with watched() as deeds:
            list(made.samples())
        own = packages_of(self.listed)
        declared = [Path(file) for file in made.files()]
        expect_none(lambda: deed_problems(deeds, declared, own, "samples()"))

    def test_prompts_are_as_recorded(self) -> None:
        """A prompt that changes changes figures: it is seen here first."""
        if not self.snapshots:
            pytest.skip("no snapshots of prompts are kept: set `snapshots`")
        folder = self.folder() / self.snapshots
        expect_none(lambda: snapshots.check_snapshots(self.make(), installed(), folder))

    def test_conversations(self) -> None:
        """The same responses lead to the same prompts."""
        expect_none(lambda: dataset.check_dialogue(self.make(), self.descriptor, installed()))
