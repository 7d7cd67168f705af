"""Put in the post, for the system that made a request, that something happened to it; in the transaction of what happened."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.engine import Engine

from blauweknop.adapters.database import writing
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.verifier_requests import RequestStore
from blauweknop.adapters.webhook_outbox import post_event
from blauweknop.verifier.api.events import request_changed

__all__ = ["RequestEvents"]


@dataclass(frozen=True, slots=True)
class RequestEvents:
    """Of one receiver; `clients` are those with a webhook."""

    engine: Engine
    key: RowKey = field(repr=False)
    requests: RequestStore
    clients: frozenset[str]
    clock: Callable[[], datetime] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)

    def answered(self, request_id: str) -> None:
        """Raises: StorageError."""
        self._tell(request_id, answered=True)

    def withdrawn(self, request_id: str) -> None:
        """Before all of it goes, and with it who made the request. Raises: StorageError."""
        self._tell(request_id, answered=False)

    def _tell(self, request_id: str, *, answered: bool) -> None:
        if not self.clients:
            return
        request = self.requests.by_id(request_id)
        if request is None or request.client not in self.clients:
            return
        event = request_changed(self.new_id(), request.client or "", request_id, answered=answered, at=self.clock())
        with writing(self.engine) as connection:
            post_event(connection, self.key, event)
