"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import (
    Capability,
    Card,
    DatasetOffer,
    EvaluatorOffer,
    PartGroup,
    Published,
    Slicing,
    TemplateOffer,
    hookimpl,
)

AISBENCH_API = "1.1"

_P = "aisbench_plugin_needles"
_RULER = "https://github.com/NVIDIA/RULER (README)"
_GPT_4_1 = "https://openai.com/index/gpt-4-1/ (long context evals)"
_GPT_5 = "https://openai.com/index/introducing-gpt-5-for-developers/ (long context)"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="needle-match",
            summary="Whether an answer names what was hidden: all, any, or in a box.",
            target=f"{_P}.matching:NeedleMatch",
            settings=f"{_P}.matching:MatchSettings",
        ),
        EvaluatorOffer(
            name="mrcr-ratio",
            summary="How much of a text was said again, behind the mark that it must begin with.",
            target=f"{_P}.mrcr:MrcrRatio",
            cost="compute",
        ),
    ]


@hookimpl
def aisbench_prompts() -> Iterable[TemplateOffer]:
    return [
        TemplateOffer(
            name="talk",
            summary="The messages that a row holds in its column prompt.",
            target=f"{_P}.talks:TalkTemplate",
            form=Capability.CHAT,
        )
    ]


@hookimpl
def aisbench_datasets() -> Iterable[DatasetOffer]:
    return [_ruler(), _needlebench(), _mrcr(), _lcr()]


def _ruler() -> DatasetOffer:
    return DatasetOffer(
        name="ruler",
        summary="RULER: needles, variables, frequent words and questions at any length.",
        target=f"{_P}.ruler:Ruler",
        settings=f"{_P}.ruler:RulerSettings",
        evaluator="needle-match",
        slices=(Slicing(by="length", parts=True),),
        card=Card(
            task="long context",
            licence="Apache-2.0 (RULER); the essays are Paul Graham's, SQuAD and HotpotQA are "
            "CC BY-SA 4.0",
            source="made when it is asked; files of RULER's download scripts: "
            "https://github.com/NVIDIA/RULER (scripts/data/synthetic/json)",
            layout="PaulGrahamEssays.json for five tasks, squad.json for qa_1, hotpotqa.json for "
            "qa_2, and english_words.json for cwe beyond some 100,000 tokens; niah_single_1, "
            "niah_multikey_2, niah_multikey_3, vt, cwe and fwe need no file",
            citation="C.-P. Hsieh et al., RULER: What's the Real Context Size of Your "
            "Long-Context Language Models?, COLM 2024 (arXiv:2404.06654)",
            published=tuple(
                Published(model=model, value=value, metric="accuracy", how=how, source=_RULER)
                for model, value, how in (
                    ("Llama-3.1-8B-Instruct", 95.5, "13 tasks at 4K"),
                    ("Llama-3.1-8B-Instruct", 84.7, "13 tasks at 64K"),
                    ("Llama-3.1-8B-Instruct", 77.0, "13 tasks at 128K"),
                    ("Llama-3.1-8B-Instruct", 88.3, "mean of 4K to 128K"),
                    ("Qwen2-72B-Instruct", 85.9, "mean of 4K to 128K"),
                    ("GPT-4-1106-preview", 91.6, "mean of 4K to 128K"),
                )
            ),
        ),
    )


def _needlebench() -> DatasetOffer:
    languages = ("en", "zh")
    reasoning = [f"reasoning-{count}-{one}" for count in (2, 3, 4, 5) for one in languages]
    return DatasetOffer(
        name="needlebench",
        summary="NeedleBench V2: needles at any depth of haystacks of any length; chains of them.",
        target=f"{_P}.needlebench:NeedleBench",
        settings=f"{_P}.needlebench_settings:NeedleBenchSettings",
        evaluator="needle-match",
        groups=(
            PartGroup(name="single", members=("single-en", "single-zh"), mean="members"),
            PartGroup(name="retrieval", members=("retrieval-en", "retrieval-zh"), mean="members"),
            PartGroup(name="reasoning", members=tuple(reasoning), mean="members"),
            PartGroup(name="", members=("single", "retrieval", "reasoning"), mean="members"),
        ),
        slices=(Slicing(by="length"), Slicing(by="depth"), Slicing(by="cell")),
        card=Card(
            task="long context",
            languages=("en", "zh"),
            licence="MIT (the hub's files); Apache-2.0 (OpenCompass, the prompts)",
            source="made when it is asked, of names, needles and texts of our own or of the files "
            "at https://huggingface.co/datasets/opencompass/NeedleBench",
            layout="PaulGrahamEssays.jsonl, zh_finance.jsonl, needles.jsonl, names.json. The "
            "figure of all is the mean of single, retrieval and reasoning, as V2 has it; atc is "
            "asked when it is named in tasks, and has figures of its own",
            citation="M. Li et al., NeedleBench: Can LLMs Do Retrieval and Reasoning in "
            "Information-Dense Context?, 2024 (arXiv:2407.11963)",
        ),
    )


