"""Publish the offline bundle of a scheme: trust list, schemas and status lists in one signed file, made anew every few minutes."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock

from blauweknop.catalogue import Catalogue, json_schema
from blauweknop.domain.dataset import Dataset
from blauweknop.register.exercise_keys import ExerciseScheme
from blauweknop.standards.offline_bundle import BundledSchema, OfflineBundle, write_offline_bundle

__all__ = ["RenewedBundle", "publish_exercise_bundle", "published_schema"]

_LIFE = timedelta(days=1)  # as long as the status lists inside
_RENEWED_AFTER = timedelta(minutes=5)


def published_schema(dataset: Dataset) -> bytes:
    """The JSON Schema of a data set, byte for byte as the register gives it."""
    return json.dumps(json_schema(dataset), ensure_ascii=False, indent=2).encode("utf-8")


def publish_exercise_bundle(
    scheme: ExerciseScheme, *, trust_list: bytes, catalogue: Catalogue, status_lists: Mapping[str, bytes], at: datetime
) -> bytes:
    """The bundle of this moment, signed by whoever signs the trust list.

    `trust_list` is the signed list as it is published, `status_lists` are tokens as their sources publish them, by their address.
    """
    schemas = tuple(
        BundledSchema(dataset.id, dataset.version, published_schema(dataset))
        for dataset in sorted(catalogue.datasets.values(), key=lambda dataset: dataset.id)
    )
    made = at.replace(microsecond=0)
    bundle = OfflineBundle(made, made + _LIFE, trust_list.strip(), schemas, status_lists)
    return write_offline_bundle(bundle, signer=scheme.trust_list_signer())


class RenewedBundle:
    """The bundle for whoever asks, made again when it is older than some minutes; threads may share it."""

    def __init__(self, make: Callable[[datetime], bytes], *, now: Callable[[], datetime]) -> None:
        self._make, self._now = make, now
        self._lock = Lock()
        self._made: tuple[datetime, bytes] | None = None

    def __call__(self) -> bytes:
        """Raises: whatever making it raises; then the next one asks again."""
        with self._lock:
            now = self._now()
            if self._made is None or not timedelta() <= now - self._made[0] < _RENEWED_AFTER:
                self._made = now, self._make(now)
            return self._made[1]
