"""The page: everything in one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from itertools import groupby
from typing import Any

from markupsafe import Markup

from aisbench.api import Wording
from aisbench_plugin_html.blocks import Block, Chart, PageSection
from aisbench_plugin_html.bundle import bundle
from aisbench_plugin_html.charts.colours import COLOURS, config, of_theme, variables
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.scripts import in_script

_SHELL = Markup("""<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; \
font-src data:">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
{style}
</style>
</head>
<body>
<a class="skip" href="#main">{skip}</a>
<header>
<p class="name">{name}</p>
<p class="run">{run}</p>
<button type="button" id="theme" aria-pressed="false">{theme}</button>
</header>
<nav aria-label="{contents}"><ul>
{links}</ul></nav>
<main id="main">
<h1>{title}</h1>
{sections}
</main>
<div id="tip" role="tooltip" hidden></div>
<script type="application/json" id="settings">{settings}</script>
{library}<script>
{script}
</script>
</body>
</html>
""")


def to_html(material: Material, sections: Sequence[PageSection]) -> str:
    """The whole page. Nothing in it asks for anything outside it."""
    words = material.words
    charts = [
        block for section in sections for block in section.blocks if isinstance(block, Chart)
    ]
    library = Markup("")
    if charts:
        # Safe in a script: the bundle holds no "</script"; a test of ours says so.
        library = Markup("<script>\n" + bundle() + "\n</script>\n")
    return str(
        _SHELL.format(
            lang={"en": "en", "zh": "zh-Hans"}[words.language],
            title=material.results.name,
            name="aisbench",
            run=str(material.results.run),
            skip=words.text("Skip to the content"),
            theme=words.text("Dark or light"),
            contents=words.text("Contents"),
            style=_style(),
            links=_links(sections),
            sections=Markup("").join(_section(one, words) for one in sections),
            settings=in_script(_settings(words)),
            library=library,
            script=Markup(_static("page.js")),
        )
    )


def _settings(words: Wording) -> dict[str, Any]:
    # Colours are those of pictures that are saved: light, as paper is.
    return {
        "colours": of_theme("light"),
        "config": config(variables()),
        "words": {
            "shown": words.text("{shown} of {total} answers", shown="{shown}", total="{total}"),
            "none": words.text("No answer fits."),
            "save": words.text("Save as"),
            "numbers": words.text("Numbers"),
            "prompt": words.text("Prompt"),
            "reasoning": words.text("Reasoning"),
            "answer": words.text("Answer"),
            "read": words.text("Read as"),
            "target": words.text("Reference"),
            "reason": words.text("Reason"),
            "failure": words.text("Failure"),
            "odd": words.text("Odd"),
            "facts": words.text("Request"),
            "image": words.text("Picture"),
            "audio": words.text("Sound"),
            "video": words.text("Film"),
            "unfold": words.text("Open all loads"),
            "fold": words.text("Fold all loads"),
        },
    }


def _links(sections: Sequence[PageSection]) -> Markup:
    out = Markup("")
    for group, members in groupby(sections, key=lambda one: one.group):
        if group:
            out += Markup('<li class="group">{}</li>\n').format(group)
        for one in members:
            out += Markup('<li><a href="#{}">{}</a></li>\n').format(one.id, one.title)
    return out


def _section(section: PageSection, words: Wording) -> Markup:
    out = Markup("")
    for charts, run in groupby(section.blocks, key=lambda one: isinstance(one, Chart)):
        blocks = Markup("").join(_block(one, words) for one in run)
        out += Markup('<div class="charts">{}</div>').format(blocks) if charts else blocks
    head = Markup('<h2 id="{}-title">{}</h2>').format(section.id, section.title)
    if section.folded is not None:
        brief = Markup('<span class="brief">{}</span>').format(section.brief)
        begin = Markup("<details>") if section.folded else Markup("<details open>")
        out = Markup("{}<summary>{}{}</summary>{}</details>").format(begin, head, brief, out)
        head = Markup("")
    return Markup(
        '<section id="{id}" aria-labelledby="{id}-title">{head}\n{out}</section>\n'
    ).format(id=section.id, head=head, out=out)


def _block(block: Block, words: Wording) -> Markup:
    if not isinstance(block, Chart):
        return block
    return Markup(
        '<figure class="chart{wide}" id="chart-{id}"><figcaption><b>{title}</b>'
        '<div class="tools">{orders}</div>{caption}</figcaption>'
        '<div class="plot" style="min-height:{height}px" role="img" '
        'aria-label="{title}. {told}"></div>'
        '<details class="numbers"><summary>{numbers}</summary></details>'
        '<script type="application/json">{spec}</script></figure>\n'
    ).format(
        wide=" wide" if block.wide else "",
        id=block.id,
        title=block.title,
        told=block.caption,
        caption=Markup(" <span>{}</span>").format(block.caption) if block.caption else "",
        height=block.height,
        orders=_orders(block, words),
        numbers=words.text("Numbers"),
        spec=in_script({"height": block.height, **block.spec}),
    )


def _orders(chart: Chart, words: Wording) -> Markup:
    if not chart.orders:
        return Markup("")
    options = Markup("").join(
        Markup('<option value="{}">{}</option>').format(
            json.dumps(list(one.rows), ensure_ascii=False), one.title
        )
        for one in chart.orders
    )
    return Markup('<select class="order" aria-label="{}">{}</select>').format(
        words.text("Order of the rows"), options
    )


def _style() -> Markup:
    light, dark = (
        "".join(f"--{name}:{pair[at]};" for name, pair in COLOURS.items()) for at in (0, 1)
    )
    themes = (
        f":root{{color-scheme:light;{light}}}\n"
        f'@media screen{{:root[data-theme="dark"]{{color-scheme:dark;{dark}}}}}\n'
        "@media screen and (prefers-color-scheme:dark)"
        f'{{:root:not([data-theme="light"]){{color-scheme:dark;{dark}}}}}\n'
    )
    return Markup(themes + _static("page.css"))


def _static(name: str) -> str:
    return (resources.files("aisbench_plugin_html") / "static" / name).read_text("utf-8")
