"""Results as other tools lay them down, made up: three questions, or three requests."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

QUESTIONS = (
    "Ann has 3 apples and buys 4 more. How many has she?",
    "A train runs 60 km in an hour. How far does it run in 3 hours?",
    "Of 20 birds 5 fly away. How many stay?",
)
TARGETS = ("7", "180", "15")
TEXTS = ("3 + 4 = 7. The answer is 7", "It runs 1,180 km. The answer is 1,180", "I do not know")
READ = ("7", "1180", None)
"""What was read of each: right, wrong, nothing."""
MODEL = "made-up-model"


def lines(path: Path, rows: Sequence[Any]) -> None:
    """JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def whole(path: Path, value: Any) -> None:
    """One JSON value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1))


def lm_eval(folder: Path, questions: Sequence[str] = QUESTIONS) -> Path:
    """lm-eval 0.4.13: two filters, results beside."""
    stamp = "2026-01-02T03-04-05.678901"
    rows = []
    for name, right in (("strict-match", (1.0, 0.0, 0.0)), ("flexible-extract", (1.0, 0.0, 0.0))):
        for number, question in enumerate(questions):
            read = READ[number] if name == "strict-match" else READ[number] or "[invalid]"
            message = json.dumps([{"role": "user", "content": f"Question: {question}\nAnswer:"}])
            rows.append(
                {
                    "doc_id": number,
                    "doc": {"question": question, "answer": f"#### {TARGETS[number]}"},
                    "target": TARGETS[number],
                    "arguments": {
                        "gen_args_0": {
                            "arg_0": [message],
                            "arg_1": {"until": ["Question:"], "temperature": 0.0},
                        }
                    },
                    "resps": [[TEXTS[number]]],
                    "filtered_resps": [read or "[invalid]"],
                    "filter": name,
                    "metrics": ["exact_match"],
                    "exact_match": right[number],
                }
            )
    lines(folder / MODEL / f"samples_sums_{stamp}.jsonl", rows)
    results = {
        "sample_len": len(questions),
        "exact_match,strict-match": 1 / 3,
        "exact_match_stderr,strict-match": 0.3,
        "exact_match,flexible-extract": 1 / 3,
    }
    whole(
        folder / MODEL / f"results_{stamp}.json",
        {
            "results": {"sums": results},
            "configs": {"sums": {"num_fewshot": 0, "generation_kwargs": {"temperature": 0.0}}},
            "versions": {"sums": 3.0},
            "n-samples": {"sums": {"original": len(questions), "effective": len(questions)}},
            "model_name": MODEL,
            "lm_eval_version": "0.4.13",
        },
    )
    return folder


def evalscope(folder: Path, questions: Sequence[str] = QUESTIONS) -> Path:
    """evalscope 1.14: reviews, predictions and a report."""
    reviews, predictions = [], []
    for number, question in enumerate(questions):
        messages = [
            {"role": "user", "content": f"{question}\nPlease reason step by step."},
            {"role": "assistant", "content": TEXTS[number]},
        ]
        score = {
            "value": {"accuracy": float(number == 0)},
            "status": "success",
            "extracted_prediction": READ[number] or "",
            "prediction": TEXTS[number],
            "main_score_name": "accuracy",
        }
        sample = {"score": score, "sample_id": number, "group_id": number, "generation_index": 0}
        reviews.append(
            {
                "index": number,
                "target": [TARGETS[number]],
                "messages": messages,
                "sample_score": sample,
            }
        )
        reason = "max_tokens" if number == 2 else "stop"
        output = {
            "choices": [{"message": messages[1], "stop_reason": reason}],
            "usage": {"input_tokens": 10 + number, "output_tokens": 20},
        }
        predictions.append(
            {"index": number, "model": MODEL, "model_output": output, "messages": messages}
        )
    lines(folder / "reviews" / MODEL / "sums_main.jsonl", reviews[::-1])
    lines(folder / "predictions" / MODEL / "sums_main.jsonl", predictions[::-1])
    metric = {"identity": {"name": "accuracy"}, "num": len(questions), "score": 0.3333}
    whole(
        folder / "reports" / MODEL / "sums.json",
        {
            "name": f"{MODEL}@sums",
            "dataset_name": "sums",
            "model_name": MODEL,
            "metrics": [metric],
            "execution_summary": {"succeeded": len(questions), "errored": 0},
        },
    )
    return folder


def _details(repeats: int = 1) -> dict[str, Any]:
    return {
        str(number): {
            "prompt": None,
            "origin_prediction": TEXTS[number],
            "predictions": [READ[number] or "NULL"] * repeats,
            "references": [TARGETS[number]] * repeats,
            "correct": [number == 0] * repeats,
        }
        for number in range(len(TEXTS))
    }


def ais_bench(folder: Path, questions: Sequence[str] = QUESTIONS) -> Path:
    """AISBench 3.1: one request failed."""
    rows = [
        {
            "data_abbr": "sums",
            "id": number,
            "success": True,
            "uuid": f"{number:032x}",
            "origin_prompt": [
                {"role": "HUMAN", "prompt": f"Work it out.\n\nQuestion: {question}"}
            ],
            "prediction": TEXTS[number],
            "gold": TARGETS[number],
        }
        for number, question in enumerate(questions[:2])
    ]
    lines(folder / "predictions" / MODEL / "sums.jsonl", rows[::-1])
    failed = {"data_abbr": "sums", "id": 2, "input": questions[2], "error_info": "refused"}
    lines(folder / "predictions" / MODEL / "sums_failed.jsonl", [failed])
    whole(
        folder / "results" / MODEL / "sums.json",
        {"accuracy": 100 / 3, "details": _details(), "type": "GEN"},
    )
    return folder


def opencompass(folder: Path, questions: Sequence[str] = QUESTIONS) -> Path:
    """OpenCompass: two pieces of one set, and results with details."""
    rows = [
        {
            "origin_prompt": [{"role": "HUMAN", "prompt": f"{question}\nAnswer:"}],
            "prediction": TEXTS[number],
            "gold": TARGETS[number],
        }
        for number, question in enumerate(questions)
    ]
    place = folder / "predictions" / MODEL
    whole(place / "sums_0.json", {"0": rows[0], "1": rows[1]})
    whole(place / "sums_1.json", {"0": rows[2]})
    details = [
        {"pred": READ[number] or "", "answer": TARGETS[number], "correct": number == 0}
        for number in range(len(rows))
    ]
    whole(folder / "results" / MODEL / "sums.json", {"accuracy": 100 / 3, "details": details})
    return folder


# -- loads: 3 requests of 5 tokens, TTFT 100, 110, 120 ms, then 10 ms a token

TTFTS = (0.1, 0.11, 0.12)
TOKENS = 5
GAP = 0.01


def vllm(folder: Path) -> Path:
    """vllm bench serve --save-result --save-detailed."""
    e2els = [first + GAP * (TOKENS - 1) for first in TTFTS]
    whole(
        folder / "vllm.json",
        {
            "date": "20260102-030405",
            "backend": "openai-chat",
            "model_id": MODEL,
            "num_prompts": 3,
            "request_rate": "inf",
            "burstiness": 1.0,
            "max_concurrency": 2,
            "duration": 0.4,
            "completed": 3,
            "failed": 0,
            "total_input_tokens": 30,
            "total_output_tokens": 15,
            "request_throughput": 7.5,
            "output_throughput": 37.5,
            "total_token_throughput": 112.5,
            "input_lens": [10, 10, 10],
            "output_lens": [TOKENS] * 3,
            "ttfts": list(TTFTS),
            "itls": [[GAP] * (TOKENS - 1)] * 3,
            "latencies": e2els,
            "errors": ["", "", ""],
            "mean_ttft_ms": 110.0,
            "median_ttft_ms": 110.0,
            "p99_ttft_ms": 119.8,
            "mean_tpot_ms": 10.0,
            "mean_e2el_ms": 150.0,
        },
    )
    return folder


def _distribution(values: Sequence[float]) -> dict[str, Any]:
    found = {
        "mean": float(np.mean(values)),
        "median": float(np.median(values)),
        "std_dev": float(np.std(values)),
        "min": min(values),
        "max": max(values),
        "count": len(values),
        "percentiles": {"p001": min(values), "p50": float(np.median(values)), "p999": max(values)},
    }
    return {"successful": found, "errored": None, "total": found}


def guidellm(folder: Path) -> Path:
    """guidellm: one benchmark."""
    requests = [
        {
            "request_id": str(number),
            "time_to_first_token_ms": first * 1e3,
            "inter_token_latency_ms": GAP * 1e3,
            "time_per_output_token_ms": (first + GAP * (TOKENS - 1)) / TOKENS * 1e3,
            "request_latency": first + GAP * (TOKENS - 1),
            "prompt_tokens": 10,
            "output_tokens": TOKENS,
        }
        for number, first in enumerate(TTFTS)
    ]
    columns = {
        key: [float(one[key]) for one in requests]
        for key in (
            "time_to_first_token_ms",
            "inter_token_latency_ms",
            "time_per_output_token_ms",
            "request_latency",
        )
    }
    metrics = {key: _distribution(values) for key, values in columns.items()}
    metrics["requests_per_second"] = _distribution([7.5])
    totals = {"successful": 3, "incomplete": 0, "errored": 0, "total": 3}
    benchmark = {
        "type_": "generative_benchmark",
        "config": {"strategy": {"type_": "concurrent", "streams": 2}},
        "metrics": {"request_totals": totals, **metrics},
        "requests": {"successful": requests, "incomplete": [], "errored": []},
    }
    whole(folder / "benchmarks.json", {"args": {"model": MODEL}, "benchmarks": [benchmark]})
    return folder


def aiperf(folder: Path) -> Path:
    """aiperf 0.13: one request warmed up, three were measured."""

    def row(number: int, first: float, phase: str) -> dict[str, Any]:
        values = {
            "request_latency": ((first + GAP * (TOKENS - 1)) * 1e3, "ms"),
            "time_to_first_token": (first * 1e3, "ms"),
            "inter_token_latency": (GAP * 1e3, "ms"),
            "inter_chunk_latency": ([GAP * 1e3] * (TOKENS - 1), "ms"),
            "input_sequence_length": (10, "tokens"),
            "output_sequence_length": (TOKENS, "tokens"),
        }
        return {
            "metadata": {"x_request_id": str(number), "benchmark_phase": phase},
            "metrics": {key: {"value": one, "unit": unit} for key, (one, unit) in values.items()},
        }

    rows = [row(number, first, "profiling") for number, first in enumerate(TTFTS)]
    lines(folder / "profile_export.jsonl", [row(9, 0.5, "warmup"), *rows])
    whole(
        folder / "profile_export_aiperf.json",
        {
            "schema_version": "1.4",
            "aiperf_version": "0.13.0",
            "request_count": {"unit": "requests", "avg": 3.0},
            "request_latency": {"unit": "ms", "avg": 150.0, "p99": 159.8, "count": 3},
            "time_to_first_token": {"unit": "ms", "avg": 110.0},
            "inter_token_latency": {"unit": "ms", "avg": 10.0},
            "request_throughput": {"unit": "requests/sec", "avg": 7.5},
            "input_config": {
                "models": {"items": [{"name": MODEL}]},
                "endpoint": {"streaming": True, "use_server_token_count": True},
                "phases": [
                    {"name": "warmup", "kind": "warmup", "concurrency": 1},
                    {"name": "profiling", "kind": "profiling", "concurrency": 2},
                ],
            },
        },
    )
    return folder


def ais_bench_load(folder: Path) -> Path:
    """AISBench 3.1, --mode perf: instants in SQLite, statistics with units in texts."""
    place = folder / "performances" / MODEL
    (place / "db_data").mkdir(parents=True)
    store = sqlite3.connect(place / "db_data" / "0a1b2c3d.db")
    store.execute("CREATE TABLE numpy_store (id INTEGER PRIMARY KEY, arr_blob BLOB NOT NULL)")
    rows = []
    for number, first in enumerate(TTFTS):
        instants = np.array([0.0, first, *(first + GAP * at for at in range(1, TOKENS))]) + number
        held = io.BytesIO()
        np.save(held, instants, allow_pickle=False)
        store.execute("INSERT INTO numpy_store VALUES (?, ?)", (number + 1, held.getvalue()))
        rows.append(
            {
                "data_abbr": "sums",
                "id": number,
                "success": True,
                "error_info": "",
                "time_points": {"__db_ref__": number + 1},
                "input_tokens": 10,
                "output_tokens": TOKENS,
                "uuid": f"{number:032x}",
                "db_name": "0a1b2c3d.db",
            }
        )
    store.commit()
    store.close()
    lines(place / "sums_details.jsonl", rows)
    whole(
        place / "sums.json",
        {
            "Benchmark Duration": {"total": "400.0 ms"},
            "Total Requests": {"total": 3},
            "Failed Requests": {"total": 0},
            "Success Requests": {"total": 3},
            "Max Concurrency": {"total": 2},
            "Request Throughput": {"total": "7.5 req/s"},
            "Output Token Throughput": {"total": "37.5 token/s"},
        },
    )
    (place / "sums.csv").write_text(
        "Performance Parameters,Stage,Average,Median,P99,N\n"
        "E2EL,total,150.0 ms,150.0 ms,159.8 ms,3\n"
        "TTFT,total,110.0 ms,110.0 ms,119.8 ms,3\n"
    )
    return folder


ACCURACY: dict[str, Callable[[Path], Path]] = {
    "lm-eval": lm_eval,
    "evalscope": evalscope,
    "AISBench": ais_bench,
    "OpenCompass": opencompass,
}
LOADS: dict[str, Callable[[Path], Path]] = {
    "vllm bench": vllm,
    "guidellm": guidellm,
    "aiperf": aiperf,
    "AISBench": ais_bench_load,
}
