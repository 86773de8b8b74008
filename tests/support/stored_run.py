"""Runs that nobody made: folders with the files that a run leaves, for those who read them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

TEXT = """
    the first step is to count how many of them there are and then divide what is left by two
    so that each of the boxes holds as many apples as before which gives a total for the week
    therefore we multiply the number of days with the price and subtract the change at the end
"""
WORDS = TEXT.split()
VERDICTS = ("right",) * 14 + ("wrong",) * 4 + ("unparsed", "truncated")
RARE = "zanzibar"
"""A word that one answer in ten thousand holds."""


def sample_row(number: int, draw: random.Random) -> dict[str, Any]:
    """A row of the data set."""
    question = " ".join(draw.choices(WORDS, k=40)) + f"? ({number})"
    return {
        "id": f"test-{number}",
        "fields": {"question": question},
        "target": str(number),
        "part": f"part {number % 7}",
    }


def answer_text(number: int, verdict: str, draw: random.Random, words: int) -> str:
    """What a model may have said."""
    text = " ".join(draw.choices(WORDS, k=words))
    if number % 10_000 == 17:
        text += f" {RARE}"
    if number % 1000 == 5:
        text += " 首先计算每个盒子里的苹果数量"
    found = number if verdict == "right" else number + 1
    return text + (f"\nThe answer is {found}." if verdict in ("right", "wrong") else "")


def prediction_row(
    sample: dict[str, Any], number: int, text: str, draw: random.Random, repeat: int = 0
) -> dict[str, Any]:
    """A line of the journal."""
    begin = number * 10_000_000
    took = draw.randrange(200, 3000) * 1_000_000
    return {
        "v": 1,
        "key": f"{number:032x}",
        "sample": sample["id"],
        "repeat": repeat,
        "turn": 0,
        "seed": number,
        "url": "http://127.0.0.1:8000",
        "session": 1,
        "prompt": {"messages": [{"role": "user", "content": sample["fields"]["question"]}]},
        "response": {
            "text": text,
            "finish_reason": "stop",
            "usage": {"prompt_tokens": 60, "completion_tokens": len(text) // 5},
        },
        "timing": {
            "dispatched": begin,
            "sent": begin + 100_000,
            "first_token": begin + took // 8,
            "last_token": begin + took,
            "done": begin + took,
        },
    }


def score_row(
    sample: dict[str, Any], number: int, text: str, verdict: str, repeat: int = 0
) -> dict[str, Any]:
    """A line of the scores."""
    found = {"right": str(number), "wrong": str(number + 1)}.get(verdict)
    row = {
        "sample": sample["id"],
        "repeat": repeat,
        "target": sample["target"],
        "part": sample["part"],
        "score": {
            "value": 1.0 if verdict == "right" else 0.0,
            "verdict": verdict,
            "extracted": found,
            "reason": 'stated after "the answer is"',
        },
        "answer": text,
    }
    if number % 400 == 3:
        row["anomalies"] = [{"kind": "repetition", "evidence": "the the the"}]
    return row


def stored_run(
    run: Path,
    answers: int,
    *,
    models: tuple[str, ...] = ("qwen",),
    repeats: int = 1,
    words: int = 160,
    seed: int = 42,
    complete: bool = True,
) -> Path:
    """A run of so many ``answers`` of each model to a data set ``math``."""
    draw = random.Random(seed)
    for folder in ("samples", "predictions", "results"):
        (run / folder).mkdir(parents=True, exist_ok=True)
    samples = [sample_row(number, draw) for number in range(answers // repeats)]
    _lines(run / "samples" / "math.jsonl", samples)
    tables = "".join(
        f'[models.{one}]\nbackend = "vllm-chat"\nurl = "http://127.0.0.1:8000"\n' for one in models
    )
    (run / "suite.toml").write_text(
        f'[suite]\nname = {json.dumps(run.parent.name)}\nmode = "accuracy"\nmax_failed = 0.0\n'
        f"{tables}"
        f'[datasets.math]\ndataset = "gsm8k-demo"\nrepeats = {repeats}\n'
    )
    stamp = run.name
    day = f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}Z"
    session = {"started": day, "clock_ns": 0, "arguments": ["run", "suite.toml"], "plugins": {},
               "host": {"system": "Linux", "python": "3.11.7"}}  # fmt: skip
    if complete:
        session["ended"] = day
    (run / "environment.json").write_bytes(
        orjson.dumps({"schema": 1, "sessions": [session], "complete": complete, "seed": seed})
    )
    (run / "log.jsonl").write_bytes(
        orjson.dumps({"time": day, "level": "info", "message": "session 1 starts: 1 task"}) + b"\n"
    )
    for model in models:
        _answered(run, model, samples, repeats, words, draw, scored=complete)
    return run


def _answered(
    run: Path,
    model: str,
    samples: list[dict[str, Any]],
    repeats: int,
    words: int,
    draw: random.Random,
    *,
    scored: bool,
) -> None:
    counts = dict.fromkeys(VERDICTS, 0)
    scores = []
    for folder in ("predictions", "results"):
        (run / folder / model).mkdir(exist_ok=True)

    def rows() -> Iterator[dict[str, Any]]:
        for number, sample in enumerate(samples):
            for repeat in range(repeats):
                verdict = draw.choice(VERDICTS)
                counts[verdict] += 1
                text = answer_text(number, verdict, draw, words)
                scores.append(orjson.dumps(score_row(sample, number, text, verdict, repeat)))
                yield prediction_row(sample, number, text, draw, repeat)

    _lines(run / "predictions" / model / "math.jsonl", rows())
    if not scored:
        return
    (run / "results" / model / "math.scores.jsonl").write_bytes(b"\n".join(scores) + b"\n")
    total = sum(counts.values())
    value = 100 * counts["right"] / total
    figure = {"name": "accuracy", "value": value, "unit": "%", "n": len(samples), "better": "up",
              "low": max(0.0, value - 5), "high": min(100.0, value + 5),
              "method": "wilson"}  # fmt: skip
    result = {"schema": 1, "complete": True, "model": model, "dataset": "math",
              "variant": "0-shot-chat", "samples": len(samples), "repeats": repeats,
              "counts": {"asked": total, **counts}, "figures": [figure]}  # fmt: skip
    (run / "results" / model / "math.json").write_bytes(orjson.dumps(result))


def _lines(path: Path, rows: Any) -> None:
    with path.open("wb") as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
