from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

import pytest

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder import vault as vaults
from blauweknop.holder.encryption import CannotOpen, VaultKey
from blauweknop.holder.ports import Changed, HeadRow, ItemChanges, ItemRow
from blauweknop.holder.vault import ItemHead, Vault, VaultFull

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
ANNA, BERT = b"a" * 16, b"b" * 16
RANDOM = Random(7).randbytes


@dataclass
class KeptItems:
    """Keeps items in memory, of whatever account: the vault must see for itself whose they are."""

    rows: dict[bytes, ItemRow] = field(default_factory=dict)
    most: int = 10

    def add(self, row: ItemRow, *, spare: bool = False) -> bool:
        if len(self.rows) >= self.most + spare:
            return False
        self.rows[row.id] = row
        return True

    def heads(self, account: bytes) -> list[HeadRow]:
        return [HeadRow(row.id, row.account, row.version, row.wrapped_key, row.head) for row in self.rows.values()]

    def read(self, account: bytes, item: bytes) -> ItemRow | None:
        return self.rows.get(item)

    def replace(self, row: ItemRow, *, version_before: int) -> bool:
        if row.id not in self.rows or self.rows[row.id].version != version_before:
            return False
        self.rows[row.id] = row
        return True

    def remove(self, account: bytes, item: bytes) -> bool:
        return self.rows.pop(item, None) is not None

    def change(self, account: bytes, changes: ItemChanges) -> Changed:
        if any(row.id not in self.rows or self.rows[row.id].version != version for row, version in changes.replaced):
            return "changed"
        left = {item: row for item, row in self.rows.items() if item not in changes.removed}
        if changes.added and len(left) + len(changes.added) > self.most + changes.spare:
            return "full"
        self.rows.clear()
        self.rows.update(left | {row.id: row for row in (*changes.added, *(row for row, _ in changes.replaced if row.id in left))})
        return "done"


def vault(items: KeptItems, account: bytes = ANNA) -> Vault:
    return Vault.of(account, VaultKey(b"k" * 32), storage=items, now=lambda: NOON, random=RANDOM)


def test_an_item_comes_back_as_it_was_kept() -> None:
    opened = vault(KeptItems())
    item = opened.add(b"head", b"body")
    assert opened.read(item.id) == (item, b"body")
    assert list(opened.heads()) == [ItemHead(item.id, 1, b"head")]


def test_a_changed_item_has_a_higher_version_and_a_new_key() -> None:
    items = KeptItems()
    opened = vault(items)
    item = opened.add(b"head", b"body")
    before = items.rows[item.id]
    changed = opened.replace(item, b"other", b"content")
    assert changed is not None
    assert opened.read(item.id) == (changed, b"content")
    assert changed.version == 2
    assert items.rows[item.id].wrapped_key != before.wrapped_key


def test_what_somebody_else_changed_meanwhile_is_not_written_over() -> None:
    opened = vault(KeptItems())
    item = opened.add(b"head", b"body")
    opened.replace(item, b"first", b"first")
    assert opened.replace(item, b"second", b"second") is None


def test_a_removed_item_is_gone() -> None:
    opened = vault(KeptItems())
    item = opened.add(b"head")
    assert opened.remove(item.id)
    assert opened.read(item.id) is None
    assert opened.replace(item, b"x", b"x") is None
    assert not opened.remove(item.id)


def test_a_full_vault_says_so() -> None:
    with pytest.raises(VaultFull):
        vault(KeptItems(most=0)).add(b"head")


@pytest.mark.parametrize(("head", "body"), [(vaults.MOST_HEAD_BYTES + 1, 0), (0, vaults.MOST_BODY_BYTES + 1)])
def test_an_item_that_is_too_large_is_refused(head: int, body: int) -> None:
    with pytest.raises(VaultFull):
        vault(KeptItems()).add(bytes(head), bytes(body))


def test_an_item_of_another_account_does_not_open_even_with_the_same_key() -> None:
    items = KeptItems()
    item = vault(items, BERT).add(b"head", b"body")
    with pytest.raises(CannotOpen):
        vault(items, ANNA).read(item.id)
    assert list(vault(items, ANNA).heads()) == []
    assert vault(items, ANNA).heads_and_unreadable() == ([], [item.id])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda row: replace(row, version=2),
        lambda row: replace(row, id=b"i" * 16),
        lambda row: replace(row, account=BERT),
        lambda row: replace(row, head=row.body),
        lambda row: replace(row, body=row.head),
        lambda row: replace(row, wrapped_key=row.wrapped_key[:-1] + bytes([row.wrapped_key[-1] ^ 1])),
    ],
    ids=["version", "id", "account", "body as head", "head as body", "key"],
)
def test_an_item_that_was_moved_or_changed_does_not_open(spoil: object) -> None:
    items = KeptItems()
    opened = vault(items)
    item = opened.add(b"head", b"body")
    assert callable(spoil)
    items.rows[item.id] = spoil(items.rows[item.id])
    with pytest.raises(CannotOpen):
        opened.read(item.id)
    assert opened.is_unreadable(item.id)
    assert opened.read_if_possible(item.id) is None


