"""A matter in camera is said to be that, whatever else has its name."""

from __future__ import annotations

import pytest

from adapters.queries.moment import InCamera
from adapters.queries.named.hints import telling_kinds


def test_what_is_in_camera_is_not_called_unknown() -> None:
    @telling_kinds
    def asked(name: str) -> None:
        raise InCamera(matter=name)

    with pytest.raises(InCamera) as told:
        asked("CC3.9")
    assert told.value.details["matter"] == "CC3.9"
