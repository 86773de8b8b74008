"""One suite over every service backend: the same exact accuracy, and the same token counts."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

import pytest
import tokenizers
from live import GSM8K, NO_SHARED, Project, figures, simulator

from aisbench.api import open_dataset
from aisbench.plugins.discovery import discover
from aisbench.types.offer import BackendOffer, Capability
from aisbench_plugin_simulator.correctness import is_right
from aisbench_plugin_simulator.tokens import count_tokens

pytestmark = pytest.mark.timeout(600)

SEED = 7
SHARE = 0.7
# The simulator's own pieces, see its tokens.py.
PIECE = r" ?(?:[^\W\d_]{1,6}|\d{1,3}|[^\w\s]{1,3}|_{1,3})|\s{1,4}"
MORE = {
    "triton-infer": "stream = false",
    "triton-generate": 'dialect = "vllm"',
}
TWICE = ("vllm-chat", "vllm-completions", "tgi-generate", "triton-generate", "mindie-infer",
         "mindie-generate", "mindie-triton", "vllm-generate", "openai-responses")  # fmt: skip
"""These are asked without streaming as well."""


def service_backends() -> list[str]:
    """All that are installed, speak HTTP and take text or chats; token ids know no questions."""
    found = []
    for one in discover().of_kind("backend"):
        assert isinstance(one.offer, BackendOffer)
        forms = {Capability.TEXT, Capability.CHAT} & one.offer.capabilities.keys()
        if forms and not one.offer.local and one.offer.transport == "http":
            found.append(one.offer.name)
    return found


def tokenizer_file(path: Path) -> None:
    """A tokenizer that cuts as the simulator does."""
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    pattern = tokenizers.Regex(PIECE)
    made.pre_tokenizer = tokenizers.pre_tokenizers.Split(pattern, "isolated")
    made.save(str(path))


@pytest.mark.parametrize(
    "real",
    [False, pytest.param(True, marks=pytest.mark.skipif(not GSM8K.is_dir(), reason=NO_SHARED))],
    ids=["demo", "GSM8K"],
)
def test_every_backend_reports_the_same(project: Project, real: bool) -> None:
    tokenizer_file(project.path / "tokenizer.json")
    names = service_backends()
    assert {"vllm-chat", "triton-infer", "tgi-generate", "mindie-infer", "vllm-generate"} < {
        *names
    }
    models = {name: MORE.get(name, "") for name in names}
    models |= {f"{name}-whole": f"{MORE.get(name, '')}\nstream = false" for name in TWICE}
    if real:
        data = f'dataset = "gsm8k"\npath = "{GSM8K}"\nlimit = 200'
        lines = (GSM8K / "test.jsonl").read_text(encoding="utf-8").splitlines()[:200]
        questions = [json.loads(line)["question"] for line in lines]
    else:
        data = 'dataset = "gsm8k-demo"'
        questions = [str(one.fields["question"]) for one in open_dataset("gsm8k-demo").samples()]
    expected = 100 * mean(is_right(SEED, question, SHARE) for question in questions)
    answers = str(GSM8K / "test.jsonl") if real else "gsm8k-demo"
    with simulator("--answers", answers, "--accuracy", str(SHARE), "--seed", str(SEED)) as server:
        tables = "\n".join(
            f'[models.{name}]\nbackend = "{name.removesuffix("-whole")}"\nurl = "{server.url}"\n'
            f'model = "simulator"\ntokenizer = "tokenizer.json"\nconcurrency = 16\n{more}\n'
            "generation = { max_tokens = 300 }"
            for name, more in models.items()
        )
        project.write(
            "s.toml", f'[suite]\nname = "all"\nseed = 42\n{tables}\n[datasets.d]\n{data}\n'
        )
        done = project.run("run", "s.toml", timeout=500)
    assert done.code == 0, done.out + done.err
    for name in models:
        document = project.result("all", name, "d")
        assert figures(document)["accuracy"]["value"] == pytest.approx(expected), name
        assert document["counts"]["failed"] == 0
        prompts = answers_made = 0
        for row in project.rows("all", name, "d"):
            prompt = row["prompt"]
            texts = [prompt["text"]] if "text" in prompt else [
                one["content"] for one in prompt["messages"]
            ]  # fmt: skip
            prompts += sum(map(count_tokens, texts))
            answers_made += count_tokens(row["response"]["text"])
        tokens = document["tokens"]
        assert tokens["prompt_tokens"] == pytest.approx(prompts, rel=0.01), name
        assert tokens["completion_tokens"] == pytest.approx(answers_made, rel=0.01), name


def test_every_backend_can_be_put_under_load(project: Project) -> None:
    """Without a stream there is no TTFT, and what remains is right."""
    tokenizer_file(project.path / "tokenizer.json")
    names = service_backends()
    with simulator("--ttft-ms", "40", "--tpot-ms", "5", "--output-tokens", "8") as server:
        tables = "\n".join(
            f'[models.{name}]\nbackend = "{name}"\nurl = "{server.url}"\nmodel = "simulator"\n'
            f'tokenizer = "tokenizer.json"\n{MORE.get(name, "")}\n'
            "generation = { max_tokens = 8 }"
            for name in names
        )
        project.write(
            "s.toml",
            f'[suite]\nname = "load"\nmode = "performance"\n{tables}\n'
            '[datasets.d]\ndataset = "synthetic"\nrows = 12\ninput = 20\noutput = 8\n'
            'tokenizer = "tokenizer.json"\nunit = "words"\nignore_eos = false\n'
            "[load]\nconcurrency = 4\nrequests = 12\nwarm_up = 2\n",
        )
        done = project.run("run", "s.toml", timeout=300)
    assert done.code == 0, done.out + done.err
    for name in names:
        (path,) = project.path.glob(f"outputs/load/*/performance/{name}/d/load/summary.json")
        summary = json.loads(path.read_text())
        rows = {one["name"]: one for one in summary["populations"][0]["statistics"]}
        assert rows["e2el"]["n"] == 12, name
        assert 75 <= rows["e2el"]["percentiles"]["p50"] < 200, name
        assert rows["output_tokens"]["mean"] == pytest.approx(8, rel=0.3), name
        if name == "triton-infer":
            assert "ttft" not in rows
        else:
            assert 40 <= rows["ttft"]["percentiles"]["p50"] < 100, name
            assert rows["tpot"]["percentiles"]["p50"] == pytest.approx(5, rel=0.4), name


def test_token_ids(project: Project) -> None:
    rows = [{"question": "x", "token_ids": [5618, 13, number]} for number in range(10)]
    project.write("ids.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    with simulator("--ttft-ms", "20", "--tpot-ms", "5", "--output-tokens", "8") as server:
        project.write(
            "s.toml",
            f"""
            [suite]
            name = "ids"
            mode = "performance"
            [models.m]
            backend = "mindie-token"
            url = "{server.url}"
            generation = {{ max_tokens = 8 }}
            [datasets.d]
            dataset = "custom"
            path = "ids.jsonl"
            template = "tokens"
            [load]
            concurrency = 2
            """,
        )
        done = project.run("run", "s.toml")
    assert done.code == 0, done.out + done.err
    (path,) = project.path.glob("outputs/ids/*/performance/m/d/load/summary.json")
    summary = json.loads(path.read_text())
    rows_of = {one["name"]: one for one in summary["populations"][0]["statistics"]}
    assert rows_of["ttft"]["n"] == 10
    assert rows_of["output_tokens"]["mean"] == 8
