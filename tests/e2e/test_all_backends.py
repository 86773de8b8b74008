"""One suite over every service backend: the same exact accuracy, and the same token counts."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import mean

import pytest
import tokenizers
from live import GSM8K, NO_SHARED, Project, figures, simulator

from aisbench.api import open_dataset
from aisbench.plugins import discover
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
    """All that are installed and take text or chats; token ids know no questions."""
    found = []
    for one in discover().of_kind("backend"):
        assert isinstance(one.offer, BackendOffer)
        forms = {Capability.TEXT, Capability.CHAT} & one.offer.capabilities.keys()
        if forms and not one.offer.local:
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
