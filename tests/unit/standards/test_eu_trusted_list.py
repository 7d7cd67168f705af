"""What we read of a European trusted list, and each reason not to read it."""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import given
from hypothesis import strategies as st
from signxml.algorithms import DigestAlgorithm, SignatureMethod

from blauweknop.standards.eu_trusted_list import EuServiceKind, EuTrustedList
from blauweknop.standards.eu_trusted_list_reading import LIST_OF_LISTS, NATIONAL_LIST, EuListRefused, read_eu_trusted_list
from tests.unit.standards import eu_lists as e
from tests.unit.standards import pki

AUTHORITY = pki.certify("Uitgever van zegels")
STAMPS = pki.certify("Tijdstempels", AUTHORITY, pki.STAMPING)
LIST = e.written(e.Service([AUTHORITY.der]), e.Service([STAMPS.der], kind=e.QTST, uses=()))
FOR_SEALS = EuServiceKind.QUALIFIED_CERTIFICATES


def read(data: bytes, *, who: pki.Issued | None = None, minimum_sequence: int = 0) -> EuTrustedList:
    return read_eu_trusted_list(data, pinned=[(who or e.scheme_signer()).certificate], at=pki.NOW, minimum_sequence=minimum_sequence)


def refusal(data: bytes, *, who: pki.Issued | None = None, minimum_sequence: int = 0) -> str:
    with pytest.raises(EuListRefused) as refused:
        read(data, who=who, minimum_sequence=minimum_sequence)
    return refused.value.code


def test_a_list_says_who_is_recognised_and_since_when() -> None:
    found = read(LIST)
    assert (found.territory, found.sequence, found.usable_at(pki.NOW)) == ("NL", 7, True)
    assert [service.provider for service in found.services] == ["Vertrouwensdienst B.V."] * 2
    assert [certificate for certificate, _ in found.granted(FOR_SEALS, pki.NOW)] == [AUTHORITY.der]
    assert [certificate for certificate, _ in found.granted(EuServiceKind.QUALIFIED_TIME_STAMPS, pki.NOW)] == [STAMPS.der]


def test_a_list_past_its_next_update_is_read_and_not_used() -> None:
    found = read(e.written(next_update=pki.NOW - timedelta(days=1)))
    assert not found.usable_at(pki.NOW)


def test_a_list_that_was_closed_is_not_used() -> None:
    assert not read(e.written(next_update=None)).usable_at(pki.NOW)


def test_an_authority_for_signatures_of_people_only_is_not_one_for_seals() -> None:
    people = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForeSignatures"
    assert read(e.written(e.Service([AUTHORITY.der], uses=(people,)))).granted(FOR_SEALS, pki.NOW) == ()


def test_the_status_of_the_moment_counts() -> None:
    taken = pki.NOW - timedelta(days=30)
    found = read(e.written(e.Service([AUTHORITY.der], status=e.WITHDRAWN, since=taken, history=[(e.GRANTED, taken - timedelta(days=400))])))
    assert found.granted(FOR_SEALS, pki.NOW) == ()
    assert len(found.granted(FOR_SEALS, taken - timedelta(days=1))) == 1
    assert found.granted(FOR_SEALS, taken - timedelta(days=401)) == ()


def test_services_of_other_kinds_are_left_out() -> None:
    assert read(e.written(e.Service([AUTHORITY.der], kind="http://uri.etsi.org/TrstSvc/Svctype/EDS/Q"))).services == ()


def test_a_critical_extension_that_we_do_not_know_takes_the_service_away() -> None:
    assert read(e.written(e.Service([AUTHORITY.der], critical="Verrassing"))).granted(FOR_SEALS, pki.NOW) == ()


QUALIFICATIONS = 'Qualifications xmlns="http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"'


@pytest.mark.parametrize("known", [QUALIFICATIONS, "AdditionalServiceInformation", "ExpiredCertsRevocationInfo"])
def test_a_critical_extension_that_we_know_leaves_the_service(known: str) -> None:
    assert len(read(e.written(e.Service([AUTHORITY.der], critical=known))).granted(FOR_SEALS, pki.NOW)) == 1


