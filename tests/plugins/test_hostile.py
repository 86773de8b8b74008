"""Plugins that would take the tool away: none of them does, and each is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aisbench_testkit.project import SuiteProject, make_project

HEAD = "from aisbench.api import *\nfrom aisbench.api import hookimpl\nAISBENCH_API = '1.0'\n"
OFFER = """
@hookimpl
def aisbench_datasets():
    yield DatasetOffer(name="{name}-rows", summary="Rows.", target="{package}.code:Rows",
                       settings="{package}.code:Settings", evaluator="exact")
"""
AT_IMPORT = {
    "exits": ("import sys\nsys.exit(0)", "ends the program (sys.exit(0))"),
    "exits-now": ("import os\nos._exit(0)", "ends the process (exit code 0)"),
    "crashes": ("import os\nos.kill(os.getpid(), 11)", "was ended by SIGSEGV"),
    "interrupts": ("raise KeyboardInterrupt", "raises KeyboardInterrupt"),
    "loops": ("while True:\n    pass", "did not end within 1 s"),
    "clings": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "did not end within 1 s",
    ),
    "deaf": (
        "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
        "time.sleep(600)",
        "did not end within 1 s",
    ),
}
RUDE = """
import builtins, logging, os, random, signal, sys, warnings
print("a word at import")
os.write(1, b"and one past Python")
logging.basicConfig(level=logging.DEBUG)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.chdir("/")
os.environ["HOME"] = "/nowhere"
sys.path.insert(0, "/nowhere")
sys.modules["json"] = None
warnings.simplefilter("error")
random.seed(1)
builtins.open = None
"""
AT_USE = {
    "target-exits": ("import sys\nsys.exit(5)", "ends the program (sys.exit(5))"),
    "target-interrupts": ("raise KeyboardInterrupt", "raises KeyboardInterrupt"),
    "target-fails": ("1 / 0", "ZeroDivisionError"),
    "target-prints": (
        "import attrs\nprint('heard')\n@attrs.frozen\nclass Settings: pass\n"
        "class Rows:\n    def __init__(self, s): pass\n"
        "    def variants(self): raise SystemExit(0)\n",
        "ends the program (sys.exit(0))",
    ),
}


def install(site: Path, name: str, plugin: str, code: str = "", dist: str = "") -> None:
    """As an installer would leave it: the package, and a dist-info that names the plugin."""
    dist = dist or f"stranger-{name}"
    package = dist.replace("-", "_")
    (site / package).mkdir(parents=True)
    for file, text in {"__init__": "", "plugin": plugin, "code": code}.items():
        text = text.replace("{name}", name).replace("{package}", package)
        (site / package / f"{file}.py").write_text(text)
    info = site / f"{package}-2.5.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 2.5\n")
    (info / "entry_points.txt").write_text(f"[aisbench]\n{name} = {package}.plugin\n")


def project_of(tmp_path: Path, site: Path) -> SuiteProject:
    made = make_project(tmp_path, {})
    env = {"PYTHONPATH": str(site), "AISBENCH_PLUGIN_TIMEOUT": "1"}
    return SuiteProject(folder=made.folder, home=made.home, env=env)


pytestmark = pytest.mark.not_quick


@pytest.fixture(scope="module")
def at_import(tmp_path_factory: pytest.TempPathFactory) -> SuiteProject:
    """Plugins that do at their import what they must not, and one that is rude, and one that is
    well and is imported in between."""
    folder = tmp_path_factory.mktemp("at-import")
    site = folder / "site"
    for name, (text, _) in AT_IMPORT.items():
        install(site, name, f"{HEAD}{text}\n{OFFER}")
    install(site, "rude", HEAD + RUDE + OFFER)
    install(site, "well", HEAD + OFFER)
    return project_of(folder, site)


@pytest.fixture(scope="module")
def at_use(tmp_path_factory: pytest.TempPathFactory) -> SuiteProject:
    """Plugins whose targets do what they must not."""
    folder = tmp_path_factory.mktemp("at-use")
    site = folder / "site"
    for name, (code, _) in AT_USE.items():
        install(site, name, HEAD + OFFER, code)
    return project_of(folder, site)


def test_doctor_names_each_that_misbehaves_at_import(at_import: SuiteProject) -> None:
    made = at_import.run("plugins", "doctor")
    assert made.code == 2, made.err
    for name, (_, reason) in AT_IMPORT.items():
        _, _, told = made.out.partition(f"broken: {name} (stranger-{name} 2.5)\n")
        assert reason in told.splitlines()[0], (name, made.out)
    assert "note: rude (stranger-rude 2.5): it prints at its import: " in made.out
    assert "a word at import" in made.out and "and one past Python" in made.out
    for changed in (
        "SIGTERM", "root", "the current folder", "HOME", "sys.path", "warnings", "random",
        "open", "modules: json",
    ):  # fmt: skip
        assert any(
            changed in line for line in made.out.splitlines() if line.startswith("note: rude")
        ), changed
    assert "broken: well" not in made.out and "broken: rude" not in made.out


def test_help_says_what_it_says_without_them(at_import: SuiteProject, tmp_path: Path) -> None:
    plain = make_project(tmp_path, {}).run("--help")
    made = at_import.run("--help")
    assert (made.code, made.err) == (0, "")
    assert made.out == plain.out


def test_lists_and_schema_go_on_beside_them(at_import: SuiteProject) -> None:
    sets = at_import.run("datasets", "list", "--json")
    assert sets.code == 0, sets.err
    names = {one["name"] for one in json.loads(sets.out)}
    assert {"well-rows", "rude-rows", "gsm8k"} <= names
    assert not names & {f"{name}-rows" for name in AT_IMPORT}
    schema = at_import.run("schema")
    assert schema.code == 0, schema.err
    assert "well-rows" in json.dumps(json.loads(schema.out))


def test_targets_that_misbehave_take_themselves_away(at_use: SuiteProject) -> None:
    sets = at_use.run("datasets", "list", "--json")
    assert sets.code == 0, sets.err
    described = {one["name"]: one for one in json.loads(sets.out)}
    for name, (_, reason) in AT_USE.items():
        assert reason in described[f"{name}-rows"]["problem"]
    assert described["gsm8k"]["problem"] is None and described["gsm8k"]["variants"]
    schema = at_use.run("schema")
    assert schema.code == 0, schema.err
    assert json.loads(schema.out)["title"] == "aisbench suite"
    assert "target-exits-rows" in schema.err and "sys.exit(5)" in schema.err
    doctor = at_use.run("plugins", "doctor")
    assert doctor.code == 2
    for name in ("target-exits", "target-interrupts", "target-fails"):
        assert f"unusable: dataset '{name}-rows' of stranger-{name}: " in doctor.out
    assert "it prints at its import: heard" in doctor.out


SUMMARIZER = """
@hookimpl
def aisbench_summarizers():
    yield SummarizerOffer(name="loud", summary="Loud.", target="{package}.code:Loud", default=True)

