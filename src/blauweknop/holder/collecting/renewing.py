"""Fetch new copies of a credential of which few are left, while its owner is here (ADR 0033).

A source gives them without a login as long as its data did not change. When it does not, the credential says so, and the person can fetch
it anew. In steps:
1. The credentials of one connection that run low, and of which the source did not say that it wants a login.
2. A new access token for the refresh token. The next refresh token is kept before anything else: the old one counts no more.
3. A copy for each new key, checked as the first ones, and saying the same as they do.
4. They come to the copies that are left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from blauweknop.domain.document import JsonValue
from blauweknop.holder.collecting.background import Background
from blauweknop.holder.collecting.connection import opened_connection, was_tried_lately
from blauweknop.holder.collecting.connection_secrets import ConnectionSecrets
from blauweknop.holder.collecting.fetching import Copies, Grant, Later, fetch_copies, notify, renew
from blauweknop.holder.collecting.metadata import Endpoints, describe
from blauweknop.holder.collecting.ports import CollectingServices, SourceProblem
from blauweknop.holder.credential_copies import Copy, CredentialCopies
from blauweknop.holder.credential_forms import configuration_name, read_copy
from blauweknop.holder.credentials import LOW, require_right_copies
from blauweknop.holder.items import ConnectionItem, CredentialItem, Item, head_of, read_head
from blauweknop.holder.keeping import NotKept, items_of
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.vault import ItemHead, Vault, VaultFull

__all__ = ["begin_renewals", "renew_copies", "to_renew"]

_OF_A_COPY = frozenset({"cnf", "status", "iat", "nbf"})
"""Claims that differ between copies."""


def begin_renewals(vault: Vault, services: CollectingServices, background: Background) -> None:
    """Renew what runs low, while the person does something else."""
    for connection in to_renew(items_of(vault), services.now()):
        background.begin(b"renew " + connection, partial(renew_copies, connection, vault, services))


def to_renew(items: Iterable[tuple[ItemHead, Item]], now: datetime) -> tuple[bytes, ...]:
    """The connections by which there may be new copies of something that runs low, and that nobody tried a moment ago."""
    known = list(items)
    low = {item.connection for _, item in known if isinstance(item, CredentialItem) and _runs_low(item)}
    return tuple(
        head.id
        for head, item in known
        if isinstance(item, ConnectionItem) and item.renewable and head.id.hex() in low and not was_tried_lately(item, now)
    )


def renew_copies(connection: bytes, vault: Vault, services: CollectingServices) -> None:
    """Steps 1 to 4. A source that is silent is asked again another time; what there is no room for as well."""
    opened = opened_connection(connection, vault)
    if opened is None or not opened[1].renewable or was_tried_lately(opened[1], services.now()):
        return
    head, item, body = opened
    secrets = ConnectionSecrets.from_bytes(body)
    # Step 1.
    low = {known.id: credential for known, credential in _of_connection(vault, connection) if _runs_low(credential)}
    tried = vault.replace(head, head_of(replace(item, worked_at=services.now())), body)
    source = next((known for known in services.sources(services.now()) if known.id == item.source), None)
    if not low or tried is None or source is None or secrets.refresh is None:
        return
    # Step 2.
    try:
        endpoints = describe(source, services.send)
        names = [configuration_name(credential.dataset, credential.format) for credential in low.values()]
        grant = renew(secrets.refresh, names, secrets.bearer, endpoints, services)
    except SourceProblem as problem:
        if not problem.may_pass:
            vault.together(partial(_ask_for_login, wanted=tuple(low)))
        return
    secrets.refresh = grant.refresh
    left = secrets.without_access()
    current = replace(item, worked_at=services.now(), renewable=left is not None)
    if vault.replace(tried, head_of(current), left.as_bytes() if left else b"") is None:
        return
    for item_id, credential in low.items():
        if configuration_name(credential.dataset, credential.format) in grant.names:
            _renew_one(item_id, credential, grant, secrets, endpoints, vault, services)


def _renew_one(
    item_id: bytes,
    credential: CredentialItem,
    grant: Grant,
    secrets: ConnectionSecrets,
    endpoints: Endpoints,
    vault: Vault,
    services: CollectingServices,
) -> None:
    bearer = replace(secrets.bearer, token=grant.token)
    keys = tuple(HolderKey.new(services.random) for _ in range(min(services.copies, endpoints.batch)))
    # Step 3.
    try:
        found = fetch_copies(configuration_name(credential.dataset, credential.format), keys, bearer, endpoints, services)
    except SourceProblem:
        return
    if isinstance(found, Later):  # what was asked a moment ago; a source that says so has nothing for us now
        return
    try:
        _keep(item_id, found, keys, vault, services)
    except NotKept:
        notify(found, "credential_failure", bearer, endpoints, services)
        vault.together(partial(_ask_for_login, wanted=(item_id,)))
    except VaultFull:
        return
    else:
        notify(found, "credential_accepted", bearer, endpoints, services)


def _keep(item_id: bytes, found: Copies, keys: Sequence[HolderKey], vault: Vault, services: CollectingServices) -> None:
    copies = tuple(Copy(credential, key) for credential, key in zip(found.credentials, keys, strict=True))
    now = services.now()
    opened = _opened(item_id, vault)
    if opened is None:
        return
    require_right_copies(copies, opened[1], services.check, now)
    said = _said(opened[2].shown, opened[1])
    if any(_said(copy.credential, opened[1]) != said for copy in copies):
        raise NotKept("other_claims")
    # Step 4.
    vault.together(partial(_add, item_id=item_id, copies=copies, now=now))


def _add(vault: Vault, *, item_id: bytes, copies: tuple[Copy, ...], now: datetime) -> None:
    opened = _opened(item_id, vault)
    if opened is not None:
        head, item, before = opened
        after = CredentialCopies((*before.unused, *copies), before.used)
        vault.replace(head, head_of(replace(item, unused=len(after.unused), kept_at=now)), after.as_bytes())


def _ask_for_login(vault: Vault, *, wanted: Sequence[bytes]) -> None:
    for item_id in wanted:
        opened = _opened(item_id, vault)
        if opened is not None:
            head, item, copies = opened
            vault.replace(head, head_of(replace(item, needs_login=True)), copies.as_bytes())


def _opened(item_id: bytes, vault: Vault) -> tuple[ItemHead, CredentialItem, CredentialCopies] | None:
    read = vault.read_if_possible(item_id)
    item = read_head(read[0].head) if read else None
    return (read[0], item, CredentialCopies.from_bytes(read[1])) if read is not None and isinstance(item, CredentialItem) else None


def _of_connection(vault: Vault, connection: bytes) -> list[tuple[ItemHead, CredentialItem]]:
    found = [(head, item) for head, item in items_of(vault) if isinstance(item, CredentialItem)]
    return [(head, item) for head, item in found if item.connection == connection.hex()]


def _runs_low(item: CredentialItem) -> bool:
    return item.unused < LOW and not item.needs_login


def _said(credential: str, item: CredentialItem) -> tuple[dict[str, JsonValue], datetime]:
    """What a copy says of the person, and until when."""
    content = read_copy(credential, item.format)
    return {name: value for name, value in content.claims.items() if name not in _OF_A_COPY}, content.validity.ends
