"""Make the pages anew: ``python -m tools.reference``."""

from __future__ import annotations

from tools.reference.pages import PAGES, ROOT, renewed

if __name__ == "__main__":
    for page in PAGES:
        (ROOT / page).write_text(renewed(page), encoding="utf-8")
        print(page)
