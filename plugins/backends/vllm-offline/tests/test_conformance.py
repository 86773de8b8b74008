"""Packaging; the rest needs vLLM: tests/e2e/test_vllm.py (pytest -m vllm)."""

from __future__ import annotations

from aisbench_testkit.conformance import PackagingConformance


class TestPackaging(PackagingConformance):
    distribution = "aisbench-plugin-vllm-offline"
