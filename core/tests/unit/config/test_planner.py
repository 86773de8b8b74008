"""From a suite's text and a catalog to the plan, or to every problem with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomli_w
from unit_fakes import (
    DIST,
    GOOD,
    OFFERS,
    OTHER,
    DataSettings,
    EvaluatorSettings,
    KSettings,
    NSettings,
    TableSettings,
    TauSettings,
    backend,
    catalog,
    listed,
    plan_of,
    reducer,
    source_of,
    sums,
)

from aisbench.api import Capability, EvaluatorOffer, Support, TemplateOffer
from aisbench.base.errors import ConfigError, PluginError
from aisbench.config.effective import resolved_tables
from aisbench.config.metric_names import metric_spellings
from aisbench.config.planner import make_plan
from aisbench.plugins.catalog import Catalog
from aisbench.prompting.retrievers import FixedRetriever, RandomRetriever
from aisbench.prompting.templates import ChatTemplate, TextTemplate
from aisbench.settings.fields import Secret

MODEL = '[models.m1]\nbackend = "chatty"\nurl = "http://127.0.0.1:8000"\n'
DATASET = '[datasets.d1]\ndataset = "sums"\npath = "sums.jsonl"\n'


def problems_of(text: str, found: Catalog | None = None) -> tuple[str, ...]:
    """The problems, each ``suite.toml:LINE: key: message`` and perhaps a help line."""
    with pytest.raises(ConfigError) as caught:
        make_plan(source_of(text), found or catalog())
    return caught.value.problems


def only(text: str, found: Catalog | None = None) -> str:
    """The one problem."""
    (problem,) = problems_of(text, found)
    return problem


def with_model(*lines: str) -> str:
    """A good suite with further lines in its model."""
    return MODEL + "\n".join(lines) + "\n" + DATASET


def with_dataset(*lines: str) -> str:
    """A good suite with further lines in its data set (they start at line 7)."""
    return MODEL + DATASET + "\n".join(lines) + "\n"


# -- what a good suite becomes


def test_a_small_suite() -> None:
    plan = plan_of(GOOD)
    (task,) = plan.tasks
    assert task.label == "m1 / d1"
    assert task.model.service.url == "http://127.0.0.1:8000"
    assert task.model.service.concurrency == 32
    assert task.dataset.settings == DataSettings(path=Path("/suites/sums.jsonl"))
    assert task.dataset.dataset.files() == (Path("/suites/sums.jsonl"),)
    assert task.required_evaluator.settings == EvaluatorSettings()
    assert list(task.dataset.metrics) == ["accuracy"]
    assert task.variant_name == "chat-4"
    assert task.shots == 4
    assert isinstance(task.template.instance, ChatTemplate)
    assert task.retriever is not None
    assert isinstance(task.retriever.instance, FixedRetriever)
    assert [part.listed.offer.name for part in plan.summarizers] == ["table"]
    assert [model.name for model in plan.models] == ["m1"]
    assert [dataset.name for dataset in plan.datasets] == ["d1"]


def test_the_plugins_own_keys_stand_beside_cores() -> None:
    plan = plan_of(with_model('echo = true\nlogin = "env:LOGIN"\nconcurrency = 3'))
    model = plan.models[0]
    assert model.service.concurrency == 3
    assert model.settings.echo is True
    assert model.settings.login == Secret("LOGIN")
    assert model.backend.settings is model.settings  # type: ignore[attr-defined]


def test_the_first_variant_that_the_backend_can_do_is_taken() -> None:
    plan = plan_of(GOOD.replace("chatty", "texty"))
    (task,) = plan.tasks
    assert task.variant_name == "text-0"
    assert isinstance(task.template.instance, TextTemplate)
    assert task.shots == 0
    assert task.retriever is None


def test_each_model_gets_the_variant_that_fits_it() -> None:
    plan = plan_of(GOOD + MODEL.replace("m1", "m2").replace("chatty", "texty"))
    assert [(task.label, task.variant_name) for task in plan.tasks] == [
        ("m1 / d1", "chat-4"),
        ("m2 / d1", "text-0"),
    ]


def test_a_suite_overrides_the_variant_key_by_key() -> None:
    plan = plan_of(
        with_dataset(
            "shots = 2",
            'retriever = "random"',
            'prompt = { user = "Q {question}" }',
            "generation = { temperature = 0.5 }",
        )
    )
    (task,) = plan.tasks
    assert task.shots == 2
    assert task.retriever is not None
    assert isinstance(task.retriever.instance, RandomRetriever)
    assert task.template.settings.user == "Q {question}"
    assert task.template.settings.assistant == "{answer}"


def test_shots_can_be_switched_off() -> None:
    (task,) = plan_of(with_dataset("shots = 0")).tasks
    assert (task.shots, task.retriever) == (0, None)


def test_another_template_starts_from_its_own_texts() -> None:
    text = with_dataset('template = "text"', 'prompt = { question = "Q" }')
    (task,) = plan_of(text.replace("chatty", "texty")).tasks
    assert task.template.settings.question == "Q"
    assert task.template.settings.example == ""
    # Reports do not call it a chat, though the variant is one.
    assert task.variant_name == "chat-4, template text"
    own = with_dataset('template = "chat"', 'prompt = { user = "Q" }', "shots = 0")
    (same,) = plan_of(own).tasks
    assert same.variant_name == "chat-4"


def test_generation_of_data_set_wins_over_model_over_variant() -> None:
    text = MODEL + "generation = { temperature = 1, top_p = 0.9 }\n" + DATASET
    text += "generation = { top_p = 0.5, seed = 1 }\n"
    (task,) = plan_of(text).tasks
    assert task.generation == {"max_tokens": 64, "temperature": 1, "top_p": 0.5, "seed": 1}
    assert task.generation_origin == {
        "max_tokens": "variant chat-4",
        "temperature": "[models.m1.generation]",
        "top_p": "[datasets.d1.generation]",
        "seed": "[datasets.d1.generation]",
    }


def test_evaluator_settings_are_taken_from_evaluation() -> None:
    (task,) = plan_of(with_dataset('evaluation = { tolerance = 1, rules = "r" }')).tasks
    assert task.required_evaluator.settings == EvaluatorSettings(
        tolerance=1.0, rules=Path("/suites/r")
    )


def test_summarizers() -> None:
    assert plan_of("summarizers = []\n" + GOOD).summarizers == ()
    plan = plan_of(
        GOOD + '[[summarizers]]\nsummarizer = "silent"\n'
        '[[summarizers]]\nsummarizer = "table"\ndigits = 3\n'
    )
    assert [(one.listed.offer.name, one.settings) for one in plan.summarizers] == [
        ("silent", None),
        ("table", TableSettings(digits=3)),
    ]


# -- plugins that are not there


def test_an_unknown_backend_names_the_nearest_and_the_installed() -> None:
    problem = only(GOOD.replace("chatty", "chaty"))
    first, *rest = problem.splitlines()
    assert (
        first == "suite.toml:5: models.m1.backend: no installed plugin offers the backend 'chaty'"
    )
    assert "  did you mean 'chatty'?" in rest
    assert "  installed: chatty, still, texty" in rest


@pytest.mark.parametrize(
    ("line", "kind", "place"),
    [
        ('evaluator = "sam"', "evaluator 'sam'", "suite.toml:7: datasets.d1.evaluator"),
        ('template = "cht"', "template 'cht'", "suite.toml:7: datasets.d1.template"),
        ('retriever = "fixd"', "retriever 'fixd'", "suite.toml:7: datasets.d1.retriever"),
        ('metrics = ["acuracy"]', "reducer 'acuracy'", "suite.toml:7: datasets.d1.metrics[0]"),
    ],
)
def test_other_unknown_parts(line: str, kind: str, place: str) -> None:
    problem = only(with_dataset(line))
    assert problem.startswith(f"{place}: no installed plugin offers the {kind}")
    assert "did you mean" in problem


def test_an_unknown_data_set_and_summarizer() -> None:
    first, second = problems_of(
        GOOD.replace('"sums"', '"sum"') + '[[summarizers]]\nsummarizer = "tabel"\n'
    )
    assert first.startswith("suite.toml:9: datasets.d1.dataset: no installed plugin offers")
    assert "did you mean 'sums'?" in first
    assert second.startswith("suite.toml:12: summarizers[0].summarizer: no installed")
    assert "did you mean 'table'?" in second


def test_a_table_without_its_plugin() -> None:
    first, second = problems_of('[models.m1]\nurl = "http://a"\n[datasets.d1]\ndataset = 5\n')
    assert first == (
        "suite.toml:1: models.m1.backend: is missing\n  help: installed: chatty, still, texty"
    )
    assert second == (
        "suite.toml:4: datasets.d1.dataset: must be a string, got 5\n"
        "  help: installed: chat-only, diary, sums, talks"
    )


def test_two_plugins_with_one_name_need_the_distribution() -> None:
    double = catalog(listed(backend("chatty", {Capability.CHAT: Support.FULL}), dist=OTHER))
    problem = only(GOOD, double)
    assert "suite.toml:5: models.m1.backend: two plugins offer the backend 'chatty'" in problem
    assert f"write {DIST}/chatty or {OTHER}/chatty" in problem
    plan = plan_of(
        GOOD.replace('"chatty"', f'"{OTHER}/chatty"').replace(
            "[datasets", "stream = false\n[datasets"
        ),
        double,
    )
    assert plan.models[0].listed.dist == OTHER


# -- wrong values, all at once


def test_every_problem_has_its_own_line() -> None:
    text = """\
