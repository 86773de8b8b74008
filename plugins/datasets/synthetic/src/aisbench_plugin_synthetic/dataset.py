"""The data set ``synthetic``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs

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
from aisbench_plugin_synthetic.batches import Batch, BatchRows, fitting
from aisbench_plugin_synthetic.lengths import draw, lowest
from aisbench_plugin_synthetic.media_rows import MediaRows, showing
from aisbench_plugin_synthetic.media_settings import MediaLoad
from aisbench_plugin_synthetic.natural import LABELS, NaturalText
from aisbench_plugin_synthetic.prefixes import PrefixPlan, plan_prefixes
from aisbench_plugin_synthetic.settings import SyntheticSettings

RANDOM = "words of our own in random order"
"""What the variants say of their texts."""


class Synthetic:
    """Rows whose words mean nothing and whose lengths are exact."""

    def __init__(self, settings: SyntheticSettings) -> None:
        self.settings = settings

    def variants(self) -> Mapping[str, Variant]:
        """Without ids there is no variant of ids."""
        every = load_variants("aisbench_plugin_synthetic")
        found = {name: every[name] for name in fitting(every, self.settings.batch)}
        if self.settings.media is not None and self.settings.batch is None:
            found = {"chat": showing(found["chat"], self.settings.media)}
        elif not self._with_ids:
            found = {name: variant for name, variant in found.items() if name != "tokens"}
        if self.settings.text is None:
            return found
        made = ", ".join(LABELS[kind] for kind in self.settings.text.kinds)
        return {
            name: attrs.evolve(one, source=one.source.replace(RANDOM, made))
            for name, one in found.items()
        }

    def files(self) -> Sequence[Path]:
        """The tokenizer, where it is a file: other tokens are another workload; and the user's
        own text."""
        self._check_tokenizer()
        path = Path(self.settings.tokenizer).expanduser()
        file = path / "tokenizer.json" if path.is_dir() else path
        found = [file] if self.settings.tokenizer and file.is_file() else []
        own = self.settings.text.file if self.settings.text is not None else None
        if own is not None:
            if not own.expanduser().is_file():
                raise DataError(
                    f"synthetic: {own} does not exist", hint="text.file is a file of UTF-8 text"
                )
            found.append(own.expanduser())
        return found

    def samples(self) -> Sequence[Sample]:
        settings = self.settings
        if settings.batch is not None:
            return self._batches(settings.batch)
        self._check_shortest()
        inputs = draw(settings.input, settings.rows, f"{settings.seed}/input")
        outputs = draw(settings.output, settings.rows, f"{settings.seed}/output")
        plan = plan_prefixes(settings.prefix, inputs, settings.seed)
        self._check_prefixes(plan)
        filler = self._filler
        if self._media is not None:
            self._media.make()

        def make(row: int) -> Sample:
            return self._row(row, inputs[row], outputs[row], plan, filler)

        return make_rows(settings.rows, make, sum(inputs))

    def examples(self) -> Sequence[Sample]:
        raise DataError(
            "synthetic: there are no few-shot examples", hint="set shots = 0; choose input instead"
        )

    def _batches(self, batch: Batch) -> Sequence[Sample]:
        settings = self.settings
        for name in ("prefix", "text", "media"):
            if getattr(settings, name) is not None:
                raise DataError(
                    f"synthetic: {name} and batch do not go together",
                    hint=f"leave {name} out: a batch has texts of random words alone",
                )
        made = BatchRows.of(batch, settings.input, settings.rows, settings.seed, self._filler)
        return make_rows(settings.rows, made.make, sum(made.inputs))

    @property
    def _with_ids(self) -> bool:
        settings = self.settings
        return settings.token_ids and settings.unit == "tokens" and settings.text is None

    @cached_property
    def _filler(self) -> ExactText | PlainWords:
        settings = self.settings
        if settings.unit == "words":
            return PlainWords(settings.seed)
        self._check_tokenizer()
        return ExactText(load_tokenizer(settings.tokenizer), settings.seed)

    @cached_property
    def _natural(self) -> NaturalText | None:
        """What makes sentences, where they are asked for."""
        settings = self.settings
        if settings.text is None:
            return None
        if not isinstance(self._filler, ExactText):
            raise DataError(
                'synthetic: text of sentences is counted in tokens, and unit is "words"',
                hint='set unit = "tokens" and tokenizer to that of the model',
            )
        tokenizer = load_tokenizer(settings.tokenizer)
        return NaturalText(tokenizer, self._filler, settings.text, settings.seed)

    @cached_property
    def _media(self) -> MediaRows | None:
        """What requests show, where anything is asked for. Raises DataError."""
        media = self.settings.media
        if media is None:
            return None
        return MediaRows(media, self._places(media), self.settings.seed)

    def _places(self, media: MediaLoad) -> int:
        """How many requests show contents of their own. Raises DataError."""
        if media.turns is not None:
            raise DataError(
                "synthetic: media.turns is for conversations, and these are single requests",
                hint="leave it out, or use the data set synthetic-turns",
            )
        return self.settings.rows

    def _check_tokenizer(self) -> None:
        if self.settings.unit == "tokens" and not self.settings.tokenizer:
            raise DataError(
                "synthetic: no tokenizer is named, without which no length is exact",
                hint="set tokenizer to the model's folder, its tokenizer.json or its name on the "
                'hub; or set unit = "words", and lengths are words, some of which are more than '
                "one token",
            )

    def _check_shortest(self) -> None:
        """Whether the chat template fits into the shortest prompt that can come."""
        self._check_fits(self.settings.template_tokens, "template_tokens alone are")

    def _check_prefixes(self, plan: PrefixPlan) -> None:
        """Whether what is shared fits as well."""
        settings = self.settings
        if plan.levels:
            taken = plan.tokens + settings.template_tokens
            self._check_fits(taken, "prefix.tokens and template_tokens alone are")

    def _check_fits(self, taken: int, what: str) -> None:
        shortest = lowest(self.settings.input)
        if taken and shortest <= taken:
            raise DataError(
                f"synthetic: input can be {shortest} {self.settings.unit} long, and {what} "
                f"{taken}",
                hint=f"set input.min to {taken + 1} or more, or shorten the prefix",
            )

    def _row(
        self,
        row: int,
        length: int,
        output: int,
        plan: PrefixPlan,
        filler: ExactText | PlainWords,
    ) -> Sample:
        settings = self.settings
        shared, path = plan.parts(row), plan.path(row)
        own = length - sum(count for _, count in shared)
        parts = [*shared, (f"row/{row}", own - settings.template_tokens)]
        text = self._text(parts, row, filler)
        labels = {**plan.labels(row), **self._kind_labels(row)}
        shown: dict[str, JsonValue] = {"prompt": text}
        if self._media is not None:
            labels |= self._media.labels(self._place(row))
            shown = self._media.fields(self._place(row), text)
        fields: dict[str, JsonValue] = {
            **shown,
            "input_length": length,
            "output_length": output,
            "prefix_group": (path[0] if len(plan.levels) == 1 else list(path)) if path else None,
        }
        if self._with_ids and self._media is None and isinstance(filler, ExactText):
            fields["token_ids"] = filler.token_chain([*shared, (f"row/{row}", own)])
        generation: dict[str, JsonValue] = {"max_tokens": output}
        if settings.ignore_eos:
            generation["ignore_eos"] = True
        return Sample(id=f"row-{row}", fields=fields, generation=generation, labels=labels)

    def _place(self, row: int) -> int:
        """Of the (first) request of a row, among all that show contents."""
        return row

    def _text(
        self, parts: Sequence[tuple[str, int]], row: int, filler: ExactText | PlainWords
    ) -> str:
        """The texts of the keys, one after the other."""
        if self._natural is None:
            return filler.chain(parts)
        return self._natural.chain(parts, self._natural.chosen(row, self.settings.rows))

    def _kind_labels(self, row: int) -> dict[str, str]:
        """What the text of a row is, where it is one."""
        text = self.settings.text
        if text is None or self._natural is None:
            return {}
        chosen = self._natural.chosen(row, self.settings.rows)
        labels = {"prompt kind": chosen.label}
        return labels if len(text.languages) == 1 else {**labels, "language": chosen.language}
