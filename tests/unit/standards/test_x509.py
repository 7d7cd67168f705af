from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.standards import der
from blauweknop.standards.x509 import (
    MalformedCertificate,
    PathProblem,
    build_path,
    certificate_facts,
    certificates_from_pem,
    key_usages,
    name_value,
    read_certificate,
)
from tests.unit.standards.pki import AUTHORITY, NOW, SEAL, YEAR, Issued, certify, constraints, name, usage

ROOT = certify("wortel")
MIDDLE = certify("uitgever", ROOT)
LEAF = certify("zegel", MIDDLE, SEAL)
UNKNOWN = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True)


def path_of(leaf: Issued, *between: Issued, anchor: Issued = ROOT) -> tuple[x509.Certificate, ...]:
    return build_path(leaf.certificate, [item.certificate for item in between], [anchor.certificate], NOW)


def problem_of(leaf: Issued, *between: Issued, anchor: Issued = ROOT) -> str:
    with pytest.raises(PathProblem) as caught:
        path_of(leaf, *between, anchor=anchor)
    return caught.value.code


def test_a_path_leads_from_the_leaf_over_its_issuer_to_the_anchor() -> None:
    assert path_of(LEAF, MIDDLE) == (LEAF.certificate, MIDDLE.certificate, ROOT.certificate)


def test_an_issuing_authority_may_be_the_anchor() -> None:
    assert path_of(LEAF, anchor=MIDDLE) == (LEAF.certificate, MIDDLE.certificate)


def test_a_leaf_that_is_itself_the_anchor_is_a_path_of_one() -> None:
    assert path_of(LEAF, anchor=LEAF) == (LEAF.certificate,)


def test_unrelated_certificates_do_no_harm() -> None:
    assert len(path_of(LEAF, certify("ander"), MIDDLE, certify("nog een", ROOT))) == 3


def test_without_the_issuer_there_is_no_path() -> None:
    assert problem_of(LEAF) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_root_with_the_same_name_and_another_key_is_no_issuer() -> None:
    assert problem_of(LEAF, MIDDLE, anchor=certify("wortel")) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_root_that_came_along_is_no_anchor() -> None:
    own_root = certify("eigen wortel")
    assert problem_of(certify("zegel", own_root, SEAL), own_root) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_wrong_authority_key_identifier_is_no_path() -> None:
    assert problem_of(certify("zegel", MIDDLE, SEAL, authority_key=bytes(20)), MIDDLE) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_leaf_that_ended_is_expired() -> None:
    assert problem_of(certify("zegel", MIDDLE, SEAL, ends=NOW - timedelta(seconds=1)), MIDDLE) == "EXPIRED"


def test_a_leaf_that_has_not_begun_is_not_yet_valid() -> None:
    assert problem_of(certify("zegel", MIDDLE, SEAL, starts=NOW + timedelta(seconds=1)), MIDDLE) == "NOT_YET_VALID"


def test_an_authority_that_ended_breaks_the_path() -> None:
    old = certify("oud", ROOT, ends=NOW - timedelta(days=1))
    assert problem_of(certify("zegel", old, SEAL), old) == "CHAIN_CONSTRAINTS_FAILURE"


def test_an_anchor_that_ended_breaks_the_path() -> None:
    old = certify("oud", ends=NOW - timedelta(days=1))
    assert problem_of(certify("zegel", old, SEAL), anchor=old) == "CHAIN_CONSTRAINTS_FAILURE"


def test_a_leaf_issues_no_certificates() -> None:
    other = certify("ander", MIDDLE, SEAL)
    assert problem_of(certify("zegel", other, SEAL), other, MIDDLE) == "CHAIN_CONSTRAINTS_FAILURE"


def test_an_authority_without_basic_constraints_issues_no_certificates() -> None:
    authority = certify("uitgever", ROOT, [usage("key_cert_sign")])
    assert problem_of(certify("zegel", authority, SEAL), authority) == "CHAIN_CONSTRAINTS_FAILURE"


def test_an_authority_that_may_not_sign_certificates_issues_none() -> None:
    authority = certify("uitgever", ROOT, [constraints(authority=True), usage("crl_sign")])
    assert problem_of(certify("zegel", authority, SEAL), authority) == "CHAIN_CONSTRAINTS_FAILURE"


def test_an_authority_without_key_usage_issues_no_certificates() -> None:
    authority = certify("uitgever", ROOT, [constraints(authority=True)])
    assert problem_of(certify("zegel", authority, SEAL), authority) == "CHAIN_CONSTRAINTS_FAILURE"


def test_a_path_may_not_be_longer_than_its_authority_allows() -> None:
    root = certify("krap", None, [constraints(authority=True, path_length=0), usage("key_cert_sign")])
    middle = certify("tussen", root)
    assert problem_of(certify("zegel", middle, SEAL), middle, anchor=root) == "CHAIN_CONSTRAINTS_FAILURE"


def test_a_path_as_long_as_its_authority_allows_is_good() -> None:
    root = certify("ruim", None, [constraints(authority=True, path_length=1), usage("key_cert_sign")])
    middle = certify("tussen", root)
    assert len(path_of(certify("zegel", middle, SEAL), middle, anchor=root)) == 3


