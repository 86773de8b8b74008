"""`aisbench plugins doctor`: what is broken, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator

from aisbench.base.errors import ExitCode
from aisbench.plugins.catalog import Catalog, describe_clashes, hidden_by_core
from aisbench.plugins.diagnosis import PluginDiagnosis, diagnosis_of
from aisbench.wording.spoken import tell


def diagnose(catalog: Catalog) -> int:
    """Broken plugins, clashes, targets that cannot be imported; and what is odd and harms none."""
    found = diagnosis_of(catalog)
    problems = list(_problems(catalog, found))
    for line in (line for problem in problems for line in problem):
        tell(line)
    for note in _notes(catalog, found):
        tell(f"note: {note}")
    for warning in catalog.warnings:
        tell(f"warning: {warning}")
    if catalog.disabled:
        tell(f"disabled: {', '.join(catalog.disabled)}")
    if not problems:
        tell(f"all well: {len(catalog.plugins)} distributions, {len(catalog.listed)} offers")
    return ExitCode.USAGE if problems else ExitCode.OK


def _problems(catalog: Catalog, found: PluginDiagnosis) -> Iterator[list[str]]:
    for broken in catalog.broken:
        yield [
            f"broken: {broken.plugin} ({broken.dist} {broken.version})",
            f"  cause: {broken.reason}",
            f"  fix:   {broken.fix}",
            *_indented(broken.details),
        ]
    for clash in describe_clashes(catalog.listed):
        yield [
            f"clash: {clash}",
            '  fix:   write "distribution/name" in suites, or uninstall one',
        ]
    for one in found.unusable:
        offer = one.listed.offer
        what = f"{offer.kind} {offer.name!r} of {one.listed.dist}"
        reason = one.reason if what in one.reason else f"{what}: {one.reason}"
        yield [f"unusable: {reason}", f"  fix:   {one.fix}", *_indented(one.details)]
    for untrue in found.untrue:
        yield [
            f"untrue: {untrue}",
            "  fix:   report it to its authors (aisbench plugins manifest writes a true one)",
        ]


def _notes(catalog: Catalog, found: PluginDiagnosis) -> Iterator[str]:
    for note in catalog.notes:
        yield f"{note.plugin} ({note.dist} {note.version}): {note.text}"
    yield from found.notes
    for one in hidden_by_core(catalog.listed):
        offer = one.offer
        yield (
            f"{one.dist} offers the {offer.kind} {offer.name!r}, which is a name of core's: "
            f"others get it as {one.dist}/{offer.name}"
        )
    for one in catalog.unasked_summarizers():
        yield (
            f"the summarizer {one.offer.name!r} of {one.dist} would be used by default, and is "
            "not, as aisbench does not bring it: name it in suites, with the others that are "
            f'wanted ([[summarizers]] summarizer = "{one.offer.name}")'
        )


def _indented(details: str) -> list[str]:
    return [f"  | {line}" for line in details.rstrip().splitlines()]
