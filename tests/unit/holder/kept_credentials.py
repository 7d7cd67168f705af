"""Credentials in a vault, issued by DUO of the exercise; the check is the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_bytes

from blauweknop.document.wallet_credentials import CopyOrder, CredentialFormat
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.credential_copies import Copy, CredentialCopies
from blauweknop.holder.encryption import VaultKey
from blauweknop.holder.items import CredentialItem, head_of
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.vault import Vault
from blauweknop.standards.status_list import StatusReference
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w
from tests.unit.holder.test_vault import KeptItems

__all__ = ["AT", "DATASET", "check", "check_with", "copies_of", "item_of", "keep_credential", "made", "new_vault"]

AT = x.NOW
DATASET = "duo.studieschuld"


def new_vault(rows: KeptItems | None = None) -> Vault:
    return Vault.of(b"a" * 16, VaultKey.new(token_bytes), storage=rows or KeptItems(most=100), now=lambda: AT, random=token_bytes)


def made(
    number: int, data: Mapping[str, JsonValue] = x.DATA, *, dataset: str = DATASET, form: CredentialFormat = "dc+sd-jwt"
) -> tuple[Copy, ...]:
    """So many copies that a source gave out; each has another place in its status list."""
    keys = [HolderKey.new(token_bytes) for _ in range(number)]
    orders = [CopyOrder(key.public, StatusReference(c.INDEX + place, c.URI)) for place, key in enumerate(keys)]
    texts = w.batch(w.snapshot(dataset, data), orders, form=form)
    return tuple(Copy(text, key) for text, key in zip(texts, keys, strict=True))


def item_of(copies: Sequence[Copy], **changes: object) -> CredentialItem:
    item = CredentialItem(DATASET, "dc+sd-jwt", x.DUO.oin.digits, "DUO", AT - timedelta(hours=1), len(copies))
    return replace(item, **changes)  # type: ignore[arg-type] # the names are those of the fields


def keep_credential(vault: Vault, copies: Sequence[Copy], **changes: object) -> bytes:
    return vault.add(head_of(item_of(copies, **changes)), CredentialCopies(tuple(copies)).as_bytes()).id


def copies_of(vault: Vault, item_id: bytes) -> CredentialCopies:
    read = vault.read(item_id)
    assert read is not None
    return CredentialCopies.from_bytes(read[1])


def check(data: bytes, at: datetime) -> Verdict:
    return c.credential(data, at=at)


def check_with(changes: Mapping[int, int], data: bytes, at: datetime) -> Verdict:
    """The check with a status list that says something of some places."""
    return c.credential(data, given=c.trust({c.URI: c.status_list(changes)}), at=at)
