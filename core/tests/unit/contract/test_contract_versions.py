"""Versions of the contract, and what goes with one."""

from __future__ import annotations

import warnings

import pytest

from aisbench.api import API_VERSION, DatasetOffer
from aisbench.contract.deprecations import (
    ContractWarning,
    Deprecation,
    deprecated_name,
    used_by,
)
from aisbench.contract.versions import WrongVersion, api_version, check_version


@pytest.mark.parametrize(
    ("stated", "ours"), [(1, "1.0"), (1, "1.7"), ("1.2", "1.2"), ("1.2", "1.10"), ("2.0", "2.3")]
)
def test_an_older_minor_version_is_served(stated: object, ours: str) -> None:
    check_version(stated, ours)


@pytest.mark.parametrize(
    ("stated", "ours", "upgrade"),
    [
        ("1.4", "1.3", "aisbench"),
        ("1.10", "1.9", "aisbench"),
        ("2.0", "1.9", "aisbench"),
        (2, "1.9", "aisbench"),
        ("1.9", "2.0", "plugin"),
        (1, "2.0", "plugin"),
    ],
)
def test_the_side_that_is_too_old_is_named(stated: object, ours: str, upgrade: str) -> None:
    with pytest.raises(WrongVersion, match=f"this aisbench has {ours}") as caught:
        check_version(stated, ours)
    assert caught.value.upgrade == upgrade


@pytest.mark.parametrize("stated", [None, True, 0, -1, 1.1, "", "1.", "01.2", "1.02", "one", [1]])
def test_what_is_no_version_is_told_what_to_write(stated: object) -> None:
    with pytest.raises(WrongVersion, match='write AISBENCH_API = "'):
        check_version(stated)


def test_the_contract_has_a_version() -> None:
    assert api_version(API_VERSION) >= (1, 1)


GOES = {"since": "1.2", "gone": "1.4", "date": "2027-06-01"}
HOOK = Deprecation(kind="hook", name="aisbench_old", instead="implement aisbench_new", **GOES)
ATTRIBUTE = Deprecation(
    kind="attribute", name="DatasetOffer.dialogue", instead="leave it out", **GOES
)
NAME = Deprecation(
    kind="name",
    name="OldVersion",
    instead="import API_VERSION",
    target="aisbench.contract.versions:API_VERSION",
    **GOES,
)


def test_only_who_uses_it_is_told() -> None:
    plain = DatasetOffer(name="d", summary="D.", target="a:B")
    using = DatasetOffer(name="d", summary="D.", target="a:B", dialogue=True)
    going = (HOOK, ATTRIBUTE, NAME)
    assert used_by(["aisbench_datasets"], [plain], going) == []
    assert used_by(["aisbench_old"], [plain], going) == [
        "uses the hook aisbench_old, which goes with version 1.4 of the plugin API, not before "
        "2027-06-01: implement aisbench_new"
    ]
    (told,) = used_by([], [plain, using], going)
    assert told.startswith("uses the attribute DatasetOffer.dialogue, which goes with version 1.4")
    assert used_by(["aisbench_old"], [using]) == []  # nothing goes today that these use


def test_a_name_that_goes_is_still_there_with_a_warning() -> None:
    with pytest.warns(ContractWarning, match=r"the name OldVersion, .*: import API_VERSION"):
        assert deprecated_name("OldVersion", [NAME]) == API_VERSION
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(AttributeError, match=r"'aisbench\.api' has no attribute 'Nothing'"):
            deprecated_name("Nothing", [NAME])


def test_two_minor_versions_lie_between_warning_and_end() -> None:
    with pytest.raises(ValueError, match=r"1\.3 is not two minor versions after 1\.2"):
        Deprecation(kind="hook", name="x", instead="y", **{**GOES, "gone": "1.3"})
    Deprecation(kind="hook", name="x", instead="y", **{**GOES, "gone": "2.0"})
    with pytest.raises(ValueError, match="must match regex"):
        Deprecation(kind="hook", name="x", instead="y", **{**GOES, "date": "soon"})