def test_an_item_that_opens_or_is_not_there_is_not_unreadable() -> None:
    opened = vault(KeptItems())
    item = opened.add(b"head", b"body")
    assert not opened.is_unreadable(item.id)
    assert not opened.is_unreadable(b"nothing")
    assert opened.read_if_possible(item.id) == (item, b"body")


def test_a_head_that_does_not_open_keeps_no_other_from_opening() -> None:
    items = KeptItems()
    opened = vault(items)
    kept, damaged = opened.add(b"head"), opened.add(b"other")
    items.rows[damaged.id] = replace(items.rows[damaged.id], head=b"")
    assert opened.heads_and_unreadable() == ([kept], [damaged.id])


def test_sizes_are_steps() -> None:
    items = KeptItems()
    opened = vault(items)
    small, less_small = opened.add(b"", b""), opened.add(b"h" * 1000, b"b" * 16_000)
    sizes = {(len(items.rows[item.id].head), len(items.rows[item.id].body)) for item in (small, less_small)}
    assert len(sizes) == 1


def test_a_vault_does_not_show_its_key_or_its_items() -> None:
    opened = vault(KeptItems())
    assert "kkkk" not in repr(opened)
    assert "secret" not in repr(opened.add(b"secret", b"secret"))


def test_what_is_changed_together_is_seen_there_at_once_and_elsewhere_at_the_end() -> None:
    items = KeptItems()
    opened = vault(items)
    old, other = opened.add(b"old", b"1"), opened.add(b"other", b"2")

    def work(staged: Vault) -> list[bytes]:
        staged.replace(old, b"new", b"3")
        staged.remove(other.id)
        passing = staged.add(b"passing")
        staged.remove(passing.id)
        staged.add(b"more", b"4")
        assert sorted(head.head for head in opened.heads()) == [b"old", b"other"]
        return sorted(head.head for head in staged.heads())

    assert opened.together(work) == [b"more", b"new"]
    assert {(head.head, (opened.read(head.id) or (head, b""))[1]) for head in opened.heads()} == {(b"new", b"3"), (b"more", b"4")}


def test_of_what_is_changed_together_nothing_is_kept_when_the_work_ends_early() -> None:
    opened = vault(KeptItems())

    def work(staged: Vault) -> None:
        staged.add(b"first")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened.together(work)
    assert list(opened.heads()) == []


def test_of_what_is_changed_together_nothing_is_kept_when_there_is_no_room_for_all() -> None:
    opened = vault(KeptItems(most=2))
    with pytest.raises(VaultFull):
        opened.together(lambda staged: [staged.add(b"one more") for _ in range(3)])
    assert list(opened.heads()) == []


def test_what_is_changed_together_is_done_again_when_somebody_else_came_between() -> None:
    opened = vault(KeptItems())
    item = opened.add(b"0")
    others = iter([lambda: opened.replace(item, b"5", b"")])

    def count(staged: Vault) -> None:
        (head,) = staged.heads()
        staged.replace(head, str(int(head.head) + 1).encode(), b"")
        next(others, lambda: None)()

    opened.together(count)
    assert [head.head for head in opened.heads()] == [b"6"]


def test_what_is_changed_and_then_removed_together_must_still_be_what_was_read() -> None:
    items = KeptItems()
    opened = vault(items)
    item = opened.add(b"head", b"body")
    tries: list[bytes] = []

    def change_and_remove(staged: Vault) -> None:
        read = staged.read(item.id)
        assert read is not None
        tries.append(read[1])
        if len(tries) == 1:
            opened.replace(item, b"head", b"of another tab")
        staged.replace(read[0], b"head", b"changed")
        staged.remove(item.id)

    opened.together(change_and_remove)
    assert tries == [b"body", b"of another tab"]
    assert items.rows == {}


def test_what_others_change_all_the_time_is_told() -> None:
    opened = vault(KeptItems())
    opened.add(b"item")

    def work(staged: Vault) -> None:
        for head in list(opened.heads()):
            staged.replace(head, b"mine", b"")
            opened.replace(head, b"theirs", b"")

    with pytest.raises(BlauweKnopError, match="others"):
        opened.together(work)
    assert [head.head for head in opened.heads()] == [b"theirs"]


def test_within_what_is_changed_together_one_item_is_not_changed_by_two_readers() -> None:
    opened = vault(KeptItems())
    item = opened.add(b"item")

    def work(staged: Vault) -> list[bool]:
        return [staged.replace(item, b"first", b"") is not None, staged.replace(item, b"second", b"") is not None]

    assert opened.together(work) == [True, False]


def test_a_part_of_what_is_changed_together_may_itself_be_several_changes() -> None:
    opened = vault(KeptItems())
    opened.together(lambda staged: staged.together(lambda inner: inner.add(b"inner")))
    assert [head.head for head in opened.heads()] == [b"inner"]
