"""Servers on which people sign in at a provider, and the browsers of those who did."""

from __future__ import annotations

import re
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx2
from fastapi import FastAPI
from starlette.testclient import TestClient

from adapters.bootstrap import open_people, open_register
from adapters.settings import Settings
from adapters.web.app import create_app
from tests.support.provider import CLIENT, SECRET, Provider
from tests.support.served import Source
from tests.support.street import Street

BASE = "http://127.0.0.1:8414"


class Signing:
    """Servers of one register on which people sign in at a provider."""

    def __init__(self, street: Street, folder: Path, provider: Provider) -> None:
        (folder / "secret").write_text(SECRET)
        own = {k.removeprefix("ALLIANCE_").lower(): v for k, v in street.environment.items()}
        self.settings: dict[str, Any] = {
            **own,
            "oidc_issuer": provider.issuer,
            "oidc_client": CLIENT,
            "oidc_secret_file": str(folder / "secret"),
        }

    @contextmanager
    def server(self, **more: Any) -> Generator[FastAPI]:
        settings = Settings.model_validate({**self.settings, **more})
        with ExitStack() as stack:
            register = stack.enter_context(open_register(settings))
            people = stack.enter_context(open_people(settings))
            yield create_app(
                Source(), {"asyncapi.json": {}}, threading.Event(), register, people=people
            )


def signed_in(app: FastAPI, name: str, back: str = "/account") -> TestClient:
    """The browser of a person who signed in at the provider."""

    client = TestClient(app, base_url=BASE, follow_redirects=False)
    to = client.get("/sign-in", params={"back": back}).headers["location"]
    home = httpx2.get(f"{to}&person={name}").headers["location"]
    answer = client.get(home)
    assert (answer.status_code, answer.headers["location"]) == (303, back), answer.text
    return client


def token_in(page: str) -> str:
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]
