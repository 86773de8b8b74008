"""Asks the same tasks by `lm_eval` itself and by aisbench, of one server, and prints what both
say as JSON. A program of its own: lm-eval takes seconds to import, and warns of much."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"
DRAWS = 20


def main(folder: Path, way: str, tasks: list[str]) -> dict[str, Any]:
    """Numbers of both by part and measure, the requests of both, and the run. ``way`` is
    "completions", "chat", or "short": a model whose context has 24 tokens."""
    from word_server import word_server

    chat, length = way == "chat", 24 if way == "short" else None
    with word_server() as (url, asked):
        run = _ours(folder, tasks, url, chat=chat, length=length)
        ours = [_told(one) for one in asked]
        asked.clear()
        theirs = _theirs(folder, tasks, url, chat=chat, length=length or 2048)
        return {
            "ours": run[0],
            "theirs": theirs,
            "run": run[1],
            "our requests": sorted(ours),
            "their requests": sorted(_told(one) for one in asked),
        }


def _told(body: dict[str, Any]) -> str:
    """What of a request decides its answer."""
    sampling = () if body.get("echo") else ("max_tokens", "temperature", "stop", "top_p")
    names = ("prompt", "messages", "echo", *sampling)
    return json.dumps({name: body[name] for name in names if name in body}, sort_keys=True)


def _ours(
    folder: Path, tasks: list[str], url: str, *, chat: bool, length: int | None
) -> tuple[Any, str]:
    import aisbench

    backend = "vllm-chat" if chat else "vllm-completions"
    model = {"backend": backend, "url": url, "model": "words", "concurrency": 8, "stream": False}
    dataset = {
        "dataset": "lm-eval",
        "task": tasks,
        "include_path": [str(folder)],
        "bootstrap_iters": DRAWS,
        "prefix": "" if chat else "<bos>",
        "apply_chat_template": chat,
    }
    if length is not None:
        dataset["max_length"] = length
    suite = {"suite": {"name": "both"}, "models": {"words": model}, "datasets": {"d": dataset}}
    run = aisbench.run(suite, output=str(folder.parent / "runs"))
    figures = {
        f"{one.part}|{one.name}": [one.value, one.stderr, one.n, one.low, one.high]
        for one in run.scores[0].figures
    }
    return figures, str(run.path)


def _theirs(folder: Path, tasks: list[str], url: str, *, chat: bool, length: int) -> Any:
    import lm_eval
    from lm_eval.tasks import TaskManager

    path = "/v1/chat/completions" if chat else "/v1/completions"
    arguments = {
        "model": "words",
        "base_url": url + path,
        "num_concurrent": 8,
        "max_length": length,
    }
    results = lm_eval.simple_evaluate(
        model="local-chat-completions" if chat else "local-completions",
        model_args=arguments if chat else {**arguments, "tokenizer_backend": "remote"},
        tasks=tasks,
        task_manager=TaskManager(include_path=str(folder), include_defaults=False),
        bootstrap_iters=DRAWS,
        apply_chat_template=chat,
        fewshot_as_multiturn=chat,
    )["results"]
    return {
        f"{name}|{key}": [value, measures.get(f"{metric}_stderr,{filtered}")]
        for name, measures in results.items()
        for key, value in measures.items()
        for metric, comma, filtered in [key.partition(",")]
        if comma and not metric.endswith("_stderr")
    }


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache:
        os.environ["HF_DATASETS_CACHE"] = cache
        with contextlib.redirect_stdout(sys.stderr):
            folder = Path(sys.argv[1])
            told = {
                way: main(folder, way, tasks.split(","))
                for way, _, tasks in (one.partition("=") for one in sys.argv[2:])
            }
    print(json.dumps(told, default=float))