@pytest.mark.parametrize("critical", ["true", "1", " true "])
def test_an_extension_is_critical_in_either_notation(critical: str) -> None:
    plain = e.unsigned(e.Service([AUTHORITY.der], critical="Verrassing")).replace('Critical="true"', f'Critical="{critical}"')
    assert read(e.sign(plain)).granted(FOR_SEALS, pki.NOW) == ()


@pytest.mark.parametrize("said", ["", ' Critical="false"', ' Critical="0"'])
def test_an_extension_that_is_not_critical_takes_nothing_away(said: str) -> None:
    plain = e.unsigned(e.Service([AUTHORITY.der], critical="Verrassing")).replace(' Critical="true"', said)
    assert len(read(e.sign(plain)).granted(FOR_SEALS, pki.NOW)) == 1


@pytest.mark.parametrize("moment", ["2026-11-01T13:00:00.5+01:00", "2026-11-01T12:00:00.500000000Z", "2026-11-01T07:00:00.5-05:00"])
def test_a_moment_has_a_zone_and_perhaps_a_fraction(moment: str) -> None:
    plain = re.sub("<ListIssueDateTime>[^<]*", f"<ListIssueDateTime>{moment}", e.unsigned())
    assert read(e.sign(plain)).issued == datetime(2026, 11, 1, 12, 0, 0, 500_000, tzinfo=UTC)


def test_a_provider_is_named_in_english_or_else_by_its_first_name() -> None:
    plain = e.unsigned(e.Service([AUTHORITY.der]), name="x" * 2000)
    assert {service.provider for service in read(e.sign(plain)).services} == {"x" * 2000}
    for other in (plain.replace('xml:lang="en"', 'xml:lang="fr"'), plain.replace(' xml:lang="nl"', "").replace(' xml:lang="en"', "")):
        assert {service.provider for service in read(e.sign(other)).services} == {"Nederlandse naam"}


def test_a_service_has_so_many_certificates_and_no_more() -> None:
    assert len(read(e.written(e.Service([AUTHORITY.der] * 64))).services) == 1
    assert refusal(e.written(e.Service([AUTHORITY.der] * 65))) == "malformed"


def test_a_certificate_that_cannot_be_read_stands_for_nobody() -> None:
    found = read(e.written(e.Service([b"geen certificaat", AUTHORITY.der])))
    assert [service.certificates for service in found.services] == [(AUTHORITY.der,)]


def test_the_list_of_lists_pins_who_signs_the_list_of_a_country() -> None:
    dutch = e.scheme_signer("Nederland")
    lists = read(e.written(pointers=[e.pointer("NL", [dutch.der]), e.pointer("BE", [AUTHORITY.der])]))
    assert lists.signers_of("NL") == (dutch.der,)
    assert (lists.list_type, read(e.written()).list_type) == (LIST_OF_LISTS, NATIONAL_LIST)
    assert {(pointer.list_type, pointer.location) for pointer in lists.pointers} == {(NATIONAL_LIST, "https://lijst.example/tsl.xml")}
    assert lists.services == ()
    assert read(e.written(who=dutch), who=dutch).territory == "NL"


@pytest.mark.parametrize("part", ["<SchemeTerritory>BE</SchemeTerritory>", f"<TSLType>{NATIONAL_LIST}</TSLType>"])
def test_a_pointer_to_nobody_knows_what_is_refused(part: str) -> None:
    plain = e.unsigned(pointers=[e.pointer("BE", [AUTHORITY.der])])
    assert part in plain
    assert refusal(e.sign(plain.replace(part, ""))) == "malformed"


def test_a_national_list_points_nowhere_however_it_tries() -> None:
    plain = e.unsigned().replace("<PointersToOtherTSL>", f"<PointersToOtherTSL>{e.pointer('BE', [AUTHORITY.der])}")
    assert read(e.sign(plain)).pointers == ()


@pytest.mark.parametrize("minimum", [7, 1])
def test_a_list_as_new_as_the_last_one_is_good(minimum: int) -> None:
    assert read(LIST, minimum_sequence=minimum).sequence == 7


