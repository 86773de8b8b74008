"""Calls of simulated services give what bfcl-eval's give, without evaluating anything."""

from __future__ import annotations

import importlib
import time
from decimal import getcontext
from functools import cache
from pathlib import Path
from typing import Any

import mpmath  # type: ignore[import-untyped]
import pytest

from aisbench.api import open_dataset
from aisbench_plugin_bfcl.library import installed_version
from aisbench_plugin_bfcl.services import Memory, Services

pytestmark = [
    pytest.mark.not_quick,
    pytest.mark.skipif(not installed_version(), reason="bfcl-eval is not installed"),
]


@cache
def rows() -> list[Any]:
    return list(
        open_dataset(
            "bfcl", {"categories": ["multi_turn_base", "multi_turn_long_context"]}
        ).samples()
    )


def entry_with(kind: str) -> Any:
    entries: list[Any] = [one.fields["entry"] for one in rows()]
    return next(one for one in entries if kind in one["involved_classes"])


COUNT = 0


def theirs(entry: Any, calls: list[str]) -> tuple[list[str], dict[str, Any]]:
    """As bfcl-eval executes them: by evaluation, so calls of our own alone."""
    global COUNT
    COUNT += 1
    running: Any = importlib.import_module(
        "bfcl_eval.eval_checker.multi_turn_eval.multi_turn_utils"
    )
    found: tuple[list[str], dict[str, Any]] = running.execute_multi_turn_func_call(
        calls, entry["initial_config"], entry["involved_classes"], f"test{COUNT}", entry["id"],
        long_context="long_context" in entry["id"],
    )  # fmt: skip
    return found


def state(instances: dict[str, Any]) -> str:
    return repr(
        {
            kind: {key: value for key, value in vars(one).items() if not key.startswith("_")}
            for kind, one in instances.items()
        }
    )


def test_the_reference_calls_give_the_same() -> None:
    for sample in rows()[::5]:
        entry: Any = sample.fields["entry"]
        turns: Any = sample.target
        calls = [call for turn in turns for call in turn]
        services = Services(entry)
        results, instances = theirs(entry, calls)
        assert services.execute(calls) == results
        assert state(services.instances) == state(instances)


CALLS = {
    "GorillaFileSystem": [
        "ls()", "ls(a=True)", "pwd()", "cd('document')", "cd(folder='document')", "cd('..')",
        "cd(5)",
        "mkdir(dir_name='n')", "touch('a.txt')",
        "echo(content='hello  (world) f (x)', file_name='a.txt')",
        "cat('a.txt')", "cat(file_name='none')", "find()", "find(path='.', name='a')", "du()",
        "du(human_readable=True)", "mv(source='n', destination='m')", "cp('m', 'k')",
        "find(name='k')",
        "mkdir(dirname='x')", "nothing()", "ls(1, 2, 3)", "ls(x=ls)", "ls(a=true)", "ls(a=nan)",
        "ls(a=inf)", "echo(content=cat('a.txt'))", "ls",
        "ls.a()",
        "a.ls()", "kill()", "exit()", "x.run()", "cp(source='m', destination='m')", "find()",
        "du()",
        "tail('a.txt', lines=-1)", "sort('a.txt')", "echo(content=[1, 2])",
        "echo(content={'a': (1,)})",
        "echo(content=-1 + 2)", "rm('a.txt')", "wc('a.txt', mode='w')", "echo(content='é\\n(x)')",
    ],
    "MathAPI": [
        "add(a=1, b=2.5)", "power(base=2, exponent=10)", "power(2, -1)", "power(2.5, 3)",
        "divide(1, 0)",
        "logarithm(value=100, base=10, precision=5)", "logarithm(-1, 10, 5)", "square_root(2, 30)",
        "square_root(number=-1, precision=3)", "mean([1, 2, 3])", "mean([])",
        "round_number(2.567, 1)",
        "round_number(1234, -2)", "logarithm('100', '10', 4)", "logarithm('x', 2, 3)",
        "add('a', 1)",
        "sum_values([1, 'a'])", "standard_deviation([1, 2])", "percentage(1, 3)", "power(0, 0)",
    ],
    "TicketAPI": ["ticket_login('u', 'p')", "create_ticket(title='t')", "get_ticket(1)",
                  "edit_ticket(ticket_id=1, updates={'title': 'x'})", "logout()"],
    "MessageAPI": ["list_users()", "message_login('USR001')",
    "send_message('USR002', 'hi (there)')",
                   "view_messages_sent()", "search_messages('hi')"],
}  # fmt: skip


@pytest.mark.parametrize("kind", list(CALLS))
def test_other_calls_give_the_same(kind: str) -> None:
    entry = entry_with(kind)
    services = Services(entry)
    results, instances = theirs(entry, CALLS[kind])
    ours = services.execute(CALLS[kind])
    for call, one, other in zip(CALLS[kind], ours, results, strict=True):
        if "inf" in call or "nan" in call or "name" in other or "Error" not in other:
            assert one == other, call
        assert ("Error" in one, "error" in one) == ("Error" in other, "error" in other), call
    if kind != "GorillaFileSystem":  # there, a directory holds itself by now
        assert state(services.instances) == state(instances)


