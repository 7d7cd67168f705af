from collections.abc import Sequence
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards.access_certificate import QCP_LEGAL, RECEIVER_ID, AccessCertificate, AccessProblem, read_access_certificate
from blauweknop.standards.lote import ServiceKind, ServiceStatus, TrustList
from tests.unit.standards import receivers as r
from tests.unit.standards.pki import AUTHORITY, NOW, Issued, certify, constraints, usage


def read(*issued: Issued, trust_list: TrustList | None = None) -> AccessCertificate:
    return read_access_certificate([item.der for item in issued], trust_list=trust_list or r.trust_list(), at=NOW)


def code_of(*issued: Issued, trust_list: TrustList | None = None) -> str:
    with pytest.raises(AccessProblem) as caught:
        read(*issued, trust_list=trust_list)
    return caught.value.code


def test_a_receiver_is_known_by_its_certificate() -> None:
    found = read(r.RECEIVER)
    assert (found.name, found.legal_name, found.identifier, found.country) == ("Schuldhulp Proef", "Gemeente Proef", r.IDENTIFIER, "NL")
    assert found.contacts == ("https://proef.example/contact",)
    assert found.certificate == r.RECEIVER.certificate


def test_an_authority_below_the_listed_one_may_issue() -> None:
    below = certify("onder", r.AUTHORITY_OF_RECEIVERS, AUTHORITY)
    assert read(r.access_certificate(issuer=below), below).identifier == r.IDENTIFIER


def test_a_qualified_policy_is_as_good() -> None:
    assert read(r.access_certificate(policies=("1.2.3", QCP_LEGAL))).identifier == r.IDENTIFIER


@pytest.mark.parametrize(
    "contact", [x509.RFC822Name("help@proef.example"), x509.UniformResourceIdentifier("tel:+31701234567")], ids=["e-mail", "telephone"]
)
def test_a_receiver_may_be_reached_in_other_ways(contact: x509.GeneralName) -> None:
    assert read(r.access_certificate(contact=[contact])).contacts == (contact.value,)


def without(kind: x509.ObjectIdentifier) -> Sequence[r.Attribute]:
    return [attribute for attribute in r.SUBJECT if attribute[0] != kind]


def saying(kind: x509.ObjectIdentifier, value: str) -> Sequence[r.Attribute]:
    return [*without(kind), (kind, value)]


@pytest.mark.parametrize(
    "subject",
    [
        without(NameOID.COUNTRY_NAME),
        without(NameOID.ORGANIZATION_NAME),
        without(NameOID.ORGANIZATION_IDENTIFIER),
        without(NameOID.COMMON_NAME),
        [*r.SUBJECT, (NameOID.COMMON_NAME, "Belastingdienst")],
        [*r.SUBJECT, (NameOID.ORGANIZATION_IDENTIFIER, "NTRNL-90001002")],
        saying(NameOID.ORGANIZATION_IDENTIFIER, "90001001"),
        saying(NameOID.COMMON_NAME, "Proef\u202eneppeH"),
    ],
    ids=["no C", "no O", "no identifier", "no CN", "CN twice", "identifier twice", "bare number", "text turned around"],
)
def test_a_subject_that_does_not_name_one_organisation_is_refused(subject: Sequence[r.Attribute]) -> None:
    assert code_of(r.access_certificate(subject=subject)) == "access_subject"


@pytest.mark.parametrize(
    "contact",
    [None, [x509.DNSName("proef.example")], [x509.UniformResourceIdentifier("http://proef.example")]],
    ids=["none", "only a name of a server", "unprotected address"],
)
def test_a_receiver_that_cannot_be_reached_is_refused(contact: Any) -> None:
    assert code_of(r.access_certificate(contact=contact)) == "access_contact"


@pytest.mark.parametrize("policies", [(), ("0.4.0.194118.1.1",), ("2.5.29.32.0",)], ids=["none", "for people", "any policy"])
def test_another_policy_is_refused(policies: tuple[str, ...]) -> None:
    assert code_of(r.access_certificate(policies=policies)) == "access_policy"


LEAF, SIGNING = constraints(authority=False), usage("digital_signature")