@pytest.mark.parametrize("place", ["leaf", "authority"])
def test_an_unknown_critical_extension_breaks_the_path(place: str) -> None:
    authority = certify("uitgever", ROOT, [*AUTHORITY, *([UNKNOWN] if place == "authority" else [])])
    leaf = certify("zegel", authority, [*SEAL, *([UNKNOWN] if place == "leaf" else [])])
    assert problem_of(leaf, authority) == "CHAIN_CONSTRAINTS_FAILURE"


def test_name_constraints_are_not_ignored() -> None:
    limits = x509.NameConstraints([x509.DirectoryName(name("ander"))], None)
    authority = certify("uitgever", ROOT, [*AUTHORITY, (limits, False)])
    assert problem_of(certify("zegel", authority, SEAL), authority) == "CHAIN_CONSTRAINTS_FAILURE"


def test_a_leaf_on_another_curve_is_too_weak_for_the_scheme() -> None:
    leaf = certify("zegel", MIDDLE, SEAL, key=ec.generate_private_key(ec.SECP384R1()))
    assert problem_of(leaf, MIDDLE) == "CRYPTO_CONSTRAINTS_FAILURE"


def test_an_rsa_key_of_2048_bits_is_too_weak() -> None:
    authority = certify("uitgever", ROOT, key=rsa.generate_private_key(65537, 2048))
    assert problem_of(certify("zegel", authority, SEAL), authority) == "CRYPTO_CONSTRAINTS_FAILURE"


def test_a_weak_digest_breaks_the_path() -> None:
    leaf = certify("zegel", MIDDLE, SEAL, digest=hashes.SHA224())
    assert problem_of(leaf, MIDDLE) == "CRYPTO_CONSTRAINTS_FAILURE"


def test_authorities_that_certify_each_other_do_not_go_round() -> None:
    one, two = certify("een"), certify("twee")
    crossed = certify("een", two, key=one.key)
    back = certify("twee", one, key=two.key)
    assert problem_of(certify("zegel", one, SEAL), one, two, crossed, back) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_heap_of_look_alikes_is_soon_given_up() -> None:
    look_alikes = [certify("uitgever", key=MIDDLE.key, starts=NOW - YEAR - timedelta(days=day)) for day in range(60)]
    assert problem_of(LEAF, *look_alikes) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_another_road_is_found_when_one_is_broken() -> None:
    expired = certify("uitgever", ROOT, key=MIDDLE.key, ends=NOW - timedelta(days=1))
    assert path_of(LEAF, expired, MIDDLE)[1] == MIDDLE.certificate


def ladder(rungs: int) -> list[Issued]:
    above = [certify("trap 0", ROOT)]
    for rung in range(1, rungs):
        above.append(certify(f"trap {rung}", above[-1]))
    return above


@pytest.mark.parametrize("turned", [False, True])
def test_a_road_that_is_too_long_hides_no_shorter_one(turned: bool) -> None:
    rungs = ladder(6)
    issuers = [MIDDLE, certify("uitgever", rungs[-1], key=MIDDLE.key)]
    assert path_of(LEAF, *(reversed(issuers) if turned else issuers), *rungs)[1] == MIDDLE.certificate


def test_a_path_has_six_certificates_and_no_more() -> None:
    rungs = ladder(4)
    assert len(path_of(certify("zegel", rungs[-1], SEAL), *rungs)) == 6
    rungs = ladder(5)
    assert problem_of(certify("zegel", rungs[-1], SEAL), *rungs) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_forty_signatures_are_tried_and_no_more() -> None:
    nobody = certify("niemand")
    dead_ends = [certify("uitgever", nobody, key=MIDDLE.key) for _ in range(39)]
    # One signature of each issuer of that name, and one of the root.
    assert len(path_of(LEAF, *dead_ends[:38], MIDDLE)) == 3
    assert problem_of(LEAF, *dead_ends, MIDDLE) == "NO_CERTIFICATE_CHAIN_FOUND"


def test_key_usages_are_named() -> None:
    assert key_usages(LEAF.certificate) == {"content_commitment"}


def with_serial(number: bytes) -> bytes:
    signed, algorithm, signature = der.parse(LEAF.der).children()
    version, _, *rest = signed.children()
    changed = der.encode_sequence(version.encoded, number, *(item.encoded for item in rest))
    return der.encode_sequence(changed, algorithm.encoded, signature.encoded)


@pytest.mark.parametrize("serial", [0, -(1 << 159), 1 << 160], ids=["zero", "negative", "too long"])
def test_a_serial_number_is_positive_and_at_most_twenty_bytes(serial: int) -> None:
    with pytest.raises(MalformedCertificate, match="positive serial number"):
        read_certificate(with_serial(der.encode_integer(serial)))


@pytest.mark.parametrize("serial", [1, (1 << 160) - 1])
def test_a_serial_number_may_be_one_and_fill_twenty_bytes(serial: int) -> None:
    assert read_certificate(with_serial(der.encode_integer(serial))).serial_number == serial