def _mrcr() -> DatasetOffer:
    ends = (
        "4k-8k",
        "8k-16k",
        "16k-32k",
        "32k-64k",
        "64k-128k",
        "128k-256k",
        "256k-512k",
        "512k-1M",
    )
    edges = tuple(1024 * 2**power for power in range(3, 10))
    return DatasetOffer(
        name="mrcr",
        summary="OpenAI's MRCR: the n-th of 2, 4 or 8 like answers of a long talk, word for word.",
        target=f"{_P}.mrcr:Mrcr",
        settings=f"{_P}.mrcr:MrcrSettings",
        evaluator="mrcr-ratio",
        slices=(Slicing(by="prompt tokens", name="length", edges=edges, labels=ends, parts=True),),
        card=Card(
            task="long context",
            rows={"test": 2400},
            licence="MIT",
            source="https://huggingface.co/datasets/openai/mrcr",
            layout="2needle/*.parquet, 4needle/*.parquet, 8needle/*.parquet, or a file for each "
            "(prompt, answer, random_string_to_prepend, n_chars). Talks are held in memory: of "
            "all, some gigabytes; longest and needles choose",
            published=tuple(
                Published(model=model, value=value, metric="ratio", how=how, source=source)
                for model, value, how, source in (
                    ("GPT-4.1", 57.2, "2 needles, 128k", _GPT_4_1),
                    ("GPT-4.1", 46.3, "2 needles, 1M", _GPT_4_1),
                    ("GPT-4o (2024-11-20)", 31.9, "2 needles, 128k", _GPT_4_1),
                    ("GPT-5 (high)", 95.2, "2 needles, 128k", _GPT_5),
                )
            ),
            citation="OpenAI, MRCR, 2025; after K. Vodrahalli et al., Michelangelo: Long Context "
            "Evaluations Beyond Haystacks via Latent Structure Queries, 2024 (arXiv:2409.12640)",
        ),
    )


def _lcr() -> DatasetOffer:
    return DatasetOffer(
        name="aa-lcr",
        summary="Artificial Analysis Long Context Reasoning: questions about sets of documents.",
        target=f"{_P}.lcr:AaLcr",
        settings=f"{_P}.lcr:LcrSettings",
        evaluator="judge-verdict",
        slices=(Slicing(by="prompt tokens", name="length", edges=(90_000, 100_000, 110_000)),),
        card=Card(
            task="long context, judged",
            rows={"test": 100},
            licence="Apache-2.0 (questions); the documents are public reports with rights of "
            "their own",
            source="https://huggingface.co/datasets/ArtificialAnalysis/AA-LCR",
            layout="AA-LCR_Dataset.csv, and extracted_text/AA-LCR_extracted-text.zip or the "
            'folder lcr that it unpacks to. Name the judge: evaluation = { judge = "MODEL" }; '
            "Artificial Analysis took Qwen3 235B A22B 2507 without reasoning in 2025",
            published=(
                Published(
                    model="o3",
                    value=69,
                    metric="accuracy",
                    how="pass@1 of three repeats, August 2025",
                    source="https://aiwiki.ai/wiki/aa-lcr (of Artificial Analysis)",
                ),
            ),
            citation="Artificial Analysis Team, Artificial Analysis Long Context Reasoning "
            "Benchmark (LCR), 2025",
        ),
    )
