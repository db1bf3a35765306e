"""The one place where the clock is read, outside the database."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def today(time_zone: str | None = None) -> date:
    """Return today's date in a time zone of the IANA database, or else that of this machine."""
    zone = ZoneInfo(time_zone) if time_zone else None
    return datetime.now(UTC).astimezone(zone).date()


def now() -> int:
    """Return microseconds since 1970 UTC, as the log counts them."""
    return time.time_ns() // 1000


def recorded_time_shown(recorded_at: int) -> str:
    """Return a recorded time as ISO 8601 in UTC, to the microsecond."""
    seconds, micro = divmod(recorded_at, 1_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro)
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
