"""Receivers who put together what they got cannot tell that two copies are of one person's batch (PROTOCOL 9.7, T-27).

Everything in two copies is compared, at any depth: what they share must be said by every copy of this data set of this source on this day,
or be a value that both receivers asked for.
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any

import cbor2
import pytest

from blauweknop.standards import base64url
from tests.unit.issuer.source_world import ANNA, DEBT, LIST_URI, NOON
from tests.unit.issuer.wallet.wallet_flows import MDOC, PLAIN, with_token
from tests.unit.issuer.wallet.wallet_world import IDENTIFIER, WalletWorld
from tests.wallet import SoftwareKey

_DAY = 24 * 3600
_MEMBERS = ("cnf", "jwk", "kty", "crv", "x", "y", "status_list", "idx", "uri")
_SAID_BY_ALL = {"dc+sd-jwt", "sha-256", "ES256", IDENTIFIER, LIST_URI, "EC", "P-256"}


@dataclass(frozen=True)
class Copy:
    """A copy taken apart: `leaves` is each text, number and run of bytes in it, `asked` those that a receiver may ask to see."""

    leaves: frozenset[object]
    asked: frozenset[object]
    days: tuple[int, ...]


@pytest.fixture(params=["dc+sd-jwt", "mso_mdoc"])
def batches(request: pytest.FixtureRequest, wallets: WalletWorld) -> list[list[Copy]]:
    """Two batches of one person, fetched two hours after each other by two wallets."""
    services = wallets.services()
    services = replace(services, wallet_issuer=replace(services.wallet_issuer, random_bytes=secrets.token_bytes))
    read = sd_jwt_copy if request.param == "dc+sd-jwt" else mdoc_copy
    found = []
    for _ in range(2):
        wallet = with_token(wallets, DEBT, services=services, form=request.param)
        answer = wallet.fetch(PLAIN if request.param == "dc+sd-jwt" else MDOC, [SoftwareKey() for _ in range(5)]).json()
        found.append([read(item["credential"]) for item in answer["credentials"]])
        wallets.world.later(hours=2)
    return found


def leaves(value: Any) -> Iterator[object]:
    """All that is in a value, with what is encoded inside it."""
    match value:
        case dict():
            for name, item in value.items():
                yield from leaves(name)
                yield from leaves(item)
        case list() | tuple():
            for item in value:
                yield from leaves(item)
        case cbor2.CBORTag(value=bytes(inner)):
            yield from leaves(cbor2.loads(inner))
        case cbor2.CBORTag():
            yield from leaves(value.value)
        case bool() | None:
            return
        case _:
            yield value


def sd_jwt_copy(text: str) -> Copy:
    token, *disclosures = text.split("~")[:-1]
    header, payload, signature = token.split(".")
    claims = json.loads(base64url.decode(payload))
    shown = [json.loads(base64url.decode(disclosure)) for disclosure in disclosures]
    days = (claims.pop("iat"), claims.pop("nbf"), claims.pop("exp"))
    assert json.loads(base64url.decode(header)).keys() == {"alg", "typ", "x5c"}
    digests = [base64url.encode(hashlib.sha256(disclosure.encode()).digest()) for disclosure in disclosures]
    assert {*digests} <= {*claims["_sd"]}
    everything = [claims, signature, disclosures, [salt for salt, _, _ in shown]]
    asked = {leaf for _, name, value in shown for leaf in leaves([name, value])}
    return Copy(frozenset(leaves(everything)), frozenset({*asked, *claims, claims["vct"], claims["vct#integrity"], *_MEMBERS}), days)


def mdoc_copy(text: str) -> Copy:
    issuer_signed = cbor2.loads(base64url.decode(text))
    _, _, payload, signature = issuer_signed["issuerAuth"]
    security = cbor2.loads(cbor2.loads(payload).value)
    moments = security.pop("validityInfo")
    days = tuple(int(seconds(moments[name])) for name in ("signed", "validFrom", "validUntil"))
    items = [cbor2.loads(item.value) for elements in issuer_signed["nameSpaces"].values() for item in elements]
    asked = {leaf for item in items for leaf in leaves([item["elementIdentifier"], item["elementValue"], item["digestID"], [*item]])}
    digest_numbers = {number for digests in security["valueDigests"].values() for number in digests}
    everything = [
        security,
        signature,
        [item["random"] for item in items],
        [item.value for _, elements in issuer_signed["nameSpaces"].items() for item in elements],
    ]
    names = {*security, *security["deviceKeyInfo"], *security["status"], *security["status"]["status_list"]}
    cose = {1, 2, -1, -2, -3, security["docType"], security["version"], security["digestAlgorithm"], *security["valueDigests"]}
    return Copy(frozenset(leaves(everything)), frozenset(asked | digest_numbers | names | cose), days)


def seconds(moment: Any) -> float:
    return moment.timestamp() if isinstance(moment, datetime) else datetime.fromisoformat(str(moment)).timestamp()


def test_two_copies_share_nothing_but_what_was_asked_and_what_everybody_has(batches: list[list[Copy]]) -> None:
    for one, other in combinations([copy for batch in batches for copy in batch], 2):
        assert one.leaves & other.leaves - one.asked - _SAID_BY_ALL == set()


def test_copies_have_much_of_their_own(batches: list[list[Copy]]) -> None:
    """That the comparison looks at something: each copy has tens of things that no other has."""
    copies = [copy for batch in batches for copy in batch]
    for copy in copies:
        others = frozenset().union(*(other.leaves for other in copies if other is not copy))
        assert len(copy.leaves - others) > 30


def test_times_are_those_of_the_day_and_of_everybody_else_on_it(batches: list[list[Copy]]) -> None:
    (days,) = {copy.days for batch in batches for copy in batch}
    assert [moment % _DAY for moment in days] == [0, 0, 0]
    assert days[0] == int(NOON.timestamp()) // _DAY * _DAY


def test_the_same_day_may_not_be_told_by_the_hour(wallets: WalletWorld) -> None:
    """A minute before and after midnight are two days, and no finer difference shows."""
    wallets.world.now = NOON.replace(hour=23, minute=59)
    first = with_token(wallets, DEBT).fetch(PLAIN, [SoftwareKey()])
    wallets.world.later(minutes=2)
    second = with_token(wallets, DEBT).fetch(PLAIN, [SoftwareKey()])
    days = [sd_jwt_copy(answer.json()["credentials"][0]["credential"]).days for answer in (first, second)]

    assert [later - earlier for earlier, later in zip(*days, strict=True)] == [_DAY] * 3


def test_the_number_of_digests_is_the_same_in_every_copy(wallets: WalletWorld) -> None:
    answer = with_token(wallets, DEBT).fetch(PLAIN, [SoftwareKey() for _ in range(5)]).json()
    tokens = [json.loads(base64url.decode(item["credential"].split(".")[1])) for item in answer["credentials"]]

    assert len({len(claims["_sd"]) for claims in tokens}) == 1
    assert all(claims["_sd"] == sorted(claims["_sd"]) for claims in tokens)


@pytest.mark.parametrize("name", [PLAIN, MDOC])
def test_no_copy_names_the_person_the_session_or_the_offer(name: str, wallets: WalletWorld) -> None:
    wallet = with_token(wallets, DEBT, form="dc+sd-jwt" if name == PLAIN else "mso_mdoc")
    answer = wallet.fetch(name, [SoftwareKey()]).json()
    copy = (sd_jwt_copy if name == PLAIN else mdoc_copy)(answer["credentials"][0]["credential"])
    secrets_of_the_way = {
        ANNA.bsn.digits,
        wallet.token,
        answer["notification_id"],
        wallet.client_id,
        wallet.key.thumbprint,
        wallet.instance.thumbprint,
    }

    assert not secrets_of_the_way & {*copy.leaves, *copy.asked}


def test_places_in_the_status_list_are_all_different(wallets: WalletWorld) -> None:
    for _ in range(2):
        with_token(wallets, DEBT).fetch(PLAIN, [SoftwareKey() for _ in range(5)])
    places = [item["place"] for item in wallets.world.records.issued]
    assert len({*places}) == 10
