"""The README's picture of a run: ``python -m tools.picture`` (in .venv) runs the quickstart and
draws what the terminal shows into docs/images/run.svg."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
PICTURE = ROOT / "docs" / "images" / "run.svg"
COMMAND = ("aisbench", "run", "examples/quickstart.toml")
WIDTH = 94

THEME = TerminalTheme(
    (24, 26, 32),
    (222, 224, 230),
    [(24, 26, 32), (230, 110, 110), (130, 200, 140), (220, 190, 110), (110, 160, 230),
     (190, 140, 220), (110, 200, 200), (222, 224, 230)],
)  # fmt: skip

# rich's own form names a font that readers would fetch from elsewhere.
FORM = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
    <title>aisbench run examples/quickstart.toml</title>
    <style>
    .{unique_id}-matrix {{
        font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
        font-size: {char_height}px;
        line-height: {line_height}px;
    }}
    {styles}
    </style>
    <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
    </defs>
    {chrome}
    <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix">
    {matrix}
    </g>
    </g>
</svg>
"""  # noqa: E501


def shown() -> str:
    """What the command prints, from the repository's folder, into a terminal of WIDTH columns."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "examples").symlink_to(ROOT / "examples")
        done = subprocess.run(
            [sys.executable, "-m", *COMMAND],
            cwd=folder,
            env={**os.environ, "COLUMNS": str(WIDTH), "NO_COLOR": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout


def picture(text: str) -> str:
    """``text`` under the command that printed it, in a window."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor")
    console.print(Text("$ ", style="green") + Text(" ".join(COMMAND), style="bold"))
    for line in text.rstrip().splitlines():
        body = Text(line, no_wrap=True, overflow="crop")
        body.highlight_regex(r"^(run|results:) ", "cyan")
        body.highlight_regex(r"\d+\.\d %(?= \[)", "bold green")
        body.highlight_regex(r"\[[\d.]+, [\d.]+\]", "blue")
        body.highlight_regex(r"─+", "blue")
        console.print(body)
    console.print()  # room for what hangs below the last line
    drawn = console.export_svg(
        title=" ".join(COMMAND), theme=THEME, code_format=FORM, unique_id="run"
    )
    return re.sub(r"[ \t]+$", "", drawn, flags=re.M)


if __name__ == "__main__":
    PICTURE.write_text(picture(shown()), encoding="utf-8")
    print(PICTURE.relative_to(ROOT))
