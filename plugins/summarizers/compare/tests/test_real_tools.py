"""The real tools, asked to leave their results behind, and the real servers, probed.

Each runs where its environment is: lm-eval, evalscope and aiperf in .dev/parity-*, made by
`dev.py parity` and benchmarks/originals.py; vLLM in .dev/vllm; llama.cpp in .dev/llama.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from batching_server import batching_server
from live import ROOT, simulator
from llama_environment import FOLDER as LLAMA
from llama_environment import binary, llama_server
from llama_environment import model as gguf
from vllm_environment import FOLDER as VLLM
from vllm_environment import MODEL, SURROUNDINGS

from aisbench.api import open_dataset
from aisbench_plugin_compare.foreign.causes import sort_causes
from aisbench_plugin_compare.foreign.matching import matched
from aisbench_plugin_compare.foreign.probing import main as probe
from aisbench_plugin_compare.foreign.reading import read_foreign
from aisbench_plugin_compare.sides.side import ComparedSide

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
DEV = ROOT / ".dev"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    words = ("--answers", "gsm8k-demo", "--accuracy", "0.7", "--ttft-ms", "5", "--tpot-ms", "1")
    with simulator(*words) as server:
        yield server.url


def call(program: Path, words: Sequence[str], folder: Path, **more: str) -> None:
    if not program.exists():
        pytest.skip(f"{program.relative_to(ROOT)} is not here")
    done = subprocess.run(
        [str(program), *words],
        cwd=folder,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]


def side_of(folder: Path) -> ComparedSide:
    side = read_foreign(folder, "theirs")
    assert side is not None
    return side


def rows(folder: Path) -> Path:
    """The demo's rows in GSM8K's layout."""
    folder.mkdir()
    samples = open_dataset("gsm8k-demo").samples()
    lines = [
        json.dumps({"question": one.fields["question"], "answer": f"#### {one.target}"})
        for one in samples
    ]
    for name in ("test", "train"):
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "README.md").write_text(
        "---\nconfigs:\n- config_name: main\n  data_files:\n"
        "  - split: test\n    path: test.jsonl\n"
        "  - split: train\n    path: train.jsonl\n---\n"
    )
    return folder


LM_TASK = """
task: sums
dataset_path: json
dataset_kwargs: {data_files: {test: DATA}}
output_type: generate_until
test_split: test
doc_to_text: "Question: {{question}}\\nAnswer:"
doc_to_target: "{{answer.split('####')[-1].strip()}}"
metric_list: [{metric: exact_match, aggregation: mean, higher_is_better: true}]
generation_kwargs: {until: ["Question:"], temperature: 0.0, max_gen_toks: 256}
filter_list:
- name: last-number
  filter:
  - {function: regex, group_select: -1, regex_pattern: "(-?[0-9]+)"}
  - {function: take_first}
