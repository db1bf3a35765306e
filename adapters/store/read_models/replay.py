"""Read models of a position: made from the log anew, in a file that is then gone."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from tempfile import TemporaryDirectory
from typing import Any

from adapters.store.read_models.store import Views
from application.followers import catch_up
from application.ports import Log
from projections.engine.read_model import ReadModel


@contextmanager
def replay(
    models: Sequence[ReadModel[Any]], log: Log, until: int, upcasting: str
) -> Generator[Views]:
    """Give the read models as they were when the log ended at `until`."""
    with (
        TemporaryDirectory(prefix="alliance-replay-") as folder,
        closing(Views(f"sqlite:///{folder}/views.sqlite", upcasting=upcasting)) as views,
    ):
        views.setup()
        views.create(*models)
        for model in models:
            catch_up(log, views.follower(model, log.read), until=until)
        yield views
