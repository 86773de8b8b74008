"""What a suite may set; the names are those of lm-eval's own options."""

from __future__ import annotations

from pathlib import Path

from attrs import frozen

from aisbench.api import JsonObject, PathOrName, at_least, not_empty, setting


@frozen
class LmEvalSettings:
    """Which tasks are asked, and how lm-eval makes their prompts."""

    task: PathOrName | tuple[PathOrName, ...] = setting(
        check=not_empty,
        help="a task, group or tag of lm-eval, a pattern of such names, or a task's YAML file; "
        "several as a list",
        example="arc_challenge",
    )
    include_path: tuple[Path, ...] = setting(
        default=(), help="folders with further YAML files of tasks", example=["tasks"]
    )
    num_fewshot: int | None = setting(
        default=None,
        check=at_least(0),
        help="examples in each prompt; default: what the task says. Tasks that say 0 keep it",
        example=5,
    )
    apply_chat_template: bool = setting(
        default=False,
        help="ask in messages, which the server's chat template makes into a prompt",
    )
    fewshot_as_multiturn: bool = setting(
        default=True,
        help="with apply_chat_template: each example is a turn; false: all are in one message",
    )
    system_instruction: str = setting(
        default="", help="stands before the task's own description", example="Answer briefly."
    )
    gen_kwargs: JsonObject = setting(
        default={},
        help="sampling settings over those of the tasks, in lm-eval's names (max_gen_toks, until, "
        "temperature, ...)",
        example={"max_gen_toks": 1024},
    )
    max_gen_toks: int = setting(
        default=256,
        check=at_least(1),
        help="most tokens of an answer, for tasks that do not say it",
        example=2048,
    )
    prefix: str = setting(
        default="",
        help="what stands before a text without a context, where lm-eval puts the token that "
        "begins (or ends) a text; without it a server gives that text's first token no "
        "log-probability",
        example="<|endoftext|>",
    )
    max_length: int | None = setting(
        default=None,
        check=at_least(3),
        help="the model's context in tokens, as max_length of lm-eval's models (2048 for those "
        "behind an API): what stands before a text to be scored is cut on the left, and a longer "
        "text of loglikelihood_rolling is scored in windows; default: the server or model decides",
        example=2048,
    )
    seed: int = setting(default=0, help="lm-eval's random seed, while it reads data")
    numpy_seed: int = setting(default=1234, help="lm-eval's seed for numpy, while it reads data")
    fewshot_seed: int = setting(default=1234, help="the seed by which examples are drawn")
    bootstrap_iters: int = setting(
        default=100_000,
        check=at_least(0),
        help="draws for lm-eval's standard error of F1, BLEU and their like; 0: none is made",
        example=1000,
    )
    unsafe_code: bool = setting(
        default=False,
        help="let lm-eval run the programs that a model writes, on this machine and without a "
        "sandbox, for tasks that need it",
    )
    trust_remote_code: bool = setting(
        default=False,
        help="let tasks run loading scripts that come with their data (only `datasets` before "
        "4.0 does so)",
    )
    metadata: JsonObject = setting(
        default={},
        help="handed to tasks that take such, as lm_eval's --metadata",
        example={"max_seq_lengths": [4096, 8192]},
    )

    @property
    def tasks(self) -> tuple[str, ...]:
        """Each task as it was written."""
        given = (self.task,) if isinstance(self.task, str) else self.task
        return tuple(str(one) for one in given)
