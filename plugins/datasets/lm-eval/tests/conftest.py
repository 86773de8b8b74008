"""Helpers of these tests, and where `datasets` keeps its copies while they run."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "support"))
os.environ.setdefault("HF_DATASETS_CACHE", tempfile.mkdtemp(prefix="aisbench-datasets-"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