@hookimpl
def aisbench_prompts():
    yield TemplateOffer(name="chat", summary="Mine.", target="{package}.code:Loud",
                        form=Capability.CHAT)
"""


def test_doctor_tells_of_names_of_core_and_of_reports_that_nobody_asked_for(
    tmp_path: Path,
) -> None:
    site = tmp_path / "site"
    install(site, "taker", HEAD + SUMMARIZER, "class Loud: pass\n")
    made = project_of(tmp_path, site).run("plugins", "doctor")
    assert made.code == 0, made.out
    assert "others get it as stranger-taker/chat" in made.out
    assert '[[summarizers]] summarizer = "loud"' in made.out


def test_a_manifest_that_says_other_than_the_code_is_found(tmp_path: Path) -> None:
    site = tmp_path / "site"
    install(site, "liar", HEAD + OFFER, "class Rows: pass\nclass Settings: pass\n")
    there = project_of(tmp_path, site)
    written = there.run("plugins", "manifest", "stranger-liar")
    assert written.code == 0, written.err
    assert there.run("plugins", "manifest", "stranger-liar", "--check").code == 0
    file = site / "stranger_liar" / "aisbench-offers.json"
    file.write_text(file.read_text().replace("liar-rows", "other-rows"))
    assert there.run("plugins", "manifest", "stranger-liar", "--check").code == 2
    doctor = there.run("plugins", "doctor")
    assert doctor.code == 2
    assert "untrue: the manifest of liar (stranger-liar 2.5) says something else" in doctor.out


HURTING = """
from aisbench.api import (
    DatasetOffer, EvaluatorOffer, Sample, Score, SummarizerOffer, Summary, Variant, Verdict,
    hookimpl, setting,
)
import attrs

