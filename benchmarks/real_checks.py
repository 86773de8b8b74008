"""What real_servers.py checks on each server: a figure of ours and the same of an oracle."""

from __future__ import annotations

import http.client
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import tomli_w
from originals import ORIGINALS, ROOT, Load, Requests, aisbench, ours, shared, suite_of

sys.path.insert(0, str(ROOT / "tests" / "support"))
from scoring_cases import CONTEXTS, WORDS, chat_of, truths

from aisbench.api import Prompt
from aisbench.telemetry.snapshot import Snapshot

CLOSE = 0.02
"""Of a mean that two clients take of the same server at the same time."""

GREEDY = """
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
path, texts, most = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
tokenizer = AutoTokenizer.from_pretrained(path)
model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
found = []
with torch.inference_mode():
    for text in texts:
        ids = torch.tensor([tokenizer.encode(text)])
        made = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False,
                              max_new_tokens=most)
        new = made[0, ids.shape[1]:]
        found.append([tokenizer.decode(new, skip_special_tokens=True), ids.shape[1], len(new)])
print(json.dumps(found))
"""
"""What Transformers generates, with the tokens of the prompt and of the answer."""


@dataclass
class Row:
    """One figure."""

    server: str
    figure: str
    ours: float | str
    oracle: float | str
    room: float | None = 0.0
    """How far they may differ; None: they are told and not compared."""
    note: str = ""

    @property
    def difference(self) -> float | None:
        if isinstance(self.ours, str) or isinstance(self.oracle, str):
            return None
        return self.ours - self.oracle

    @property
    def good(self) -> bool:
        if self.room is None:
            return True
        if self.difference is None:
            return self.ours == self.oracle
        return bool(abs(self.difference) <= self.room)


@dataclass
class Server:
    """A real one, running."""

    name: str
    url: str
    model: str
    backend: str
    """The offer's name up to "-chat" or "-completions"."""
    folder: Path
    """Of the model: weights and tokenizer."""
    python: Path
    """With torch and transformers."""
    scratch: Path
    metrics: str = ""
    """Url of its metrics; empty: it has none."""
    ignores_eos: bool = True
    """Whether it can be asked for answers of one length."""

    def counters(self) -> Snapshot:
        """Its own counters, read here."""
        with urllib.request.urlopen(self.metrics, timeout=10) as reply:
            return Snapshot(reply.read().decode())

    def gained(self, before: Snapshot, *names: str) -> float:
        """What counters gained since ``before``, added up."""
        now = self.counters()
        return sum((now.total(name) or 0.0) - (before.total(name) or 0.0) for name in names)


