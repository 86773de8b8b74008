"""Task files of every kind that lm-eval has, over rows that are made up here."""

from __future__ import annotations

import json
from pathlib import Path

WORDS = ("cat", "dog", "hill", "Paris", "mat", "seven", "four", "yes", "no", "river")
UTILS = '''
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask


def longer(split):
    return split.map(lambda row: {"longer": row["question"] + " Think."}).filter(
        lambda row: row["number"] % 3 != 1
    )


def measures(doc, results):
    text = results[0]
    return {
        "words": len(text.split()),
        "near": min(1.0, len(set(text) & set(doc["answer"])) / 5),
        "pair": (doc["answer"], text),
    }


def longest(pairs):
    return max(len(found) + len(wanted) for wanted, found in pairs)


def gold(doc):
    return doc["gold"]


class Mixed(ConfigurableTask):
    """Asks for a text, and scores another, about each document."""

    VERSION = 1

    def __init__(self, config=None):
        config = {key: one for key, one in (config or {}).items() if key != "class"}
        super().__init__(config={**config, "output_type": "generate_until"})

    def construct_requests(self, doc, ctx, **kwargs):
        kwargs.pop("apply_chat_template", None)
        kwargs.pop("chat_template", None)
        return [
            Instance("generate_until", doc, (ctx, {"until": ["\\n"]}), 0, **kwargs),
            Instance("loglikelihood", doc, (ctx, " " + "unanswerable"), 1, **kwargs),
        ]

    def process_results(self, doc, results):
        text, (likelihood, greedy) = results
        return {"f1": float(text == doc["answer"]), "unanswerable": likelihood}

    def aggregation(self):
        return {"f1": lambda items: sum(items) / len(items), "unanswerable": sum}

    def higher_is_better(self):
        return {"f1": True, "unanswerable": True}
'''
SOURCE = """dataset_path: json
dataset_kwargs:
  data_files: {{train: {folder}/train.jsonl, test: {folder}/test.jsonl}}
test_split: test
"""
SHOTS = "training_split: train\nfewshot_split: train\n"
CHOICES = "output_type: multiple_choice\n"
QUESTION = 'doc_to_text: "Q: {{question}}\\nA:"\n'
OPTIONS = 'doc_to_choice: "{{options}}"\ndoc_to_target: gold\n'
METRIC = "  - {{metric: {name}, aggregation: {how}, higher_is_better: {better}}}\n"


def _metrics(*names: str, how: str = "mean", better: str = "true") -> str:
    lines = [METRIC.format(name=name, how=how, better=better) for name in names]
    return "metric_list:\n" + "".join(lines)


