"""The picture of the live view: ``python -m tools.live_picture`` (in .venv, with tmux) runs a
sweep against the simulator and draws the screen into docs/images/live.svg."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from tools.picture import FORM, ROOT, THEME

PICTURE = ROOT / "docs" / "images" / "live.svg"
WIDTH, HEIGHT = 96, 24
MOMENT = "rate=16: 17 s of 20 s"
"""What the screen then shows: the third of the loads is nearly over."""
TITLE = "aisbench run sweep.toml"
SUITE = """\
[suite]
name = "sweep"
mode = "performance"

[models.qwen]
backend = "vllm-chat"
url = "{url}"
generation = {{ max_tokens = 48 }}

[datasets.chat]
dataset = "gsm8k-demo"

[load]
shape = "poisson"
rate = 2
duration = 20
warm_up = 2
slo = {{ ttft_ms = 400 }}
sweep = {{ rate = [2, 8, 16, 24, 32] }}
"""


def screen() -> str:
    """What the terminal shows in the middle of the run, with its colours."""
    python = [sys.executable, "-m", "aisbench"]
    server = subprocess.Popen(
        [*python, "simulate", "--port", "0", "--ttft-ms", "90", "--tpot-ms", "12", "--jitter",
         "0.4", "--output-tokens", "24-96", "--fail", "503:0.02"],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    tmux = ["tmux", "-L", f"aisbench-picture-{os.getpid()}", "-f", os.devnull]
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            (Path(folder) / "sweep.toml").write_text(SUITE.format(url=url))
            shell = f"env -u CI TERM=screen-256color LC_ALL=C.UTF-8 {' '.join(python)}"
            subprocess.run(
                [*tmux, "-u", "new-session", "-d", "-s", "t", "-x", str(WIDTH), "-y", str(HEIGHT),
                 "-c", folder, f"{shell} run sweep.toml"],
                check=True,
            )  # fmt: skip
            while True:
                shown = subprocess.run(
                    [*tmux, "capture-pane", "-t", "t", "-p", "-e"],
                    check=True, capture_output=True, text=True,
                ).stdout  # fmt: skip
                if MOMENT in shown:
                    return shown
                time.sleep(0.2)
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
        server.kill()
        server.wait()


def picture(ansi: str) -> str:
    """The screen in a window."""
    console = Console(record=True, width=WIDTH, file=io.StringIO(), color_system="truecolor")
    for line in ansi.rstrip("\n").split("\n"):
        text = Text.from_ansi(line)
        text.no_wrap, text.overflow = True, "crop"
        console.print(text)
    drawn = console.export_svg(title=TITLE, theme=THEME, code_format=FORM, unique_id="live")
    drawn = drawn.replace("aisbench run examples/quickstart.toml</title>", f"{TITLE}</title>")
    return re.sub(r"[ \t]+$", "", drawn, flags=re.M)


if __name__ == "__main__":
    PICTURE.write_text(picture(screen()), encoding="utf-8")
    print(PICTURE.relative_to(ROOT))
