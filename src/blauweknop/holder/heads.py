"""Heads of items of one kind, and an item by its key: the same for questions, links, and what a person asked to correct.

A head is JSON with the `kind` of its item, and the `form` in which a version of this program wrote it.
"""

from collections.abc import Mapping

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.vault import MOST_HEAD_BYTES, ItemHead, Vault
from blauweknop.standards.strict_json import MalformedJson, canonical_json, parse_json_object

__all__ = ["head_with", "item_of_key", "members_of_head"]

_FORM = 1


def head_with(kind: str, members: Mapping[str, JsonValue]) -> bytes:
    """The head of an item of this kind, as this version keeps it."""
    return canonical_json({"form": _FORM, "kind": kind, **members})


def members_of_head(head: bytes, kind: str) -> dict[str, JsonValue] | None:
    """What `head_with` was given for an item of this kind; None for another kind.

    Raises:
        MalformedValue: another version of this program wrote it.
    """
    try:
        kept = parse_json_object(head, max_bytes=MOST_HEAD_BYTES)
    except MalformedJson as error:
        raise MalformedValue("expected an item as this version keeps it") from error
    if kept.get("kind") != kind:
        return None
    if kept.get("form") != _FORM:
        raise MalformedValue(f"expected a {kind} as this version keeps it")
    return kept


def item_of_key(vault: Vault, key: str) -> tuple[ItemHead, bytes] | None:
    """The item whose key stands in an address, and its body; None when this account has none that can be opened."""
    try:
        item_id = bytes.fromhex(key)
    except ValueError:
        return None
    return vault.read_if_possible(item_id) if item_id.hex() == key else None
