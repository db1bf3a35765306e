"""The one way in which a value is written as JSON where bytes are compared."""

from __future__ import annotations

import json

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""One line, the same for the same value."""
