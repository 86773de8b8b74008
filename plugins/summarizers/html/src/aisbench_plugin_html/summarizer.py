"""The summarizer: sections put into a page, and charts into files."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Literal

from attrs import evolve, frozen

from aisbench.api import AisbenchError, SuiteResult, Summary, at_least, setting, wording
from aisbench_plugin_html.blocks import Chart, PageSection
from aisbench_plugin_html.facts import gather
from aisbench_plugin_html.material import Material, open_run
from aisbench_plugin_html.page import to_html
from aisbench_plugin_html.sections.about import about
from aisbench_plugin_html.sections.accuracy import accuracy
from aisbench_plugin_html.sections.answers import answers
from aisbench_plugin_html.sections.outcomes import outcomes
from aisbench_plugin_html.sections.performance import performance
from aisbench_plugin_html.sections.tuning import tunings
from aisbench_plugin_html.sections.verdict import verdict

FILE = "report.html"


@frozen(kw_only=True)
class HtmlSettings:
    """How the page is made."""

    language: Literal["en", "zh"] | None = setting(
        default=None,
        help="the language of the page; without it that of AISBENCH_LANG",
        example="zh",
    )
    answers: int = setting(
        default=150,
        help="answers of each task that stand in the page to be read: wrong, unparsed, cut, "
        "failed and odd ones",
        check=at_least(0),
        example=1000,
    )
    images: bool = setting(
        default=False,
        help="also write every chart as charts/ID.svg and charts/ID.png",
        example=True,
    )


class HtmlSummarizer:
    """Writes ``report.html``."""

    def __init__(self, settings: HtmlSettings) -> None:
        self._settings = settings

    def summarize(self, results: SuiteResult, folder: Path, width: int) -> Summary:
        """Write into ``folder``; nothing for the terminal."""
        words = wording(__package__, self._settings.language)
        run, trouble = open_run(results.run)
        material = Material(
            results=results,
            words=words,
            run=run,
            trouble=trouble,
            samples=self._settings.answers,
        )
        try:
            sections = _sections(material)
        except AisbenchError as error:
            # Figures are shown also where the answers behind them cannot be read any more.
            material = evolve(material, run=None, trouble=error.message)
            sections = _sections(material)
        path = folder / FILE
        _write(path, to_html(material, sections))
        files = [path]
        if self._settings.images:
            from aisbench_plugin_html.images import write_images

            charts = [one for section in sections for one in section.blocks]
            files += write_images(
                [one for one in charts if isinstance(one, Chart)], folder / "charts"
            )
        return Summary(files=tuple(files))


def _write(path: Path, text: str) -> None:
    """Write it whole or not at all: a page that is there stays where a disk is full."""
    part = path.with_name(f".{path.name}.part")
    try:
        # Half surrogate pairs, which models do send, are no UTF-8: they become question marks.
        part.write_text(text, encoding="utf-8", errors="replace")
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _sections(material: Material) -> list[PageSection]:
    facts = gather(material)
    return [
        verdict(material),
        *accuracy(material),
        *outcomes(material, facts),
        *answers(material, facts),
        *tunings(material),
        *performance(material),
        *about(material),
    ]