def test_an_older_list_than_the_last_one_is_refused() -> None:
    assert refusal(LIST, minimum_sequence=8) == "rollback"


def test_a_list_of_the_future_is_refused() -> None:
    assert read(e.written(issued=pki.NOW + timedelta(seconds=60))).issued == pki.NOW + timedelta(seconds=60)
    assert refusal(e.written(issued=pki.NOW + timedelta(seconds=61))) == "malformed"


@pytest.mark.parametrize("sequence", ["", "0", "-1", "1.5", "٧", "99999999999", "<b/>"])
def test_a_number_that_is_none_is_refused(sequence: str) -> None:
    assert refusal(e.written(sequence=sequence)) == "malformed"


@pytest.mark.parametrize("territory", ["", "nl", "NLD", "N L"])
def test_a_territory_that_is_none_is_refused(territory: str) -> None:
    assert refusal(e.written(territory=territory)) == "malformed"


@pytest.mark.parametrize(
    ("part", "by"),
    [
        ("<TSLVersionIdentifier>6</TSLVersionIdentifier>", "<TSLVersionIdentifier>4</TSLVersionIdentifier>"),
        ("<TSLVersionIdentifier>6</TSLVersionIdentifier>", ""),
        ("TSLType/EUgeneric", "TSLType/CCgeneric"),
        ("<SchemeTerritory>NL</SchemeTerritory>", "<SchemeTerritory>NL</SchemeTerritory><SchemeTerritory>BE</SchemeTerritory>"),
        ("<ListIssueDateTime>2026", "<ListIssueDateTime>26"),
        ("<ListIssueDateTime>2026-11", "<ListIssueDateTime>2026-13"),
        ("Z</ListIssueDateTime>", ".Z</ListIssueDateTime>"),
        ("Z</ListIssueDateTime>", ".1234567890Z</ListIssueDateTime>"),
        ("<X509Certificate>", "<X509Certificate>!"),
        ('<Name xml:lang="nl">Nederlandse naam</Name><Name xml:lang="en">Vertrouwensdienst B.V.</Name>', ""),
        ("<StatusStartingTime>", "<StatusStartingTime>ooit"),
        ('<Name xml:lang="en">Vertrouwensdienst B.V.</Name>', '<Name xml:lang="en">' + "x" * 2001 + "</Name>"),
    ],
)
def test_a_list_with_a_part_that_reads_otherwise_is_refused(part: str, by: str) -> None:
    plain = e.unsigned(e.Service([AUTHORITY.der]))
    assert part in plain
    assert refusal(e.sign(plain.replace(part, by, 1))) == "malformed"


# Who signed


def test_a_list_of_a_signer_that_is_not_pinned_is_refused() -> None:
    assert refusal(LIST, who=e.scheme_signer("Een ander")) == "signer"


def test_a_pinned_certificate_that_ended_signs_no_more() -> None:
    ended = pki.certify("Oud", None, pki.MESSAGES, ends=pki.NOW - timedelta(days=1))
    assert refusal(e.written(who=ended), who=ended) == "signer"


def test_a_pinned_certificate_with_a_small_key_is_no_signer() -> None:
    small = pki.certify("Klein", None, pki.MESSAGES, key=rsa.generate_private_key(65537, 2048))
    assert refusal(e.sign(e.unsigned(), small, method=SignatureMethod.RSA_SHA256), who=small) == "signer"


def test_an_rsa_signer_is_read() -> None:
    signer = pki.certify("RSA", None, pki.MESSAGES, key=rsa.generate_private_key(65537, 3072))
    assert read(e.sign(e.unsigned(), signer, method=SignatureMethod.RSA_SHA512), who=signer).sequence == 7


def test_naming_the_pinned_certificate_beside_another_signature_does_not_help() -> None:
    own = e.scheme_signer("Aanvaller")
    forged = e.written(who=own).decode()
    pinned, used = (re.search(r"<ds:X509Certificate>([^<]*)", text) for text in (LIST.decode(), forged))
    assert pinned is not None
    assert used is not None
    assert refusal(forged.replace(used[1], pinned[1]).encode()) == "signature"


