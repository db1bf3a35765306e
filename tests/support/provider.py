"""An OpenID Connect provider on loopback, with real codes and signatures and a page to choose who.

`wrong` makes its next tokens wrong in one way.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Annotated, Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Form, Request
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tests.support.served import serving_app

CLIENT, SECRET = "alliance", "a-secret-of-tests"
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "rosa": ("reader",),
    "clara": ("clerk",),
    "carl": ("clerk", "auditor"),
    "aude": ("auditor",),
    "sub": ("subscriber",),
    "ada": ("administrator",),
    "noone": ("gardener",),
}


class Provider:
    """The provider: its keys, codes that wait, and what is wrong with its tokens."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = ECKey.generate_key("P-256", {"kid": "first"})
        self.codes: dict[str, tuple[str, Mapping[str, str]]] = {}
        self.wrong = ""

    def token(self, name: str, **more: Any) -> str:
        """A signed token of a person, for the register."""
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": f"subject-{name}",
            "name": name.capitalize(),
            "roles": list(PEOPLE[name]),
            "iat": int(time.time()),
            "exp": int(time.time()) + 300,
            **more,
        }
        match self.wrong:
            case "expired":
                claims["exp"] = int(time.time()) - 300
            case "audience":
                claims["aud"] = "another"
            case "issuer":
                claims["iss"] = "http://elsewhere.example"
            case "nonce":
                claims["nonce"] = "another"
            case _:
                pass
        key = ECKey.generate_key("P-256", {"kid": "first"}) if self.wrong == "key" else self.key
        return jwt.encode({"alg": "ES256", "kid": "first"}, claims, key)

    def app(self) -> FastAPI:
        """The provider's addresses."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def metadata() -> dict[str, str]:
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
            found = {key: f"{self.issuer}/{path}" for key, path in names.items()}
            return {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys", **found}

        @app.get("/keys")
        def keys() -> dict[str, Any]:
            return {"keys": [self.key.as_dict(private=False)]}

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            if "person" not in asked:
                query = escape(urlencode(asked))
                links = (f"<a href='?{query}&amp;person={name}'>{name}</a>" for name in PEOPLE)
                return HTMLResponse(" ".join(links))
            code = secrets.token_urlsafe(16)
            self.codes[code] = (asked["person"], asked)
            back = urlencode({"code": code, "state": asked["state"]})
            return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303)

        @app.post("/token")
        def token(
            request: Request,
            code: Annotated[str, Form()],
            code_verifier: Annotated[str, Form()],
            redirect_uri: Annotated[str, Form()],
        ) -> Response:
            name, asked = self.codes.pop(code, ("", {}))
            challenge = create_s256_code_challenge(code_verifier)
            if not name or challenge != asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            if redirect_uri != asked["redirect_uri"] or "authorization" not in request.headers:
                return JSONResponse({"error": "invalid_client"}, 401)
            own = {"nonce": asked["nonce"]} if self.wrong != "nonce" else {}
            told = {"id_token": self.token(name, **own), "access_token": "of-no-use"}
            return JSONResponse({**told, "token_type": "Bearer", "expires_in": 300})

        return app


@contextmanager
def providing() -> Generator[Provider]:
    """A provider that listens meanwhile."""
    provider = Provider()
    with serving_app(provider.app(), threading.Event()) as port:
        provider.issuer = f"http://127.0.0.1:{port}"
        yield provider
