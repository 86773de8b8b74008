"""What this plugin offers; the code behind it is imported when a suite names it."""

from __future__ import annotations

from collections.abc import Iterable

from aisbench.api import EvaluatorOffer, hookimpl

AISBENCH_API = "1.1"


@hookimpl
def aisbench_evaluators() -> Iterable[EvaluatorOffer]:
    return [
        EvaluatorOffer(
            name="python-tests",
            summary="Runs the Python of an answer with the sample's tests, in a sandbox.",
            target="aisbench_plugin_code.evaluator:PythonTests",
            settings="aisbench_plugin_code.settings:PythonTestsSettings",
            cost="wait",
            reference="unused",
        ),
        EvaluatorOffer(
            name="evalplus",
            summary="A Python function beside the canonical one on evalplus's inputs, base and "
            "plus, in a sandbox.",
            target="aisbench_plugin_code.evalplus:Evalplus",
            settings="aisbench_plugin_code.settings:EvalplusSettings",
            cost="wait",
            reference="unused",
        ),
        EvaluatorOffer(
            name="stdin-tests",
            summary="Runs the Python of an answer on inputs, read or passed to its function, and "
            "compares what it gives, in a sandbox.",
            target="aisbench_plugin_code.io_tests:StdinTests",
            settings="aisbench_plugin_code.settings:StdinTestsSettings",
            cost="wait",
            reference="unused",
        ),
        EvaluatorOffer(
            name="code-reasoning",
            summary="Whether the assertion that an answer completes holds: what a function gives, "
            "or what makes it give something.",
            target="aisbench_plugin_code.reasoning:CodeReasoning",
            settings="aisbench_plugin_code.settings:ReasoningSettings",
            cost="wait",
            reference="unused",
        ),
        EvaluatorOffer(
            name="program-tests",
            summary="Compiles and runs a function in C++, Java, JavaScript, Go, Rust or Python "
            "with its tests, in a sandbox.",
            target="aisbench_plugin_code.programs:ProgramTests",
            settings="aisbench_plugin_code.settings:ProgramTestsSettings",
            cost="wait",
            reference="unused",
        ),
        EvaluatorOffer(
            name="unittest-tests",
            summary="Runs the Python of an answer with tests that reach into it (unittest), in a "
            "sandbox.",
            target="aisbench_plugin_code.unittests:UnittestTests",
            settings="aisbench_plugin_code.settings:UnittestSettings",
            cost="wait",
            reference="unused",
        ),
    ]
