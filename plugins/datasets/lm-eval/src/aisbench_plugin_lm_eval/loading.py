"""Tasks with their data and their requests, as `lm_eval` makes them before it asks."""

from __future__ import annotations

import contextlib
import difflib
import functools
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

from aisbench.api import DataError
from aisbench_plugin_lm_eval.harness import Built, Unbuilt, WantedTasks, build, quiet
from aisbench_plugin_lm_eval.settings import LmEvalSettings

_HUB = (
    "with a network, lm-eval reads it from its hub. Without one: on a machine that has it, run "
    "this task once (or `datasets.load_dataset`), copy the folder ~/.cache/huggingface here, and "
    "set HF_HOME to the copy and HF_HUB_OFFLINE=1; or give a YAML of your own with dataset_path: "
    "json and dataset_kwargs: data_files"
)


GEN_KWARGS = ("max_gen_toks", "max_tokens", "until", "do_sample", "temperature", "top_p", "top_k")
_NAME = (
    "its YAML names a split (test_split, fewshot_split, ...) or a column that the data do not have"
)
_FILES = ("", "json", "csv", "parquet", "text")
"""What lm-eval does not read from a hub: rows of a function, and files."""


class ChatText(str):
    """Messages, which lm-eval hands on as if they were a prompt's text."""

    messages: list[dict[str, Any]]


def chat_text(history: list[dict[str, Any]], **_: Any) -> ChatText:
    """What lm-eval calls to make a prompt of messages: they are sent as they are."""
    text = ChatText(json.dumps(history, ensure_ascii=False))
    text.messages = history
    return text


def load(wanted: WantedTasks, settings: LmEvalSettings) -> Built:
    """Tasks with ``instances``, made as ``lm_eval.simple_evaluate`` does it.

    Raises DataError for what cannot be read, and for what is not allowed.
    """
    with _seeded(settings):
        built = _built(wanted, settings)
        for name, task in built.tasks.items():
            _allow(name, task, settings)
            _configure(task, settings)
        with quiet():
            for name, task in built.tasks.items():
                _build_requests(name, task, settings)
    return built


def _built(wanted: WantedTasks, settings: LmEvalSettings) -> Built:
    def hook(name: str, config: Mapping[str, Any], _: object) -> None:
        remote = (config.get("dataset_kwargs") or {}).get("trust_remote_code")
        if remote and not settings.trust_remote_code:
            raise DataError(
                f"task {name}: its data come with a script that would be run",
                hint="trust_remote_code = true allows it",
            )
        if config.get("unsafe_code"):
            _refuse_unsafe(name, settings)

    try:
        return build(wanted, hook)
    except Unbuilt as unbuilt:
        raise _unread(unbuilt) from unbuilt.__cause__


def _unread(unbuilt: Unbuilt) -> DataError:
    """Why a task cannot be made, in words that help."""
    error, path = unbuilt.__cause__, unbuilt.path
    if isinstance(error, DataError):
        return error
    if isinstance(error, (ImportError, SystemExit)):
        return DataError(
            f"task {unbuilt.task}: {error}",
            hint="lm-eval keeps what single tasks need in extras of its own, such as "
            "pip install 'lm-eval[math]' (ifeval, longbench, multilingual, ruler, ...)",
        )
    where = f" its data {path!r} cannot be read:" if path else ""
    return DataError(
        f"task {unbuilt.task}:{where} {type(error).__name__}: {error}",
        hint=_HUB if path not in _FILES else _NAME if isinstance(error, KeyError) else "",
    )


def _allow(name: str, task: Any, settings: LmEvalSettings) -> None:
    if getattr(task, "UNSAFE_CODE", False):
        _refuse_unsafe(name, settings)
    if getattr(task, "MULTIMODAL", False):
        raise DataError(f"task {name} needs pictures or sounds, which this plugin does not send")


def _refuse_unsafe(name: str, settings: LmEvalSettings) -> None:
    if not settings.unsafe_code:
        raise DataError(
            f"task {name}: to score it, lm-eval runs programs that the model wrote, without a "
            "sandbox",
            hint="unsafe_code = true allows it (with HF_ALLOW_CODE_EVAL=1 in the environment), on "
            "a machine where that does no harm; aisbench's own humaneval and mbpp run programs in "
            "a sandbox",
        )


def _configure(task: Any, settings: LmEvalSettings) -> None:
    """As lm_eval.evaluator.simple_evaluate of 0.4.13 does it between loading and asking."""
    if task.get_config("output_type") == "generate_until" and settings.gen_kwargs:
        task.set_config(key="generation_kwargs", value=dict(settings.gen_kwargs), update=True)
        _check_kwargs(settings.gen_kwargs)
    own = task.get_config("num_fewshot")
    if settings.num_fewshot is not None:
        if own != 0:
            task.set_config(key="num_fewshot", value=settings.num_fewshot)
    elif own is None:
        task.set_config(key="num_fewshot", value=0)
    task.set_fewshot_seed(seed=settings.fewshot_seed)


def _check_kwargs(given: Mapping[str, Any]) -> None:
    """Any other name is the server's to know, and it says nothing of those that it does not."""
    for name in given:
        near = difflib.get_close_matches(name, GEN_KWARGS, n=1, cutoff=0.88)
        if near and name not in GEN_KWARGS:
            raise DataError(f"gen_kwargs.{name}: lm-eval calls it {near[0]}")


def _build_requests(name: str, task: Any, settings: LmEvalSettings) -> None:
    chat = settings.apply_chat_template
    try:
        task.build_all_requests(
            system_instruction=settings.system_instruction or None,
            apply_chat_template=chat,
            fewshot_as_multiturn=chat and settings.fewshot_as_multiturn,
            chat_template=functools.partial(chat_text) if chat else None,
        )
    except KeyboardInterrupt:
        raise
    except Exception as error:
        raise DataError(
            f"task {name}: lm-eval cannot make its prompts: {type(error).__name__}: {error}"
        ) from error


@contextlib.contextmanager
def _seeded(settings: LmEvalSettings) -> Iterator[None]:
    """lm-eval's seeds, for tasks that shuffle their documents; the state is put back, for no
    draw of ours may depend on it."""
    import numpy

    states = random.getstate(), numpy.random.get_state()
    random.seed(settings.seed)
    numpy.random.seed(settings.numpy_seed)
    try:
        yield
    finally:
        random.setstate(states[0])
        numpy.random.set_state(states[1])
