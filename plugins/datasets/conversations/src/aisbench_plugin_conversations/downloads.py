"""The files, pinned at a commit."""

from __future__ import annotations

from aisbench.api import Download

_FASTCHAT = (
    "https://raw.githubusercontent.com/lm-sys/FastChat/"
    "0e6d3e4beaab66f4d3f93db72541a4abab8af28d/fastchat/llm_judge/data/mt_bench"
)

SHAREGPT = (
    # 672,837,942 bytes; the file that vLLM's and SGLang's benchmarks use.
    Download(
        url="https://huggingface.co/datasets/anon8231489123/ShareGPT_Vicuna_unfiltered/resolve/"
        "192ab2185289094fc556ec8ce5ce1e8e587154ca/ShareGPT_V3_unfiltered_cleaned_split.json",
        filename="ShareGPT_V3_unfiltered_cleaned_split.json",
        sha256="35f0e213ce091ed9b9af2a1f0755e9d39f9ccec34ab281cd4ca60d70f6479ba4",
    ),
)

MTBENCH = (
    # Apache-2.0; 80 questions.
    Download(
        url=f"{_FASTCHAT}/question.jsonl",
        filename="question.jsonl",
        sha256="119565adbab82227089cefdb44c8d7e2cf04dc0a0ec233634c82e7d4e2a944f7",
    ),
    # 30 answers of GPT-4, which serve as recorded ones.
    Download(
        url=f"{_FASTCHAT}/reference_answer/gpt-4.jsonl",
        filename="gpt-4.jsonl",
        sha256="f957a5bc977badb66885ec970e6cd08527845780313f0995764260e5777b9b3f",
    ),
)
