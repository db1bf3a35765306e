"""The one place where the clock is read, outside the database."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime


def today() -> date:
    """Today, where this machine stands."""
    return datetime.now(UTC).astimezone().date()


def now() -> int:
    """Microseconds since 1970 UTC, as the log counts them."""
    return time.time_ns() // 1000


def shown(recorded_at: int) -> str:
    """A recorded time as ISO 8601 in UTC, to the microsecond."""
    seconds, micro = divmod(recorded_at, 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
