"""Prompts of MMLU-Pro, word for word and blank for blank.

Some options begin with a blank, which the authors show. Their prompt for services has its examples
inside one message; lm-evaluation-harness shows the "N/A" that fills examples up to ten options.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase

from aisbench.api import Prompt, Sample

_STEPS = "A: Let's think step by step."
_ALL = 10
"""Options of each example, "N/A" among them."""


def authors_text(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """``generate_cot_prompt`` of the authors' ``evaluate_from_local.py``."""
    text = (
        "The following are multiple choice questions (with answers) about "
        f"{sample.fields['category']}. Think step by step and then finish your answer with "
        '"the answer is (X)" where X is the correct letter choice.\n\n\n\n'
    )
    for one in shots:
        text += f"{_of_base_model(one, str(one.fields['cot_content']))}\n\n"
    return Prompt(text=text + _of_base_model(sample, _STEPS), stop=("Question:",))


def _of_base_model(sample: Sample, said: str) -> str:
    options = "".join(f"{line}\n" for line in _lines(sample))
    said = said.replace(_STEPS, f"Answer: {_STEPS[3:]}")
    return f"Question:\n{sample.fields['question']}\nOptions:\n{options}{said}"


def authors_chat(sample: Sample, shots: Sequence[Sample]) -> str:
    """The one message of ``evaluate_from_api.py`` in github.com/TIGER-AI-Lab/MMLU-Pro."""
    introduction = (
        f"The following are multiple choice questions (with answers) about "
        f"{sample.fields['category']}. Think step by step and then output the answer in the "
        'format of "The answer is (X)" at the end.\n\n'
    )
    examples = [_of_service(one, str(one.fields["cot_content"])) for one in shots]
    return introduction + "".join(examples) + _of_service(sample, _STEPS)


def _of_service(sample: Sample, said: str) -> str:
    options = "".join(f"{line}\n" for line in _lines(sample))
    said = said.removeprefix("A: ")
    return f"Question: {sample.fields['question']}\nOptions: {options}Answer: {said}\n\n"


def lm_eval(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """lm-evaluation-harness's ``mmlu_pro``: description, examples, question."""
    category = sample.fields["category"]
    text = (
        f"The following are multiple choice questions (with answers) about {category}. Think step "
        'by step and then finish your answer with "the answer is (X)" where X is the correct '
        "letter choice.\n"
    )
    for one in shots:
        said = str(one.fields["cot_content"]).replace(f"{_STEPS} ", "")
        text += f"{_asked(one, _ALL)} {said}\n\n"
    return Prompt(text=text + _asked(sample), stop=("Question:",))


def _asked(sample: Sample, fill: int = 0) -> str:
    options = "\n".join(_lines(sample, fill, strip=True))
    return (
        f"Question:\n{sample.fields['question']}\nOptions:\n{options}\n"
        "Answer: Let's think step by step."
    )


def leaderboard(sample: Sample, shots: Sequence[Sample]) -> Prompt:
    """lm-evaluation-harness's ``leaderboard_mmlu_pro``: letters as choices."""
    text = "".join(f"{_listed(one, _ALL)} {one.target}\n\n" for one in shots)
    letters = ascii_uppercase[: len(_options(sample))]
    return Prompt(text=text + _listed(sample), choices=tuple(f" {one}" for one in letters))


def _listed(sample: Sample, fill: int = 0) -> str:
    return "\n".join([str(sample.fields["question"]), *_lines(sample, fill), "Answer:"])


def _lines(sample: Sample, fill: int = 0, *, strip: bool = False) -> list[str]:
    """The options behind their letters, with "N/A" up to ``fill`` of them."""
    options = _options(sample)
    options += ["N/A"] * (fill - len(options))
    return [
        f"{letter}. {option.strip() if strip else option}"
        for letter, option in zip(ascii_uppercase, options, strict=False)
    ]


def _options(sample: Sample) -> list[str]:
    found = sample.fields["choices"]
    return [str(one) for one in found] if isinstance(found, (list, tuple)) else []
