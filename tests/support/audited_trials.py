"""How each evaluator, step and reader of answers is given an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from typing import Any, get_args

from aisbench.api import (
    Answer,
    EvaluatorOffer,
    Message,
    PostprocessorOffer,
    Prompt,
    Response,
    Sample,
    Scored,
    Tool,
    ToolCall,
)
from aisbench.plugins.catalog import Catalog
from aisbench.plugins.discovery import discover
from aisbench_testkit.checks.making import guessed, make

Trial = Callable[[str], object]

WARM = [
    "", "The answer is B.", "#### 18", "It is \\boxed{\\frac{1}{2}}.", "**Answer:** (C)",
    "[[7]] well",
    "x = 3.5 and y = \\sqrt{2}", "\\boxed{x^2+2x+1=0}", "\\boxed{(1,2]\\cup[3,\\infty)}",
    "RED FOX. A dog.",
    "\\boxed{\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}}", "\\boxed{\\{1,2\\}}", "\\boxed{12\\%}",
    "\\boxed{\\text{(B)}}", "\\boxed{\\sin x + \\log_2 8}", "答案是B。", "[f(x=1, y='a')]", "{}",
    "[]",
    '[{"function": "f", "parameters": {"x": 1}}]', "<functions><function name='f'/></functions>",
    "```python\ndef f(x):\n    return x + 1\n```", "No. It is A, not B. Sorry, C.",
    "2024-01-01 and 1,000.5 km",
    "\ud800 \x00", "a" * 3000, "Das ist ein ganz gewöhnlicher deutscher Satz.", "yes",
    "7 + 8 = 15. " * 50,
    "[cd(folder='document'), ls()]", "[add(a=1, b=2)]", '{"x": 1}', "[" * 300, "\\boxed{1" * 50,
    "f(",
    "\\boxed{\\int_0^1 x dx} \\boxed{\\sum_{n=1}^{3} n} \\boxed{5!} \\boxed{\\binom{5}{2}}",
    "\\boxed{1.5\\times10^{3}} \\boxed{3\\frac{1}{2}} \\boxed{101_2} \\boxed{2:3}",
    "\\boxed{9^{9^{9}}}",
    "\\boxed{" + "(" * 300, "\\boxed{x}" * 20, "99" * 3000, "1e999999",
    "The answer is one hundred.",
]  # fmt: skip
"""Ordinary answers of all kinds, and a few that go where errors are made."""


def trials(name: str) -> Iterator[tuple[str, Trial]]:
    """Each way in which what is called ``name`` gets an answer."""
    if name == "core":
        yield from _core()
    elif name == "steps":
        yield from _steps()
    elif name == "function-calls":
        yield from _function_calls()
    elif name.startswith("judge-"):
        yield from _judged(name)
    else:
        for settings, sample in EVALUATORS[name]:
            yield str(settings), _scoring(_evaluator(name, settings), sample, name)


_CHOICES = {"question": "Which?", "choices": ["red", "blue", "green", "C#"]}
_INSTRUCTIONS: list[tuple[str, dict[str, Any]]] = [
    ("keywords:existence", {"keywords": ["(a+)+$", "fox"]}),
    ("keywords:frequency", {"keyword": "a", "frequency": 2, "relation": "at least"}),
    ("keywords:forbidden_words", {"forbidden_words": ["(x+x+)+y", "C++"]}),
    ("keywords:letter_frequency", {"letter": "a", "let_frequency": 2, "let_relation": "at least"}),
    ("language:response_language", {"language": "de"}),
    ("length_constraints:number_sentences", {"num_sentences": 2, "relation": "at least"}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}),
    ("length_constraints:number_words", {"num_words": 2, "relation": "less than"}),
    ("length_constraints:nth_paragraph_first_word",
     {"num_paragraphs": 2, "nth_paragraph": 1, "first_word": "a"}),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}),
    ("detectable_format:constrained_response", {}),
    ("detectable_format:json_format", {}),
    ("detectable_format:multiple_sections", {"section_spliter": "Part", "num_sections": 2}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 2}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 2}),
    ("detectable_format:title", {}),
    ("change_case:capital_word_frequency", {"capital_frequency": 2,
    "capital_relation": "at least"}),
    ("change_case:english_capital", {}),
    ("change_case:english_lowercase", {}),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Say it."}),
    ("combination:two_responses", {}),
    ("punctuation:no_comma", {}),
    ("startend:end_checker", {"end_phrase": "Bye."}),
    ("startend:quotation", {}),
    ("ratio:overlap", {"reference_text": "a fox", "percentage": 50}),
    ("sentence:keyword", {"word": "(a+)+$", "N": 1}),
    ("words:start_verb", {}),
    ("words:odd_even_syllables", {}),
    ("format:emoji", {}),
    ("custom:csv_special_character", {}),
    ("custom:mcq_count_length", {}),
]  # fmt: skip


def _row(target: Any, **fields: Any) -> Sample:
    return Sample(id="s", fields={"question": "?", **fields}, target=target)


EVALUATORS: Mapping[str, list[tuple[dict[str, Any], Sample]]] = {
    "choice": [
        ({}, Sample(id="s", fields=_CHOICES, target="B")),
        ({"count": 9}, _row("B")),
        *(({"count": 4, "rule": rule}, _row("B")) for rule in ("aisbench-last", "aisbench-first")),
    ],
    "numeric": [({}, _row("18")), ({"rule": "strict"}, _row("18")), ({"rule": "aisbench"},
    _row("18"))],
    "math": [
        *(({}, _row(target)) for target in ("\\frac{1}{2}", "18", "(1,2]", "x^2+1", "1,2,3", "C")),
        ({"rule": "boxed"}, _row("18")),
        ({"rule": "normalised"}, _row("\\frac{1}{2}")),
    ],
    "exact": [({}, _row(["New York", "x < y"]))],
    "f1": [({}, _row("red fox"))],
    "drop": [({}, _row([{"number": "", "date": {}, "spans": ["red fox", "dog"]}, "1,000.5"]))],
    "rouge": [({}, _row("red fox")), ({"words": "jieba"}, _row("红色的狐狸"))],
    "bleu": [({}, _row("red fox"))],
    "chrf": [({}, _row("red fox"))],
    "perplexity": [({}, _row(None, text="x"))],
    "mrcr-ratio": [({}, _row("red fox", random_string_to_prepend=""))],
    "needle-match": [
        ({}, _row(["red", "fox"])),
        ({"rule": "boxed", "ignore_case": False}, _row(["x^2"])),
    ],
    "continuation": [({}, _row("a red fox"))],
    "python-tests": [
        ({"run_code": True, "limits": {"seconds": 1.0}},
         _row(None, prompt="def f(x):\n", entry_point="f", tests="assert f(1) == 2")),
    ],
    "evalplus": [
        ({"run_code": True, "limits": {"seconds": 1.0}},
         _row(None, prompt="def f(x):\n", entry_point="f", canonical_solution="    return x + 1",
              base_input=[[1]], plus_input=[[2]])),
    ],
    "stdin-tests": [
        ({"run_code": True, "seconds": 1.0},
         _row(None, public_test_cases='[{"input": "1", "output": "2", "testtype": "stdin"}]')),
    ],
    "program-tests": [
        ({"run_code": True, "limits": {"seconds": 1.0}},
         _row(None, part="python", prompt="def f(x):\n", declaration="def f(x):\n",
              test="assert f(1) == 2")),
    ],
    "unittest-tests": [
        ({"run_code": True, "limits": {"seconds": 1.0}},
         _row(None, code_prompt="def f(x):\n", entry_point="f",
              test="import unittest\nclass TestCases(unittest.TestCase):\n"
              "    def test_it(self):\n        self.assertEqual(f(1), 2)\n")),
    ],
    "code-reasoning": [
        ({"run_code": True, "asks": asks},
         _row(None, code="def f(x): return x", input="1", output="1"))
        for asks in ("input", "output")
    ],
    "vqa-soft": [({}, _row(["red fox"] * 9 + ["7"]))],
    "anls": [({}, _row(["red fox", "7"]))],
    "relaxed": [({}, _row(target)) for target in ("21.6", "red")],
    "contains": [({}, _row(["red fox"]))],
    "box-iou": [({"scale": "pixels"}, _row([20, 30, 120, 150]))],
    "mmmu-open": [({}, _row(["16", "a red fox"]))],
    "mathvision": [({}, _row(target)) for target in ("\\frac{1}{2}", "18")],
    "mathvista": [
        ({}, _row("12", choices=[], answer_type="integer")),
        ({}, _row("red", choices=["red", "blue"], answer_type="text",
                  question_type="multi_choice")),
    ],
    "ocrbench-v2": [
        ({"synonyms": "none"}, _row([target], type=kind))
        for kind, target in (
            ("text recognition en", "CENTRE"), ("math QA en", "12"),
            ("formula recognition en", "x"),
            ("table parsing en", "<table><tr><td>1</td></tr></table>"),
            ("full-page OCR en", "a red car"), ("key information extraction en", '{"a": "b"}'),
        )
    ],
    "omnidocbench": [
        ({}, _row({"elements": [{"kind": "text_block", "id": 1, "order": 1, "content": "words"}],
                   "cuts": []})),
    ],
    "wer": [({}, _row("a red fox"))],
    "instructions": [
        ({}, _row(None, instruction_id_list=[*names], kwargs=[*given]))
        for names, given in (zip(*_INSTRUCTIONS[start::5], strict=True) for start in range(5))
    ],
}  # fmt: skip


@cache
def _catalog() -> Catalog:
    return discover()


def _evaluator(name: str, settings: Mapping[str, Any]) -> Any:
    return make(_catalog().find(EvaluatorOffer, name)[1], settings)


def _scoring(evaluator: Any, sample: Sample, name: str) -> Trial:
    scored = Scored(logprobs=(-1.0, -0.5)) if name == "perplexity" else None

    def trial(text: str) -> object:
        response = Response(text=text, scored=scored)
        return evaluator.score(sample, Answer.of_response(response))

    return trial


def _judged(name: str) -> Iterator[tuple[str, Trial]]:
    settings: dict[str, Any] = {"judge": "j"}
    if name == "judge-pairwise":
        settings["against"] = "b"
    evaluator = _evaluator(name, settings)
    sample = _row("18")

    def trial(text: str) -> object:
        said = Answer.of(text)
        rival = said if evaluator.against else None
        asked = evaluator.questions(sample, said, rival)
        return evaluator.conclude(sample, said, [[Response(text=text)] * len(asked)])

    yield "as answer, and as the judge's", trial


def _steps() -> Iterator[tuple[str, Trial]]:
    settings: dict[str, dict[str, Any]] = {
        "regex": {"pattern": r"answer is (\w+)"},
        "after": {"text": "answer"},
        "before": {"text": "answer"},
    }
    for listed in _catalog().of_kind(PostprocessorOffer.kind):
        step = make(listed, settings.get(listed.offer.name) or guessed(listed))
        yield listed.offer.name, partial(step.process, sample=_row("18"))


def _core() -> Iterator[tuple[str, Trial]]:
    """What core itself reads out of an answer: thinking, and calls in the text."""
    from aisbench.config.suite import LocalSettings
    from aisbench.conversation.read_answer import understood
    from aisbench.reading.rule import Reasoning
    from aisbench.reading.tool_calls import ToolParser

    for parser in get_args(ToolParser):
        settings = LocalSettings(tool_parser=parser, reasoning=Reasoning())
        yield parser or "no parser", partial(_read, understood, settings)


def _read(understood: Callable[[Response, Any], object], settings: Any, text: str) -> object:
    return understood(Response(text=text), settings)


def _function_calls() -> Iterator[tuple[str, Trial]]:
    from aisbench.api import open_dataset

    evaluator = _evaluator("function-calls", {})
    categories = ["simple_python", "simple_java", "simple_javascript", "parallel", "irrelevance",
                  "multi_turn_base", "memory_kv", "format_sensitivity"]  # fmt: skip
    samples = open_dataset("bfcl", {"categories": categories}).samples()
    first: dict[str, Sample] = {}
    for sample in samples:
        if sample.scored:
            first.setdefault(sample.part, sample)
    math = [one for one in samples if "MathAPI" in str(_entry(one).get("involved_classes"))][:1]
    for part, sample in [*first.items(), *(("MathAPI", one) for one in math)]:
        for native in (False, True):
            if native and part.startswith("format"):
                continue
            yield f"{part}, {'tools' if native else 'text'}", _calling(evaluator, sample, native)


def _entry(sample: Sample) -> Any:
    return sample.fields["entry"]


def _calling(evaluator: Any, sample: Sample, native: bool) -> Trial:
    prompt = Prompt(
        messages=(Message(role="user", content="?"),), tools=(Tool(name="f"),) if native else ()
    )
    names = [one["name"].replace(".", "_") for one in _entry(sample)["function"][:2]]

    def trial(text: str) -> object:
        said = Response(text=text)
        if native:
            made = [ToolCall(name=name, arguments=text, id="c") for name in (*names, text[:200])]
            said = Response(tool_calls=tuple(made))
        turns = len(_entry(sample)["question"]) if sample.part.startswith("multi_turn") else 0
        responses = (said, *(Response(text="Done.") for _ in range(turns)))
        return evaluator.score(
            sample, Answer(prompts=(prompt,) * len(responses), responses=responses)
        )

    return trial
