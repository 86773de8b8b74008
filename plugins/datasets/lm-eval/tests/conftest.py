"""lm-eval reads where `datasets` keeps its copies when it is imported."""

from __future__ import annotations

import os
import tempfile

os.environ.setdefault("HF_DATASETS_CACHE", tempfile.mkdtemp(prefix="aisbench-datasets-"))
os.environ["HF_HUB_OFFLINE"] = "1"
