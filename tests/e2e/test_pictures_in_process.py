"""A picture set through `hf`, whole: a tiny random Qwen2-VL reads it in this process; and the same
over a real server of that model, `transformers serve`."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import pytest
from live import Project
from torch_environment import (
    here,
    our_python,
    tiny_media_model,
    tiny_model,
    transformers_serve,
)

pytestmark = pytest.mark.timeout(900)

SUITE = """
[suite]
name = "{name}"
[models.m]
generation = {{ max_tokens = 8, temperature = 0.0 }}
{model}
[datasets.stars]
dataset = "mmstar"
path = "stars"
"""


@pytest.fixture(scope="module")
def python() -> Path:
    return our_python()


@pytest.fixture(scope="module")
def text_model(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(python, tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def eye(python: Path, text_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_media_model(python, tmp_path_factory.mktemp("eye"), text_model, "qwen2-vl")


def picture(colour: str, width: int, height: int) -> str:
    image = pytest.importorskip("PIL.Image", reason="pillow makes the set's pictures")
    written = io.BytesIO()
    image.new("RGB", (width, height), colour).save(written, format="PNG")
    return base64.b64encode(written.getvalue()).decode()


@pytest.fixture
def stars(project: Project) -> None:
    """MMStar as VLMEvalKit gives it out: pictures in base64, one row showing another's."""
    shown = [picture("red", 56, 28), picture("blue", 84, 84), "0", picture("white", 140, 28)]
    names = ["index", "question", "A", "B", "C", "D", "image", "answer", "category", "l2_category"]
    lines = ["\t".join(names)]
    for number, image in enumerate(shown):
        cells = [f"Which colour is it, in row {number}?", "red", "blue", "white", "none"]
        lines.append("\t".join([str(number), *cells, image, "ABAC"[number], "coarse", "style"]))
    project.write("stars/MMStar.tsv", "\n".join(lines) + "\n")


def local(folder: Path, more: str = "") -> str:
    return f'backend = "hf"\npath = "{folder}"\ndtype = "float32"\n{more}'


def rows(project: Project, name: str) -> dict[str, dict[str, Any]]:
    return {row["sample"]: row["response"] for row in project.rows(name, "m", "stars")}


@pytest.mark.usefixtures("stars")
def test_a_set_of_pictures(project: Project, python: Path, text_model: Path, eye: Path) -> None:
    project.write("s.toml", SUITE.format(name="seen", model=local(eye)))
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    answers = rows(project, "seen")
    counts = project.result("seen", "m", "stars")["counts"]
    assert (counts["asked"], counts["failed"]) == (4, 0)
    # 28 x 28 points are a token, and the third row shows the first's picture.
    seen = [answers[f"coarse/val-{number}"]["seen"][0] for number in range(4)]
    assert [one["tokens"] for one in seen] == [2, 9, 2, 5]
    assert [one["sizes"] for one in seen] == [[[56, 28]], [[84, 84]], [[56, 28]], [[140, 28]]]
    # Questions of one length: what differs in tokens are the pictures.
    tokens = [answers[f"coarse/val-{number}"]["usage"]["prompt_tokens"] for number in range(4)]
    assert [count - tokens[0] for count in tokens] == [0, 7, 0, 3]
    smaller = "processor = { max_pixels = 1568 }\nbatch_size = 1"
    project.write("s.toml", SUITE.format(name="small", model=local(eye, smaller)))
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    small = rows(project, "small")
    assert [small[f"coarse/val-{n}"]["seen"][0]["tokens"] for n in range(4)] == [2, 1, 2, 3]
    # A checkpoint of text alone is told before anything is loaded.
    project.write("s.toml", SUITE.format(name="blind", model=local(text_model)))
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "models.m: the model takes text alone" in done.stderr
    assert not (project.path / "outputs" / "blind").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("stars")
def test_a_real_server_of_the_same_model_answers_alike(
    project: Project, python: Path, eye: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with transformers_serve(python, eye, tmp_path_factory.mktemp("huggingface")) as url:
        model = f'backend = "openai-chat"\nurl = "{url}"\nmodel = "{eye}"\nstream = false'
        project.write("s.toml", SUITE.format(name="served", model=model))
        done = project.run("run", "s.toml", timeout=600)
        assert done.code == 0, done.out + done.err
    project.write("s.toml", SUITE.format(name="seen", model=local(eye)))
    done = here(python, project, "run", "s.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    served, ours = rows(project, "served"), rows(project, "seen")
    assert len(served) == len(ours) == 4
    for sample, answer in served.items():
        assert ours[sample]["text"].strip() == answer["text"].strip()
        for count in ("prompt_tokens", "completion_tokens"):
            assert ours[sample]["usage"][count] == answer["usage"][count]
