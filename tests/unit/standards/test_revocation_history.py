from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.standards.revocation import NotRevoked, Revocation, RevocationUnknown, Revoked
from blauweknop.standards.revocation_history import check_revocation_since, issued_at, issuer_of
from tests.unit.standards.pki import NOW, SEAL, YEAR, Issued, certify, p256, revocation_list

DAY = timedelta(days=1)
ROOT = certify("wortel", ends=NOW + 10 * YEAR)
LEAF = certify("zegel", ROOT, SEAL)
PATH = (LEAF.certificate, ROOT.certificate)
LATER = NOW + 30 * DAY


def list_of(moment: datetime, *gone: tuple[Issued, datetime], issuer: Issued = ROOT) -> bytes:
    return revocation_list(issuer, gone, starts=moment, ends=moment + DAY)


def answer(*crls: bytes, used: datetime = NOW, horizon: datetime | None = None, now: datetime = LATER) -> Revocation:
    return check_revocation_since(PATH, crls, moment=used, horizon=horizon or used, now=now)


def test_a_list_of_the_moment_suffices() -> None:
    assert isinstance(answer(list_of(NOW - timedelta(hours=1))), NotRevoked)


def test_a_list_that_came_later_suffices_also_when_it_has_grown_old() -> None:
    assert isinstance(answer(list_of(NOW + 9 * DAY)), NotRevoked)


def test_a_list_that_had_grown_old_at_the_moment_does_not_suffice() -> None:
    assert answer(list_of(NOW - 9 * DAY)) == RevocationUnknown(0, "crl_stale")


def test_no_list_is_no_answer() -> None:
    assert answer() == RevocationUnknown(0, "no_crl")


def test_a_list_of_the_future_does_not_suffice() -> None:
    assert answer(list_of(LATER + DAY)) == RevocationUnknown(0, "crl_not_yet")


def test_a_list_of_after_the_end_of_the_certificate_does_not_suffice() -> None:
    # An authority may leave ended certificates out.
    late = NOW + 2 * YEAR
    assert answer(list_of(late), now=late + DAY) == RevocationUnknown(0, "crl_not_yet")


def test_a_later_list_tells_of_an_earlier_revocation() -> None:
    assert answer(list_of(NOW + DAY, (LEAF, NOW - DAY))) == Revoked(0, NOW - DAY, "keyCompromise")


def test_a_later_revocation_outweighs_a_clean_list_of_the_moment() -> None:
    assert isinstance(answer(list_of(NOW - timedelta(hours=1)), list_of(NOW + DAY, (LEAF, NOW - DAY))), Revoked)


def test_a_revocation_after_the_moment_leaves_a_seal_good() -> None:
    assert isinstance(answer(list_of(NOW + 2 * DAY, (LEAF, NOW + DAY))), NotRevoked)


def test_a_key_stolen_before_the_next_proof_voids_a_time_stamp() -> None:
    assert isinstance(answer(list_of(NOW + 2 * DAY, (LEAF, NOW + DAY)), horizon=NOW + 3 * DAY), Revoked)


def test_a_key_stolen_after_the_next_proof_leaves_a_time_stamp_good() -> None:
    assert isinstance(answer(list_of(NOW + 2 * DAY, (LEAF, NOW + DAY)), horizon=NOW + timedelta(hours=1)), NotRevoked)


def test_a_certificate_that_was_replaced_leaves_earlier_time_stamps_good() -> None:
    entry = x509.RevokedCertificateBuilder().serial_number(LEAF.certificate.serial_number).revocation_date(NOW + DAY)
    entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags.superseded), critical=False)
    builder = x509.CertificateRevocationListBuilder().issuer_name(ROOT.certificate.subject).last_update(NOW + DAY)
    builder = builder.next_update(NOW + 2 * DAY).add_revoked_certificate(entry.build())
    replaced = builder.sign(ROOT.key, hashes.SHA256()).public_bytes(Encoding.DER)
    assert isinstance(answer(replaced, horizon=NOW + 3 * DAY), NotRevoked)
    assert isinstance(answer(replaced, used=NOW + DAY, horizon=NOW + 3 * DAY), Revoked)
    assert isinstance(answer(replaced, used=NOW + 2 * DAY, horizon=NOW + 3 * DAY), Revoked)


def test_a_list_of_just_before_the_moment_is_judged_at_the_moment() -> None:
    just_before = NOW - timedelta(seconds=30)
    assert isinstance(answer(list_of(just_before, (LEAF, NOW - timedelta(seconds=10)))), Revoked)


def test_a_later_list_of_a_namesake_is_not_believed() -> None:
    namesake = certify("wortel", key=p256())
    assert answer(list_of(NOW + DAY, issuer=namesake)) == RevocationUnknown(0, "crl_signature")


def test_each_authority_of_the_path_needs_its_list() -> None:
    middle = certify("uitgever", ROOT)
    leaf = certify("zegel", middle, SEAL)
    path = (leaf.certificate, middle.certificate, ROOT.certificate)
    own, above = list_of(NOW + DAY, issuer=middle), list_of(NOW + DAY, (middle, NOW - DAY))
    assert check_revocation_since(path, [own], moment=NOW, horizon=NOW, now=LATER) == RevocationUnknown(1, "no_crl")
    assert check_revocation_since(path, [own, above], moment=NOW, horizon=NOW, now=LATER) == Revoked(1, NOW - DAY, "keyCompromise")


def test_bytes_that_are_no_list_have_no_moment_and_no_issuer() -> None:
    assert (issued_at(b"\x30\x00"), issuer_of(b"\x30\x00")) == (None, None)


def test_a_list_of_the_future_hides_no_good_list_behind_it() -> None:
    assert isinstance(answer(list_of(LATER + DAY), list_of(NOW + DAY)), NotRevoked)
    assert isinstance(answer(list_of(LATER + DAY), list_of(NOW + DAY, (LEAF, NOW - DAY))), Revoked)


def test_a_list_that_cannot_be_read_hides_no_good_list_behind_it() -> None:
    assert isinstance(answer(b"\x30\x00", list_of(NOW + DAY)), NotRevoked)


def test_a_certificate_that_was_taken_back_at_the_very_moment_is_revoked() -> None:
    assert answer(list_of(NOW + DAY, (LEAF, NOW))) == Revoked(0, NOW, "keyCompromise")
    assert isinstance(answer(list_of(NOW + DAY, (LEAF, NOW + timedelta(seconds=1)))), NotRevoked)


def test_a_key_stolen_at_the_moment_of_the_next_proof_voids_a_time_stamp() -> None:
    next_proof = NOW + 2 * DAY
    stolen = list_of(NOW + 4 * DAY, (LEAF, next_proof))
    assert isinstance(answer(stolen, horizon=next_proof), Revoked)
    assert isinstance(answer(stolen, horizon=next_proof - timedelta(seconds=1)), NotRevoked)


def test_the_clock_of_an_authority_may_be_a_minute_ahead() -> None:
    assert isinstance(answer(list_of(LATER + timedelta(seconds=60))), NotRevoked)
    assert answer(list_of(LATER + timedelta(seconds=61))) == RevocationUnknown(0, "crl_not_yet")


def test_a_list_of_the_last_second_of_the_certificate_suffices() -> None:
    end = LEAF.certificate.not_valid_after_utc
    assert isinstance(answer(list_of(end), now=end + DAY), NotRevoked)
    assert answer(list_of(end + timedelta(seconds=1)), now=end + DAY) == RevocationUnknown(0, "crl_not_yet")
