"""Plugins that are broken in one way each, beside one that is well and two that clash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from aisbench_testkit.project import SuiteProject, make_project

BROKEN = {
    "import": "import a_module_that_nobody_has\nAISBENCH_API = 1\n",
    "raise": "raise ImportError('the driver is too old')\n",
    "api": "AISBENCH_API = 99\n",
    "hook": (
        "from aisbench.api import hookimpl\nAISBENCH_API = 1\n"
        "@hookimpl\ndef aisbench_dataset():\n    return []\n"
    ),
    "junk": (
        "from aisbench.api import hookimpl\nAISBENCH_API = 1\n"
        "@hookimpl\ndef aisbench_datasets():\n    return ['rows']\n"
    ),
    "nothing": (
        "from aisbench.api import hookimpl\nAISBENCH_API = 1\n"
        "@hookimpl\ndef aisbench_datasets():\n    return None\n"
    ),
}

GOOD = """
from aisbench.api import (
    BackendOffer, Capability, DatasetOffer, EvaluatorOffer, ReducerOffer, hookimpl,
)
from {package}.code import NAME

AISBENCH_API = 1

@hookimpl
def aisbench_backends():
    if NAME == "one":
        yield BackendOffer(name="wire", summary="A protocol.", target="{package}.code:Backend",
                           capabilities={{Capability.TEXT: "full"}})

@hookimpl
def aisbench_datasets():
    yield DatasetOffer(name="rows", summary="Rows.", target="{package}.code:Rows",
                       evaluator="{package}-judge", metrics=("{package}-mean",))

@hookimpl
def aisbench_evaluators():
    yield EvaluatorOffer(name="{package}-judge", summary="Judges.", target="{package}.code:Thing")
    yield ReducerOffer(name="{package}-mean", summary="Reduces.", target="{package}.code:Thing")
"""

CODE = """
from pathlib import Path
from aisbench.api import Sample, Variant

NAME = "{name}"

class Thing:
    pass

class Backend:
    def refused(self, generation):
        return {{}}

class Rows:
    def variants(self):
        return {{"plain": Variant(template="text", source="own", prompt={{"question": "{{q}}"}})}}
    def files(self):
        return [Path(__file__)]
    def samples(self):
        return [Sample(id="1", fields={{"q": "{name}"}}, target="1")]
    def examples(self):
        return []
"""

SUITE = """
[models.m]
backend = "wire"
url = "http://127.0.0.1:9"
stream = false

[datasets.d]
dataset = "{dataset}"
"""


def _install(site: Path, dist: str, files: dict[str, str]) -> None:
    """As an installer would leave it: the package, and a dist-info that names the plugin."""
    package = dist.replace("-", "_")
    for name, text in {"__init__.py": "", **files}.items():
        (site / package).mkdir(parents=True, exist_ok=True)
        (site / package / name).write_text(text)
    info = site / f"{package}-2.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 2.5\n")
    (info / "entry_points.txt").write_text(f"[aisbench]\n{dist}-entry = {package}.plugin\n")


Make = Callable[..., SuiteProject]


@pytest.fixture
def project(tmp_path: Path) -> Make:
    """A project that sees the plugin ``one``, and others by name."""

    def make(*broken: str, clash: bool = False, dataset: str = "rows") -> SuiteProject:
        site = tmp_path / "site"
        for name in ("one", "two") if clash else ("one",):
            files = {"plugin.py": GOOD.format(package=name), "code.py": CODE.format(name=name)}
            _install(site, name, files)
        for name in broken:
            _install(site, f"broken-{name}", {"plugin.py": BROKEN[name]})
        made = make_project(tmp_path, {"suite.toml": SUITE.format(dataset=dataset)})
        return SuiteProject(folder=made.folder, home=made.home, env={"PYTHONPATH": str(site)})

    return make


@pytest.mark.parametrize(
    ("name", "cause", "fix"),
    [
        ("import", "a_module_that_nobody_has", "pip install"),
        ("raise", "the driver is too old", "broken-raise"),
        ("api", "version 99", "pip install --upgrade aisbench"),
        ("hook", "aisbench_dataset", "aisbench_datasets"),
        ("junk", "'rows'", "DatasetOffer"),
        ("nothing", "aisbench_datasets returns None", "return a list of DatasetOffer"),
    ],
)
def test_doctor_names_the_plugin_the_cause_and_the_fix(
    project: Make, name: str, cause: str, fix: str
) -> None:
    made = project(name).run("plugins", "doctor")
    assert made.code == 2
    assert f"broken: broken-{name}-entry (broken-{name} 2.5)" in made.out
    lines = made.out.splitlines()
    assert any(line.startswith("  cause:") and cause in line for line in lines), made.out
    assert any(line.startswith("  fix:") and fix in line for line in lines), made.out
    assert not made.err


def test_others_go_on_beside_all_the_broken_ones(project: Make) -> None:
    there = project(*BROKEN)
    listed = there.run("plugins", "list")
    assert listed.code == 0
    assert " one " in listed.out
    for name in BROKEN:
        assert f"warning: plugin broken-{name}-entry (broken-{name} 2.5) is broken" in listed.err
    validated = there.run("validate", "suite.toml")
    assert validated.code == 0, validated.err
    assert "ok: m / d" in validated.out


def test_a_lost_name_may_be_that_of_a_broken_plugin(project: Make) -> None:
    made = project("raise", dataset="lost").run("validate", "suite.toml")
    assert made.code == 2
    assert "no installed plugin offers the dataset 'lost'" in made.err
    assert "broken-raise 2.5) is broken and may offer it: ImportError: the driver" in made.err
    assert "Traceback" not in made.err


def test_a_clash_is_an_error_until_the_distribution_is_named(project: Make) -> None:
    there = project(clash=True)
    clash = there.run("validate", "suite.toml")
    assert clash.code == 2
    assert "two plugins offer the dataset 'rows': one 2.5 and two 2.5" in clash.err
    assert "one/rows or two/rows" in clash.err
    for dist in ("one", "two"):
        named = there.run("validate", "suite.toml", "--set", f'datasets.d.dataset="{dist}/rows"')
        assert named.code == 0, named.err
    doctor = there.run("plugins", "doctor")
    assert doctor.code == 2
    assert "clash: dataset 'rows' is offered by one and two" in doctor.out


def test_plugins_are_left_out_by_flag_variable_and_suite(project: Make) -> None:
    there = project("raise", clash=True)
    flag = there.run("validate", "suite.toml", "--disable-plugin", "two")
    assert flag.code == 0, flag.err
    entry = there.run("validate", "suite.toml", "--disable-plugin", "two-entry")
    assert entry.code == 0, entry.err
    disable = {"AISBENCH_DISABLE_PLUGINS": "two, broken-raise"}
    variable = there.run("plugins", "doctor", env=disable)
    assert (variable.code, variable.err) == (0, "")
    assert "disabled: broken-raise, two" in variable.out
    with (there.folder / "suite.toml").open("a") as suite:
        suite.write('\n[plugins]\ndisable = ["two"]\n')
    assert there.run("validate", "suite.toml").code == 0


def test_a_name_that_is_lost_says_what_is_disabled(project: Make) -> None:
    made = project().run("validate", "suite.toml", "--disable-plugin", "one")
    assert made.code == 2
    assert "disabled: one" in made.err


def test_an_unknown_name_to_leave_out_is_warned_of(project: Make) -> None:
    there = project()
    made = there.run("plugins", "list", "--disable-plugin", "oen")
    assert made.code == 0
    assert "warning: --disable-plugin oen: no such plugin" in made.err