def plainly(url: str, body: Mapping[str, Any], in_flight: int, count: int) -> tuple[float, float]:
    """Mean TTFT and E2EL (ms) of a stream, as http.client reads it: nothing of ours is in it.

    One kept-alive connection for each request in flight; raises OSError for a server that fails.
    """
    address = urllib.parse.urlsplit(url)
    sent = json.dumps(body).encode()

    def ask(number: int) -> list[tuple[float, float]]:
        line = http.client.HTTPConnection(address.hostname or "", address.port or 80, timeout=60)
        found = []
        for _ in range(number):
            began = time.perf_counter()
            line.request("POST", address.path, sent, {"Content-Type": "application/json"})
            reply = line.getresponse()
            if reply.status != 200:
                raise OSError(f"{url}: {reply.status} {reply.read(300)!r}")
            first = last = 0.0
            while event := reply.readline():
                if event.startswith(b"data:"):
                    last = time.perf_counter()
                    first = first or last
            found.append((first - began, last - began))
        line.close()
        return found

    with ThreadPoolExecutor(in_flight) as pool:
        times = [one for part in pool.map(ask, [count // in_flight] * in_flight) for one in part]
    first, whole = (1e3 * sum(values) / len(values) for values in zip(*times, strict=True))
    return first, whole


# -- accuracy


def _run(server: Server, name: str, suite: dict[str, Any], rows: list[dict[str, Any]]) -> Path:
    """Run a suite over ``rows``; the folder of the run."""
    folder = server.scratch / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "rows.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    (folder / "s.toml").write_text(tomli_w.dumps({"suite": {"name": "v"}, **suite}))
    done = aisbench(folder, "run", "s.toml")
    if done.returncode:
        raise RuntimeError(f"{name}: aisbench ended with {done.returncode}: {done.stdout[-1500:]}")
    return max((folder / "outputs" / "v").iterdir())


def _model(server: Server, kind: str, **generation: Any) -> dict[str, Any]:
    return {
        "backend": f"{server.backend}-{kind}", "url": server.url, "model": server.model,
        "tokenizer": str(server.folder), "generation": generation,
        "timeout": {"total": 600, "first_token": 300},
    }  # fmt: skip


def _answers(run: Path) -> list[dict[str, Any]]:
    (path,) = run.glob("predictions/m/d.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()]


def greedy(
    server: Server, counters: Sequence[str] = (), most: int = 12, kind: str = "completions"
) -> Iterator[Row]:
    """Greedy answers and token counts beside Transformers, and beside the server's counters."""
    # Without digits: Transformers splits those of a Qwen2 model whatever tokenizer.json says.
    words = ("rolls", "trays", "dozen", "bakers", "answers", "steps", "lines", "numbers")
    questions = [f"How many {one} are left, {more}?" for one in words for more in words[:4]]
    rows = [{"question": one, "answer": "1"} for one in questions]
    data = {"dataset": "custom", "path": "rows.jsonl", "evaluator": "numeric"}
    form = {"template": "text", "prompt": {"question": "{question}"}}
    if kind == "chat":
        form = {"template": "chat", "prompt": {"user": "{question}"}}
    before = server.counters() if counters else None
    suite = {
        # One at a time and whole: of a random model the likeliest two tokens are so near that what
        # shares a batch decides, and its broken characters come otherwise in a stream.
        "models": {
            "m": {
                **_model(server, kind, max_tokens=most, temperature=0.0),
                "stream": False,
                "concurrency": 1,
            }
        },
        "datasets": {"d": {**data, **form}},
    }
    answers = _answers(_run(server, f"greedy-{kind}", suite, rows))
    texts = [
        one["prompt"]["text"] if kind != "chat" else _rendered(server, one["prompt"]["messages"])
        for one in answers
    ]
    command = [str(server.python), "-c", GREEDY, str(server.folder), json.dumps(texts), str(most)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    truth = json.loads(done.stdout)
    said = [one["response"]["text"] for one in answers]
    alike = sum(_alike(text, true[0]) for text, true in zip(said, truth, strict=True))
    what = f"{kind}: greedy answers as Transformers'"
    note = next(
        (
            f"{text!r} for {true[0]!r}"
            for text, true in zip(said, truth, strict=True)
            if not _alike(text, true[0])
        ),
        "",
    )
    yield Row(server.name, what, alike, len(truth), room=0.05 * len(truth), note=note)
    usage = [one["response"]["usage"] for one in answers]
    for name, key, place in (
        ("prompt tokens", "prompt_tokens", 1), ("answer tokens", "completion_tokens", 2),
    ):  # fmt: skip
        counted = sum(one[key] for one in usage)
        room = 0 if place == 1 else 0.02 * counted
        told = sum(one[place] for one in truth)
        yield Row(server.name, f"{kind}: {name}, Transformers' count", counted, told, room)
    if before is not None:
        counted = sum(one["prompt_tokens"] + one["completion_tokens"] for one in usage)
        told = server.gained(before, *counters)
        yield Row(server.name, f"{kind}: tokens, the server's counters", counted, told)


def _alike(text: str, truth: str) -> bool:
    """Whether an answer is the true one, but for bytes that are no character.

    Servers decode token by token: they drop such bytes, and vLLM holds back what follows some at
    the end of an answer.
    """
    rest = truth.removeprefix(text)
    return _plain(text) == _plain(truth) or (rest != truth and "\ufffd" in rest)


def _plain(text: str) -> str:
    return text.replace("\ufffd", "").strip()


def _rendered(server: Server, messages: list[dict[str, str]]) -> str:
    import jinja2

    template = jinja2.Template((server.folder / "chat_template.jinja").read_text())
    return template.render(messages=messages, add_generation_prompt=True)


def log_probabilities(server: Server) -> Iterator[Row]:
    """Sums of scored choices beside a forward pass of the same weights."""
    rows = [{"question": one, "options": WORDS, "answer": "1"} for one in CONTEXTS]
    for kind in ("completions", "chat"):
        key = "question" if kind == "completions" else "user"
        shape = "text-choices" if kind == "completions" else "chat-choices"
        suite = {
            "models": {"m": _model(server, kind)},
            "datasets": {
                "d": {
                    "dataset": "custom", "path": "rows.jsonl", "evaluator": "numeric",
                    "template": shape,
                    "prompt": {key: "{question}", "choices": ["{options}"], "before": " "},
                }
            },
        }  # fmt: skip
        answers = _answers(_run(server, f"scored-{kind}", suite, rows))
        prompts = [
            chat_of(one["prompt"]["messages"][0]["content"], one["prompt"]["continuation"])
            if one["prompt"].get("messages")
            else Prompt(text=one["prompt"]["text"], continuation=one["prompt"]["continuation"])
            for one in answers
        ]
        truth = truths(server.python, server.folder, prompts, None)
        worst = max(
            abs(sum(one["response"]["scored"]["logprobs"]) - sum(true["logprobs"]))
            for one, true in zip(answers, truth, strict=True)
        )
        figure = f"{kind}: {len(truth)} scored choices, worst difference of a sum"
        yield Row(server.name, figure, worst, 0.0, room=1e-3)


def too_long(server: Server, served: Callable[[Snapshot], float]) -> Iterator[Row]:
    """max_tokens that the context has no room for: capped, or refused before anything is sent."""
    before = served(server.counters())
    folder = server.scratch / "context"
    folder.mkdir(parents=True, exist_ok=True)
    suite = {
        "suite": {"name": "v"},
        "models": {"m": _model(server, "chat", max_tokens=4096, temperature=0.0)},
        "datasets": {"d": {"dataset": "gsm8k-demo", "limit": 2}},
    }
    (folder / "s.toml").write_text(tomli_w.dumps(suite))
    done = aisbench(folder, "run", "s.toml")
    served_now = served(server.counters()) - before
    failed = len(re.findall(r"status 400", done.stdout))
    how = "sent none" if not served_now else f"answered {served_now:.0f}"
    yield Row(
        server.name, "max_tokens beyond the context: answers refused by the server", failed, 0,
        note=f"exit code {done.returncode}, {how}",
    )  # fmt: skip


# -- loads


def beside(server: Server, load: Load, name: str = "vllm") -> Iterator[Row]:
    """Ours and an original at once, over the seconds that both were at work."""
    original = ORIGINALS[name]
    if why := original.missing():
        yield Row(server.name, f"beside {original.name}", "skipped", "skipped", None, why)
        return
    out = server.scratch / f"beside-{name}"
    out.mkdir(parents=True, exist_ok=True)
    process = original.start(load, out)
    try:
        # Its test request and warm-up are over in a second or two; ours starts as long.
        _until_busy(server, process)
        mine = ours(replace(load, seed=load.seed + 1), server.scratch / f"ours-{name}")
        theirs = original.finish(process, out)
    finally:
        if process.poll() is None:
            process.kill()
    first, second = shared(mine.requests, theirs.requests)
    asked = float(load.tokens_out)
    other = float((second.tokens != asked).mean()) if len(second) else 0.0
    # Where it finds no usage, its tokenizer counts the text; all answers are of one length.
    second.tokens = np.full(len(second), asked)
    if min(len(first), len(second)) < 30:
        note = f"{len(first)} and {len(second)} requests at the same time are too few"
        yield Row(server.name, f"beside {original.name}", 0, 1, 0, note)
        return
    note = f"{len(first)} and {len(second)} requests at the same time"
    if other:
        note += f"; it counts other tokens than were asked for in {other:.0%}"
    for figure, of in (("E2EL", "e2el"), ("TPOT", "tpot"), ("TTFT", "ttft")):
        we, they = getattr(first, of) * 1e3, getattr(second, of) * 1e3
        yield Row(
            server.name, f"{figure} mean, ms, beside {original.name}", float(we.mean()),
            float(they.mean()), max(CLOSE * float(they.mean()), _noise(we, they)), note,
        )  # fmt: skip
    rates = [_rate(one) for one in (first, second)]
    yield Row(
        server.name, f"requests/s, beside {original.name}", *rates,
        max(CLOSE * rates[1], 2 * rates[1] / len(second) ** 0.5), note,
    )  # fmt: skip


def _noise(first: np.ndarray[Any, Any], second: np.ndarray[Any, Any]) -> float:
    """Three standard errors of the difference of two means."""
    return 3 * float(np.sqrt(first.var() / len(first) + second.var() / len(second)))


def _rate(found: Requests) -> float:
    return len(found) / float(found.end.max() - found.begin.min())


def _until_busy(server: Server, process: subprocess.Popen[str]) -> None:
    """Wait until the original sends; servers without metrics are given its usual start-up."""
    deadline = time.monotonic() + (120 if server.metrics else 15)
    names = ("vllm:generation_tokens", "llamacpp:tokens_predicted")
    before = server.counters() if server.metrics else None
    while time.monotonic() < deadline and process.poll() is None:
        if before is not None and server.gained(before, *names) > 0:
            return
        time.sleep(0.2)


def counted(
    server: Server, load: Load, prompt: Sequence[str], answer: Sequence[str], cached: Sequence[str]
) -> Iterator[Row]:
    """Tokens and prefix-cache hits of a load beside the server's counters, and our own scrape."""
    suite = suite_of(replace(load, scrape=True))
    if cached:
        suite["datasets"]["d"]["prefix"] = {"tokens": load.tokens_in * 3 // 4, "groups": 2}
    suite["load"]["scrape_urls"] = [server.metrics]
    # The warm-up's tokens are in the server's counters and in none of our figures.
    suite["load"]["warm_up"] = 0
    before = server.counters()
    run = ours(load, server.scratch / "counted", suite=suite)
    figures = {one["name"]: one["value"] for one in run.summary["populations"][0]["figures"]}
    totals = (("input", prompt), ("output", answer))
    scraped = run.summary["server"]
    for side, names in totals:
        figure = figures[f"total_{side}_tokens"]
        told = server.gained(before, *names)
        yield Row(server.name, f"load: {side} tokens, the server's counters", figure, told)
        key = "prompt_tokens" if side == "input" else "generation_tokens"
        seen = scraped["counters"].get(key, "missing")
        yield Row(server.name, f"load: {side} tokens by scrape", seen, told)
    if cached:
        (path,) = (server.scratch / "counted").glob(
            "outputs/v/*/performance/m/d/*/requests.parquet"
        )
        column = pyarrow.parquet.read_table(path)["cached_tokens"].to_pylist()
        hits = sum(one or 0 for one in column)
        told = server.gained(before, *cached)
        yield Row(server.name, "load: cached prompt tokens, the server's counters", hits, told)
    alarm = "DISAGREE" in run.out
    yield Row(server.name, "load: server and tokenizer are said to disagree", int(alarm), 0)
    yield from _histograms(server, run.summary)


def _histograms(server: Server, summary: dict[str, Any]) -> Iterator[Row]:
    latencies = summary["server"]["latencies"]
    queue = latencies.get("queue")
    if queue and "p50_ms" in queue:
        low, high = queue["p50_ms"]
        most = 2 * queue["mean_ms"]
        text = f"{low:.3g} to {high:.3g}"
        good = "inside 0 to twice the mean" if 0 <= low <= high <= most * 1.1 else "outside"
        yield Row(
            server.name, "queue median, ms", text, text, 0, f"{good} ({queue['mean_ms']:.3g})"
        )
        yield Row(server.name, "queue median's bracket", good, "inside 0 to twice the mean")
    if "e2el" in latencies:
        rows = {one["name"]: one for one in summary["populations"][0]["statistics"]}
        mean, theirs = rows["e2el"]["mean"], latencies["e2el"]["mean_ms"]
        yield Row(
            server.name, "E2EL mean, ms, beside its own histogram", mean, theirs,
            max(0.1 * theirs, 5.0), "network, HTTP front end and client lie between",
        )  # fmt: skip


def refused(url: str) -> str:
    """What a url answers with; empty for 200."""
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except urllib.error.HTTPError as error:
        return f"status {error.code}"
    except OSError as error:
        return str(error)
    return ""
