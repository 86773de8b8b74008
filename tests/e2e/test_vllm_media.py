"""Pictures, films and sounds with a real vLLM on the CPU: its engine in our process, its server,
and Transformers in another process, all with the same tiny random models.

Opt-in: pytest -m vllm (about 2 GB of packages at the first time, some minutes).
"""

from __future__ import annotations

import base64
import io
import json
import math
import socket
import struct
import subprocess
import sys
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live import ROOT, Project, surroundings
from vllm_environment import FOLDER, SURROUNDINGS, media_model, set_up, vllm_server

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(1800)]

PACKAGES = (
    "core", "plugins/backends/vllm-offline", "plugins/backends/transformers",
    "plugins/datasets/custom", "plugins/datasets/picture-choices", "plugins/evaluators/choices",
    "plugins/evaluators/text", "plugins/evaluators/numeric", "plugins/evaluators/repeats",
    "plugins/summarizers/table", "plugins/summarizers/files",
)  # fmt: skip
OFFLINE = """
backend = "vllm-offline"
path = "{path}"
dtype = "float32"
max_model_len = 512
enforce_eager = true
max_num_seqs = 4
"""
HF = 'backend = "hf"\npath = "{path}"\ndtype = "float32"\n'
SERVED = 'backend = "vllm-chat"\nurl = "{url}"\nmodel = "tiny"\ntimeout = {{ total = 600 }}\n'
SUITE = """
[suite]
name = "{name}"
[models.m]
generation = {{ max_tokens = 8, temperature = 0.0 }}
{model}
{data}
"""
STARS = '[datasets.stars]\ndataset = "mmstar"\npath = "stars"\n'
CHOICES = """
[datasets.choices]
dataset = "custom"
path = "choices.jsonl"
columns = { files = ["image"] }
template = "chat-choices"
prompt = { user = "{question}", images = ["{image}"], choices = [" 12", " many more"] }
evaluator = "numeric"
"""
SEEN = """
[datasets.seen]
dataset = "custom"
path = "{kind}.jsonl"
columns = {{ {kind} = ["file"] }}
evaluator = "numeric"
"""


@pytest.fixture(scope="module")
def python() -> Path:
    """vLLM's interpreter, with our packages in its environment."""
    found = set_up()
    uv = Path(sys.executable).parent / "uv"
    words = [word for package in PACKAGES for word in ("-e", str(ROOT / package))]
    subprocess.run([uv, "pip", "install", "-q", "--python", found, "flit_core>=3.11"], check=True)
    subprocess.run(
        [uv, "pip", "install", "-q", "--python", found, "--no-build-isolation", *words], check=True
    )
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    media_model("qwen2-vl")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with vllm_server(FOLDER, port, model="qwen2-vl") as url:
        yield url


