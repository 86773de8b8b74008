"""evalscope eval: its command line and its task config."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aisbench_plugin_migrate.draft import Draft, DraftSection, without_none
from aisbench_plugin_migrate.flags import Flags, items, mapping_of, number, whole
from aisbench_plugin_migrate.models import add_generation, add_key, add_service
from aisbench_plugin_migrate.tables.reading import table
from aisbench_plugin_migrate.words import noted, words

_APIS = {
    "openai_api": "openai-chat",
    "service": "openai-chat",
    "server": "openai-chat",
    "openai_responses_api": "openai-responses",
}
_LOCAL = ("llm_ckpt", "checkpoint", "native")
_NAMES = {
    "n": None,
    "do_sample": None,
    "seed": None,
    "batch_size": None,
    "stream": None,
    "timeout": None,
}
"""Keys of generation_config that are none of the model's sampling."""


def from_evalscope(flags: Flags, source: str) -> Draft:
    """The suite of a call of evalscope eval."""
    draft = Draft(tool="evalscope", source=source)
    suite = draft.section("suite")
    suite.put("mode", "accuracy")
    for name in ("--work-dir", "--outputs"):
        if folder := flags.one(name):
            suite.put("output", folder)
    if (seed := whole(flags.one("--seed"))) is not None:
        suite.put("seed", seed)
    if flags.has("--ignore-errors"):
        suite.put("max_failed", 1)
    sampling = mapping_of(",".join(flags.all("--generation-config")))
    section = _model(draft, flags, sampling)
    repeats = max(whole(flags.one("--repeats")) or 1, int(sampling.get("n") or 1))
    judge = _judge(draft, flags)
    _datasets(draft, flags, repeats, judge)
    for key in ("n", "do_sample"):
        sampling.pop(key, None)
    add_generation(section, {key: one for key, one in sampling.items() if key not in _NAMES})
    flags.told(draft)
    flags.leave_rest(draft, suite)
    return draft


_ARGUMENTS = {
    "precision": "dtype",
    "torch_dtype": "dtype",
    "revision": "revision",
    "device_map": "device_map",
}
"""Keys of --model-args, and of hf."""


def _model(draft: Draft, flags: Flags, sampling: dict[str, Any]) -> DraftSection:
    url = flags.one("--api-url") or ""
    kind = flags.one("--eval-type") or ("openai_api" if url else "llm_ckpt")
    named = flags.one("--model") or ""
    name = flags.one("--model-id") or named.rpartition("/")[2]
    if kind in _LOCAL and not url:
        return _local(draft, flags, named, name)
    section = add_service(draft, _APIS.get(kind, "openai-chat"), url, named, name)
    if kind not in _APIS and kind not in _LOCAL:
        why = words().text("models of this kind are not known; openai-chat is put in its place")
        flags.leave(draft, section, "--eval-type", why)
    add_key(draft, section, flags.one("--api-key"), flags.place, "OPENAI_API_KEY")
    _service(flags, section, sampling)
    return section


def _service(flags: Flags, section: DraftSection, sampling: dict[str, Any]) -> None:
    """How a server is asked."""
    at_once = whole(flags.one("--eval-batch-size"))
    own = "" if at_once else words().text("evalscope's own number for servers")
    section.put("concurrency", at_once or 8, own)
    stream = flags.switch("--stream")
    section.put_given("stream", sampling.get("stream") if stream is None else stream)
    timeout = number(flags.one("--timeout")) or sampling.get("timeout")
    if isinstance(timeout, (int, float)) and timeout > 0:
        section.put("timeout", {"total": timeout})


def _local(draft: Draft, flags: Flags, named: str, name: str) -> DraftSection:
    section = draft.section("models", draft.free_name("models", name or "model"))
    section.put("backend", "hf")
    section.put("path", named or "PATH-OF-THE-MODEL")
    for key, value in mapping_of(flags.one("--model-args") or "").items():
        if key in _ARGUMENTS:
            section.put(_ARGUMENTS[key], str(value).removeprefix("torch."))
        else:
            why = words().text("there is nothing of the kind here")
            draft.leave(section, f"model-args.{key}", value, flags.place, why)
    section.put_given("chat_template", flags.one("--chat-template"))
    section.put_given("batch_size", whole(flags.one("--eval-batch-size")))
    return section


def _judge(draft: Draft, flags: Flags) -> str:
    given = mapping_of(flags.one("--judge-model-args") or "")
    flags.one("--judge-strategy")
    if whole_judge := mapping_of(flags.one("--judge") or ""):
        given = _first_judge(draft, flags, whole_judge)
    if not given:
        return ""
    url = str(given.pop("api_url", "") or "")
    section = add_service(draft, "openai-chat", url, str(given.pop("model_id", "") or ""), "judge")
    section.put("role", "judge")
    key = given.pop("api_key", None)
    add_key(draft, section, None if key is None else str(key), flags.place, "JUDGE_API_KEY")
    generation = given.pop("generation_config", None)
    if isinstance(generation, Mapping):
        add_generation(section, {str(key): one for key, one in generation.items()})
    for key, value in given.items():
        draft.leave(
            section,
            f"judge-model-args.{key}",
            value,
            flags.place,
            words().text("there is nothing of the kind here"),
        )
    return section.header[1]


