"""The conformance kit; with a tiny random model where torch is installed."""

from __future__ import annotations

import pytest
from tiny_models import text_model

from aisbench_testkit.conformance import LocalBackendConformance, PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-transformers"


class TestHf(LocalBackendConformance):
    offer = "hf"
    continuations = (" 2", " 3 and more")

    @pytest.fixture(autouse=True)
    def _model(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        type(self).settings = {"path": str(text_model(tmp_path_factory)), "dtype": "float32"}
