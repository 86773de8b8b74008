"""The data set ``synthetic``."""

from __future__ import annotations

import random
from array import array
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from aisbench.api import (
    DataError,
    ExactText,
    JsonValue,
    PlainWords,
    Sample,
    Variant,
    load_tokenizer,
    load_variants,
    make_rows,
)
from aisbench_plugin_synthetic.lengths import draw, lowest, shuffled
from aisbench_plugin_synthetic.settings import SyntheticSettings


class Synthetic:
    """Rows whose words mean nothing and whose lengths are exact."""

    def __init__(self, settings: SyntheticSettings) -> None:
        self.settings = settings

    def variants(self) -> Mapping[str, Variant]:
        """Without ids there is no variant of ids."""
        found = load_variants("aisbench_plugin_synthetic")
        if self._with_ids:
            return found
        return {name: variant for name, variant in found.items() if name != "tokens"}

    def files(self) -> Sequence[Path]:
        """The tokenizer, where it is a file: other tokens are another workload."""
        self._check_tokenizer()
        path = Path(self.settings.tokenizer).expanduser()
        file = path / "tokenizer.json" if path.is_dir() else path
        return [file] if self.settings.tokenizer and file.is_file() else []

    def samples(self) -> Sequence[Sample]:
        settings = self.settings
        self._check_shortest()
        inputs = draw(settings.input, settings.rows, f"{settings.seed}/input")
        outputs = draw(settings.output, settings.rows, f"{settings.seed}/output")
        groups = self._groups()
        filler = self._filler

        def make(row: int) -> Sample:
            return self._row(row, inputs[row], outputs[row], groups[row], filler)

        return make_rows(settings.rows, make, sum(inputs))

    def examples(self) -> Sequence[Sample]:
        raise DataError(
            "synthetic: there are no few-shot examples", hint="set shots = 0; choose input instead"
        )

    @property
    def _with_ids(self) -> bool:
        return self.settings.token_ids and self.settings.unit == "tokens"

    @cached_property
    def _filler(self) -> ExactText | PlainWords:
        settings = self.settings
        if settings.unit == "words":
            return PlainWords(settings.seed)
        self._check_tokenizer()
        return ExactText(load_tokenizer(settings.tokenizer), settings.seed)

    def _check_tokenizer(self) -> None:
        if self.settings.unit == "tokens" and not self.settings.tokenizer:
            raise DataError(
                "synthetic: no tokenizer is named, without which no length is exact",
                hint="set tokenizer to the model's folder, its tokenizer.json or its name on the "
                'hub; or set unit = "words", and lengths are words, some of which are more than '
                "one token",
            )

    def _check_shortest(self) -> None:
        """Whether prefix and chat template fit into the shortest prompt that can come."""
        settings = self.settings
        taken = (settings.prefix.tokens if settings.prefix else 0) + settings.template_tokens
        shortest = lowest(settings.input)
        if taken and shortest <= taken:
            raise DataError(
                f"synthetic: input can be {shortest} {settings.unit} long, and prefix.tokens and "
                f"template_tokens alone are {taken}",
                hint=f"set input.min to {taken + 1} or more, or shorten the prefix",
            )

    def _groups(self) -> array[int]:
        """The prefix of each row; -1: none."""
        settings = self.settings
        found = array("q", [-1]) * settings.rows
        if settings.prefix:
            hits = round(settings.rows * settings.prefix.hit_rate)
            order = shuffled(settings.rows, random.Random(f"{settings.seed}/prefix"))
            for number, row in enumerate(order[:hits]):
                found[row] = number % settings.prefix.groups
        return found

    def _row(
        self, row: int, length: int, output: int, group: int, filler: ExactText | PlainWords
    ) -> Sample:
        settings = self.settings
        shared: list[tuple[str, int]] = []
        if group >= 0 and settings.prefix:
            shared = [(f"prefix/{group}", settings.prefix.tokens)]
        own = length - sum(count for _, count in shared)
        text = filler.chain([*shared, (f"row/{row}", own - settings.template_tokens)])
        fields: dict[str, JsonValue] = {
            "prompt": text,
            "input_length": length,
            "output_length": output,
            "prefix_group": group if group >= 0 else None,
        }
        if self._with_ids and isinstance(filler, ExactText):
            fields["token_ids"] = filler.token_chain([*shared, (f"row/{row}", own)])
        generation: dict[str, JsonValue] = {"max_tokens": output}
        if settings.ignore_eos:
            generation["ignore_eos"] = True
        return Sample(id=f"row-{row}", fields=fields, generation=generation)
