"""Wallet credentials of the exercise: summaries, people, and batches of copies."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.catalogue import load_catalogue
from blauweknop.document.summary_claims import ClaimValue, claims_of
from blauweknop.document.wallet_credentials import CopyOrder, CredentialFormat, WalletIssuer, issue_batch
from blauweknop.domain.dates import AMSTERDAM, PartialDate
from blauweknop.domain.document import JsonValue, Snapshot, Subject
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.representation import Representative
from blauweknop.domain.summary import Summary
from blauweknop.standards.status_list import StatusReference
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x

IDS = sorted(load_catalogue().datasets)
AT = datetime(2026, 11, 23, 9, 30, tzinfo=AMSTERDAM)
YEAR = 2025
FORMS: tuple[CredentialFormat, ...] = ("dc+sd-jwt", "mso_mdoc")
JOBS = "uwv.verzekeringsbericht"


def summary(dataset_id: str) -> Summary:
    return load_catalogue().summaries[dataset_id]


def snapshot(dataset_id: str, data: Mapping[str, JsonValue], *, born: PartialDate = PartialDate(1985, 8, 12)) -> Snapshot:  # noqa: B008 # frozen
    return Snapshot(dataset_id, Subject("Zoë", "van der Berg", born, Bsn.parse(x.BSN)), data, AT)


def said(dataset_id: str, data: Mapping[str, JsonValue], *, with_bsn: bool = False) -> dict[str, ClaimValue]:
    return claims_of(snapshot(dataset_id, data), summary(dataset_id), x.DUO, with_bsn=with_bsn)


def pay(*items: tuple[date, date, int]) -> JsonValue:
    """One job with these periods and amounts."""
    rows: list[JsonValue] = [
        {"periode_start": first.isoformat(), "periode_einde": last.isoformat(), "aantal_uren": "160.00", "sv_loon": amount}
        for first, last, amount in items
    ]
    return {"werkgever_naam": "Bakkerij", "loonheffingennummer": "810220351L02", "loonitems": rows}


def of_jobs(*jobs: JsonValue) -> dict[str, ClaimValue]:
    return said(JOBS, {"aanmaakdatum": "2026-11-20", "inkomstenverhoudingen": [*jobs]})


@cache
def keys(count: int) -> Sequence[ec.EllipticCurvePublicKey]:
    return [ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(count)]


def orders(count: int) -> list[CopyOrder]:
    return [CopyOrder(key, StatusReference(c.INDEX + number, c.URI)) for number, key in enumerate(keys(count))]


def batch(
    given: Snapshot,
    copies: Sequence[CopyOrder],
    *,
    form: CredentialFormat,
    at: datetime = c.MADE,
    source: str = "duo",
    with_bsn: bool = False,
    representative: Representative | None = None,
) -> tuple[str, ...]:
    issuer = WalletIssuer(
        x.DUO if source == "duo" else x.UWV, "https://duo.example", x.exercise().credentials[source], random.SystemRandom().randbytes
    )
    return issue_batch(given, summary(given.dataset_id), copies, issuer, form=form, at=at, with_bsn=with_bsn, representative=representative)