[models.m1]
backend = "chatty"
url = "http://a"
concurrency = "many"
strem = true
timeout = { total = 0 }
echo = 1

[models.m2]
backend = "nothing-like-it"

[datasets.d1]
dataset = "sums"
difficulty = 0
limit = -1

[datasets.d2]
dataset = "sums"
path = "x"
variant = "chat-5"

[[exclude]]
model = "m9"
"""
    heads = [problem.splitlines()[0] for problem in problems_of(text)]
    assert sorted(heads) == sorted(
        [
            "suite.toml:4: models.m1.concurrency: must be an integer, got 'many'",
            "suite.toml:5: models.m1.strem: is not a key here",
            "suite.toml:6: models.m1.timeout.total: must be above 0, got 0",
            "suite.toml:7: models.m1.echo: must be true or false, got 1",
            "suite.toml:10: models.m2.backend: no installed plugin offers the backend "
            "'nothing-like-it'",
            "suite.toml:12: datasets.d1.path: is missing",
            "suite.toml:14: datasets.d1.difficulty: must be 1 or more, got 0",
            "suite.toml:15: datasets.d1.limit: must be 1 or more, got -1",
            "suite.toml:20: datasets.d2.variant: sums has no variant 'chat-5'",
            "suite.toml:23: exclude[0].model: 'm9' matches nothing",
        ]
    )


def test_problems_of_cores_sections() -> None:
    text = '[suite]\nmode = "acuracy"\nname = "a/b"\nseed = -1\nsed = 1\n[modles]\n' + GOOD[23:]
    heads = [problem.splitlines()[0] for problem in problems_of(text)]
    assert sorted(heads) == [
        "suite.toml:2: suite.mode: must be one of 'accuracy', 'performance', 'both', "
        "got 'acuracy'",
        "suite.toml:3: suite.name: must be letters, digits, '.', '_' and '-' (a folder name), "
        "got 'a/b'",
        "suite.toml:4: suite.seed: must be 0 or more, got -1",
        "suite.toml:5: suite.sed: is not a key here",
        "suite.toml:6: modles: is not a key here",
    ]


def test_problems_of_cores_sections_do_not_hide_the_others() -> None:
    heads = problems_of('[suite]\nsed = 1\n[models.m1]\nbackend = "nothing"\n' + DATASET)
    assert len(heads) == 2


def test_unknown_keys_suggest_the_nearest_of_core_and_plugin() -> None:
    assert "did you mean 'difficulty'?" in only(with_dataset("dificulty = 1"))
    assert "did you mean 'repeats'?" in only(with_dataset("repeat = 1"))
    problem = only(with_model("zzzzz = 1"))
    assert (
        "\n  help: keys are: adapter, adapters, api_key, backend, concurrency, echo, " in problem
    )


def test_an_evaluators_settings_are_checked_in_place() -> None:
    heads = [
        problem.splitlines()[0]
        for problem in problems_of(with_dataset("evaluation = { tolerance = -1, tolerence = 1 }"))
    ]
    assert sorted(heads) == [
        "suite.toml:7: datasets.d1.evaluation.tolerance: must be 0 or more, got -1",
        "suite.toml:7: datasets.d1.evaluation.tolerence: is not a key here",
    ]


def test_prompt_texts_are_checked_in_place() -> None:
    assert only(with_dataset("prompt = { user = 5 }")) == (
        "suite.toml:7: datasets.d1.prompt.user: must be a string, got 5"
    )


def test_a_wrong_evaluation_does_not_hide_a_wrong_prompt() -> None:
    text = with_dataset("evaluation = { tolerance = -1 }", "prompt = { user = 5 }")
    assert len(problems_of(text)) == 2


def test_a_data_sets_problem_is_told_once_for_two_models() -> None:
    two = MODEL + MODEL.replace("m1", "m2") + DATASET
    assert len(problems_of(two + "prompt = { user = 5 }\n")) == 1


def test_a_part_without_settings_takes_none() -> None:
    assert only(with_dataset('retriever = "random"', "retrieval = { ids = [] }")) == (
        "suite.toml:8: datasets.d1.retrieval.ids: random has no settings"
    )


def test_a_retriever_without_shots() -> None:
    problem = only(with_dataset("shots = 0", 'retriever = "random"'))
    assert problem.startswith("suite.toml:8: datasets.d1.retriever: has no effect without shots")


def test_a_plugin_that_takes_cores_key_is_blamed() -> None:
    found = catalog(listed(backend("bad", {Capability.CHAT: Support.FULL}, "ClashingSettings")))
    with pytest.raises(PluginError, match=rf"{DIST} 1\.0 defines the settings concurrency"):
        plan_of(GOOD.replace("chatty", "bad"), found)


# -- addresses, secrets


@pytest.mark.parametrize(
    ("line", "head"),
    [
        ("", "suite.toml:1: models.m1.url: is missing (or `server`)"),
        ("url = []", "suite.toml:3: models.m1.url: is missing (or `server`)"),
        ('url = "a:8000"', "suite.toml:3: models.m1.url: must start with"),
        ('url = ["http://a", "ftp://b"]', "suite.toml:3: models.m1.url: must start with"),
        ('url = "http://"', "suite.toml:3: models.m1.url: must start with"),
        ("url = 5", "suite.toml:3: models.m1.url: must be a string or must be a list, got 5"),
        (
            'url = "https://me:hunter2@host"',
            "suite.toml:3: models.m1.url: must hold no user name or password",
        ),
        (
            'url = ["http://a", "https://hunter2@host/v1"]',
            "suite.toml:3: models.m1.url: must hold no user name or password",
        ),
        ('server = "simulatr"', "suite.toml:3: models.m1.server: there is no [servers.simulatr]"),
        (
            'server = "simulator"\nurl = "http://a"',
            "suite.toml:4: models.m1.url: give either url or server",
        ),
        (
            'url = "http://a"\nproxy = "socks5://p"',
            'suite.toml:4: models.m1.proxy: must be "environment" or an http:// address',
        ),
    ],
)
def test_addresses(line: str, head: str) -> None:
    text = f'[models.m1]\nbackend = "chatty"\n{line}\n{DATASET}'
    text += '[servers.simulator]\ncommand = ["x"]\n'
    problem = only(text)
    assert problem.startswith(head)
    assert "hunter2" not in problem


def test_a_server_that_is_missing_suggests_the_nearest() -> None:
    text = '[models.m1]\nbackend = "chatty"\nserver = "simulatr"\n' + DATASET
    assert "did you mean 'simulator'?" in only(text + '[servers.simulator]\ncommand = ["x"]\n')


@pytest.mark.parametrize(
    "name", ["Authorization", "X-API-Key", "cookie", "X-Auth-Token", "Client-Secret"]
)
def test_headers_that_look_like_secrets(name: str) -> None:
    problem = only(with_model(f'headers = {{ "{name}" = "hunter2-hunter2" }}'))
    assert problem.startswith(f"suite.toml:4: models.m1.headers: the header {name} looks like a")
    assert "hunter2" not in problem
    plan = plan_of(with_model(f'headers = {{ "{name}" = {{ env = "K" }}, "X-Plain" = "v" }}'))
    assert plan.models[0].service.headers["X-Plain"] == "v"


def test_a_header_with_a_line_break() -> None:
    problem = only(with_model('headers = { X = "a\\r\\nY: b" }'))
    assert "the header X holds a line break" in problem


@pytest.mark.parametrize(
    "words", ['"--api-key", "sk-hunter2"', '"--api-key=sk-hunter2"', '"--hf-token", "hunter2"']
)
def test_a_secret_in_the_command_of_a_server(words: str) -> None:
    text = f'[models.m1]\nbackend = "chatty"\nserver = "s"\n{DATASET}'
    problem = only(text + f'[servers.s]\ncommand = ["x", {words}]\n')
    assert "puts a secret into the command" in problem
    assert "hunter2" not in problem


def test_a_plain_api_key_is_not_repeated() -> None:
    problem = only(with_model('api_key = "sk-hunter2"'))
    assert problem.startswith("suite.toml:4: models.m1.api_key: must be a reference to an env")
    assert "hunter2" not in problem


# -- capabilities


def test_a_capability_that_is_missing_names_the_backends_that_have_it() -> None:
    problem = only(GOOD.replace("chatty", "texty").replace('"sums"', '"chat-only"'))
    assert problem == (
        "suite.toml:8: datasets.d1: the data set chat-only needs 'chat', which backend 'texty' "
        "of model 'm1' does not have\n"
        "  help: backends that have it: chatty, still; or leave the pair out with [[exclude]]"
    )


def test_a_variant_that_the_backend_cannot_do() -> None:
    problem = only(with_dataset('variant = "text-0"'))
    assert problem == (
        "suite.toml:7: datasets.d1.variant: the variant 'text-0' of sums needs 'text', which "
        "backend 'chatty' of model 'm1' does not have\n"
        "  help: backends that have it: texty; or leave the pair out with [[exclude]]"
    )


def test_an_unfit_pair_can_be_left_out() -> None:
    text = GOOD.replace('"sums"', '"chat-only"') + MODEL.replace("m1", "m2").replace(
        "chatty", "texty"
    )
    assert len(problems_of(text)) == 1
    plan = plan_of(text + '[[exclude]]\nmodel = "m2"\ndataset = "d1"\n')
    assert [task.label for task in plan.tasks] == ["m1 / d1"]


def test_streaming_must_be_possible() -> None:
    """Where a suite asks for it; one that says nothing gets what there is."""
    text = GOOD.replace("chatty", "still")
    assert only(text.replace("[datasets", "stream = true\n[datasets", 1)).endswith(
        "models.m1.stream: still cannot stream\n  help: set stream = false"
    )
    (task,) = plan_of(text).tasks
    assert not task.model.service.stream
    (task,) = plan_of(GOOD).tasks
    assert task.model.service.stream


def test_an_unknown_variant_names_the_nearest_or_all() -> None:
    assert "did you mean 'chat-4'?" in only(with_dataset('variant = "chat-5"'))
    assert "variants are: chat-4, text-0" in only(with_dataset('variant = "zzz"'))


# -- generation settings


def test_refused_generation_settings_of_a_model() -> None:
    text = MODEL + "[models.m1.generation]\nbest_of = 2\n" + DATASET
    assert only(text) == (
        "suite.toml:5: models.m1.generation.best_of: is refused by chatty\n  help: use repeats"
    )


def test_refused_generation_settings_of_a_data_set() -> None:
    text = MODEL + "[models.m1.generation]\nbest_of = 2\n" + DATASET + "generation.best_of = 3\n"
    assert only(text) == (
        "suite.toml:9: datasets.d1.generation.best_of: is refused by chatty\n  help: use repeats"
    )


# -- metrics


@pytest.mark.parametrize(
    ("metric", "offers"),
    [
        ("accuracy", [("accuracy", {})]),
        ("pass@5", [("pass@5", {}), ("pass@k", {"k": 5}), ("pass@n", {"n": 5})]),
        ("g-pass@8_0.5", [("g-pass@8_0.5", {}), ("g-pass@k_tau", {"k": 8, "tau": 0.5})]),
        ("g-pass@8_1", [("g-pass@8_1", {}), ("g-pass@k_tau", {"k": 8, "tau": 1.0})]),
        ("d/pass@5", [("d/pass@5", {}), ("d/pass@k", {"k": 5}), ("d/pass@n", {"n": 5})]),
        ("pass@k", [("pass@k", {})]),
        ("pass@", [("pass@", {})]),
        ("@5", [("@5", {})]),
        ("pass@5x", [("pass@5x", {})]),
        ("pass@-5", [("pass@-5", {})]),
    ],
)
def test_spellings(metric: str, offers: list[tuple[str, dict[str, float]]]) -> None:
    assert list(metric_spellings(metric)) == offers


@pytest.mark.parametrize(
    ("metric", "offer", "made"),
    [
        ("pass@5", "pass@k", KSettings(k=5)),
        ("avg@8", "avg@n", NSettings(n=8)),
        ("g-pass@8_0.5", "g-pass@k_tau", TauSettings(k=8, tau=0.5)),
        (f"{DIST}/pass@5", "pass@k", KSettings(k=5)),
    ],
)
def test_metrics_of_a_family(metric: str, offer: str, made: object) -> None:
    (task,) = plan_of(with_dataset(f'metrics = ["accuracy", "{metric}"]', "repeats = 8")).tasks
    assert list(task.dataset.metrics) == ["accuracy", metric]
    part = task.dataset.metrics[metric]
    assert (part.listed.offer.name, part.settings) == (offer, made)


@pytest.mark.parametrize(
    ("lines", "metrics"),
    [
        (['evaluator = "odds"'], ["pass@1"]),
        (['evaluator = "odds"', 'metrics = ["accuracy"]'], ["accuracy"]),
        (['evaluator = "same"'], ["accuracy"]),
    ],
)
def test_an_evaluator_of_which_accuracy_says_nothing(lines: list[str], metrics: list[str]) -> None:
    odds = EvaluatorOffer(
        name="odds",
        summary="",
        target="unit_fakes:FakeEvaluator",
        settings="unit_fakes:EvaluatorSettings",
        metrics=("pass@1",),
    )
    (task,) = plan_of(with_dataset(*lines), catalog(listed(odds))).tasks
    assert list(task.dataset.metrics) == metrics


def test_an_offer_with_the_very_name_wins_over_the_family() -> None:
    found = catalog(listed(reducer("pass@5")))
    (task,) = plan_of(with_dataset('metrics = ["pass@5"]', "repeats = 5"), found).tasks
    assert task.dataset.metrics["pass@5"].listed.offer.name == "pass@5"


@pytest.mark.parametrize("metric", ["pass@5", "avg@5", "g-pass@5_0.5"])
def test_a_metric_that_needs_more_repeats(metric: str) -> None:
    problem = only(with_dataset(f'metrics = ["{metric}"]', "repeats = 4"))
    assert problem == (
        f"suite.toml:7: datasets.d1.metrics[0]: {metric} needs 5 repeats, and there are 4\n"
        "  help: set repeats = 5"
    )


def test_a_metric_with_a_wrong_parameter() -> None:
    problem = only(with_dataset('metrics = ["accuracy", "pass@0"]'))
    assert problem == ("suite.toml:7: datasets.d1.metrics[1].k: must be 1 or more, got 0")


def test_an_unknown_metric_is_named_as_it_was_written() -> None:
    problem = only(with_dataset('metrics = ["accuracy", "pss@5"]'))
    assert problem.startswith(
        "suite.toml:7: datasets.d1.metrics[1]: no installed plugin offers the reducer 'pss@5'"
    )
    assert "pass@k" in problem


def test_a_metric_named_twice_does_not_drop_the_data_set() -> None:
    text = with_dataset('metrics = ["accuracy", "accuracy"]') + DATASET.replace("d1", "d2")
    try:
        plan = plan_of(text)
    except ConfigError as error:
        assert "metrics" in str(error)
    else:
        assert [dataset.name for dataset in plan.datasets] == ["d1", "d2"]


# -- what is asked of the whole


def test_empty_models_and_data_sets() -> None:
    first, second = problems_of("")
    assert first == "suite.toml: models: is empty\n  help: add a [models.NAME] table"
    assert second == "suite.toml: datasets: is empty\n  help: add a [datasets.NAME] table"
    assert only("[models]\n" + DATASET).startswith("suite.toml:1: models: is empty")


@pytest.mark.parametrize("name", ["a/b", "", "..", "-x", "a b", "é"])
def test_names_become_folders(name: str) -> None:
    first, second = problems_of(
        MODEL.replace("m1", f'"{name}"') + DATASET.replace("d1", f'"{name}"')
    )
    assert f"the name {name!r} cannot be a folder" in first
    assert f"the name {name!r} cannot be a folder" in second


def test_exclusions_by_pattern() -> None:
    text = (
        MODEL
        + MODEL.replace("m1", "m2")
        + DATASET
        + DATASET.replace("d1", "d2")
        + '[[exclude]]\nmodel = "*2"\ndataset = "d?"\n'
    )
    assert [task.label for task in plan_of(text).tasks] == ["m1 / d1", "m1 / d2"]
    text += '[[exclude]]\ndataset = "d1"\n'
    plan = plan_of(text)
    assert [task.label for task in plan.tasks] == ["m1 / d2"]
    assert [dataset.name for dataset in plan.datasets] == ["d2"]


def test_an_exclusion_that_matches_nothing() -> None:
    first, second = problems_of(GOOD + '[[exclude]]\nmodel = "m11"\ndataset = "x*"\n')
    assert first == (
        "suite.toml:12: exclude[0].model: 'm11' matches nothing\n  help: did you mean 'm1'?"
    )
    assert second == (
        "suite.toml:13: exclude[0].dataset: 'x*' matches nothing\n  help: names are: d1"
    )


@pytest.mark.parametrize("table", ["[[exclude]]\n", '[[exclude]]\nmodel = "m1"\n'])
def test_everything_left_out(table: str) -> None:
    assert only(GOOD + table) == (
        "suite.toml:11: exclude: leaves nothing to do\n  help: narrow an [[exclude]]"
    )


def test_requires() -> None:
    def text(requirement: str) -> str:
        return f'[suite]\nrequires = ["attrs", "{requirement}"]\n' + MODEL + DATASET

    assert plan_of(text("cattrs>=1.0")).tasks
    assert only(text("no-such-dist-at-all>=2")) == (
        "suite.toml:2: suite.requires[1]: no-such-dist-at-all>=2 is not installed\n"
        '  help: pip install "no-such-dist-at-all>=2"'
    )
    problem = only(text("cattrs>=999"))
    assert problem.startswith("suite.toml:2: suite.requires[1]: cattrs>=999: ")
    assert "is installed\n  help: pip install" in problem
    assert "is not a requirement" in only(text("what is this"))


def test_a_template_that_no_plugin_offers() -> None:
    without_chat = Catalog(
        listed=tuple(
            listed(one)
            for one in OFFERS
            if not (isinstance(one, TemplateOffer) and one.name == "chat")
        ),
        broken=(),
    )
    problem = only(GOOD, without_chat)
    assert "no installed plugin offers the template 'chat'" in problem


def test_a_target_that_cannot_be_imported_is_a_plugin_error() -> None:
    import attrs

    gone = attrs.evolve(sums(name="gone"), target="unit_fakes:Gone")
    with pytest.raises(PluginError, match=rf"dataset 'gone' of {DIST} 1\.0 cannot be imported"):
        plan_of(GOOD.replace('"sums"', '"gone"'), catalog(listed(gone)))
    away = attrs.evolve(sums(name="away"), target="no_such_module_at_all:X")
    with pytest.raises(PluginError, match="needs the module 'no_such_module_at_all', which is"):
        plan_of(GOOD.replace('"sums"', '"away"'), catalog(listed(away)))


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        (("[models.m1.generation]", "max_output_tokens = 7"), {"max_output_tokens": 7}),
        (("[models.m1.generation]", "max_tokens = 7"), {"max_tokens": 7}),
    ],
)
def test_a_bound_by_another_name_takes_the_place_of_the_data_sets_own(
    lines: tuple[str, ...], wanted: dict[str, int]
) -> None:
    (task,) = plan_of(with_model(*lines)).tasks
    limits = {key: task.generation[key] for key in task.generation if key.startswith("max_")}
    assert limits == wanted
    assert all(task.generation_origin[key].startswith("[models") for key in wanted)


def test_groups_of_a_suite_are_kept_with_their_members(tmp_path: Path) -> None:
    ready = tmp_path / "ready.toml"
    ready.write_text(
        'summary = "s"\nsource = "s"\n[groups.ready]\nmembers = ["d1", "absent"]\n',
        encoding="utf-8",
    )
    own = '[groups.own]\nmembers = ["d1", { of = "ready", floor = 25.0 }]\n'
    plan = plan_of(GOOD.replace("[suite]", f'[suite]\ngroups = ["{ready}"]', 1) + own)
    assert plan.groups["ready"].optional
    tables = resolved_tables(plan)
    assert tables["suite"]["groups"] == []
    again = plan_of(tomli_w.dumps(tables))
    assert again.groups == plan.groups


def test_groups_are_checked_with_the_rest() -> None:
    text = only(GOOD + '[groups.own]\nmembers = ["e"]\n')
    assert "groups.own.members[0]: there is no data set and no group 'e'" in text
    assert "d1, own" in text
    text = only(GOOD.replace("[suite]", '[suite]\ngroups = ["./absent.toml"]', 1))
    assert "suite.groups[0]" in text and "absent.toml: cannot be read" in text


def test_groups_of_a_run_that_scores_nothing_are_told() -> None:
    text = GOOD.replace("[suite]", '[suite]\nmode = "performance"', 1)
    load = '[load]\nshape = "poisson"\nrate = 1\nduration = 1\n'
    problems = problems_of(text + load + '[groups.own]\nmembers = ["d1"]\n')
    assert any("groups: has no effect: a performance run" in one for one in problems)
