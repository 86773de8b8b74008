"""The secrets of a plan: the values of the environment to which it refers."""

from __future__ import annotations

import os
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from aisbench.base.errors import AisbenchError
from aisbench.config.addresses import value_problem
from aisbench.config.plan import Model, Plan
from aisbench.config.suite import EnvironmentValue
from aisbench.settings.fields import Secret
from aisbench.store.redactor import Redactor, is_word


def redactor_of(plan: Plan) -> Redactor:
    """A redactor that knows every secret that this run may send."""
    redactor = Redactor()
    redactor.add(value for name in variables(plan) if (value := os.environ.get(name)))
    redactor.add(_proxies(plan))
    return redactor


def variables(plan: Plan) -> dict[str, str]:
    """The environment variables that hold secrets of the plan, each with the key that names it."""
    found: dict[str, str] = {}
    for model in plan.models:
        for settings in (model.common, model.settings):
            found |= dict(_references(settings, f"models.{model.name}"))
    for dataset in plan.datasets:
        found |= dict(_references(dataset.settings, f"datasets.{dataset.name}"))
    for one in plan.observers:
        found |= dict(_references(one.component.settings, f"observers.{one.label}"))
    for sampler in plan.devices:
        found |= dict(_references(sampler.component.settings, f"devices.{sampler.label}"))
    for task in plan.tasks:
        for scoring in task.scorings:
            found |= dict(_references(scoring.evaluator.settings, f"{task.label}: evaluation"))
    return found


def doubts(plan: Plan) -> list[str]:
    """Sentences about variables that stop the run, or that cannot be hidden everywhere."""
    sentences = []
    for name, key in variables(plan).items():
        value = os.environ.get(name, "")
        if not value:
            sentences.append(f"{key}: the environment variable {name} is not set here")
        elif wrong := value_problem(value):
            sentences.append(f"{key}: the value of {name} {wrong}, and cannot be sent")
        elif is_word(value):
            sentences.append(
                f"{key}: the value of {name} is a plain word: where it occurs in an answer, it is "
                "not removed"
            )
    return sentences


def check_own_keys(model: Model) -> None:
    """Raises AisbenchError for a key of the backend's own, such as those that sign requests, whose
    variable is not set: no request could be sent."""
    for name, key in _references(model.settings, f"models.{model.name}"):
        if not os.environ.get(name):
            raise AisbenchError(
                f"{key}: the environment variable {name} is not set",
                hint=f"export {name}=... before the run",
            )


def _references(value: Any, key: str) -> Iterator[tuple[str, str]]:
    """Pairs of variable and key, from anywhere within settings."""
    if isinstance(value, Secret):
        yield value.variable, key
    elif isinstance(value, EnvironmentValue):
        yield value.env, key
    elif attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _references(getattr(value, field.name), f"{key}.{field.name}")
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from _references(one, f"{key}.{name}")
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _references(one, key)


def _proxies(plan: Plan) -> Iterator[str]:
    """Passwords of the proxies that the environment names, with and without the user's name."""
    if not any(_through_environment(model) for model in plan.models):
        return
    for address in urllib.request.getproxies().values():
        try:
            parts = urllib.parse.urlsplit(address if "://" in address else f"http://{address}")
            raw = parts.netloc.rpartition("@")[0]
        except ValueError:
            continue
        for pair in {raw, urllib.parse.unquote(raw)}:
            if ":" in pair:
                yield pair
                yield pair.partition(":")[2]


def _through_environment(model: Model) -> bool:
    return not model.local and model.service.proxy == "environment"