"""


def lm_eval(url: str, folder: Path) -> ComparedSide:
    data = rows(folder / "data")
    (folder / "tasks").mkdir()
    task = LM_TASK.replace("DATA", str(data / "test.jsonl"))
    (folder / "tasks" / "sums.yaml").write_text(task)
    model = f"model=simulator,base_url={url}/v1/chat/completions,num_concurrent=4"
    call(
        DEV / "parity-lm_eval" / "bin" / "lm_eval",
        ["--model", "local-chat-completions", "--model_args", model, "--tasks", "sums",
         "--include_path", "tasks", "--apply_chat_template", "--log_samples",
         "--output_path", "out"],
        folder,
        HF_HUB_OFFLINE="1",
    )  # fmt: skip
    return side_of(folder / "out")


def evalscope(url: str, folder: Path) -> ComparedSide:
    data = rows(folder / "data")
    given = {"gsm8k": {"local_path": str(data), "dataset_id": str(data), "few_shot_num": 0}}
    call(
        DEV / "parity-evalscope" / "bin" / "evalscope",
        ["eval", "--model", "simulator", "--api-url", f"{url}/v1", "--api-key", "x",
         "--eval-type", "openai_api", "--datasets", "gsm8k",
         "--dataset-args", json.dumps(given), "--work-dir", "out", "--eval-batch-size", "4"],
        folder,
        HF_HUB_OFFLINE="1",
    )  # fmt: skip
    return side_of(folder / "out")


def test_lm_eval_and_evalscope_are_set_side_by_side(url: str, tmp_path: Path) -> None:
    (tmp_path / "lm").mkdir()
    (tmp_path / "es").mkdir()
    ours, theirs = lm_eval(url, tmp_path / "lm"), evalscope(url, tmp_path / "es")
    left, right = matched(ours.tasks[0], theirs.tasks[0])
    for task in (left, right):
        assert len(task.rows) == 28
        told = next(one for one in task.figures if one.measure == "accuracy")
        assert told.value == pytest.approx(float(np.mean(task.measures[0].values)), abs=1e-4)
    places = {row.keys["question"]: place for place, row in enumerate(right.rows)}
    pairs = [(place, places[row.keys["question"]]) for place, row in enumerate(left.rows)]
    found = sort_causes(left, right, pairs)
    assert len(pairs) == 28
    assert found.differing == sum(one.count for one in found.causes if one.name != "aggregation")


AIS_MODEL = """
from ais_bench.benchmark.models import VLLMCustomAPIChat

models = [
    dict(
        attr="service", type=VLLMCustomAPIChat, abbr="sim", path="TOKENIZER", model="simulator",
        stream=True, request_rate=0, retry=2, host_ip="127.0.0.1", host_port=PORT, url="",
        max_out_len=200, batch_size=4, generation_kwargs=dict(temperature=0.01),
    )
]
"""
AIS_DATA = """
from mmengine.config import read_base

with read_base():
    from ais_bench.benchmark.configs.datasets.gsm8k.gsm8k_gen_0_shot_cot_chat_prompt import (
        gsm8k_datasets,
    )