def test_a_changed_letter_is_seen() -> None:
    assert refusal(LIST.replace(b"Vertrouwensdienst", b"vertrouwensdienst", 1)) == "signature"


@pytest.mark.parametrize(
    "c14n",
    [
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "http://www.w3.org/2006/12/xml-c14n11",
        "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
    ],
)
def test_another_canonicalisation_is_refused(c14n: str) -> None:
    assert refusal(e.sign(e.unsigned(), c14n=c14n)) == "signature"


@pytest.mark.parametrize("digest", [DigestAlgorithm.SHA224, DigestAlgorithm.SHA3_256])
def test_another_digest_is_refused(digest: DigestAlgorithm) -> None:
    assert refusal(e.sign(e.unsigned(), digest=digest)) == "signature"


def with_method(uri: str) -> bytes:
    return re.sub(r'(SignatureMethod Algorithm=")[^"]*', rf"\g<1>{uri}", LIST.decode()).encode()


@pytest.mark.parametrize(
    "uri",
    [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "none",
        "",
    ],
)
def test_another_algorithm_is_refused(uri: str) -> None:
    assert refusal(with_method(uri)) == "signature"


def test_a_list_without_a_signature_is_refused() -> None:
    assert refusal(e.unsigned().encode()) == "signature"


# Signatures over one thing, reading of another


def test_a_list_beside_the_signed_one_is_refused() -> None:
    other = e.unsigned(sequence=99)
    assert refusal(LIST.replace(b"?>\n", b"?>\n<beide>" + other.encode(), 1) + b"</beide>") == "malformed"


def test_the_signed_list_inside_another_is_refused() -> None:
    signed = LIST.decode().split("?>\n", 1)[1]
    outer = e.unsigned(sequence=99).replace("</TrustServiceStatusList>", f"{signed}</TrustServiceStatusList>")
    assert refusal(outer.encode()) in ("signature", "malformed")


def test_the_signed_list_moved_into_its_signature_is_refused() -> None:
    text = LIST.decode()
    signature = text[text.index("<ds:Signature ") : text.index("</TrustServiceStatusList>")]
    signed = text.split("?>\n", 1)[1].replace(signature, "")
    moved = signature.replace("</ds:Signature>", f"<ds:Object>{signed}</ds:Object></ds:Signature>")
    forged = e.unsigned(sequence=99).replace("</TrustServiceStatusList>", f"{moved}</TrustServiceStatusList>")
    assert refusal(forged.encode()) in ("signature", "malformed")


def test_a_reference_to_the_identifier_of_the_list_is_refused() -> None:
    assert refusal(LIST.replace(b'URI=""', b'URI="#diensten"', 1)) == "signature"


def test_two_elements_with_one_identifier_are_refused() -> None:
    assert refusal(e.inside(LIST, "<SchemeTerritory>", '<x Id="diensten"/>')) == "malformed"


def test_a_second_signature_is_refused() -> None:
    text = LIST.decode()
    signature = re.sub(r' Id="[^"]*"', "", text[text.index("<ds:Signature ") : text.index("</TrustServiceStatusList>")])
    assert refusal(text.replace("<SchemeInformation>", signature + "<SchemeInformation>", 1).encode()) == "signature"


def test_a_signature_that_is_not_the_last_part_is_refused() -> None:
    assert refusal(e.inside(LIST, "</TrustServiceStatusList>", "<Extra/>")) == "signature"


@pytest.mark.parametrize(
    "transform",
    [
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"><ds:XPath>not(//SchemeTerritory)</ds:XPath></ds:Transform>',
        '<ds:Transform Algorithm="http://www.w3.org/2002/06/xmldsig-filter2"/>',
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#base64"/>',
        '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>',
        "<vreemd/>",
    ],
)
def test_another_transformation_is_refused(transform: str) -> None:
    assert refusal(e.inside(LIST, "<ds:Transforms>", transform, after=True)) == "signature"