def test_an_ecdsa_signature_has_no_parameters() -> None:
    version, number, algorithm, *rest = der.parse(LEAF.der).children()[0].children()
    with_null = der.encode_sequence(algorithm.content, der.encode(der.NULL))
    signed = der.encode_sequence(version.encoded, number.encoded, with_null, *(item.encoded for item in rest))
    with pytest.raises(MalformedCertificate, match="parameters"):
        read_certificate(der.encode_sequence(signed))


@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_certificate_is_read_or_refused_with_one_error(place: int, octet: int) -> None:
    data = bytearray(LEAF.der)
    data[place % len(data)] = octet
    try:
        read_certificate(bytes(data))
    except MalformedCertificate:
        return


def test_a_file_without_certificates_is_refused() -> None:
    with pytest.raises(MalformedCertificate):
        certificates_from_pem(b"geen certificaat")


def test_a_path_that_was_good_is_judged_anew_at_every_moment() -> None:
    leaf = certify("kort", MIDDLE, SEAL, starts=NOW, ends=NOW + timedelta(hours=1))

    def at(moment: timedelta) -> str:
        try:
            build_path(leaf.certificate, [MIDDLE.certificate], [ROOT.certificate], NOW + moment)
        except PathProblem as problem:
            return problem.code
        return "good"

    second, hour = timedelta(seconds=1), timedelta(hours=1)
    moments = [timedelta(), hour, hour + second, -second, timedelta(minutes=5)]
    assert [at(moment) for moment in moments] == ["good", "good", "EXPIRED", "NOT_YET_VALID", "good"]


def test_a_path_that_was_good_for_one_reader_is_not_good_for_another() -> None:
    assert len(path_of(LEAF, MIDDLE)) == 3
    assert problem_of(LEAF, MIDDLE, anchor=certify("ander")) == "NO_CERTIFICATE_CHAIN_FOUND"
    assert problem_of(LEAF) == "NO_CERTIFICATE_CHAIN_FOUND"
    assert len(path_of(LEAF, MIDDLE)) == 3


def test_each_refusal_of_a_path_is_an_exception_of_its_own() -> None:
    odd = certify("zegel", MIDDLE, (*SEAL, UNKNOWN))
    caught: list[PathProblem] = []
    for _ in range(2):
        with pytest.raises(PathProblem, match="known extensions") as info:
            path_of(odd, MIDDLE)
        caught.append(info.value)
    assert caught[0] is not caught[1]


def test_threads_that_ask_at_other_moments_get_their_own_answer() -> None:
    def at(number: int) -> bool:
        moment = NOW + YEAR * (number % 3)
        try:
            build_path(LEAF.certificate, [MIDDLE.certificate], [ROOT.certificate], moment)
        except PathProblem:
            return number % 3 == 2
        return number % 3 < 2

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(at, range(600)))


def test_a_certificate_has_no_second_form_with_bits_left_over() -> None:
    even = next(issued.der for issued in (certify("even") for _ in range(64)) if issued.der[-1] % 2 == 0)
    signed, algorithm, signature = der.parse(even).children()
    left_over = der.encode(der.BIT_STRING, b"\x01" + signature.content[1:])
    with pytest.raises(MalformedCertificate, match="whole bytes"):
        read_certificate(der.encode_sequence(signed.encoded, algorithm.encoded, left_over))


def test_an_rsa_key_of_3072_bits_is_strong_enough() -> None:
    leaf = certify("zegel", MIDDLE, SEAL, key=rsa.generate_private_key(65537, 3072))
    assert path_of(leaf, MIDDLE)[0] == leaf.certificate


def test_an_rsa_key_with_a_small_exponent_is_too_weak() -> None:
    assert problem_of(certify("zegel", MIDDLE, SEAL, key=rsa.generate_private_key(3, 3072)), MIDDLE) == "CRYPTO_CONSTRAINTS_FAILURE"


def test_certificates_of_a_file_come_in_their_order() -> None:
    text = b"".join(item.certificate.public_bytes(Encoding.PEM) for item in (LEAF, MIDDLE, ROOT))
    assert certificates_from_pem(text) == (LEAF.certificate, MIDDLE.certificate, ROOT.certificate)


def test_a_name_that_is_given_twice_is_no_name() -> None:
    twice = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, text) for text in ("DUO", "UWV")])
    assert name_value(twice, NameOID.ORGANIZATION_NAME) is None
    assert name_value(name("zegel", "DUO"), NameOID.ORGANIZATION_NAME) == "DUO"


def test_the_facts_of_a_certificate_are_its_own() -> None:
    facts = certificate_facts(LEAF.certificate)
    assert (facts.serial, facts.encoded) == (LEAF.certificate.serial_number, LEAF.der)
    assert (facts.subject, facts.issuer) == (LEAF.certificate.subject.public_bytes(), MIDDLE.certificate.subject.public_bytes())
    assert (facts.usages, facts.strong) == (frozenset({"content_commitment"}), True)
