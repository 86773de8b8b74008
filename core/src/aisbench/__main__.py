"""``python -m aisbench``."""

from __future__ import annotations

import sys

from aisbench.cli import main

sys.exit(main())
