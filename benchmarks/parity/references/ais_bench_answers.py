"""In an environment with ais-bench-benchmark: JSON lines of {"set", "options", "answer",
"targets"} in; for each {rule: {"extracted", "right"}} out, by the post-processors and evaluators
that its own configurations name.

Its packages import every data set's and model's libraries; of those modules that are needed here
the imports are stood in for, the rules are its own.
"""

import importlib
import json
import logging
import sys
import types
from importlib.util import find_spec
from pathlib import Path

HOME = Path(find_spec("ais_bench").submodule_search_locations[0])


def stand_in(name, **names):
    module = types.ModuleType(name)
    module.__dict__.update(names)
    sys.modules[name] = module


def package(name):
    stand_in(name, __path__=[str(HOME.joinpath(*name.split(".")[1:]))])


class Registry:
    def register_module(self, *_, **__):
        return lambda thing: thing


class Base:
    def __init__(self, *_, **__):
        pass

    def is_num_equal(self, *_):
        pass


class Logger:
    def __getattr__(self, _):
        return lambda *__: None


B = "ais_bench.benchmark"
for one in ("", ".utils", ".utils.postprocess", ".datasets"):
    package(B + one)
stand_in("datasets", Dataset=None, DatasetDict=None)
names = ("TEXT_POSTPROCESSORS", "ICL_EVALUATORS", "LOAD_DATASET")
stand_in(f"{B}.registry", **dict.fromkeys(names, Registry()))
for one in (".openicl", ".openicl.icl_evaluator"):
    package(B + one)
    sys.modules[B + one].__dict__.update(BaseEvaluator=Base, AccEvaluator=Base)
stand_in(f"{B}.openicl.icl_prompt_template", PromptTemplate=None)
stand_in(f"{B}.openicl.icl_retriever", ZeroRetriever=None)
stand_in(f"{B}.datasets.base", BaseDataset=Base)
stand_in(f"{B}.datasets.utils")
stand_in(
    f"{B}.datasets.utils.datasets", get_data_path=None, get_meta_json=None, get_sample_data=None
)
stand_in(f"{B}.utils.core")
stand_in(
    f"{B}.utils.core.types",
    check_meta_json_dict=None,
    check_output_config_from_meta_json=None,
)
stand_in(f"{B}.utils.logging", AISLogger=Logger)
stand_in(f"{B}.utils.logging.logger", AISLogger=Logger)
stand_in(f"{B}.utils.logging.error_codes", DSET_CODES=Logger(), UTILS_CODES=None)
raised = ("AISBenchDataContentError", "AISBenchImportError", "ParameterValueError")
stand_in(f"{B}.utils.logging.exceptions", **dict.fromkeys(raised, Exception))
logging.disable(logging.CRITICAL)

post = importlib.import_module(f"{B}.utils.postprocess.text_postprocessors")
thinking = importlib.import_module(f"{B}.utils.postprocess.model_postprocessors")
gsm8k = importlib.import_module(f"{B}.datasets.gsm8k")
mgsm = importlib.import_module(f"{B}.datasets.mgsm")
maths = importlib.import_module(f"{B}.datasets.math")
custom = importlib.import_module(f"{B}.datasets.custom")
verifying = importlib.import_module(f"{B}.openicl.icl_evaluator.math_evaluator")


def choice(row, text):
    letters = "ABCDEFGHIJ"[: len(row["options"])]
    texts = dict(zip(letters, row["options"], strict=True))
    alike = custom.OptionSimAccEvaluator(list(letters))
    english, chinese = r"(?i)ANSWER\s*:\s*([A-P])", r"(?i)答案\s*:\s*[\W]*([A-D])[\W]*"
    found = {
        "mmlu 5-shot (first_option)": post.first_option_postprocess(text, letters),
        "mmlu, ceval chat (last_option)": post.last_option_postprocess(text, letters),
        "mmlu, ceval str (first_capital)": post.first_capital_postprocess(text),
        "custom mcq (OptionSimAcc)": alike.match_any_label(text, texts),
        "mmlu_pro (ANSWER: X)": post.match_answer_pattern(text, english),
        "cmmlu (答案: X)": post.match_answer_pattern(text, chinese),
    }
    return {name: {"extracted": one or None} for name, one in found.items()}


def numeric(row, text):
    found = {"gsm8k": gsm8k.gsm8k_postprocess(text)}
    language = row["language"]
    if language in mgsm.LANG_TO_ANSWER_PREFIX:
        found["mgsm"] = mgsm.mgsm_postprocess(text, language)
    return {
        name: {"extracted": None if one in ("", "NULL") else one} for name, one in found.items()
    }


def mathematics(row, text):
    try:
        stated = maths.math_postprocess_v2(text)
    except Exception:  # noqa: BLE001 - of a box that is never closed; there it ends the evaluation
        stated = ""
    rule = maths.MATHEvaluator(version="v2")
    chat = verifying.MATHEvaluator()
    verdicts, extracted = [], None
    for target in row["targets"]:
        details = chat.score([text], [target])["details"]
        verdicts.append(bool(details and details[0]["correct"]))
        if details and details[0]["pred"] != "[]":
            extracted = details[0]["pred"]
    return {
        "math (math_postprocess_v2, v2)": {
            "extracted": stated or None,
            "right": [bool(rule.is_equiv(stated, one)) for one in row["targets"]],
        },
        "math500 chat (math-verify)": {"extracted": extracted, "right": verdicts},
    }


def exact(row, text):
    found = post.general_postprocess(text)
    right = [found == post.general_postprocess(one) for one in row["targets"]]
    return {"general_postprocess": {"extracted": found or None, "right": right}}


SETS = {"choice": choice, "numeric": numeric, "math": mathematics, "exact": exact}
for line in sys.stdin:
    row = json.loads(line)
    said = thinking.extract_non_reasoning_content(row["answer"])
    print(json.dumps(SETS[row["set"]](row, said)))
