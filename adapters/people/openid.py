"""Sign-in by OpenID Connect: the code flow with PKCE, and access tokens of programs."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, cast

import httpx2
import structlog
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2 import OAuth2Error
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from adapters.people.roles import NotSignedIn, Person, known_roles
from adapters.people.sessions import BegunSession

_log = structlog.get_logger("sign-in")

ALGORITHMS = ["RS256", "PS256", "ES256", "Ed25519", "EdDSA"]
"""Signatures that are taken: none with a shared secret, and never `none`."""
LEEWAY_SECONDS = 30
PROVIDER_SECONDS = 10
LONGEST_NAME = 200


class OpenID:
    """One provider. Its addresses and keys are asked for when they are first needed."""

    def __init__(
        self,
        issuer: str,
        client: str,
        secret: str,
        redirect: str,
        claim: str,
        pseudonym: Callable[[bytes], str],
    ) -> None:
        self._issuer, self._client, self._secret = issuer, client, secret
        self._redirect, self._claim = redirect, claim
        self._pseudonym = pseudonym
        self._found: Mapping[str, Any] = {}
        self._keys: KeySet | None = None

    def begin(self, back: str) -> tuple[str, str, BegunSession]:
        """The address to go to, the state that comes back, and what the answer must fit."""
        begun = BegunSession(secrets.token_urlsafe(24), secrets.token_urlsafe(48), back)
        with self._asking() as client:
            address, state = client.create_authorization_url(
                self._metadata()["authorization_endpoint"],
                code_verifier=begun.verifier,
                nonce=begun.nonce,
            )
        return address, state, begun

    def finish(self, code: str, begun: BegunSession) -> Person:
        """The person who signed in. Raises `NotSignedIn`."""
        try:
            with self._asking() as client:
                told = client.fetch_token(
                    self._metadata()["token_endpoint"], code=code, code_verifier=begun.verifier
                )
        except (OAuth2Error, httpx2.HTTPError, ValueError) as error:
            raise NotSignedIn(f"the provider gave no token: {error}") from error
        claims = self._claims(str(told.get("id_token", "")), nonce=begun.nonce)
        return self._person(claims)

    def person_of(self, token: str) -> Person:
        """The person or program behind an access token. Raises `NotSignedIn`."""
        claims = self._claims(token)
        if "nonce" in claims:
            raise NotSignedIn("this is the token of a sign-in, not one for access")
        return self._person(claims)

    def _claims(self, token: str, **more: str) -> dict[str, Any]:
        """The claims of a token for us by this provider, which holds now."""
        required: dict[str, Any] = {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._client},
            "exp": {"essential": True},
            "sub": {"essential": True},
            **{name: {"essential": True, "value": value} for name, value in more.items()},
        }
        try:
            try:
                read = jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
            except (JoseError, ValueError):  # perhaps signed with a newer key
                read = jwt.decode(token, self._key_set(again=True), algorithms=ALGORITHMS)
            JWTClaimsRegistry(leeway=LEEWAY_SECONDS, **required).validate(read.claims)
        except (JoseError, ValueError) as error:
            raise NotSignedIn(f"its token is not valid: {error}") from error
        return read.claims

    def _person(self, claims: Mapping[str, Any]) -> Person:
        subject = str(claims["sub"])
        digest = self._pseudonym(b"person\0" + f"{self._issuer}\0{subject}".encode())
        said = claims.get("name") or claims.get("preferred_username") or subject
        name = " ".join(str(said).split())[:LONGEST_NAME]
        return Person(f"person-{digest[:16]}", name, known_roles(self._roles(claims)))

    def _roles(self, claims: Mapping[str, Any]) -> list[object]:
        """The names that the claim lists; `realm_access.roles` is a claim within a claim."""
        found: Any = claims
        for part in self._claim.split("."):
            found = cast("dict[str, Any]", found).get(part) if isinstance(found, dict) else None
        if isinstance(found, str):
            return list(found.split())
        return cast("list[object]", found) if isinstance(found, list) else []

    def _asking(self) -> Any:  # httpx2 stands behind it, of which authlib has no types
        return OAuth2Client(
            self._client,
            self._secret,
            scope="openid profile",
            redirect_uri=self._redirect,
            code_challenge_method="S256",
            timeout=PROVIDER_SECONDS,
        )

    def _metadata(self) -> Mapping[str, Any]:
        if not self._found:
            address = f"{self._issuer.rstrip('/')}/.well-known/openid-configuration"
            found = _fetched(address)
            if found.get("issuer") != self._issuer:
                raise NotSignedIn(f"{address} is of another issuer")
            self._found = found
        return self._found

    def _key_set(self, *, again: bool = False) -> KeySet:
        if self._keys is None or again:
            self._keys = KeySet.import_key_set(cast("Any", _fetched(self._metadata()["jwks_uri"])))
        return self._keys


def _fetched(address: str) -> dict[str, Any]:
    try:
        answer = httpx2.get(address, timeout=PROVIDER_SECONDS)
        answer.raise_for_status()
        found = answer.json()
    except (httpx2.HTTPError, ValueError) as error:
        _log.warning("the provider does not answer", at=address, problem=str(error))
        raise NotSignedIn("the sign-in provider does not answer; try again later") from error
    return cast("dict[str, Any]", found)
