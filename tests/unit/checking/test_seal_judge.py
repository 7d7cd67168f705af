"""What the second judge finds of time stamps, proofs and certificates that come with the seal of another."""

import functools
import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto.cms import ContentInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from pyhanko.sign.signers.pdf_cms import SimpleSigner

from blauweknop.checking.other_seals import check_other_seal
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import Verdict
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import foreign_documents as f

WHO = f.stranger()
STAMP = x.time_stamps(x.ISSUED)
LATER = x.time_stamps(x.NOW + timedelta(hours=1))
THREE_DAYS_AGO = x.NOW - timedelta(days=3)


def for_another_file(_: bytes) -> bytes:
    return STAMP(b"\x07" * 32)


@functools.cache
def whole() -> bytes:
    return f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()])


def judged(pdf: bytes, trust: Trust | None = None) -> Verdict:
    found = check_other_seal(pdf, trust=trust or f.trust_in(WHO), at=x.NOW)
    assert found is not None
    return found


def reason(step: str, pdf: bytes, trust: Trust | None = None) -> str:
    return {step.id: step.reason for step in judged(pdf, trust).facts.steps}[step]


def moment(pdf: bytes, trust: Trust | None = None) -> datetime | None:
    return judged(pdf, trust).facts.best_signature_time


def test_a_time_stamp_over_the_whole_document_says_when() -> None:
    pdf = f.stamped_over(whole(), STAMP)
    assert reason("other_time_stamp", pdf) == "ok"
    assert moment(pdf) == x.ISSUED


def test_of_two_time_stamps_the_earliest_counts() -> None:
    earlier = f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamped=True, stamp_moment=THREE_DAYS_AGO)
    assert moment(f.stamped_over(earlier, STAMP)) == THREE_DAYS_AGO


def test_a_time_stamp_over_the_document_says_nothing_of_a_seal_after_it() -> None:
    second = f.stranger("Tweede", organisation="Tweede organisatie")
    assert moment(f.sealed(f.stamped_over(whole(), STAMP), second, field_name="Tweede"), f.trust_in(WHO, second)) is None


def test_a_time_stamp_over_the_document_of_nobody_we_know_proves_no_time_and_does_no_harm() -> None:
    pdf = f.stamped_over(whole(), STAMP)
    assert reason("other_time_stamp", pdf, x.without_time_stamp_service()) == "other_not_stamped"
    assert reason("other_seal", pdf, x.without_time_stamp_service()) == "ok"


def test_a_time_stamp_over_the_document_of_the_future_proves_no_time() -> None:
    assert moment(f.stamped_over(whole(), LATER)) is None


def test_a_time_stamp_over_another_document_breaks_this_one() -> None:
    assert reason("other_seal", f.stamped_over(whole(), for_another_file)) == "seal_format"


def test_a_time_stamp_of_another_seal_breaks_this_one() -> None:
    assert reason("other_seal", f.sealed(f.letter(), WHO, stamp=for_another_file)) == "time_stamp_imprint"


def test_a_time_stamp_of_the_future_is_told() -> None:
    pdf = f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamp=LATER)
    assert reason("other_time_stamp", pdf) == "time_stamp_future"
    assert moment(pdf) is None


def test_a_list_of_after_the_time_stamp_says_that_nothing_was_taken_back() -> None:
    pdf = f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamped=True, stamp_moment=THREE_DAYS_AGO)
    assert reason("other_revocation", pdf) == "ok"


def test_a_certificate_that_was_taken_back_after_the_time_stamp_still_counts() -> None:
    pdf = f.sealed(f.letter(), WHO, crls=[WHO.revocation_list(WHO.seal)], stamped=True, stamp_moment=THREE_DAYS_AGO)
    assert reason("other_revocation", pdf) == "ok"


def test_lists_may_be_among_what_was_signed() -> None:
    assert reason("other_revocation", f.sealed(f.letter(), WHO, pades=False, lists_inside=[WHO.revocation_list()])) == "ok"
    assert reason("other_revocation", f.sealed(f.letter(), WHO, pades=False)) == "no_crl"


ASKABLE = x509.AuthorityInformationAccess(
    [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier("http://ocsp.example"))]
)
ANSWERED = f.Stranger(WHO.authority, f.pki.certify("Met antwoord", WHO.authority, (*f.pki.SEAL, (ASKABLE, False)), starts=x.NOW - f.YEAR))


def answer(status: ocsp.OCSPCertStatus) -> bytes:
    """What the authority answers about the seal."""
    seal, authority = ANSWERED.seal.certificate, ANSWERED.authority
    taken = x.NOW - timedelta(hours=20) if status is ocsp.OCSPCertStatus.REVOKED else None
    builder = ocsp.OCSPResponseBuilder().add_response(
        seal, authority.certificate, hashes.SHA256(), status, x.NOW - f.DAY, x.NOW + f.DAY, taken, None
    )
    signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, authority.certificate).sign(authority.key, hashes.SHA256())
    return signed.public_bytes(Encoding.DER)


@pytest.mark.parametrize(("status", "expected"), [(ocsp.OCSPCertStatus.GOOD, "ok"), (ocsp.OCSPCertStatus.REVOKED, "certificate_revoked")])
def test_an_answer_of_the_authority_is_as_good_as_a_list(status: ocsp.OCSPCertStatus, expected: str) -> None:
    pdf = f.with_proofs(f.sealed(f.letter(), ANSWERED), answers=[answer(status)])
    assert reason("other_revocation", pdf, f.trust_in(ANSWERED)) == expected


