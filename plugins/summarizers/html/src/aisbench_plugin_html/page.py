"""The page: everything in one file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from itertools import groupby
from typing import Any

from markupsafe import Markup

from aisbench_plugin_html.blocks import Block, Chart, Section
from aisbench_plugin_html.bundle import bundle
from aisbench_plugin_html.charts.colours import COLOURS, config, of_theme
from aisbench_plugin_html.material import Material

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


def to_html(material: Material, sections: Sequence[Section]) -> str:
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
            skip=words.text("Skip to the content"),
            theme=words.text("Dark or light"),
            contents=words.text("Contents"),
            style=_style(),
            links=_links(sections),
            sections=Markup("").join(_section(one, words.text("Numbers")) for one in sections),
            settings=in_script(_settings(words.text)),
            library=library,
            script=Markup(_static("page.js")),
        )
    )


def in_script(value: Any) -> Markup:
    """JSON that no HTML parser takes for anything else."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character, escape in (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(character, escape)
    return Markup(text)


def _settings(text: Any) -> dict[str, Any]:
    return {
        "colours": {theme: of_theme(theme) for theme in ("light", "dark")},
        "config": {theme: config(theme) for theme in ("light", "dark")},
        "words": {
            "shown": text("{shown} of {total}"),
            "none": text("no answer fits"),
        },
    }


def _links(sections: Sequence[Section]) -> Markup:
    out = Markup("")
    for group, members in groupby(sections, key=lambda one: one.group):
        if group:
            out += Markup('<li class="group">{}</li>\n').format(group)
        for one in members:
            out += Markup('<li><a href="#{}">{}</a></li>\n').format(one.id, one.title)
    return out


def _section(section: Section, numbers: str) -> Markup:
    out = Markup("")
    for charts, run in groupby(section.blocks, key=lambda one: isinstance(one, Chart)):
        blocks = Markup("").join(_block(one, numbers) for one in run)
        out += Markup('<div class="charts">{}</div>').format(blocks) if charts else blocks
    return Markup(
        '<section id="{id}" aria-labelledby="{id}-title"><h2 id="{id}-title">{title}</h2>\n'
        "{blocks}</section>\n"
    ).format(id=section.id, title=section.title, blocks=out)


def _block(block: Block, numbers: str) -> Markup:
    if not isinstance(block, Chart):
        return block
    return Markup(
        '<figure class="chart{wide}" id="chart-{id}"><figcaption><b>{title}</b>{caption}'
        '</figcaption><div class="plot" style="min-height:{height}px" role="img" '
        'aria-label="{title}. {text}"></div>'
        '<script type="application/json">{spec}</script></figure>\n'
    ).format(
        wide=" wide" if block.wide else "",
        id=block.id,
        title=block.title,
        text=block.caption,
        caption=Markup(" <span>{}</span>").format(block.caption) if block.caption else "",
        height=block.height,
        spec=in_script({"height": block.height, **block.spec}),
    )


def _style() -> Markup:
    light, dark = (
        "".join(f"--{name}:{pair[at]};" for name, pair in COLOURS.items()) for at in (0, 1)
    )
    themes = (
        f":root{{color-scheme:light;{light}}}\n"
        f':root[data-theme="dark"]{{color-scheme:dark;{dark}}}\n'
        f"@media screen and (prefers-color-scheme:dark)"
        f'{{:root:not([data-theme="light"]){{color-scheme:dark;{dark}}}}}\n'
    )
    return Markup(themes + _static("page.css"))


def _static(name: str) -> str:
    return (resources.files("aisbench_plugin_html") / "static" / name).read_text("utf-8")
