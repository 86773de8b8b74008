"""Pictures beside the answers: those that the run had, each once, within a budget."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from aisbench.api import Media
from aisbench_plugin_html.pictures import Pictures
from aisbench_testkit.canned import PICTURE

CONTENT = base64.b64decode(PICTURE)


def test_pictures_that_the_run_had(tmp_path: Path) -> None:
    file = tmp_path / "1.png"
    file.write_bytes(CONTENT)
    own = Media(kind="image", path=str(file), sha256=hashlib.sha256(CONTENT).hexdigest())
    kept = Media(kind="image", sha256="a" * 64)
    script = Media(kind="image", sha256="b" * 64)
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / kept.sha256).write_bytes(CONTENT)
    (tmp_path / "media" / script.sha256).write_bytes(b"<svg onload='x()'/>")
    pictures = Pictures(tmp_path, left=2 * len(CONTENT))
    assert pictures.name_of(script) == ""
    assert pictures.name_of(Media(kind="audio", path=str(file), sha256=own.sha256)) == ""
    assert [pictures.name_of(one) for one in (own, kept, own)] == [
        own.sha256, kept.sha256, own.sha256,
    ]  # fmt: skip
    assert pictures.held[own.sha256] == f"data:image/png;base64,{PICTURE}"
    assert pictures.left == 0

    file.write_bytes(CONTENT + b"\0")  # another one than was asked with
    assert Pictures(tmp_path).name_of(own) == ""
    assert Pictures(tmp_path, left=1).name_of(kept) == ""
