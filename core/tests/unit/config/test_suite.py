"""What core asks of the keys of a model that single fields cannot say."""

from __future__ import annotations

import pytest

from aisbench.config.suite import NAME, EnvironmentValue, ServiceSettings, check_service, urls


@pytest.mark.parametrize("name", ["a", "Qwen2.5-7B", "a_b", "0", "a..b"])
def test_names(name: str) -> None:
    assert NAME.match(name)


@pytest.mark.parametrize("name", ["", ".", "..", ".a", "-a", "a/b", "a b", "a\n", "ä"])
def test_what_is_no_name(name: str) -> None:
    assert not NAME.match(name)


@pytest.mark.parametrize(
    "settings",
    [
        ServiceSettings(url="http://a"),
        ServiceSettings(url="https://a.b:8000/v1"),
        ServiceSettings(url=("http://a", "http://[::1]:80")),
        ServiceSettings(server="s"),
        ServiceSettings(url="http://a", proxy="environment"),
        ServiceSettings(url="http://a", proxy="http://proxy:3128"),
        ServiceSettings(url="http://a", headers={"Authorization": EnvironmentValue(env="K")}),
        ServiceSettings(url="http://a", headers={"X-Request": "v"}),
    ],
)
def test_good_services(settings: ServiceSettings) -> None:
    assert check_service(settings) is None


@pytest.mark.parametrize(
    ("settings", "key"),
    [
        (ServiceSettings(), "url"),
        (ServiceSettings(url="http://a", server="s"), "url"),
        (ServiceSettings(url="a"), "url"),
        (ServiceSettings(url="http:///path"), "url"),
        (ServiceSettings(url=("http://a", "")), "url"),
        (ServiceSettings(url="http://u:p@a/x"), "url"),
        (ServiceSettings(url="http://a", headers={"X-Token": "v"}), "headers"),
        (ServiceSettings(url="http://a", headers={"X": "a\nb"}), "headers"),
        (ServiceSettings(url="http://a", proxy="proxy:3128"), "proxy"),
    ],
)
def test_bad_services(settings: ServiceSettings, key: str) -> None:
    found = check_service(settings)
    assert found is not None
    assert found[0] == key


def test_urls_are_a_list() -> None:
    assert urls(ServiceSettings(url="http://a")) == ("http://a",)
    assert urls(ServiceSettings(url=("http://a", "http://b"))) == ("http://a", "http://b")
