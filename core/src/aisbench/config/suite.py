"""The keys of a suite that core itself reads; a plugin's own keys stand beside them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from attrs import frozen

from aisbench.config.adapter_keys import AdapterMix
from aisbench.config.addresses import ascii_url, header_problem, is_secure, url_problem
from aisbench.config.durations import duration_problem
from aisbench.config.group_keys import SuiteGroupTable
from aisbench.config.media_settings import MediaSettings
from aisbench.config.rerun_keys import RerunSection
from aisbench.config.row_choice import RowChoice
from aisbench.config.service_keys import AnswerLimits, Retry, Timeouts, Tls
from aisbench.reading.rule import KNOWN, Reasoning
from aisbench.reading.tool_calls import ToolParser
from aisbench.settings.fields import PathOrName, Secret, above, at_least, between, setting
from aisbench.types.json import JsonObject

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


def _name(value: str) -> str | None:
    return (
        None if NAME.match(value) else "must be letters, digits, '.', '_' and '-' (a folder name)"
    )


@frozen
class EnvironmentValue:
    """A value read from the environment when it is sent."""

    env: str = setting(help="name of the environment variable", example="TEAM_TOKEN")


@frozen(kw_only=True)
class ModelSettings:
    """Keys of every model."""

    role: Literal["tested", "judge"] = setting(
        default="tested",
        help="judge: it answers no data set, and judges the answers of other models",
    )
    generation: JsonObject = setting(
        factory=dict,
        help="sampling settings in the backend's own names, passed through",
        example={"temperature": 0.6, "top_p": 0.95, "max_tokens": 2048},
    )
    reasoning: Reasoning = setting(factory=Reasoning, help="how reasoning is recognised")
    tokenizer: PathOrName = setting(
        default=PathOrName(),
        help="the model's tokenizer (a folder with tokenizer.json, that file, or a hub name): "
        "counts tokens where the server does not, and is compared with it where it does",
        example="./models/qwen",
    )
    tool_parser: ToolParser = setting(
        default="",
        help="how tool calls are written in the text, where the backend does not separate them; "
        "empty: not looked for",
    )
    media_limit: float = setting(
        default=50.0, unit="MB", check=above(0), help="the largest picture, sound or film"
    )
    adapter: str = setting(
        default="",
        help="the LoRA adapter that answers, by its name on the server; empty: the model itself. "
        "A data set's own wins",
        example="sql",
    )
    adapters: AdapterMix | None = setting(
        default=None,
        help="several LoRA adapters: which of them answers which row",
        example={"share": {"sql": 3, "chat": 1}},
    )


@frozen(kw_only=True)
class LocalSettings(ModelSettings):
    """Keys of every model that runs in this process."""


@frozen(kw_only=True)
class ServiceSettings(ModelSettings):
    """Keys of every model behind a server, whatever its protocol."""

    url: str | tuple[str, ...] = setting(
        default="",
        help="the server, or a list of replicas that share the load",
        example=["http://10.0.0.1:8000", "http://10.0.0.2:8000"],
    )
    server: str = setting(
        default="", help="name of a [servers.NAME] to start, instead of url", example="vllm"
    )
    model: str = setting(
        default="",
        help="the model's name on the server; empty: ask the server",
        example="Qwen/Qwen3-8B",
    )
    wait_for_server: str = setting(
        default="",
        check=duration_problem,
        help='how long to wait for a server that is not up, such as "10m": at the start, before '
        "each load, and in the middle of an accuracy run, when it is restarted; empty: a minute "
        'at the start, if it says that it is loading (503); "0s": never',
        example="10m",
    )
    media: MediaSettings = setting(
        factory=MediaSettings,
        help="how the server is given pictures, sounds and films, and how many it takes",
    )
    stream: bool = setting(default=True, help="receive tokens as they are made")
    concurrency: int = setting(default=32, check=at_least(1), help="requests in flight at once")
    timeout: Timeouts = setting(factory=Timeouts, help="when to give a request up")
    retry: Retry = setting(factory=Retry, help="how often to try again")
    limits: AnswerLimits = setting(
        factory=AnswerLimits, help="how much a server may send in one answer"
    )
    api_key: Secret | None = setting(
        default=None,
        help='sent as "Authorization: Bearer"; "env:NAME" only',
        example="env:QWEN_KEY",
    )
    headers: Mapping[str, str | EnvironmentValue] = setting(
        factory=dict,
        help='further headers; secret ones as { env = "NAME" }',
        example={"X-Team": "evaluation", "X-Token": {"env": "TEAM_TOKEN"}},
    )
    tls: Tls = setting(factory=Tls, help="how https servers are verified")
    proxy: str = setting(
        default="",
        help='"http://host:port", or "environment": HTTP_PROXY and similar variables; empty: none',
        example="http://proxy.example.com:3128",
    )


@frozen
class DatasetSettings(RowChoice):
    """Keys of every data set, whatever plugin reads it."""

    variant: str = setting(
        default="",
        help="how it is put to the model; empty: the first that the backend can do",
        example="4-shot-cot-chat",
    )
    repeats: int = setting(
        default=1, check=at_least(1), help="independent answers to each question"
    )
    shots: int | None = setting(
        default=None,
        check=at_least(0),
        help="few-shot examples, instead of the variant's number",
        example=3,
    )
    retriever: str = setting(
        default="", help="how examples are chosen, instead of the variant's", example="similar"
    )
    retrieval: JsonObject = setting(
        factory=dict, help="settings of the retriever", example={"field": "question"}
    )
    template: str = setting(
        default="", help="prompt template, instead of the variant's", example="chat"
    )
    prompt: JsonObject = setting(
        factory=dict,
        help="texts that override the variant's",
        example={"user": "{question}\nThink step by step."},
    )
    prompt_tokens: int | None = setting(
        default=None,
        check=at_least(2),
        help="the longest prompt, counted by the model's `tokenizer` and without what a chat "
        "template adds: a longer one is cut in the middle",
        example=31500,
    )
    generation: JsonObject = setting(
        factory=dict,
        help="sampling settings for this data set; they win over the model's",
        example={"max_tokens": 512},
    )
    adapter: str = setting(
        default="",
        help="the LoRA adapter that answers its rows, by its name on the server; empty: the "
        "model's",
        example="sql",
    )
    adapters: AdapterMix | None = setting(
        default=None,
        help="several LoRA adapters: which of them answers which row",
        example={"field": "task"},
    )
    labels: tuple[str, ...] = setting(
        default=(),
        help="fields of the rows (columns), or paths into one, whose values label their requests: "
        "a load has figures for each value",
        example=["category"],
    )
    postprocess: tuple[str | JsonObject, ...] | None = setting(
        default=None,
        help="what is made of an answer before it is scored, in order: names of post-processors, "
        'or { use = "NAME", SETTING = ... }; absent: the data set\'s own steps, [] none',
        example=["last-line", {"use": "regex", "pattern": "([A-Z]\\d+)"}],
    )
    evaluator: str = setting(
        default="", help="who scores the answers; empty: the data set's own", example="numeric"
    )
    evaluation: JsonObject = setting(
        factory=dict, help="settings of the evaluator", example={"rule": "aisbench"}
    )
    metrics: tuple[str, ...] = setting(
        default=(),
        help='figures, such as "accuracy" or "pass@5"; empty: the data set\'s own',
        example=["accuracy", "pass@5", "cons@5"],
    )


@frozen
class SuiteSection:
    """[suite]: what concerns the whole run."""

    name: str = setting(
        default="suite", check=_name, help="names the folder of its runs", example="nightly"
    )
    mode: Literal["accuracy", "performance", "both"] = setting(
        default="accuracy", help="what is measured; both: with the same requests"
    )
    seed: int = setting(default=0, check=at_least(0), help="the source of all randomness")
    output: str = setting(
        default="outputs",
        help="folder of all runs, relative to the working directory",
        example="/data/runs",
    )
    requires: tuple[str, ...] = setting(
        default=(),
        help='distributions that must be installed, such as "aisbench-plugin-x>=0.1"',
        example=["aisbench-plugin-gsm8k>=0.1"],
    )
    plugins: tuple[Path, ...] = setting(
        default=(),
        help="Python files that are plugins without a package; what they offer can be named",
        example=["./my.py"],
    )
    max_failed: float = setting(
        default=0.0,
        check=between(0, 1),
        help="share of failed samples that exit code 0 allows",
        example=0.01,
    )
    abort_after: int = setting(
        default=20,
        check=at_least(1),
        help="stop a model when this many requests in a row failed in the same way",
    )
    models_at_once: int = setting(
        default=1, check=at_least(1), help="models that are asked at the same time"
    )
    anomalies: bool = setting(
        default=True,
        help="note answers that are empty, garbled, in a loop or otherwise odd, beside outcomes",
    )
    groups: tuple[str, ...] = setting(
        default=(),
        help="ready-made groups of data sets: names of those that packages bring, or files",
        example=["open-llm-leaderboard-1"],
    )


@frozen
class PluginsSection:
    """[plugins]: which are left out."""

    disable: tuple[str, ...] = setting(default=(), help="plugins not to use", example=["hf"])


@frozen
class Exclusion:
    """[[exclude]]: pairs that are left out; * and ? match."""

    model: str = setting(default="*", help="model names", example="small-*")
    dataset: str = setting(default="*", help="data set names", example="mmlu")


@frozen
class ServerSettings:
    """[servers.NAME]: a program that aisbench starts before the run and stops after it."""

    command: tuple[str, ...] = setting(
        help="program and arguments; {port} stands for a free port, {python} for this Python, "
        "{NAME} for a variable of [tune]",
        example=["vllm", "serve", "Qwen/Qwen3-8B", "--port", "{port}"],
    )
    ready: str = setting(
        default="/health",
        help="path that answers 200 once it is ready; empty: it is as soon as its port takes "
        "connections, which is the rule for models with a transport of their own",
        example="/v2/health/ready",
    )
    timeout: float = setting(default=60.0, unit="s", check=above(0), help="to become ready")


@frozen
class Suite:
    """A whole suite. What plugins read stays raw."""

    suite: SuiteSection = setting(factory=SuiteSection, help="what concerns the whole run")
    models: Mapping[str, JsonObject] = setting(factory=dict, help="[models.NAME]")
    datasets: Mapping[str, JsonObject] = setting(factory=dict, help="[datasets.NAME]")
    servers: Mapping[str, ServerSettings] = setting(factory=dict, help="[servers.NAME]")
    load: JsonObject = setting(factory=dict, help="[load]: the load that models are put under")
    exclude: tuple[Exclusion, ...] = setting(default=(), help="[[exclude]]: pairs left out")
    groups: Mapping[str, SuiteGroupTable] = setting(
        factory=dict, help="[groups.NAME]: data sets that have a figure together"
    )
    summarizers: tuple[JsonObject, ...] | None = setting(
        default=None, help="[[summarizers]]: forms of report; absent: every default one"
    )
    observers: Mapping[str, JsonObject] = setting(
        factory=dict, help="[observers.NAME]: what is told how the run goes"
    )
    tune: JsonObject = setting(
        factory=dict, help="[tune]: settings of [servers] that are tried for the best ones"
    )
    devices: Mapping[str, JsonObject] = setting(
        factory=dict, help="[devices.NAME]: what is read of the devices beside the loads"
    )
    plugins: PluginsSection = setting(factory=PluginsSection, help="[plugins]")
    rerun: RerunSection | None = setting(
        default=None, help="[rerun]: the run whose rows are asked again (aisbench rerun)"
    )


def check_reasoning(rule: Reasoning) -> tuple[str, str] | None:
    """Marks that a suite gives itself come in pairs: (key, problem), or None."""
    for key, own, other in (("end", rule.start, rule.end), ("start", rule.end, rule.start)):
        if own not in (KNOWN, "") and other == KNOWN:
            return (key, f"is missing: the marks are a pair, and the other one is {own!r}")
    return None


def check_service(
    settings: ServiceSettings, schemes: Sequence[str] = ("http", "https"), *, own: bool = False
) -> tuple[str, str] | None:
    """What is wrong with several fields together: (key, problem), or None. ``schemes`` are those
    of the backend's urls; ``own`` says that it has a transport of its own."""
    if bool(settings.url) == bool(settings.server):
        return ("url", "give either url or server" if settings.url else "is missing (or `server`)")
    for url in _given_urls(settings):
        if problem := url_problem(url, schemes=schemes):
            return ("url", problem)
    if problem := header_problem(settings.headers):
        return ("headers", problem)
    if settings.api_key and any(name.lower() == "authorization" for name in settings.headers):
        return ("headers", "holds Authorization, which is also what api_key sends: leave one out")
    secure = any(is_secure(url, schemes) for url in urls(settings))
    if settings.tls != Tls() and settings.url and not secure:
        return ("tls", f"has no effect: no url is {schemes[-1]}")
    problem = _proxy_problem(settings.proxy, own=own)
    return ("proxy", problem) if problem else None


def _proxy_problem(proxy: str, *, own: bool) -> str | None:
    if own and proxy:
        return "has no effect: this backend does not send over HTTP"
    if proxy in ("", "environment"):
        return None
    problem = url_problem(proxy, schemes=("http",), query=False)
    return f'must be "environment" or an http:// address: {problem}' if problem else None


def urls(settings: ServiceSettings) -> tuple[str, ...]:
    """The replicas as they are sent: in ASCII."""
    return tuple(map(ascii_url, _given_urls(settings)))


def _given_urls(settings: ServiceSettings) -> tuple[str, ...]:
    if isinstance(settings.url, str):
        return (settings.url,) if settings.url else ()
    return settings.url
