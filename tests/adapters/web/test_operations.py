"""How the server does: health, lag of each follower, and the measurements of Prometheus."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from adapters.bootstrap import open_register
from adapters.settings import InvalidSettings, Settings, load
from adapters.web.app import create_app
from application.followers import Progress
from projections.models import MODELS
from tests.support.served import Source
from tests.support.street import RECORDS, Street

BASE = "http://127.0.0.1:8414"


class Behind:
    """A relay that has published nothing."""

    def progress(self) -> Progress:
        return Progress()


def test_lag_is_told_in_entries_and_seconds_and_goes(tmp_path: Path) -> None:
    street = Street.on_sqlite(tmp_path)
    street.done("setup")
    given = {
        name.removeprefix("ALLIANCE_").lower(): value for name, value in street.environment.items()
    }
    with open_register(Settings.model_validate(given)) as register:
        app = create_app(Source(), {}, threading.Event(), register, relay=Behind())
        client = TestClient(app, base_url=BASE)
        empty = client.get("/ready").json()
        assert empty["position"] == 0
        assert {each["behind"] for each in empty["followers"]} == {0}
        street.done("record", RECORDS / "founding.yaml")
        head = street.head()
        ready = client.get("/ready")
        assert ready.headers["cache-control"] == "no-store"
        behind = {each["follower"]: each for each in ready.json()["followers"]}
        assert behind.keys() == {model.name for model in MODELS} | {"relay"}
        assert ready.json()["position"] == head
        assert behind["relay"]["behind"] == head
        assert behind["relay"]["seconds"] > 0
        measured = client.get("/metrics")
        assert measured.headers["content-type"].startswith("text/plain")
        assert f"alliance_log_position {float(head)}" in measured.text
        lagging = f'alliance_follower_behind_entries{{follower="relay"}} {float(head)}'
        assert lagging in measured.text
        assert 'alliance_http_requests_total{method="GET",route="/ready",status="200"} 2.0' in (
            measured.text
        )


def test_paths_and_methods_of_strangers_are_no_labels() -> None:
    client = TestClient(create_app(Source(), {}, threading.Event()), base_url=BASE)
    for number in range(3):
        client.request("PROPFIND", f"/wp-admin/{number}")
    text = client.get("/metrics").text
    line = 'alliance_http_requests_total{method="other",route="(none)",status="404"} 3.0'
    assert line in text
    assert "wp-admin" not in text
    assert client.get("/health").text == "ok\n"


@pytest.mark.parametrize("listen", ["0.0.0.0:8414", "192.168.1.5:80", "example.org:443", "[::]:80"])
def test_nothing_is_served_beyond_this_machine(
    listen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_LISTEN", listen)
    with pytest.raises(InvalidSettings) as refused:
        load()
    assert "is reached from elsewhere, and nobody has to sign in" in refused.value.mistakes[0]


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:80", ("127.0.0.1", 80)),
        ("[::1]:8414", ("::1", 8414)),
        ("localhost:9000", ("localhost", 9000)),
    ],
)
def test_an_address_of_this_machine(
    listen: str, address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_LISTEN", listen)
    assert load().address == address


@pytest.mark.parametrize("listen", ["8414", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:99999", ":80"])
def test_what_is_no_address_is_said(listen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLIANCE_LISTEN", listen)
    with pytest.raises(InvalidSettings) as refused:
        load()
    assert "is not a host and port such as 127.0.0.1:8414" in refused.value.mistakes[0]