def run(
    python: Path, project: Project, name: str, model: str, data: str
) -> dict[tuple[str, int], dict[str, Any]]:
    """The responses of a run in vLLM's environment, by sample and turn."""
    project.write("s.toml", SUITE.format(name=name, model=model, data=data))
    done = subprocess.run(
        [python, "-m", "aisbench", "run", "s.toml"],
        cwd=project.path,
        env={**surroundings(project.path / "home"), **SURROUNDINGS},
        capture_output=True, text=True, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return responses(project, name)


def responses(project: Project, name: str) -> dict[tuple[str, int], dict[str, Any]]:
    (journal,) = project.path.glob(f"outputs/{name}/*/predictions/m/*.jsonl")
    found = [json.loads(line) for line in journal.read_text().splitlines()]
    return {(row["sample"], row["turn"]): row["response"] for row in found}


def alike(
    first: dict[tuple[str, int], dict[str, Any]], second: dict[tuple[str, int], dict[str, Any]]
) -> None:
    assert first.keys() == second.keys()
    for key, one in first.items():
        other = second[key]
        assert one["text"] == other["text"]
        for count in ("prompt_tokens", "completion_tokens"):
            assert one["usage"][count] == other["usage"][count]


@pytest.fixture
def stars(project: Project) -> None:
    from PIL import Image

    names = ["index", "question", "A", "B", "image", "answer", "category", "l2_category"]
    lines = ["\t".join(names)]
    for number, (colour, size) in enumerate((("red", (56, 28)), ("blue", (84, 84)))):
        written = io.BytesIO()
        Image.new("RGB", size, colour).save(written, format="PNG")
        (project.path / f"{number}.png").write_bytes(written.getvalue())
        text = base64.b64encode(written.getvalue()).decode()
        cells = [str(number), "Which colour is it?", "red", "blue", text, "A", "coarse", "style"]
        lines.append("\t".join(cells))
    project.write("stars/MMStar.tsv", "\n".join(lines) + "\n")
    asked = [{"question": "How many?", "image": f"{n}.png", "answer": "1"} for n in range(2)]
    project.write("choices.jsonl", "".join(json.dumps(row) + "\n" for row in asked))


@pytest.mark.usefixtures("stars")
def test_pictures(project: Project, python: Path, server: str) -> None:
    path = media_model("qwen2-vl")
    engine = run(python, project, "engine", OFFLINE.format(path=path), STARS)
    assert [one["seen"][0]["tokens"] for _, one in sorted(engine.items())] == [2, 9]
    project.write(
        "s.toml", SUITE.format(name="served", model=SERVED.format(url=server), data=STARS)
    )
    done = project.run("run", "s.toml", timeout=900)
    assert done.code == 0, done.out + done.err
    alike(engine, responses(project, "served"))
    alike(engine, run(python, project, "hf", HF.format(path=path), STARS))


@pytest.mark.usefixtures("stars")
def test_choices_behind_pictures(project: Project, python: Path) -> None:
    path = media_model("qwen2-vl")
    engine = run(python, project, "engine", OFFLINE.format(path=path), CHOICES)
    truth = run(python, project, "hf", HF.format(path=path), CHOICES)
    assert engine.keys() == truth.keys()
    assert len(engine) == 4
    for key, one in engine.items():
        scored, other = one["scored"], truth[key]["scored"]
        assert scored["tokens"] == other["tokens"]
        assert scored["logprobs"] == pytest.approx(other["logprobs"], abs=1e-3)


def test_films_and_sounds(project: Project, python: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV makes the film")
    from PIL import Image

    with av.open(str(project.path / "film.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 56, 84, "yuv420p"
        for number in range(20):
            picture = Image.new("RGB", (56, 84), (12 * number,) * 3)
            container.mux(stream.encode(av.VideoFrame.from_image(picture)))
        container.mux(stream.encode(None))
    waves = [round(9000 * math.sin(math.tau * 440 * n / 16000)) for n in range(8000)]
    with wave.open(str(project.path / "sound.wav"), "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", ""))
        file.writeframes(struct.pack(f"<{len(waves)}h", *waves))
    for form, kind, file_name, more, others in (
        ("qwen2-vl", "video", "film.mp4", "video = { num_frames = 4 }", "num_frames = 4"),
        ("qwen2-audio", "audio", "sound.wav", "", ""),
    ):
        row = {"question": "What is it?", "file": file_name, "answer": "1"}
        project.write(f"{kind}.jsonl", json.dumps(row) + "\n")
        data, path = SEEN.format(kind=kind), media_model(form)
        engine = run(python, project, f"engine-{kind}", OFFLINE.format(path=path) + more, data)
        own = f"video_processor = {{ {others} }}" if others else ""
        hf = run(python, project, f"hf-{kind}", HF.format(path=path) + own, data)
        ((_, one),), ((_, other),) = engine.items(), hf.items()
        assert one["usage"]["prompt_tokens"] == other["usage"]["prompt_tokens"]
        assert one["seen"][0]["tokens"] == other["seen"][0]["tokens"] > 4
        if kind == "audio":  # of the film vLLM and Transformers choose other frames
            assert one["text"] == other["text"]
