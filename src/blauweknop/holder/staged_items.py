"""Changes of one vault that are kept together: until then they are seen here and nowhere else, and whoever is killed kept none of them."""

from collections.abc import Iterable

from blauweknop.holder.ports import Changed, HeadRow, ItemChanges, ItemRow, ItemStorage

__all__ = ["StagedItems"]


class StagedItems:
    """Items of one account over those that are kept; see `blauweknop.holder.ports.ItemStorage`. `keep` keeps what was changed.

    What others do meanwhile shows at `keep`.
    """

    def __init__(self, storage: ItemStorage, account: bytes) -> None:
        self._storage, self._account = storage, account
        self._rows: dict[bytes, ItemRow | None] = {}  # None: removed
        self._spare = True  # until something else is added
        self._versions: dict[bytes, int] = {}  # that rows of the storage below had when they were changed
        self._last: dict[bytes, ItemRow] = {}  # of rows that were changed, and then removed

    def keep(self) -> Changed:
        """All of it, or nothing."""
        added = tuple(row for row in self._rows.values() if row is not None and row.id not in self._versions)
        changed = {row.id: row for row in self._rows.values() if row is not None and row.id in self._versions}
        # What was changed first must still be what was read, also when it is to go in the end.
        replaced = tuple((row, self._versions[item]) for item, row in (changed | self._last).items())
        removed = tuple(item for item, row in self._rows.items() if row is None)
        return self._storage.change(self._account, ItemChanges(added, replaced, removed, self._spare))

    def add(self, row: ItemRow, *, spare: bool = False) -> bool:
        """Whether there is room shows at `keep`."""
        self._rows[row.id] = row
        if not spare:
            self._spare = False
        return True

    def heads(self, account: bytes) -> Iterable[HeadRow]:
        below = [row for row in self._storage.heads(account) if row.id not in self._rows]
        here = [row for row in self._rows.values() if row is not None]
        return [*below, *(HeadRow(row.id, row.account, row.version, row.wrapped_key, row.head) for row in here)]

    def read(self, account: bytes, item: bytes) -> ItemRow | None:
        return self._rows[item] if item in self._rows else self._storage.read(account, item)

    def replace(self, row: ItemRow, *, version_before: int) -> bool:
        here = self._rows.get(row.id)
        if row.id not in self._rows:
            self._versions[row.id] = version_before
        elif here is None or here.version != version_before:
            return False
        self._rows[row.id] = row
        return True

    def remove(self, account: bytes, item: bytes) -> bool:
        if self.read(account, item) is None:
            return False
        here = self._rows.get(item)
        if here is not None and item not in self._versions:
            del self._rows[item]
            return True
        if here is not None:
            self._last[item] = here
        self._rows[item] = None
        return True

    def change(self, account: bytes, changes: ItemChanges) -> Changed:
        if not all(self.replace(row, version_before=version) for row, version in changes.replaced):
            return "changed"
        for row in changes.added:
            self.add(row, spare=changes.spare)
        for item in changes.removed:
            self.remove(account, item)
        return "done"
