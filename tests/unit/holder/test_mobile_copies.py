"""An mdoc that is kept says what the source said, and is shown to one receiver in one session."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.checking.check_presentation import Asked
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.holder.credential_forms import MDOC, SD_JWT, configuration_name, read_copy
from blauweknop.holder.credentials import TakenCopy, condition_of, kept_credentials, require_right_copies, take_copy
from blauweknop.holder.keeping import NotKept
from blauweknop.holder.presenting import NoSuchClaim, present_mdoc, shown_of_mdoc
from blauweknop.standards import base64url
from blauweknop.standards.dcql import Path
from blauweknop.standards.mdoc import openid4vp_transcript
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import mdocs as m
from tests.unit.holder.kept_credentials import AT, check, check_with, item_of, keep_credential, made, new_vault
from tests.unit.holder.test_credentials import keep_document

COPIES = made(2, form=MDOC)
TAKEN, OTHER = (TakenCopy(copy.credential, copy.key.private, 1) for copy in COPIES)
CONTENT = read_copy(COPIES[0].credential, MDOC)
NAMES = sorted(CONTENT.person)
SESSION: dict[str, Any] = {
    "client_id": c.AUDIENCE,
    "nonce": c.NONCE,
    "response_uri": "https://ontvanger.example",
    "jwk_thumbprint": b"t" * 32,
}


def paths(*names: str) -> list[Path]:
    return [(m.DOCTYPE, name) for name in names]


def shown(*names: str, taken: TakenCopy = TAKEN) -> str:
    return present_mdoc(taken, paths(*names), transcript=openid4vp_transcript(**SESSION))


def judged(presentation: str, **changes: Any) -> Verdict:
    session = openid4vp_transcript(**(SESSION | changes))
    return c.presentation(presentation, asked=Asked(c.AUDIENCE, c.NONCE, frozenset({m.DOCTYPE}), session))


def test_a_kept_mdoc_is_listed_with_what_it_says() -> None:
    vault = new_vault()
    keep_credential(vault, COPIES, format=MDOC)
    (kept,) = kept_credentials(vault, [m.DOCTYPE])
    claims = kept.claims[m.DOCTYPE]
    assert isinstance(claims, dict)
    assert (claims["given_name"], claims["family_name"]) == ("Zoë", "van der Berg")
    assert (kept.type, kept.unused, kept.holder_key) == (m.DOCTYPE, 2, COPIES[0].key.public)
    assert kept.validity.ends > AT
    assert kept.status is not None
    assert (kept.status.uri, kept.status.index) == (c.URI, c.INDEX)


def test_an_mdoc_stands_as_its_source_says() -> None:
    vault = new_vault()
    keep_credential(vault, COPIES, format=MDOC)
    (kept,) = kept_credentials(vault)
    assert condition_of(kept, check, AT) == "good"
    assert condition_of(kept, lambda data, at: check_with({c.INDEX: 1}, data, at), AT) == "withdrawn"


def test_an_mdoc_of_somebody_else_is_not_in_the_list() -> None:
    vault = new_vault()
    keep_credential(vault, COPIES, format=MDOC)
    keep_document(vault, family_name="Jansen", born=PartialDate(1960, 1, 1))
    assert kept_credentials(vault) == ()


@given(chosen=st.sets(st.sampled_from(NAMES), min_size=1))
@settings(max_examples=25, deadline=None)
def test_a_receiver_sees_what_was_chosen_and_nothing_else_and_the_check_is_green(chosen: set[str]) -> None:
    verdict = judged(shown(*chosen))
    assert isinstance(verdict, Verified)
    assert verdict.content == {name: CONTENT.person[name] for name in chosen}
    assert shown_of_mdoc(CONTENT.claims, paths(*chosen)) == {m.DOCTYPE: verdict.content}


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "x509_hash:ander"},
        {"nonce": "een andere vraag"},
        {"response_uri": "https://ander.example"},
        {"jwk_thumbprint": b"u" * 32},
    ],
    ids=lambda change: next(iter(change)),
)
def test_it_is_worth_nothing_in_another_session(change: dict[str, Any]) -> None:
    assert c.against(judged(shown("given_name"), **change)) == ["red holder proof_device_signature"]


def test_a_presentation_by_the_key_of_another_copy_is_red() -> None:
    presentation = shown("given_name", taken=TakenCopy(TAKEN.credential, OTHER.key, 1))
    assert c.against(judged(presentation)) == ["red holder proof_device_signature"]


def test_two_presentations_share_no_data_element_and_no_key() -> None:
    one, other = (base64url.decode(shown(*NAMES, taken=taken)) for taken in (TAKEN, OTHER))
    for name in NAMES:
        assert name.encode() in one
    pieces = {one[start : start + 32] for start in range(len(one) - 32)}
    random_of = [one[place + 2 : place + 34] for place in range(len(one)) if one[place : place + 2] == b"\x58\x20"]
    assert random_of
    assert pieces >= {*random_of}
    assert not any(piece in other for piece in random_of)


@pytest.mark.parametrize(
    "path", [(), (m.DOCTYPE,), ("given_name",), (m.DOCTYPE, "unknown"), (m.DOCTYPE, "given_name", 0), ("x", "given_name")]
)
def test_a_path_that_leads_to_nothing_is_refused_and_nothing_is_made(path: Path) -> None:
    with pytest.raises(NoSuchClaim) as refused:
        present_mdoc(TAKEN, [*paths("given_name"), path], transcript=m.TRANSCRIPT)
    assert refused.value.path == 1


def test_an_mdoc_for_another_key_is_not_kept() -> None:
    first, second = COPIES
    swapped = [type(first)(first.credential, second.key)]
    with pytest.raises(NotKept) as refused:
        require_right_copies(swapped, item_of(COPIES, format=MDOC), check, AT)
    assert refused.value.reason == "other_key"
    require_right_copies(COPIES, item_of(COPIES, format=MDOC), check, AT)


def test_what_is_taken_of_an_mdoc_is_gone_with_its_key() -> None:
    vault = new_vault()
    item = keep_credential(vault, COPIES, format=MDOC)
    assert take_copy(item, vault, receiver="r", at=AT).credential == COPIES[0].credential
    assert take_copy(item, vault, receiver="r", at=AT).credential == COPIES[1].credential


@given(text=st.text(max_size=60), form=st.sampled_from([SD_JWT, MDOC]))
def test_text_that_is_no_credential_is_refused(text: str, form: str) -> None:
    with pytest.raises(MalformedValue):
        read_copy(text, form)


@pytest.mark.parametrize(("text", "form"), [(COPIES[0].credential, SD_JWT), (made(1)[0].credential, MDOC)])
def test_a_credential_in_another_form_than_it_is_kept_as_is_refused(text: str, form: str) -> None:
    with pytest.raises(MalformedValue):
        read_copy(text, form)


def test_each_form_has_the_name_that_sources_give_it() -> None:
    assert [configuration_name(x.dataset().id, form) for form in (SD_JWT, MDOC)] == ["duo.studieschuld.sd-jwt", "duo.studieschuld.mdoc"]