def test_an_answer_may_be_among_what_was_signed() -> None:
    pdf = f.sealed(f.letter(), ANSWERED, pades=False, answers_inside=[answer(ocsp.OCSPCertStatus.GOOD)])
    assert reason("other_revocation", pdf, f.trust_in(ANSWERED)) == "ok"


def test_an_authority_in_between_may_come_with_the_proofs() -> None:
    root = f.pki.certify("Wortel", starts=x.NOW - 2 * f.YEAR)
    between = f.pki.certify("Tussen", root, starts=x.NOW - 2 * f.YEAR)
    who = f.Stranger(root, f.pki.certify("Zegel", between, f.pki.SEAL, starts=x.NOW - f.YEAR))
    pdf = f.sealed(f.letter(), who)
    assert reason("other_chain", pdf, f.trust_in(who)) == "other_seal_unknown"
    assert reason("other_chain", f.with_proofs(pdf, certificates=[between.der]), f.trust_in(who)) == "ok"


def under_another(
    *, ends: datetime = x.NOW + f.YEAR, extensions: tuple[f.pki.Extension, ...] = f.pki.AUTHORITY
) -> tuple[f.Stranger, f.pki.Issued]:
    """A signer below an authority that is below another; with the one in between."""
    root = f.pki.certify("Wortel", starts=x.NOW - 2 * f.YEAR)
    between = f.pki.certify("Tussen", root, extensions, starts=x.NOW - 2 * f.YEAR, ends=ends)
    return f.Stranger(root, f.pki.certify("Zegel", between, f.pki.SEAL, starts=x.NOW - f.YEAR)), between


def test_an_authority_in_between_that_was_taken_back_is_told() -> None:
    who, between = under_another()
    lists = [f.pki.revocation_list(issuer, starts=x.NOW - f.DAY, ends=x.NOW + f.DAY) for issuer in (who.authority, between)]
    gone = who.revocation_list(between)
    assert reason("other_revocation", f.with_proofs(f.sealed(f.letter(), who), lists, certificates=[between.der]), f.trust_in(who)) == "ok"
    pdf = f.with_proofs(f.sealed(f.letter(), who), [gone, lists[1]], certificates=[between.der])
    assert reason("other_revocation", pdf, f.trust_in(who)) == "authority_revoked"


@pytest.mark.parametrize("changes", [{"ends": x.NOW - f.DAY}, {"extensions": f.pki.SEAL}], ids=["ended", "no authority"])
def test_a_path_over_a_certificate_that_may_not_issue_is_no_path(changes: dict[str, Any]) -> None:
    who, between = under_another(**changes)
    pdf = f.with_proofs(f.sealed(f.letter(), who), certificates=[between.der])
    assert reason("other_chain", pdf, f.trust_in(who)) == "chain_not_found"


def test_a_certificate_that_was_not_valid_yet_is_told_apart() -> None:
    young = f.Stranger(WHO.authority, f.pki.certify("Straks", WHO.authority, f.pki.SEAL, starts=x.NOW + f.DAY, ends=x.NOW + f.YEAR))
    pdf = f.sealed(f.letter(), young)
    assert reason("other_chain", pdf, f.trust_in(young)) == "certificate_not_yet_valid"
    assert reason("other_chain", pdf, f.trust_in(f.stranger("Iemand"))) == "other_seal_unknown"


def test_a_time_stamp_of_this_very_moment_counts() -> None:
    stamp = x.time_stamps(x.NOW)
    assert moment(f.stamped_over(whole(), stamp)) == x.NOW
    assert moment(f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamp=stamp)) == x.NOW


@pytest.mark.parametrize(("later", "expected"), [(0, x.ISSUED), (1, None)])
def test_a_time_stamp_counts_from_the_moment_that_its_service_began(later: int, expected: datetime | None) -> None:
    trust = f.trust_in(WHO)
    assert trust.trust_list is not None
    scheme, *others = trust.trust_list.entities
    services = tuple(replace(service, since=x.ISSUED + timedelta(seconds=later)) for service in scheme.services)
    young = replace(trust, trust_list=replace(trust.trust_list, entities=(replace(scheme, services=services), *others)))
    assert moment(f.stamped_over(whole(), STAMP), young) == expected
    assert moment(f.sealed(f.letter(), WHO, crls=[WHO.revocation_list()], stamp=STAMP), young) == expected


def test_a_key_for_signatures_seals_too() -> None:
    signing = f.Stranger(WHO.authority, f.pki.certify("Ondertekenaar", WHO.authority, f.pki.MESSAGES, starts=x.NOW - f.YEAR))
    pdf = f.sealed(f.letter(), signing, crls=[WHO.revocation_list()])
    assert reason("other_chain", pdf, f.trust_in(signing)) == "ok"


class WithoutCertificates(SimpleSigner):
    async def async_sign(self, *arguments: object, **named: object) -> ContentInfo:
        signed = await super().async_sign(*arguments, **named)  # type: ignore[arg-type] # whatever pyHanko gives
        signed["content"]["certificates"] = []
        return signed


def test_a_seal_without_the_certificate_of_its_signer_says_that() -> None:
    own = WHO.signer()
    silent = WithoutCertificates(own.signing_cert, own.signing_key, own.cert_registry)
    assert reason("other_seal", f.sealed(f.letter(), WHO, signer=silent)) == "seal_certificate_missing"


@pytest.mark.parametrize("name", ["pyhanko", "pyhanko_certvalidator"])
def test_the_second_judge_logs_nothing(name: str) -> None:
    logging.getLogger(name).setLevel(logging.NOTSET)
    judged(whole())
    assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