def test_a_prefix_list_in_a_transformation_is_refused() -> None:
    prefixes = '<ec:InclusiveNamespaces xmlns:ec="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="a"/>'
    algorithm = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    assert refusal(LIST.replace(algorithm.encode(), algorithm.replace("/>", f">{prefixes}</ds:Transform>").encode(), 1)) == "signature"


def test_an_extra_reference_is_refused() -> None:
    text = LIST.decode()
    reference = re.sub(r' Id="[^"]*"', "", text[text.index("<ds:Reference") : text.index("</ds:Reference>")]) + "</ds:Reference>"
    assert refusal(e.inside(LIST, "<ds:Reference", reference)) == "signature"


@pytest.mark.parametrize("place", ["https://kwaad.example/lijst.xml", "file:///etc/passwd", "#xpointer(/)", "#xpointer(id('diensten'))"])
def test_a_reference_elsewhere_is_refused(place: str) -> None:
    assert refusal(LIST.replace(b'URI=""', f'URI="{place}"'.encode(), 1)) == "signature"


@pytest.mark.parametrize("comment", ["<!-- x -->", "<!---->"])
def test_a_comment_in_a_text_splits_nothing(comment: str) -> None:
    found = read(e.inside(LIST, "dienst B.V.", comment))
    assert {service.provider for service in found.services} == {"Vertrouwensdienst B.V."}
    assert [certificate for certificate, _ in found.granted(FOR_SEALS, pki.NOW)] == [AUTHORITY.der]


# What XML itself can do


@pytest.mark.parametrize(
    "start",
    [
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/e">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/e.dtd">',
        '<!DOCTYPE x PUBLIC "-//x//y" "file:///etc/hostname">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/p"> %p;]>',
        "<!DOCTYPE x>",
        '<!DOCTYPE x [<!ENTITY a "' + "a" * 50_000 + '">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE TrustServiceStatusList [<!ATTLIST TrustServiceStatusList Id CDATA "x">]>',
    ],
)
def test_a_document_type_is_refused_outright(start: str) -> None:
    assert refusal(LIST.replace(b"?>\n", b"?>\n" + start.encode(), 1)) == "malformed"


def test_a_document_type_in_another_encoding_is_refused() -> None:
    text = LIST.decode().replace("UTF-8", "UTF-16", 1).replace("?>\n", "?>\n<!DOCTYPE x>", 1)
    assert refusal(text.encode("utf-16")) == "malformed"


@pytest.mark.parametrize("encoding", ["UTF-7", "UTF-16", "EBCDIC-CP-US", "latin-1"])
def test_another_encoding_is_refused(encoding: str) -> None:
    assert refusal(LIST.replace(b"UTF-8", encoding.encode(), 1)) == "malformed"


@pytest.mark.parametrize("more", ["&onbekend;", "<![CDATA[x]]>", "<open>", "\x00"])
def test_a_text_that_is_no_plain_xml_is_refused(more: str) -> None:
    assert refusal(e.inside(LIST, "Vertrouwensdienst", more)) == "malformed"


def test_a_deep_list_is_refused() -> None:
    assert refusal(b"<a>" * 100_000 + b"</a>" * 100_000) == "malformed"
    assert refusal(e.inside(LIST, "<SchemeTerritory>", "<d>" * 100 + "</d>" * 100)) == "malformed"


def test_a_broad_list_is_refused() -> None:
    assert refusal(e.inside(LIST, "<SchemeTerritory>", "<d/>" * 500_000)) == "malformed"


def test_a_large_list_is_refused() -> None:
    assert refusal(LIST + b" " * (16 << 20)) == "malformed"


@given(st.data())
def test_odd_bytes_are_refused_or_change_nothing(data: st.DataObject) -> None:
    odd = bytearray(LIST)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(LIST.index(b"<TrustService"), len(odd) - 20))
        odd[place] = odd[place] ^ data.draw(st.integers(1, 127))
    with suppress(EuListRefused):
        assert read(bytes(odd)) == read(LIST)


@given(st.binary(max_size=100))
def test_bytes_that_are_no_list_are_refused(data: bytes) -> None:
    with pytest.raises(EuListRefused):
        read(data)