@pytest.mark.parametrize(
    "options",
    [
        {"extensions": (LEAF, usage("digital_signature", "key_agreement"))},
        {"extensions": (LEAF, usage("content_commitment"))},
        {"extensions": (LEAF,)},
        {"extensions": (constraints(authority=True), SIGNING)},
        {"extensions": (LEAF, SIGNING, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False))},
        {"extensions": (LEAF, SIGNING, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False))},
        {"extensions": (LEAF, SIGNING, (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE]), False))},
        {"key": ec.generate_private_key(ec.SECP384R1())},
        {"key": rsa.generate_private_key(65537, 2048)},
    ],
    ids=["agrees on keys", "seals", "use not said", "authority", "web server", "web client", "anything", "P-384", "RSA-2048"],
)
def test_a_certificate_for_something_else_is_refused(options: dict[str, Any]) -> None:
    assert code_of(r.access_certificate(**options)) == "access_use"


def test_a_certificate_of_more_than_a_year_is_refused() -> None:
    assert read(r.access_certificate(ends=NOW + 365 * r.DAY)).identifier == r.IDENTIFIER
    assert code_of(r.access_certificate(ends=NOW + 365 * r.DAY + r.HOUR)) == "access_lifetime"


@pytest.mark.parametrize("life", [{"starts": NOW + r.HOUR}, {"ends": NOW - r.HOUR}], ids=["not begun", "ended"])
def test_a_certificate_out_of_its_time_is_refused(life: dict[str, Any]) -> None:
    assert code_of(r.access_certificate(**life)) == "access_expired"


def test_an_authority_that_is_not_listed_gives_no_access() -> None:
    stranger = certify("ontvangers", None, AUTHORITY)
    assert code_of(r.access_certificate(issuer=stranger), stranger) == "access_chain"


@pytest.mark.parametrize("kind", [kind for kind in ServiceKind if kind is not ServiceKind.RECEIVER_ACCESS])
def test_an_authority_that_is_listed_for_something_else_gives_no_access(kind: ServiceKind) -> None:
    assert code_of(r.RECEIVER, trust_list=r.trust_list(r.service(kind, r.AUTHORITY_OF_RECEIVERS))) == "access_chain"


def test_an_authority_that_left_the_scheme_gives_no_access() -> None:
    withdrawn = r.service(ServiceKind.RECEIVER_ACCESS, r.AUTHORITY_OF_RECEIVERS, status=ServiceStatus.WITHDRAWN, since=NOW - r.HOUR)
    assert code_of(r.RECEIVER, trust_list=r.trust_list(withdrawn)) == "access_chain"


def test_an_authority_does_not_ask_itself() -> None:
    own = r.access_certificate(subject=[(NameOID.COMMON_NAME, "x"), *without(NameOID.COMMON_NAME)])
    signs_itself = r.access_certificate(issuer=own, key=own.key, subject=[(NameOID.COMMON_NAME, "x"), *without(NameOID.COMMON_NAME)])
    listed = r.trust_list(r.service(ServiceKind.RECEIVER_ACCESS, signs_itself))
    assert code_of(signs_itself, trust_list=listed) == "access_use"


@given(st.lists(st.binary(max_size=200), max_size=3))
def test_any_bytes_are_refused_with_one_error(certificates: list[bytes]) -> None:
    with pytest.raises(AccessProblem) as caught:
        read_access_certificate(certificates, trust_list=r.trust_list(), at=NOW)
    assert caught.value.code == "access_malformed"


def test_every_changed_byte_is_refused() -> None:
    whole = r.RECEIVER.der
    changed = [whole[:place] + bytes((whole[place] ^ 1,)) + whole[place + 1 :] for place in range(len(whole))]
    assert [place for place, encoded in enumerate(changed) if not refused(encoded)] == []


def refused(encoded: bytes) -> bool:
    try:
        read_access_certificate([encoded], trust_list=r.trust_list(), at=NOW)
    except AccessProblem:
        return True
    return False


@pytest.mark.parametrize("text", ["NTRNL-12345678", "LEIXG-724500ABCDEFGHIJ1234", "OI:NL-00000099000000001000"])
def test_an_organisation_is_identified_in_three_ways(text: str) -> None:
    assert RECEIVER_ID.fullmatch(text)


@pytest.mark.parametrize(
    "text",
    ["", "NTRNL-1234567", "NTRNL-123456789", "NTRBE-12345678", "LEIXG-1234", "O:NL-1", "oi:NL-1", "OI:BE-1", "OI:NL-", "NTRNL-12345678\n"],
)
def test_other_ways_identify_nobody(text: str) -> None:
    assert not RECEIVER_ID.fullmatch(text)
