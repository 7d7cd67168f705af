"""A presentation shows what was chosen and nothing else, to one receiver, at one moment."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blauweknop.checking.check_presentation import Asked
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.holder.credentials import KeptCredential, TakenCopy, kept_credentials
from blauweknop.holder.presenting import NoSuchClaim, disclosed, present
from blauweknop.standards import sd_jwt_vc
from blauweknop.standards.dcql import Path
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt, resolved_claims, signed_payload
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.holder.kept_credentials import AT, keep_credential, made, new_vault

COPIES = made(2)
TAKEN, OTHER = (TakenCopy(copy.credential, copy.key.private, 1) for copy in COPIES)
ALWAYS = {"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"}


def kept() -> KeptCredential:
    vault = new_vault()
    keep_credential(vault, COPIES)
    return kept_credentials(vault)[0]


KEPT = kept()
CHOICES = sorted(str(place[0]) for place in KEPT.concealable)
NESTED: dict[str, JsonValue] = {
    "adres": {"straat": "Dorpsstraat", "huisnummer": 1},
    "schulden": [{"naam": "A", "bedrag": 1}, {"naam": "B", "bedrag": 2}],
}


def shown(paths: list[Path], taken: TakenCopy = TAKEN) -> str:
    return present(taken, paths, audience=c.AUDIENCE, nonce=c.NONCE, at=AT)


def claims_in(presentation: str) -> dict[str, JsonValue]:
    received = read_sd_jwt(presentation)
    return resolved_claims(signed_payload(received), received).claims


def judged(presentation: str, asked: Asked = c.ASKED) -> Verdict:
    return c.presentation(presentation, asked=asked)


@given(chosen=st.sets(st.sampled_from(CHOICES)))
@settings(max_examples=25, deadline=None)
def test_a_receiver_sees_what_was_chosen_and_nothing_else_and_the_check_is_green(chosen: set[str]) -> None:
    presentation = shown([(name,) for name in sorted(chosen)])
    verdict = judged(presentation)
    assert isinstance(verdict, Verified)
    claims = claims_in(presentation)
    assert claims.keys() - ALWAYS == chosen
    assert {name: claims[name] for name in chosen} == {name: KEPT.claims[name] for name in chosen}


@given(chosen=st.sets(st.sampled_from(CHOICES)))
@settings(max_examples=25, deadline=None)
def test_the_page_on_which_a_person_decides_can_say_exactly_what_a_receiver_will_see(chosen: set[str]) -> None:
    paths: list[Path] = [(name,) for name in sorted(chosen)]
    assert claims_in(disclosed(KEPT.text, paths)) == claims_in(shown(paths))


@given(chosen=st.sets(st.sampled_from(CHOICES), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_two_presentations_share_no_disclosure_and_no_key(chosen: set[str]) -> None:
    paths: list[Path] = [(name,) for name in sorted(chosen)]
    one, other = (set(shown(paths, taken).split("~")[:-1]) for taken in (TAKEN, OTHER))
    assert one.isdisjoint(other)
    assert TAKEN.key.public_key() != OTHER.key.public_key()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (Asked("x509_hash:ander", c.NONCE), "proof_kb_aud"),
        (Asked(c.AUDIENCE, "een andere vraag"), "proof_kb_nonce"),
    ],
)
def test_a_presentation_is_worth_nothing_to_another_receiver_or_for_another_question(asked: Asked, reason: str) -> None:
    assert c.against(judged(shown([("family_name",)]), asked)) == [f"red holder {reason}"]


def test_a_presentation_is_worth_nothing_later() -> None:
    presentation = present(TAKEN, [], audience=c.AUDIENCE, nonce=c.NONCE, at=AT - timedelta(minutes=6))
    assert c.against(judged(presentation)) == ["red holder proof_kb_iat"]


def test_a_presentation_by_the_key_of_another_copy_is_red() -> None:
    assert c.against(judged(shown([], TakenCopy(TAKEN.credential, OTHER.key, 1)))) == ["red holder proof_kb_signature"]


def test_what_can_never_be_left_out_may_be_asked_for() -> None:
    assert claims_in(shown([("vct",), ("status", "status_list", "uri")])).keys() == ALWAYS


@pytest.mark.parametrize(
    "path",
    [(), ("unknown",), ("family_name", "x"), ("family_name", None), ("family_name", 0), ("_sd",), ("vct", None)],
)
def test_a_path_that_leads_to_nothing_is_refused_and_nothing_is_made(path: Path) -> None:
    with pytest.raises(NoSuchClaim) as refused:
        shown([("given_name",), path])
    assert refused.value.path == 1


@given(name=st.text(max_size=20).filter(lambda name: name not in KEPT.claims))
@settings(max_examples=30, deadline=None)
def test_a_claim_of_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(NoSuchClaim):
        shown([(name,)])


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (("adres",), {"adres": NESTED["adres"]}),
        (("adres", "straat"), {"adres": {"straat": "Dorpsstraat"}}),
        (("schulden", None, "naam"), {"schulden": [{"naam": "A"}, {"naam": "B"}]}),
        (("schulden", 1), {"schulden": [{"naam": "B", "bedrag": 2}]}),
        (("schulden", 1, "bedrag"), {"schulden": [{"bedrag": 2}]}),
        (("schulden",), {"schulden": NESTED["schulden"]}),
    ],
)
def test_of_claims_inside_others_only_the_ones_that_were_asked_are_shown(path: Path, expected: dict[str, JsonValue]) -> None:
    text = sd_jwt_vc.issue(
        NESTED,
        disclosable=lambda _: True,
        signer=x.exercise().credentials["duo"],
        vct="https://duo.example/vct",
        issuer="https://duo.example",
        issued_at=c.MADE,
        expires_at=c.ENDS,
        random_bytes=lambda size: next(SALTS).to_bytes(size),
        holder_key=TAKEN.key.public_key(),
    )
    claims = claims_in(shown([path], TakenCopy(text, TAKEN.key, 0)))
    assert {name: claims[name] for name in claims if name in NESTED} == expected


SALTS = iter(range(10_000))