gsm8k_datasets[0]["path"] = "DATA"
"""


@pytest.mark.parametrize("mode", ["all", "perf"])
def test_ais_bench(url: str, tmp_path: Path, mode: str) -> None:
    python = DEV / "parity-ais_bench" / "bin" / "python"
    needs = "import mmengine, datasets, torch, transformers"
    if not python.exists() or subprocess.run([str(python), "-c", needs]).returncode:
        pytest.skip("an ais_bench with all that it needs is not in .dev/parity-ais_bench")
    for kind, text in (("models", AIS_MODEL), ("datasets", AIS_DATA)):
        (tmp_path / "configs" / kind).mkdir(parents=True)
        text = text.replace("PORT", url.rpartition(":")[2]).replace("DATA", str(tmp_path / "data"))
        text = text.replace("TOKENIZER", str(VLLM / MODEL))
        (tmp_path / "configs" / kind / f"own_{kind}.py").write_text(text)
    rows(tmp_path / "data")
    call(
        DEV / "parity-ais_bench" / "bin" / "ais_bench",
        ["--models", "own_models", "--datasets", "own_datasets", "--config-dir", "configs",
         "--work-dir", "out", "--mode", mode, "--dump-eval-details", "--debug"],
        tmp_path,
    )  # fmt: skip
    side = side_of(tmp_path / "out")
    if mode == "perf":
        check_means(side.loads[0].quantities, side.loads[0].figures)
        return
    (task,) = side.tasks
    assert len(task.rows) == 28
    told = next(one for one in task.figures if one.measure == "accuracy")
    assert told.value == pytest.approx(float(np.mean(task.measures[0].values)), abs=1e-4)


def test_aiperf(url: str, tmp_path: Path) -> None:
    if not (VLLM / MODEL).exists():
        pytest.skip("no tokenizer: python tests/support/vllm_environment.py")
    call(
        DEV / "parity-aiperf" / "bin" / "aiperf",
        ["profile", "--model", "simulator", "--url", url, "--endpoint-type", "chat",
         "--streaming", "--concurrency", "4", "--request-count", "12",
         "--warmup-request-count", "2", "--tokenizer", str(VLLM / MODEL),
         "--synthetic-input-tokens-mean", "20", "--output-tokens-mean", "16",
         "--use-server-token-count", "--artifact-dir", "out", "--ui", "none",
         "--use-legacy-max-tokens"],
        tmp_path,
    )  # fmt: skip
    (load,) = side_of(tmp_path / "out").loads
    assert load.counts["success"] == 12
    check_means(load.quantities, load.figures)


def test_vllm_bench(url: str, tmp_path: Path) -> None:
    call(
        VLLM / "venv" / "bin" / "vllm",
        ["bench", "serve", "--backend", "openai-chat", "--endpoint", "/v1/chat/completions",
         "--base-url", url, "--model", "simulator", "--tokenizer", str(VLLM / MODEL),
         "--dataset-name", "random", "--random-input-len", "20", "--random-output-len", "16",
         "--num-prompts", "12", "--max-concurrency", "4", "--disable-tqdm",
         "--percentile-metrics", "ttft,tpot,itl,e2el", "--save-result", "--save-detailed",
         "--result-dir", "out"],
        tmp_path,
        **SURROUNDINGS,
    )  # fmt: skip
    (load,) = side_of(tmp_path / "out").loads
    assert load.counts["success"] == 12
    check_means(load.quantities, load.figures)


def check_means(quantities: Sequence[object], figures: Sequence[object]) -> None:
    """What was read of the requests makes the figures that the tool told."""
    told = {one.name: one.value for one in figures}  # type: ignore[attr-defined]
    checked = 0
    for one in quantities:
        name = f"{one.name}.mean"  # type: ignore[attr-defined]
        if name in told:
            mean = float(np.mean(one.values))  # type: ignore[attr-defined]
            assert mean == pytest.approx(told[name], rel=1e-3), name
            checked += 1
    assert checked >= 3


# -- probes


def suite(folder: Path, url: str, model: str = "") -> Path:
    file = folder / "suite.toml"
    file.write_text(
        f"""
        [suite]
        name = "p"
        [models.m]
        backend = "openai-chat"
        url = "{url}"
        model = "{model}"
        generation = {{ max_tokens = 24 }}
        [datasets.gsm8k-demo]
        dataset = "gsm8k-demo"
        """
    )
    return file


def probed(source: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    output = source.parent / "out"
    probe([str(source), "--rows", "6", "--concurrency", "4", "--output", str(output), *words])
    return capsys.readouterr().out


def test_the_simulator_is_deterministic_until_it_may_vary(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with simulator("--answers", "gsm8k-demo", "--vary", "--ttft-ms", "1") as server:
        file = suite(tmp_path, server.url, "simulator")
        assert "deterministic as far as 6 rows show" in probed(file, capsys)
        said = probed(file, capsys, "--seeds", "each")
    assert "not deterministic: asked one at a time, 6 of 6 rows" in said


def test_a_server_that_drifts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with batching_server(drifts=True) as url:
        said = probed(suite(tmp_path, url, "batching"), capsys)
    assert "not deterministic: asked one at a time, 6 of 6 rows got another text" in said
    assert "differs from character 0 on" in said


def test_llama(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whether it is deterministic is the server's own: what is said has to fit the counts."""
    if not binary().exists():
        pytest.skip("not built: python tests/support/llama_environment.py")
    if not (VLLM / MODEL).exists():
        pytest.skip("no model: python tests/support/vllm_environment.py")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with llama_server(LLAMA, gguf(LLAMA, VLLM / MODEL), port) as url:
        said = probed(suite(tmp_path, url, "tiny"), capsys)
    assert "other text" in said
    assert ("deterministic as far as 6 rows show" in said) == (said.count("0 / 6") == 6)
