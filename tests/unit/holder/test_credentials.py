"""The supply of copies: what is in it, how it stands, and that no copy is ever given twice."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.domain.dates import PartialDate
from blauweknop.domain.errors import BlauweKnopError, MalformedValue
from blauweknop.domain.verdict import Verdict
from blauweknop.holder.credential_copies import Copy, CredentialCopies, UsedCopy
from blauweknop.holder.credentials import LOW, NoCopy, TakenCopy, condition_of, kept_credentials, require_right_copies, take_copy
from blauweknop.holder.items import CredentialItem, Standing, head_of, read_head
from blauweknop.holder.keeping import NotKept, count_after_all
from blauweknop.holder.keys import HolderKey
from blauweknop.holder.ports import ItemRow
from blauweknop.holder.vault import Vault
from blauweknop.standards.status_list import INVALID, SUSPENDED
from tests.unit.checking import credentials as c
from tests.unit.holder.filled_vaults import keep
from tests.unit.holder.kept_credentials import (
    AT,
    DATASET,
    check,
    check_with,
    copies_of,
    item_of,
    keep_credential,
    made,
    new_vault,
)
from tests.unit.holder.test_overview_pages import ON, PAY
from tests.unit.holder.test_vault import KeptItems
from tests.unit.insight import papers as p

COPIES = made(5)
RECEIVER = "x509_hash:ontvanger"


@dataclass
class Crossed(KeptItems):
    """Storage in which somebody else does something just before a change, once."""

    meanwhile: Callable[[], object] = lambda: None

    def replace(self, row: ItemRow, *, version_before: int) -> bool:
        act, self.meanwhile = self.meanwhile, lambda: None
        act()
        return super().replace(row, version_before=version_before)


class PassedBy(KeptItems):
    """Storage in which somebody else was always first."""

    def replace(self, row: ItemRow, *, version_before: int) -> bool:
        return False


def keep_document(vault: Vault, *, family_name: str, born: PartialDate, standing: Standing = "current") -> str:
    subject = {**p.SUBJECT, "family_name": family_name, "birth_date": born.as_json()}
    return keep(vault, p.content("uwv.verzekeringsbericht", PAY, on=ON, subject=subject), AT, standing=standing)


def test_the_list_says_what_a_credential_could_show_and_until_when() -> None:
    vault = new_vault()
    keep_credential(vault, COPIES)
    (kept,) = kept_credentials(vault)

    assert (kept.type, kept.item.dataset, kept.item.source_name, kept.unused) == (c.WALLET_TYPE, DATASET, "DUO", 5)
    assert (kept.claims["given_name"], kept.claims["family_name"]) == ("Zoë", "van der Berg")
    assert ("family_name",) in kept.concealable
    assert ("vct",) not in kept.concealable
    assert kept.validity.ends > AT
    assert kept.status is not None
    assert (kept.status.uri, kept.status.index) == (c.URI, c.INDEX)
    assert kept.holder_key == COPIES[0].key.public


def test_the_list_can_be_of_some_types() -> None:
    vault = new_vault()
    keep_credential(vault, COPIES)
    assert [kept.type for kept in kept_credentials(vault, [c.WALLET_TYPE, "x"])] == [c.WALLET_TYPE]
    assert kept_credentials(vault, ["https://other.example/type"]) == ()


def test_the_newest_of_a_type_comes_first() -> None:
    vault = new_vault()
    keep_credential(vault, COPIES, kept_at=AT - timedelta(days=2))
    newest = keep_credential(vault, COPIES)
    assert kept_credentials(vault)[0].id == newest


def test_what_is_listed_is_the_copy_that_is_given_away_next() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES)
    take_copy(item, vault, receiver=RECEIVER, at=AT)
    (kept,) = kept_credentials(vault)
    assert (kept.text, kept.unused) == (COPIES[1].credential, 4)


def test_a_credential_of_which_every_copy_was_used_is_still_listed() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES[:1])
    take_copy(item, vault, receiver=RECEIVER, at=AT)
    (kept,) = kept_credentials(vault)
    assert (kept.unused, kept.runs_low, kept.claims["family_name"]) == (0, True, "van der Berg")


@pytest.mark.parametrize(
    ("family_name", "born", "listed"),
    [
        ("van der Berg", PartialDate(1985, 8, 12), 1),
        ("VAN DER BERG", PartialDate(1985), 1),
        ("Jansen", PartialDate(1985, 8, 12), 0),
        ("van der Berg", PartialDate(1986, 8, 12), 0),
    ],
)
def test_what_seems_to_be_of_somebody_else_is_not_in_the_list(family_name: str, born: PartialDate, listed: int) -> None:
    vault = new_vault()
    keep_document(vault, family_name=family_name, born=born)
    keep_credential(vault, COPIES)
    assert len(kept_credentials(vault)) == listed


def test_a_credential_counts_with_the_document_that_counts_after_all() -> None:
    vault = new_vault()
    keep_document(vault, family_name="Jansen", born=PartialDate(1985, 8, 12))
    apart = keep_document(vault, family_name="van der Berg", born=PartialDate(1985, 8, 12), standing="apart")
    keep_credential(vault, COPIES)
    before = len(kept_credentials(vault))
    count_after_all(bytes.fromhex(apart), vault)
    assert (before, len(kept_credentials(vault))) == (0, 1)


@pytest.mark.parametrize(
    ("judge", "at", "condition"),
    [
        (check, AT, "good"),
        (partial(check_with, {c.INDEX: INVALID}), AT, "withdrawn"),
        (partial(check_with, {c.INDEX: SUSPENDED}), AT, "suspended"),
        (partial(check_with, {c.INDEX + 1: INVALID}), AT, "good"),
        (check, AT + timedelta(days=400), "ended"),
        (lambda data, at: c.credential(data[:-3] + b"x~", at=at), AT, "refused"),
        (lambda data, at: c.credential(data, given=c.trust({}), at=at), AT, "unknown"),
    ],
)
def test_how_a_credential_stands_is_what_the_check_says(judge: Callable[[bytes, datetime], Verdict], at: datetime, condition: str) -> None:
    vault = new_vault()
    keep_credential(vault, COPIES)
    assert condition_of(kept_credentials(vault)[0], judge, at) == condition


def test_a_check_that_cannot_be_done_is_no_yes_and_no_no() -> None:
    def broken(_: bytes, __: datetime) -> Verdict:
        raise BlauweKnopError("the process of the check was lost")

    vault = new_vault()
    keep_credential(vault, COPIES)
    assert condition_of(kept_credentials(vault)[0], broken, AT) == "unknown"


def test_a_copy_that_is_taken_has_its_own_key_and_is_not_in_the_supply_any_more() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES)
    taken = take_copy(item, vault, receiver=RECEIVER, at=AT)
    assert (taken.credential, taken.key.public_key(), taken.left) == (COPIES[0].credential, COPIES[0].key.public, 4)
    assert [copy.credential for copy in copies_of(vault, item).unused] == [copy.credential for copy in COPIES[1:]]


def test_of_a_copy_that_was_taken_the_receiver_and_the_moment_are_kept_and_its_key_is_nowhere() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES)
    take_copy(item, vault, receiver=RECEIVER, at=AT)
    assert copies_of(vault, item).used == (UsedCopy(COPIES[0].credential, RECEIVER, AT),)
    assert COPIES[0].key.as_text().encode() not in copies_of(vault, item).as_bytes()


def test_the_head_counts_what_is_left() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES)
    take_copy(item, vault, receiver=RECEIVER, at=AT)
    read = vault.read(item)
    assert read is not None
    assert read_head(read[0].head) == item_of(COPIES, unused=4)


@given(receivers=st.lists(st.sampled_from(["een", "twee"]), min_size=1, max_size=5))
@settings(max_examples=20)
def test_no_copy_goes_to_two_receivers_or_twice_to_one(receivers: list[str]) -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES)
    given_away = {take_copy(item, vault, receiver=receiver, at=AT).credential for receiver in receivers}
    assert len(given_away) == len(receivers)
    assert [used.receiver for used in copies_of(vault, item).used] == receivers


def test_two_who_take_at_one_moment_get_different_copies() -> None:
    rows = Crossed(most=100)
    vault = new_vault(rows)
    item = keep_credential(vault, COPIES)
    others: list[TakenCopy] = []
    rows.meanwhile = lambda: others.append(take_copy(item, vault, receiver="ander", at=AT))

    mine = take_copy(item, vault, receiver=RECEIVER, at=AT)
    assert (others[0].credential, mine.credential) == (COPIES[0].credential, COPIES[1].credential)
    assert [used.receiver for used in copies_of(vault, item).used] == ["ander", RECEIVER]


def test_who_is_passed_by_again_and_again_gives_up_and_has_nothing() -> None:
    vault = new_vault(PassedBy(most=100))
    item = keep_credential(vault, COPIES)
    with pytest.raises(NoCopy) as refused:
        take_copy(item, vault, receiver=RECEIVER, at=AT)
    assert (refused.value.code, len(copies_of(vault, item).unused)) == ("busy", 5)


def test_when_every_copy_was_used_there_is_none_to_take() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES[:1])
    take_copy(item, vault, receiver=RECEIVER, at=AT)
    with pytest.raises(NoCopy) as refused:
        take_copy(item, vault, receiver="ander", at=AT)
    assert refused.value.code == "used_up"


def test_of_what_is_not_here_there_is_no_copy() -> None:
    vault = new_vault()
    document = keep_document(vault, family_name="x", born=PartialDate(1985))
    for item_id in (b"0" * 16, bytes.fromhex(document)):
        with pytest.raises(NoCopy) as refused:
            take_copy(item_id, vault, receiver=RECEIVER, at=AT)
        assert refused.value.code == "gone"


def test_with_few_copies_left_the_supply_says_so() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES)
    low = [take_copy(item, vault, receiver=RECEIVER, at=AT).runs_low for _ in range(4)]
    assert low == [5 - taken - 1 < LOW for taken in range(4)]


@pytest.mark.parametrize("place", [0, 1])
def test_a_copy_with_the_key_of_another_is_refused(place: int) -> None:
    copies = list(COPIES[:2])
    copies[place] = Copy(copies[place].credential, HolderKey.new(lambda size: b"\x01" * size))
    refusal(copies, item_of(copies), "other_key")


def test_a_copy_of_another_source_or_data_set_is_refused() -> None:
    refusal(COPIES, item_of(COPIES, source_oin="00000099000000002000"), "other_issuer")
    refusal(COPIES, item_of(COPIES, dataset="duo.studiefinanciering"), "other_issuer")


def test_a_copy_that_is_not_right_is_refused() -> None:
    refusal([replace(COPIES[0], credential=COPIES[0].credential[:-3] + "x~")], item_of(COPIES), "credential_not_green")


def refusal(copies: list[Copy] | tuple[Copy, ...], item: CredentialItem, reason: str) -> None:
    with pytest.raises(NotKept) as refused:
        require_right_copies(copies, item, check, AT)
    assert refused.value.reason == reason


def test_copies_come_back_as_they_were_kept() -> None:
    copies = CredentialCopies(COPIES[1:], (UsedCopy(COPIES[0].credential, RECEIVER, AT),))
    assert CredentialCopies.from_bytes(copies.as_bytes()).as_bytes() == copies.as_bytes()


KEY = COPIES[0].key.as_text()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"copies":[]}',
        b'{"copies":[],"used":[]}',
        b'{"copies":["x"],"used":[]}',
        b'{"copies":[{"credential":"x~"}],"used":[]}',
        b'{"copies":[{"credential":"x~","key":{"kty":"EC"}}],"used":[]}',
        b'{"copies":[{"credential":"x~","key":"AA"}],"used":[]}',
        b'{"copies":[],"used":[{"credential":"x~","receiver":"y","used_at":"yesterday"}]}',
        b'{"copies":[],"used":[{"credential":"x~","receiver":"y","used_at":"2026-11-30T12:00:00"}]}',
        b'{"copies":[],"used":[{"credential":"x~","used_at":"2026-11-30T12:00:00+00:00"}]}',
    ],
)
def test_a_body_of_another_form_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedValue):
        CredentialCopies.from_bytes(body)


def test_what_is_no_credential_is_refused_when_it_is_listed() -> None:
    vault = new_vault()
    vault.add(head_of(item_of(COPIES[:1])), CredentialCopies((Copy("x~", COPIES[0].key),)).as_bytes())
    with pytest.raises(MalformedValue):
        kept_credentials(vault)