TASKS = {
    "t_choices": CHOICES + QUESTION + OPTIONS + SHOTS + "num_fewshot: 2\n"
    + _metrics("acc", "acc_norm", "acc_bytes"),
    "t_choices_f1": CHOICES + QUESTION + OPTIONS + _metrics("f1", how="f1")
    + METRIC.format(name="mcc", how="matthews_corrcoef", better="true")
    + METRIC.format(name="brier_score", how="brier_score", better="false"),
    "t_mutual": CHOICES + QUESTION + OPTIONS + _metrics("acc", "acc_mutual_info"),
    "t_inputs": CHOICES + "doc_to_text: gold\ndoc_to_target: ending\n"
    'doc_to_choice: "{{[before ~ options[0], before ~ options[1]]}}"\n' + _metrics("acc"),
    # No blank is between: a token reaches across the border.
    "t_described": CHOICES + QUESTION + SHOTS + "doc_to_target: gold\n"
    + 'doc_to_choice: "{{[\'not \' ~ options[0], options[1] ~ \' too\']}}"\n'
    + 'description: "Questions about {{topic}}.\\n\\n"\ngen_prefix: "It is"\nnum_fewshot: 3\n'
    'fewshot_config: {sampler: first_n}\ntarget_delimiter: ""\n'
    + _metrics("acc", "exact_match"),
    "t_last_word": "output_type: loglikelihood\n"
    'doc_to_text: "{{before}}"\ndoc_to_target: "{{\' \' ~ ending}}"\n'
    + _metrics("perplexity", how="perplexity", better="false")
    + METRIC.format(name="acc", how="mean", better="true"),
    "t_rolling": 'output_type: loglikelihood_rolling\ndoc_to_text: ""\n'
    'doc_to_target: "{{before}} {{ending}} {{question}}"\n'
    + _metrics("word_perplexity", "byte_perplexity", how="weighted_perplexity", better="false")
    + METRIC.format(name="bits_per_byte", how="bits_per_byte", better="false"),
    "t_exact": QUESTION + "doc_to_target: answer\n" + SHOTS + "num_fewshot: 4\n"
    "generation_kwargs: {until: ['Q:', '</s>'], do_sample: false, max_gen_toks: 64}\n"
    "filter_list:\n"
    "  - {name: strict, filter: [{function: regex, regex_pattern: '#### (-?[0-9]+)'}, "
    "{function: take_first}]}\n"
    "  - {name: flexible, filter: [{function: regex, group_select: -1, "
    "regex_pattern: '([0-9]+)'}, {function: take_first}]}\n"
    + _metrics("exact_match"),
    "t_repeats": QUESTION + "doc_to_target: answer\nrepeats: 3\n"
    "generation_kwargs: {until: [\"\\n\\n\"], do_sample: true, temperature: 0.5}\n"
    "filter_list:\n"
    "  - {name: majority, filter: [{function: regex, regex_pattern: '([0-9]+)'}, "
    "{function: majority_vote}, {function: take_first}]}\n"
    "  - {name: first, filter: [{function: take_first}]}\n" + _metrics("exact_match"),
    "t_bleu": QUESTION + "doc_to_target: sentence\n"
    + _metrics("bleu", how="bleu") + METRIC.format(name="chrf", how="chrf", better="true")
    + METRIC.format(name="ter", how="ter", better="false"),
    "t_several": QUESTION + 'doc_to_target: answers\ngeneration_kwargs: {until: [END, "."]}\n'
    "metric_list:\n  - {metric: exact_match, aggregation: mean, higher_is_better: true, "
    "ignore_case: true, ignore_punctuation: true}\n",
    "t_own_scores": 'doc_to_text: "{{longer}}"\ndoc_to_target: answer\n'
    "process_docs: !function utils.longer\nprocess_results: !function utils.measures\n"
    + _metrics("words", "near")
    + "  - {metric: pair, aggregation: !function utils.longest, higher_is_better: false}\n",
    "t_function_target": CHOICES + QUESTION + 'doc_to_choice: ["A", "B"]\n'
    "doc_to_target: !function utils.gold\ntarget_delimiter: ' '\n" + _metrics("acc", "acc_norm"),
    "t_mixed": "class: !function utils.Mixed\n" + QUESTION + "doc_to_target: answer\n",
}  # fmt: skip
TAGGED = ("t_exact", "t_several")
GROUPS = {
    "g_inner": "task: [t_choices, t_inputs]\naggregate_metric_list:\n"
    "  - {metric: acc, aggregation: mean, weight_by_size: true}\n",
    "g_outer": "task: [g_inner, t_last_word, {task: t_exact, num_fewshot: 1}]\n"
    "aggregate_metric_list:\n  - {metric: acc, aggregation: mean, weight_by_size: false}\n"
    "  - {metric: exact_match, aggregation: mean, weight_by_size: true, filter_list: "
    "[strict, flexible]}\n",
}
SHORT = ("t_choices", "t_described", "t_last_word", "t_mutual", "t_rolling")
"""Those with texts to score that are longer than the context of a small model."""
CHAT = ("t_exact", "t_repeats", "t_several", "t_own_scores")
"""Those of texts alone, which a chat server can answer."""


def _row(number: int) -> dict[str, object]:
    word, other = WORDS[number % 10], WORDS[(number * 3 + 1) % 10]
    return {
        "number": number,
        "question": f"What is number {number} of {word} and {other}?",
        "options": [word, f"{other} or {word}"],
        "gold": number % 2,
        "topic": ("rivers", "hills")[number // 20 % 2],
        "before": f"Over the {word} went {number} ",
        "ending": f"of the {other}",
        "answer": str((4, 7, 12)[number % 3]),
        "answers": [WORDS[number % 10], "yes", "B", "paris"][: 2 + number % 3],
        "sentence": ("the cat sat on a mat", "a dog ran over the hill and back")[number % 2],
    }


def write_tasks(folder: Path, rows: int) -> Path:
    """The task files, in a folder; ``include_path`` of both programs."""
    folder.mkdir()
    for split, numbers in (("train", range(100, 112)), ("test", range(rows))):
        lines = [json.dumps(_row(number)) for number in numbers]
        (folder / f"{split}.jsonl").write_text("\n".join(lines) + "\n")
    (folder / "utils.py").write_text(UTILS)
    for name, text in TASKS.items():
        tag = "tag: t_tagged\n" if name in TAGGED else ""
        head = f"task: {name}\n" + tag + SOURCE.format(folder=folder)
        (folder / f"{name}.yaml").write_text(head + text + "metadata: {version: 1.0}\n")
    for name, text in GROUPS.items():
        (folder / f"{name}.yaml").write_text(f"group: {name}\n{text}metadata: {{version: 2.0}}\n")
    return folder