AISBENCH_API = "1.1"


def reached(place):
    if place == "PLACE":
        RAISE


@hookimpl
def aisbench_datasets():
    yield DatasetOffer(
        name="d", summary="s", target="hurting:Rows", settings="hurting:Keys", evaluator="e"
    )


@hookimpl
def aisbench_evaluators():
    yield EvaluatorOffer(name="e", summary="s", target="hurting:Scores")


@hookimpl
def aisbench_summarizers():
    yield SummarizerOffer(name="z", summary="s", target="hurting:Report")


@attrs.frozen
class Keys:
    count: int = setting(default=1, help="rows", example=2)

    def __attrs_post_init__(self):
        reached("settings")


class Rows:
    def __init__(self, settings):
        reached("made")

    def variants(self):
        reached("variants")
        return {"v": Variant(template="text", prompt={"question": "{q}"}, source="own")}

    def files(self):
        reached("files")
        return ()

    def samples(self):
        reached("samples")
        return [Sample(id="1", fields={"q": "how?"}, target="x")]

    def examples(self):
        return []


class Scores:
    def check(self, sample):
        reached("check")

    def score(self, sample, answer):
        reached("score")
        return Score(value=1.0, verdict=Verdict.RIGHT, extracted="x")


class Report:
    def summarize(self, results, folder, width):
        reached("summarize")
        return Summary(text="mine")
"""


EXITS, FAILS = "raise SystemExit(0)", "raise RuntimeError('boom')"


@pytest.mark.parametrize(
    ("place", "raised", "whose"),
    [
        ("settings", FAILS, "dataset 'd' of file"),
        ("made", EXITS, "dataset 'd' of file"),
        ("files", FAILS, "dataset 'd' of file"),
        ("variants", FAILS, "dataset 'd' of file"),
        ("samples", EXITS, "dataset 'd' of file"),
        ("samples", FAILS, "dataset 'd' of file"),
        ("check", EXITS, "evaluator 'e' of file"),
        ("score", EXITS, "evaluator 'e' of file"),
        ("summarize", EXITS, "summarizer 'z' of file"),
    ],
)
def test_what_code_raises_names_the_plugin_and_never_looks_like_an_end(
    tmp_path: Path, place: str, raised: str, whose: str
) -> None:
    made = make_project(tmp_path, {})
    code = HURTING.replace("PLACE", place).replace("RAISE", raised)
    (made.folder / "hurting.py").write_text(code)
    (made.folder / "suite.toml").write_text(
        "[suite]\nplugins = ['./hurting.py']\n"
        "[servers.sim]\ncommand = ['{python}', '-m', 'aisbench_plugin_simulator', "
        "'--port', '{port}']\n"
        "[models.sim]\nbackend = 'vllm-completions'\nserver = 'sim'\n[datasets.d]\ndataset = 'd'\n"
        "[[summarizers]]\nsummarizer = 'z'\n[[summarizers]]\nsummarizer = 'table'\n"
    )
    ran = made.run("run", "suite.toml")
    assert ran.code == 2, ran.out + ran.err
    error = ran.err.rpartition("error: ")[2]
    assert error.startswith(("sim / d: " + whose, whose)), ran.err
    assert "SystemExit: 0 (hurting.py:" in error or "boom (hurting.py:" in error
    assert "correct " in error or "repair " in error
    # What fails takes nothing else away.
    assert ("summary.txt" in {one.name for one in made.folder.rglob("summary.txt")}) == (
        place == "summarize"
    )
