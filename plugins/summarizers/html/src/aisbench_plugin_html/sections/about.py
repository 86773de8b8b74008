"""What the figures were made with: suite, data, plugins, sessions, formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import tomli_w
from markupsafe import Markup

from aisbench.api import METRICS, translated
from aisbench_plugin_html.blocks import Block, PageSection
from aisbench_plugin_html.figures import all_figures, formula
from aisbench_plugin_html.material import Material
from aisbench_plugin_html.tables import Cell, TableColumn, table


def about(material: Material) -> list[PageSection]:
    """Sections on how the run was made."""
    words = material.words
    group = words.text("How it was made")
    found = [
        PageSection(
            id="run",
            title=words.text("Run and environment"),
            blocks=[*_run(material)],
            group=group,
        )
    ]
    if material.run is not None:
        found.append(
            PageSection(
                id="suite",
                title=words.text("Suite"),
                blocks=[
                    Markup('<p>{}</p><pre class="file" tabindex="0">{}</pre>').format(
                        words.text("As it was understood, with every default."),
                        tomli_w.dumps(material.run.suite),
                    )
                ],
                group=group,
            )
        )
    if formulas := list(_formulas(material)):
        found.append(
            PageSection(id="formulas", title=words.text("Formulas"), blocks=formulas, group=group)
        )
    return found


def _run(material: Material) -> Iterator[Block]:
    words, results = material.words, material.results
    environment: Mapping[str, Any] = material.run.environment if material.run is not None else {}
    facts = {
        words.text("Suite"): results.name,
        words.text("Run"): str(results.run),
        words.text("Complete"): words.text("yes") if results.complete else words.text("no"),
        words.text("Seed"): environment.get("seed"),
    }
    yield Markup('<dl class="facts">{}</dl>').format(
        Markup("").join(
            Markup("<dt>{}</dt><dd>{}</dd>").format(name, value)
            for name, value in facts.items()
            if value is not None
        )
    )
    if sessions := environment.get("sessions"):
        yield _sessions(sessions, material)
    if rows := _data(environment):
        head = [TableColumn(title=words.text("Data set")), TableColumn(title=words.text("File")),
                TableColumn(title="SHA-256")]  # fmt: skip
        yield Markup("<h3>{}</h3>{}").format(
            words.text("Data"), table(head, rows, caption=words.text("Data"))
        )
    if served := environment.get("served"):
        head = [TableColumn(title=words.text("Model")), TableColumn(title=words.text("Served as")),
                TableColumn(title=words.text("Backend"))]  # fmt: skip
        backends = environment.get("backends", {})
        rows = [
            [model, str(name), _backend(backends.get(model, {}))] for model, name in served.items()
        ]
        yield Markup("<h3>{}</h3>{}").format(
            words.text("Models"), table(head, rows, caption=words.text("Models"))
        )
    if plugins := environment.get("plugins"):
        head = [TableColumn(title=words.text("Package")), TableColumn(title=words.text("Version"))]
        rows = [[name, str(version)] for name, version in plugins.items()]
        yield Markup("<h3>{}</h3>{}").format(
            words.text("Packages"), table(head, rows, caption=words.text("Packages"))
        )


def _backend(one: Mapping[str, Any]) -> str:
    return " ".join(str(one[key]) for key in ("name", "distribution", "version") if key in one)


def _sessions(sessions: Any, material: Material) -> Markup:
    words = material.words
    head = [
        TableColumn(title=words.text("Session")),
        TableColumn(title=words.text("Started")),
        TableColumn(title=words.text("Ended")),
        TableColumn(title=words.text("Command")),
        TableColumn(title=words.text("Host")),
    ]
    rows: list[list[Cell]] = []
    for number, one in enumerate(sessions, 1):
        command = " ".join(map(str, one.get("arguments", ())))
        host = one.get("host", "")
        told = host if isinstance(host, str) else ", ".join(f"{k} {v}" for k, v in host.items())
        rows.append(
            [str(number), str(one.get("started", "")), str(one.get("ended") or "—"),
             f"aisbench {command}" if command else "", told]
        )  # fmt: skip
    return Markup("<h3>{}</h3>{}").format(
        words.text("Sessions"), table(head, rows, caption=words.text("Sessions"))
    )


def _data(environment: Mapping[str, Any]) -> list[list[Cell]]:
    return [
        [dataset, name, Markup("<code>{}</code>").format(checksum)]
        for dataset, files in environment.get("data", {}).items()
        if isinstance(files, Mapping)
        for name, checksum in files.items()
    ]


def _formulas(material: Material) -> Iterator[Block]:
    """Of every metric that the page shows."""
    words = material.words
    rows: list[list[Cell]] = []
    for name in dict.fromkeys(one.figure.name for one in all_figures(material.results.tasks)):
        if told := formula(name, words):
            rows.append([name, told])
    populations = [
        population for load in material.results.performance for population in load.populations
    ]
    figures = [one.name for population in populations for one in population.figures]
    statistics = [one.name for population in populations for one in population.statistics]
    for name in dict.fromkeys((*statistics, *figures)):
        if metric := METRICS.get(name):
            unit = f" [{metric.unit}]" if metric.unit else ""
            remarks = translated(metric.remarks, words.language) if metric.remarks else ""
            rows.append([name, " ".join(filter(None, (f"{metric.formula}{unit}.", remarks)))])
    if rows:
        head = [TableColumn(title=words.text("Metric")), TableColumn(title=words.text("Formula"))]
        yield table(head, rows, caption=words.text("Formulas"))
