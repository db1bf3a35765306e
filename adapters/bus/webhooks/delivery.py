"""Post one signed message to a webhook's address, without being led into our own network.

The host is resolved first; every address it has must be public unless the webhook is private, and
the request goes to an address that was checked. Redirects are not followed, answers are not read,
certificates are verified.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias
from urllib.parse import SplitResult, urlsplit

import httpx2
from standardwebhooks.webhooks import Webhook

from adapters import clock
from adapters.bus.messages.cloud_event import CONTENT_TYPE, Message
from adapters.bus.webhooks.tables import HookRow
from application.ports import Stop, Stopped
from domain.shared.problems import Invalid

CONNECT_SECONDS, DELIVERY_SECONDS = 5.0, 15.0
"""Limits on connecting, and on one delivery as a whole. The system limits the name look-up."""
GLANCE_SECONDS = 0.2
MOST_BYTES = 1_000_000
AWAY = {408, 425, 429, 500, 502, 503, 504}
"""Answers that say "later": the address is away, the message is not rejected."""

Resolve: TypeAlias = Callable[[str, int], list[str]]


class Forbidden(Invalid):
    """A webhook's URL must be an https URL with a public address; --private lifts both limits."""

    url: str
    scheme: str = ""
    address: str = ""
    reason: str = ""


class Away(Exception):
    """Raised when the address cannot be reached, or answers that it may work later."""


class Rejected(Exception):
    """Raised when the address rejects this message."""


class Gone(Exception):
    """Raised when the address answers 410: no more messages."""


def resolve(host: str, port: int) -> list[str]:
    """Return every address of a host. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked_address(hook: HookRow, resolving: Resolve = resolve) -> tuple[SplitResult, str]:
    """Return the parts of a webhook's URL and the address to connect to.

    Raises `Forbidden` and `OSError`.
    """
    if unprintable := [char for char in hook.url if char.isspace() or not char.isprintable()]:
        raise Forbidden(url=hook.url, reason=f"it contains {unprintable[0]!r}")
    try:
        parts = urlsplit(hook.url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.username:
            raise Forbidden(url=hook.url)
        if parts.scheme == "http" and not hook.private:
            raise Forbidden(url=hook.url, scheme=parts.scheme)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        found = resolving(parts.hostname, port)
    except ValueError as malformed:
        raise Forbidden(url=hook.url, reason=str(malformed)) from malformed
    for address in found:
        ip = ipaddress.ip_address(address.split("%", 1)[0])
        inner = getattr(ip, "ipv4_mapped", None) or ip
        if not hook.private and (not inner.is_global or inner.is_multicast):
            raise Forbidden(url=hook.url, address=address)
    return parts, found[0]


def deliver(hook: HookRow, message: Message, stop: Stop, resolving: Resolve = resolve) -> None:
    """Send a message. Raises `Away`, `Rejected`, `Gone`, `Forbidden`, `Stopped`."""
    if len(message.body) > MOST_BYTES:
        raise Rejected(f"{len(message.body)} bytes are more than a webhook carries")
    try:
        parts, address = checked_address(hook, resolving)
        status = asyncio.run(_within(_post(hook, message, parts, address), stop))
    except (OSError, httpx2.HTTPError) as error:
        raise Away(f"{type(error).__name__}: {error}") from error
    if status == 410:
        raise Gone(hook.url)
    if status in AWAY:
        raise Away(f"answered {status}")
    if not 200 <= status < 300:
        raise Rejected(f"answered {status}")


async def _within(posting: Coroutine[Any, Any, int], stop: Stop) -> int:
    """Wait for the answer, limited as a whole: a socket's time-out restarts at each byte."""
    until = time.monotonic() + DELIVERY_SECONDS
    answer = asyncio.ensure_future(posting)
    while not answer.done():
        await asyncio.wait([answer], timeout=GLANCE_SECONDS)
        if stop.is_set() and not answer.done():
            raise Stopped
        if time.monotonic() > until:
            raise Away(f"no answer in {DELIVERY_SECONDS:g} s")
    return answer.result()


async def _post(hook: HookRow, message: Message, parts: SplitResult, address: str) -> int:
    now = datetime.fromtimestamp(clock.now() / 1_000_000, UTC)
    id_ = f"{message.source}#{message.id}"
    headers = {
        "host": parts.netloc,
        "content-type": CONTENT_TYPE,
        "user-agent": "alliance-register",
        "webhook-id": id_,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(hook.secret).sign(id_, now, message.body.decode()),
    }
    literal = f"[{address}]" if ":" in address else address
    port = f":{parts.port}" if parts.port else ""
    url = parts._replace(netloc=f"{literal}{port}", fragment="").geturl()
    sni = {"sni_hostname": parts.hostname}
    async with (
        _client() as client,
        client.stream(
            "POST", url, content=message.body, headers=headers, extensions=sni
        ) as response,
    ):
        return response.status_code


def _client() -> httpx2.AsyncClient:
    """Return a client that ignores the environment: no proxy variables, no redirects."""
    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(DELIVERY_SECONDS, connect=CONNECT_SECONDS),
        verify=_authorities(),
        follow_redirects=False,
        trust_env=False,
    )


@cache
def _authorities() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)
