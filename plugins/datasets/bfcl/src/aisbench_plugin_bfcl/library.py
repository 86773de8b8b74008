"""The data and checkers of the package bfcl-eval.

It pins numpy and depends on the clients of a dozen vendors, for its own way of asking models.
Only its data, its checkers and its simulated services are used here, and these import one such
module: a table of models, of which they ask whether names of functions have dots. An empty table
of the same name stands in for it.
"""

from __future__ import annotations

import copy
import importlib
import importlib.metadata
import importlib.util
import os
import sys
import tempfile
import types
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from aisbench.api import AisbenchError
from aisbench_plugin_bfcl.conversion import JavaValues, ScriptValues

VERSION = "2026.3.23"
MODEL = "aisbench"
"""What our answers are called in its checkers."""

_TABLE = "bfcl_eval.constants.model_config"
_HINT = f'pip install --no-deps "bfcl-eval=={VERSION}"'


class Library:
    """What is used of it."""

    def __init__(self) -> None:
        _prepare()
        load = importlib.import_module
        self._utils: Any = load("bfcl_eval.utils")
        self._handling: Any = load("bfcl_eval.model_handler.utils")
        self._grammars: dict[str, Any] = {
            "java": self._handling.parse_java_function_call,
            "javascript": self._handling.parse_javascript_function_call,
        }
        self._types: Any = load("bfcl_eval.constants.type_mappings")
        self._enums: Any = load("bfcl_eval.constants.enums")
        self._prompts: Any = load("bfcl_eval.constants.default_prompts")
        self._mapping: Any = load("bfcl_eval.constants.executable_backend_config")
        self._ast: Any = load("bfcl_eval.eval_checker.ast_eval.ast_checker")
        java, script = _converters()
        vars(self._ast).update(java_type_converter=java, js_type_converter=script)
        self._turns: Any = load("bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker")
        self._agentic: Any = load("bfcl_eval.eval_checker.agentic_eval.agentic_checker")
        self.folder = Path(str(self._utils.__file__)).parent / "data"

    # -- data

    def entries(self, category: str) -> list[dict[str, Any]]:
        """Questions with their functions, as the checkers need them; before those on what a
        model remembers, the conversations to be remembered."""
        found: list[dict[str, Any]] = self._utils.load_dataset_entry(
            category, include_language_specific_hint=False
        )
        return found

    def hinted(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """The entry as models get it: functions with hints on their language, in whose stead
        Java's and JavaScript's arguments are texts."""
        copied = copy.deepcopy(dict(entry))
        found: dict[str, Any] = self._utils.add_language_specific_hint_to_function_doc([copied])[0]
        return found

    def answers(self, category: str) -> list[dict[str, Any]]:
        """The possible answers, in the order of the entries; [] where there are none."""
        if "relevance" in category:
            return []
        found: list[dict[str, Any]] = self._utils.load_ground_truth_entry(category)
        return found

    # -- prompts

    def tools(self, functions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Functions in OpenAI's form, with underscores for dots."""
        found: list[dict[str, Any]] = self._handling.convert_to_tool(
            functions, self._types.GORILLA_TO_OPENAPI, self._enums.ModelStyle.OPENAI_COMPLETIONS
        )
        return found

    def memory_prompt(self, category: str, scenario: str, content: str) -> str:
        """What the prompt says of the model's memory."""
        unified = "rec_sum" in category
        prompts = self._prompts
        template = (
            prompts.MEMORY_BACKEND_INSTRUCTION_UNIFIED
            if unified
            else prompts.MEMORY_BACKEND_INSTRUCTION_CORE_ARCHIVAL
        )
        setting = prompts.MEMORY_AGENT_SETTINGS[scenario]
        return str(template.format(scenario_setting=setting, memory_content=content))

    @property
    def answer_form(self) -> str:
        """The system message of the questions whose answers are words."""
        return str(self._prompts.ADDITIONAL_SYSTEM_PROMPT_FOR_AGENTIC_RESPONSE_FORMAT)

    def system_prompt(
        self, messages: list[dict[str, Any]], functions: list[dict[str, Any]], name: str
    ) -> list[dict[str, Any]]:
        """Messages with the leaderboard's own instruction for models without tools."""
        found: list[dict[str, Any]] = self._handling.system_prompt_pre_processing_chat_model(
            [dict(one) for one in messages], functions, name
        )
        return found

    def added_functions(self, functions: list[dict[str, Any]], *, tools: bool) -> str:
        """What the user says when functions come later."""
        if tools:
            return str(self._prompts.DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_FC)
        text = self._prompts.DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_PROMPTING
        return str(text.format(functions=functions))

    @property
    def most_steps(self) -> int:
        """Answers within one turn before it is given up."""
        return int(self._prompts.MAXIMUM_STEP_LIMIT)

    # -- reading answers

    def read_grammar(self, code: str, language: str) -> Any:
        """A call of Java or JavaScript, read by its grammar: a list of one {name: {argument:
        text}}, or nothing. Raises what its parsers raise."""
        return self._grammars[language](code)

    def format_of(self, row: str) -> tuple[str, bool, str, str, str]:
        """How a row of the format sensitivity is put: form of the calls, whether they are
        tagged, form of the functions, of the prompt, and its style."""
        found: tuple[str, bool, str, str, str] = self._handling.parse_prompt_variation_params(
            row.split(":")[1]
        )
        return found

    def is_call_list(self, calls: Any) -> bool:
        """Whether something read has the form of calls."""
        return bool(self._utils.is_function_calling_format_output(calls))

    # -- checking

    def check_calls(
        self,
        entry: Mapping[str, Any],
        calls: list[dict[str, Any]],
        answer: Any,
        category: str,
        language: str,
        *,
        dotless: bool,
    ) -> tuple[bool, str]:
        """Whether calls are among the possible ones, and what is wrong with them."""
        sys.modules[_TABLE].MODEL_CONFIG_MAPPING[MODEL].underscore_to_dot = dotless
        found = self._ast.ast_checker(
            entry["function"], calls, answer, self._enums.Language(language), category, MODEL
        )
        return bool(found["valid"]), _words(found.get("error"))

    def same_state(
        self, services: Mapping[str, Any], reference: Mapping[str, Any]
    ) -> tuple[bool, str]:
        """Whether services are as the reference has left its own."""
        found = self._turns.state_checker(services, reference)
        return bool(found["valid"]), _words(found.get("error_message"))

    def same_results(
        self, results: list[str], reference: list[str], turn: int
    ) -> tuple[bool, str]:
        """Whether the results hold those of the reference's calls of a turn."""
        found = self._turns.response_checker(results, reference, turn)
        return bool(found["valid"]), _words(found.get("error_message"))

    def check_words(self, text: str, answers: list[str]) -> bool:
        """Whether a text holds one of the answers."""
        return bool(self._agentic.agentic_checker(text, answers)["valid"])

    # -- simulated services

    def service(self, kind: str) -> tuple[Any, bool]:
        """A new simulated service, and whether it has a state to begin with."""
        module = importlib.import_module(self._mapping.CLASS_FILE_PATH_MAPPING[kind])
        return getattr(module, kind)(), kind not in self._mapping.STATELESS_CLASSES

    def load_memory(self, kind: str) -> None:
        """Import the code of a memory. Raises AisbenchError where it cannot be."""
        try:
            importlib.import_module(self._mapping.CLASS_FILE_PATH_MAPPING[kind])
        except ImportError as error:
            raise AisbenchError(
                f"bfcl: {kind} needs the module {error.name}, which is not installed",
                hint='pip install "aisbench-plugin-bfcl[vector]", or leave out memory_vector',
            ) from error
        except Exception as error:
            # Its model of embeddings is loaded with it: whatever that raises.
            raise AisbenchError(
                f"bfcl: {kind} cannot be loaded: {type(error).__name__}: {error}",
                hint="it loads the sentence-transformers model all-MiniLM-L6-v2, which must be "
                "here or can be fetched; or leave out memory_vector",
            ) from error


def _words(error: Any) -> str:
    if isinstance(error, (list, tuple)):
        return "; ".join(str(one) for one in error)
    return str(error or "")


def _converters() -> tuple[JavaValues, ScriptValues]:
    """Its converters of values, those of collections written anew."""
    folder = "bfcl_eval.eval_checker.ast_eval.type_convertor"
    java: Any = importlib.import_module(f"{folder}.java_type_converter")
    script: Any = importlib.import_module(f"{folder}.js_type_converter")
    return (
        JavaValues(java.java_type_converter, java.parse_java_value),
        ScriptValues(script.js_type_converter, script.parse_js_value),
    )


def _prepare() -> None:
    if importlib.util.find_spec("bfcl_eval") is None:
        raise AisbenchError(
            "bfcl needs the data and checkers of the package bfcl-eval, which is not installed",
            hint=f"{_HINT} (its other dependencies are not needed, and pin an old numpy)",
        )
    if _TABLE not in sys.modules:
        table = types.ModuleType(_TABLE)
        models = {MODEL: types.SimpleNamespace(underscore_to_dot=True)}
        table.MODEL_CONFIG_MAPPING = models  # type: ignore[attr-defined]
        sys.modules[_TABLE] = table
    elif MODEL not in sys.modules[_TABLE].MODEL_CONFIG_MAPPING:
        sys.modules[_TABLE].MODEL_CONFIG_MAPPING[MODEL] = types.SimpleNamespace(
            underscore_to_dot=True
        )
    # Its import makes folders for results that nothing here writes.
    os.environ.setdefault("BFCL_PROJECT_ROOT", tempfile.gettempdir() + "/aisbench-bfcl")


def installed_version() -> str:
    """Of bfcl-eval; empty where it is not installed."""
    try:
        return importlib.metadata.version("bfcl-eval")
    except importlib.metadata.PackageNotFoundError:
        return ""


@lru_cache(maxsize=1)
def library() -> Library:
    """The library, imported once. Raises AisbenchError when it is not installed, or is of a
    version whose insides are others."""
    try:
        return Library()
    except (ImportError, AttributeError) as error:
        raise AisbenchError(
            f"bfcl-eval {installed_version() or '?'} cannot be used: {error}",
            hint=f"this plugin was written for {VERSION}: {_HINT}",
        ) from error
