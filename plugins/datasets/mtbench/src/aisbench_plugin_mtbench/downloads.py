"""The official files, pinned: the authors' repository at a fixed commit (Apache-2.0)."""

from __future__ import annotations

from aisbench.api import Download

_DATA = (
    "https://raw.githubusercontent.com/lm-sys/FastChat/"
    "0e6d3e4beaab66f4d3f93db72541a4abab8af28d/fastchat/llm_judge/data"
)

FILES = (
    Download(
        url=f"{_DATA}/mt_bench/question.jsonl",
        filename="question.jsonl",
        sha256="119565adbab82227089cefdb44c8d7e2cf04dc0a0ec233634c82e7d4e2a944f7",
    ),
    Download(
        url=f"{_DATA}/judge_prompts.jsonl",
        filename="judge_prompts.jsonl",
        sha256="fd283293406d024f44c174b094ef48031d0687a4682fd3a56b29b138f80281b6",
    ),
    Download(
        url=f"{_DATA}/mt_bench/reference_answer/gpt-4.jsonl",
        filename="gpt-4.jsonl",
        sha256="f957a5bc977badb66885ec970e6cd08527845780313f0995764260e5777b9b3f",
    ),
)
