"""Batches of one-time copies: what they say, and that nobody can link two of them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import cbor2
import pytest

from blauweknop.document.summary_claims import claims_of
from blauweknop.document.type_metadata import type_integrity, vct_of
from blauweknop.document.wallet_credentials import BatchRefused, CredentialFormat, batch_times
from blauweknop.domain.dates import PartialDate
from blauweknop.domain.document import Snapshot
from blauweknop.domain.identifiers import Bsn
from blauweknop.domain.verdict import CheckedKind
from blauweknop.standards import base64url
from blauweknop.standards.sd_jwt_receiving import NEVER_DISCLOSABLE
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.x509 import read_certificate
from tests.unit.catalogue.samples import sample_snapshot
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.document import wallet_samples as w

every_form = pytest.mark.parametrize("form", w.FORMS)
DEBT = w.snapshot("duo.studieschuld", x.DATA)


def payload(copy: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64url.decode(copy.split("~")[0].split(".")[1]))
    return read


def disclosures(copy: str) -> list[list[Any]]:
    return [json.loads(base64url.decode(text)) for text in copy.split("~")[1:-1]]


def security_object(copy: str) -> dict[str, Any]:
    inner: dict[str, Any] = cbor2.loads(cbor2.loads(cbor2.loads(base64url.decode(copy))["issuerAuth"][2]).value)
    return inner


def items(copy: str) -> list[dict[str, Any]]:
    (listed,) = cbor2.loads(base64url.decode(copy))["nameSpaces"].values()
    return [cbor2.loads(item.value) for item in listed]


def of_everyone(dataset_id: str) -> Snapshot:
    """With values for everything, by a person with a number."""
    given = sample_snapshot(w.summary(dataset_id).dataset)
    return replace(given, subject=replace(given.subject, bsn=Bsn.parse(x.BSN)))


@pytest.mark.parametrize("dataset_id", w.IDS)
def test_both_forms_say_the_same_of_every_data_set(dataset_id: str) -> None:
    given = of_everyone(dataset_id)
    expected = claims_of(given, w.summary(dataset_id), x.DUO, with_bsn=True)
    as_text = {name: value if isinstance(value, bool | int | str) else value.isoformat() for name, value in expected.items()}
    (sd_jwt,) = w.batch(given, w.orders(1), form="dc+sd-jwt", with_bsn=True)
    (mdoc,) = w.batch(given, w.orders(1), form="mso_mdoc", with_bsn=True)
    assert {name: value for _, name, value in disclosures(sd_jwt)} == as_text
    assert {item["elementIdentifier"]: item["elementValue"] for item in items(mdoc)} == expected


@every_form
def test_a_credential_reads_back_through_the_check_and_only_its_holder_is_not_proved(form: CredentialFormat) -> None:
    (copy,) = w.batch(DEBT, w.orders(1), form=form)
    verdict = c.credential(copy)
    assert c.against(verdict) == ["orange holder holder_unproved"]
    facts = verdict.facts
    assert (facts.kind, facts.dataset, facts.status_index) == (CheckedKind.CREDENTIAL, "duo.studieschuld", c.INDEX)
    assert facts.reference_date == "2026-11-23"


def test_every_claim_is_a_disclosure_of_its_own_and_what_must_be_seen_is_seen() -> None:
    (copy,) = w.batch(DEBT, w.orders(1), form="dc+sd-jwt", with_bsn=True)
    seen = payload(copy).keys() - {"_sd", "_sd_alg"}
    assert seen == {"iss", "iat", "nbf", "exp", "vct", "vct#integrity", "cnf", "status"}
    assert {name for _, name, _ in disclosures(copy)} == claims_of(DEBT, w.summary("duo.studieschuld"), x.DUO, with_bsn=True).keys()
    assert NEVER_DISCLOSABLE.isdisjoint(name for _, name, _ in disclosures(copy))


def test_its_type_is_the_address_of_the_metadata_and_names_their_hash() -> None:
    summary = w.summary("duo.studieschuld")
    (copy,) = w.batch(DEBT, w.orders(1), form="dc+sd-jwt")
    assert (payload(copy)["vct"], payload(copy)["vct#integrity"]) == (vct_of(summary.dataset), type_integrity(summary))


def test_its_namespace_is_its_doctype() -> None:
    (copy,) = w.batch(DEBT, w.orders(1), form="mso_mdoc")
    assert list(cbor2.loads(base64url.decode(copy))["nameSpaces"]) == ["org.blauweknop.duo.studieschuld.1"]
    assert security_object(copy)["docType"] == "org.blauweknop.duo.studieschuld.1"


@every_form
def test_nothing_in_a_copy_names_the_document_or_the_snapshot(form: CredentialFormat) -> None:
    (copy,) = w.batch(DEBT, w.orders(1), form=form)
    names = {item["elementIdentifier"] for item in items(copy)} if form == "mso_mdoc" else {name for _, name, _ in disclosures(copy)}
    assert {"document_id", "snapshot_id", "trace_id", "bsn"}.isdisjoint(names | (set() if form == "mso_mdoc" else payload(copy).keys()))


def traits(copy: str, form: CredentialFormat) -> dict[str, set[Any]]:
    """All of a copy that could tell it apart from another, but for the values and the issuer."""
    if form == "mso_mdoc":
        signed = security_object(copy)
        key = signed["deviceKeyInfo"]["deviceKey"]
        return {
            "salts": {item["random"] for item in items(copy)},
            "digests": {digest for numbered in signed["valueDigests"].values() for digest in numbered.values()},
            "key": {key[-2], key[-3]},
            "signature": {cbor2.loads(base64url.decode(copy))["issuerAuth"][3]},
            "status": {signed["status"]["status_list"]["idx"]},
        }
    seen = payload(copy)
    return {
        "salts": {salt for salt, _, _ in disclosures(copy)},
        "digests": set(seen["_sd"]),
        "key": {seen["cnf"]["jwk"]["x"], seen["cnf"]["jwk"]["y"]},
        "signature": {copy.split("~")[0].split(".")[2]},
        "status": {seen["status"]["status_list"]["idx"]},
    }


def pairs(copies: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    return ((one, other) for number, one in enumerate(copies) for other in copies[number + 1 :])


@every_form
@pytest.mark.parametrize("dataset_id", ["duo.studieschuld", "gem.brp"])
def test_two_copies_share_no_salt_digest_key_signature_or_place_in_a_status_list(form: CredentialFormat, dataset_id: str) -> None:
    copies = w.batch(of_everyone(dataset_id), w.orders(5), form=form)
    for one, other in pairs(copies):
        mine, theirs = traits(one, form), traits(other, form)
        assert all(mine[name] and mine[name].isdisjoint(theirs[name]) for name in mine)


@every_form
def test_all_copies_have_the_same_times_and_these_are_whole_days(form: CredentialFormat) -> None:
    copies = w.batch(DEBT, w.orders(4), form=form)
    if form == "mso_mdoc":
        times = {tuple(security_object(copy)["validityInfo"].values()) for copy in copies}
        (moments,) = times
        seconds = [int(moment.timestamp()) for moment in moments]
    else:
        (numbers,) = {(payload(copy)["iat"], payload(copy)["nbf"], payload(copy)["exp"]) for copy in copies}
        seconds = [*numbers]
    assert [moment % 86400 for moment in seconds] == [0, 0, 0]


@every_form
def test_the_number_of_digests_does_not_tell_how_much_there_is(form: CredentialFormat) -> None:
    (copy,) = w.batch(DEBT, w.orders(1), form=form)
    count = len(traits(copy, form)["digests"])
    assert count % 8 == 0
    assert count >= len(traits(copy, form)["salts"])


def test_disclosed_values_are_those_that_the_digests_are_of() -> None:
    (copy,) = w.batch(DEBT, w.orders(1), form="dc+sd-jwt")
    of_texts = {base64url.encode(hashlib.sha256(text.encode()).digest()) for text in copy.split("~")[1:-1]}
    assert of_texts <= set(payload(copy)["_sd"])


def certificate_begins() -> datetime:
    return read_certificate(x.exercise().credentials["duo"].certificate).not_valid_before_utc


def test_times_are_rounded_out_to_whole_days() -> None:
    summary, signer = w.summary("duo.studieschuld"), x.exercise().credentials["duo"]
    begins, ends = batch_times(summary, signer, datetime(2026, 11, 23, 14, 12, tzinfo=UTC))
    assert (begins, ends) == (datetime(2026, 11, 23, tzinfo=UTC), datetime(2027, 2, 22, tzinfo=UTC))
    midnight = datetime(2026, 11, 23, tzinfo=UTC)
    assert batch_times(summary, signer, midnight) == (midnight, datetime(2027, 2, 21, tzinfo=UTC))


@every_form
def test_a_batch_on_the_first_day_of_a_certificate_begins_with_that_certificate(form: CredentialFormat) -> None:
    begins = certificate_begins()
    assert begins.time() != datetime.min.time()
    at = begins + timedelta(seconds=1)
    (copy,) = w.batch(DEBT, w.orders(1), form=form, at=at)
    said = security_object(copy)["validityInfo"]["signed"].timestamp() if form == "mso_mdoc" else payload(copy)["iat"]
    assert said == begins.timestamp()
    # At that moment the exercise had no trust list yet; but no check may find it signed out of time.
    reasons = {step.reason for step in c.credential(copy, at=at).facts.steps}
    assert not reasons & {"proof_signed_out_of_time", "proof_not_yet_valid"}


@every_form
def test_no_batch_before_the_certificate_has_begun(form: CredentialFormat) -> None:
    with pytest.raises(BatchRefused):
        w.batch(DEBT, w.orders(1), form=form, at=certificate_begins() - timedelta(seconds=1))


@every_form
def test_no_batch_with_the_same_key_twice(form: CredentialFormat) -> None:
    first, second = w.orders(2)
    with pytest.raises(BatchRefused):
        w.batch(DEBT, [first, replace(second, holder_key=first.holder_key)], form=form)


@every_form
def test_no_batch_with_the_same_place_in_a_status_list_twice(form: CredentialFormat) -> None:
    first, second = w.orders(2)
    with pytest.raises(BatchRefused):
        w.batch(DEBT, [first, replace(second, status=StatusReference(first.status.index, first.status.uri))], form=form)


@every_form
def test_no_batch_of_nothing(form: CredentialFormat) -> None:
    with pytest.raises(BatchRefused):
        w.batch(DEBT, [], form=form)


def test_what_a_batch_is_made_of_is_quiet() -> None:
    shown = repr(w.orders(1)) + repr(w.snapshot("duo.studieschuld", x.DATA, born=PartialDate(1985)))
    assert "1234567" not in shown
    assert str(c.INDEX) not in shown
