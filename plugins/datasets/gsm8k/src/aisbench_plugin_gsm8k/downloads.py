"""The official files, pinned: the authors' repository at a fixed commit (MIT licence)."""

from __future__ import annotations

from aisbench.api import Download

_FOLDER = (
    "https://raw.githubusercontent.com/openai/grade-school-math/"
    "3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data"
)

FILES = (
    # 4,166,206 bytes, 7,473 rows
    Download(
        url=f"{_FOLDER}/train.jsonl",
        filename="train.jsonl",
        sha256="17f347dc51477c50d4efb83959dbb7c56297aba886e5544ee2aaed3024813465",
    ),
    # 749,738 bytes, 1,319 rows
    Download(
        url=f"{_FOLDER}/test.jsonl",
        filename="test.jsonl",
        sha256="3730d312f6e3440559ace48831e51066acaca737f6eabec99bccb9e4b3c39d14",
    ),
)
