"""Which proxy a url goes through."""

from __future__ import annotations

import pytest

from aisbench.engine.proxy import Proxy, proxy_for


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("http_proxy", "http://plain:3128")
    monkeypatch.setenv("https_proxy", "http://me:p%40ss@secure:3129")
    monkeypatch.setenv("no_proxy", "localhost,.internal")


@pytest.mark.parametrize(
    ("setting", "url", "proxy"),
    [
        ("", "http://a", None),
        ("http://p:1", "http://localhost", Proxy("p", 1, "")),
        ("http://p", "https://a", Proxy("p", 8080, "")),
        ("environment", "http://a:8000/v1", Proxy("plain", 3128, "")),
        ("environment", "https://a", Proxy("secure", 3129, "Basic bWU6cEBzcw==")),
        ("environment", "http://localhost:8000", None),
        ("environment", "https://host.internal/v1", None),
    ],
)
def test_the_proxy_of_a_url(setting: str, url: str, proxy: Proxy | None) -> None:
    assert proxy_for(setting, url) == proxy


def test_an_environment_without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy")
    assert proxy_for("environment", "http://a") is None
    monkeypatch.setenv("http_proxy", "bare:99")
    assert proxy_for("environment", "http://a") == Proxy("bare", 99, "")
