"""What a suite may set."""

from __future__ import annotations

from typing import Literal

from attrs import frozen

from aisbench.api import PathOrName, at_least, setting
from aisbench_plugin_synthetic.batches import Batch
from aisbench_plugin_synthetic.lengths import Lengths, problem
from aisbench_plugin_synthetic.media_settings import MediaLoad
from aisbench_plugin_synthetic.natural import NaturalSettings
from aisbench_plugin_synthetic.prefixes import Prefix

Unit = Literal["tokens", "words"]


@frozen
class SyntheticSettings:
    """How many rows, and how long."""

    rows: int = setting(default=1000, check=at_least(1), help="rows of the data set")
    input: int | Lengths = setting(
        default=512,
        unit="tokens",
        check=problem,
        help="length of the prompts: one, or a table",
        example={"method": "lognormal", "median": 512, "sigma": 0.6, "min": 16, "max": 4096},
    )
    output: int | Lengths = setting(
        default=128,
        unit="tokens",
        check=problem,
        help="length of the answers: one, or a table",
        example={"method": "uniform", "min": 64, "max": 256},
    )
    tokenizer: PathOrName = setting(
        default=PathOrName(),
        help="the model's tokenizer: a folder with tokenizer.json, that file, or a hub name",
        example="./models/qwen",
    )
    unit: Unit = setting(
        default="tokens", help='what input is counted in; "words" needs no tokenizer'
    )
    prefix: Prefix | None = setting(
        default=None,
        help="beginnings that rows share",
        example={"tokens": 256, "groups": 4, "hit_rate": 0.8},
    )
    text: NaturalSettings | None = setting(
        default=None,
        help="text of sentences, code, mathematics and so on, instead of random words",
        example={"kinds": {"prose": 50, "code": 50}, "languages": ["en", "zh"]},
    )
    batch: Batch | None = setting(
        default=None,
        help="requests that are no conversation: several texts each for embeddings and "
        "classification, with query a query and documents; input is then the length of a text",
        example={"texts": 32},
    )
    media: MediaLoad | None = setting(
        default=None,
        help="pictures, sounds and films that requests hold beside their text",
        example={"mix": [{"share": 70}, {"share": 30, "pictures": 1}], "pool": 100},
    )
    template_tokens: int = setting(
        default=0,
        unit="tokens",
        check=at_least(0),
        help="what the server's chat template adds; the text is shorter by so much",
    )
    token_ids: bool = setting(
        default=True, help="make random ids too, for the variant tokens; false saves memory"
    )
    ignore_eos: bool = setting(
        default=True, help="ask the server not to stop early (vLLM and SGLang know the key)"
    )
    seed: int = setting(default=0, check=at_least(0), help="lengths and words are drawn with it")


@frozen
class TurnsSettings(SyntheticSettings):
    """Conversations: the first turn is as in synthetic, and further ones follow."""

    turns: int | Lengths = setting(
        default=4,
        check=problem,
        help="how many turns a conversation has: one number, or a table",
        example={"method": "uniform", "min": 2, "max": 8},
    )
    turn_input: int | Lengths = setting(
        default=64,
        unit="tokens",
        check=problem,
        help="length of what the user says from the second turn on: one, or a table",
        example={"method": "uniform", "min": 16, "max": 128},
    )