def test_nothing_else_can_be_called(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    run = f"__import__('os').system('touch {mark}')"
    calls = [
        run, f"ls({run})", f"ls(a={run})", f"ls(a={run} + 0)", f"ls(a=(lambda: {run})())",
        f"ls(a=[{run} for x in [1]])", f"ls(**{{'a': {run}}})", f"ls(*[{run}])", f"{run} + ls()",
        f"open({str(mark)!r}, 'w')", "ls.__self__",
        "ls.__func__.__globals__['subprocess'].run('id')",
        "_load_scenario({})", "__init__()", "ls.__class__()", "print(1)", "eval('1')", "exec('1')",
        f"subprocess.run(['touch', {str(mark)!r}])", f"f'{{{run}}}'", f"ls(a=f'{{{run}}}')",
        f"ls(a={{'b': {run}}})", f"ls() if {run} else 0", f"[ls(), {run}]",
        f"cd(folder=cd({run}))",
        f"ls(a=echo(content={run}))", f"(ls)({run})", f"ls()[{run}]", "ls(a=1)(2)", "globals()",
        "get_method_called()", "importlib.import_module('os')", "copy.deepcopy(1)",
        "re.compile('a')",
    ]  # fmt: skip
    results = Services(entry_with("GorillaFileSystem")).execute(calls)
    assert not mark.exists()
    for call, result in zip(calls, results, strict=True):
        assert result.startswith("Error during execution: "), (call, result)


def test_names_of_builtins_are_not_known() -> None:
    assert Services(entry_with("MathAPI")).execute(["print(1)", "abs(-1)", "add(a=len, b=1)"]) == [
        "Error during execution: name 'print' is not defined",
        "Error during execution: name 'abs' is not defined",
        "Error during execution: name 'len' is not defined",
    ]


MATH = [
    "power(9, 10**9)", "power(base=10, exponent=10**4000)", "power(9.0, 10**9)",
    "power(2, -10**9)",
    "logarithm(2, 10, 10**9)", "logarithm('1e999999999', 10, 5)", "logarithm('1' * 50000, 10, 5)",
    "logarithm(2, 10, float('inf'))", "logarithm(2, 10, 1e300)", "square_root(2, 10**12)",
    "square_root('1e999999999', 5)", "round_number(5, -10**9)", "round_number(5, 10**9)",
    "multiply(10**4000, 10**4000)", "add('a' * 99999, 'b')", "mean([10**4000] * 1000)",
    "sum_values([10**4000] * 20)", "power(power(9, 99999), 2)", "standard_deviation([10**400, 1])",
]  # fmt: skip


@pytest.mark.parametrize("call", MATH)
def test_no_calculation_takes_long(call: str) -> None:
    services = Services(entry_with("MathAPI"))
    begin = time.process_time()
    (result,) = services.execute([call])
    assert time.process_time() - begin < 2
    assert len(result) < 200_000


def test_no_directory_takes_long() -> None:
    services = Services(entry_with("GorillaFileSystem"))
    calls = ["cd('/')", "mkdir('d0')"]
    for level in range(40):
        calls += [
            f"cp('d{level}', 'e{level}')", f"mkdir('d{level + 1}')",
            f"mv('d{level}', 'd{level + 1}')", f"mv('e{level}', 'd{level + 1}')",
        ]  # fmt: skip
    begin = time.process_time()
    services.execute([*calls, "mkdir('d0')"])
    found = services.execute(["find()", "du()", "ls()", "cp('d0', 'd0')", "find('/')", "du()"])
    assert time.process_time() - begin < 3
    assert ["recursion" in one for one in found] == [True, True, False, False, True, True]


def test_precision_is_of_one_conversation_alone() -> None:
    before = getcontext().prec, mpmath.mp.dps
    Services(entry_with("MathAPI")).execute(["square_root(2, 3)", "logarithm(2, 10, 3)"])
    assert (getcontext().prec, mpmath.mp.dps) == before


def test_no_memory_grows_without_end(tmp_path: Path) -> None:
    found = open_dataset("bfcl", {"categories": ["memory_rec_sum"]}).samples()
    memory = Memory(found[0].fields["entry"], tmp_path)  # type: ignore[arg-type]
    begin = time.process_time()
    results = memory.execute(
        ["memory_append('x' * 9000)"]
        + ["memory_replace(old_text='', new_text='y' * 9000)"] * 3
        + ["memory_replace(old_text='x', new_text='z')", "memory_retrieve()"]
    )
    assert time.process_time() - begin < 2
    assert "a memory of more than" in results[1]
    assert '"zzz' in results[-1]