def _first_judge(draft: Draft, flags: Flags, given: dict[str, Any]) -> dict[str, Any]:
    """The first of the models of --judge; all else is told."""
    models = given.pop("models", None)
    every = models if isinstance(models, list) else [models]
    first, *others = [dict(one) for one in every if isinstance(one, Mapping)] or [{}]
    for other in others:
        why = words().text("one model judges a data set: a further section for each other")
        draft.leave(draft.section("suite"), "judge.models", other, flags.place, why)
    given.pop("strategy", None)
    for key, value in without_none(given).items():
        why = words().text("there is nothing of the kind here")
        draft.leave(draft.section("suite"), f"judge.{key}", value, flags.place, why)
    return first


def _datasets(draft: Draft, flags: Flags, repeats: int, judge: str) -> None:
    known: Mapping[str, Any] = table("evalscope")["datasets"]
    arguments = mapping_of(flags.one("--dataset-args") or "")
    limit, folder = number(flags.one("--limit")), flags.one("--dataset-dir")
    names = items(flags.all("--datasets"))
    for name in names:
        about = known.get(name)
        if about is None:
            why = words().text("this data set of evalscope is not known here")
            draft.leave(draft.section("suite"), "datasets", name, flags.place, why)
            continue
        for dataset in _meant(about, arguments.get(name)):
            section = draft.section("datasets", draft.free_name("datasets", dataset))
            section.put("dataset", dataset, words().text("evalscope: {name}", name=name))
            given = arguments.get(name)
            _arguments(
                draft, flags, section, dict(given) if isinstance(given, Mapping) else {}, about
            )
            if folder and not section.get("path"):
                section.say(
                    words().text(
                        'evalscope looks in {folder}: path = "FOLDER" names the files.',
                        folder=folder,
                    )
                )
            if limit is not None and limit > 0:
                section.put(*(("sample", limit) if limit < 1 else ("part_limit", int(limit))))
            if repeats > 1:
                section.put("repeats", repeats)
            _evaluation(draft, section, about, judge)
    if not names:
        section = draft.section("datasets", "gsm8k-demo")
        section.put("dataset", "gsm8k-demo")
        section.say(words().text("The input names no data set: put yours in its place."))


def _meant(about: Mapping[str, Any], given: Any) -> list[str]:
    """The data sets that one of evalscope's is here: of some the subsets are sets of their own."""
    every = [about["dataset"], *about.get("also", ())]
    named = given.get("subset_list") if isinstance(given, Mapping) else None
    subsets = about.get("subsets", {})
    if not isinstance(named, list) or not subsets:
        return every
    return [subsets[one] for one in named if isinstance(one, str) and one in subsets] or every


def _evaluation(draft: Draft, section: DraftSection, about: Mapping[str, Any], judge: str) -> None:
    if "evaluation" in about:
        section.put(
            "evaluation", dict(about["evaluation"]), words().text("programs run in a sandbox")
        )
    if about.get("judge"):
        if not judge:
            judge = _placeholder(draft)
        section.put("evaluation", {"judge": judge})


def _placeholder(draft: Draft) -> str:
    section = add_service(draft, "openai-chat", "", "", "judge")
    section.put("role", "judge")
    section.say(words().text("The data set is judged by a model: name yours."))
    return section.header[1]


def _arguments(
    draft: Draft,
    flags: Flags,
    section: DraftSection,
    given: dict[str, Any],
    about: Mapping[str, Any],
) -> None:
    path = given.pop("dataset_id", None) or given.pop("local_path", None)
    if isinstance(path, str) and (about.get("own") or Path(path).is_absolute() or path[:1] == "."):
        section.put("path", path)
    elif path is not None:
        why = words().text('path = "hf:..." or "ms:..." names a hub\'s files')
        draft.leave(section, "dataset_id", path, flags.place, why)
    elif about.get("own"):
        section.put("path", "data.jsonl", words().text("name your file"))
    shots = given.pop("few_shot_num", None)
    section.put_given("shots", shots if isinstance(shots, int) else None)
    _subsets(section, given.pop("subset_list", None), about)
    if given.pop("shuffle", None):
        section.put("shuffle", True)
    for key, value in without_none(given).items():
        known = table("evalscope")["arguments"].get(key, {}).get("why", "")
        why = noted(known) if known else words().text("there is nothing of the kind here")
        draft.leave(section, f"dataset-args.{key}", value, flags.place, why)


def _subsets(section: DraftSection, given: Any, about: Mapping[str, Any]) -> None:
    """subset_list: a split or parts of the set, where it does not choose the set itself."""
    if not isinstance(given, list) or not given:
        return
    splits = about.get("splits", {})
    if len(given) == 1 and given[0] in splits:
        section.put("split", splits[given[0]])
    elif not (about.get("own") or about.get("subsets")):
        section.put("parts", [str(one) for one in given])
