from datetime import datetime, timedelta

import pytest
from cryptography import x509

from blauweknop.standards.revocation import NotRevoked, Revocation, RevocationUnknown, Revoked, check_revocation
from tests.unit.standards.pki import NOW, SEAL, certify, constraints, revocation_list, usage

HOUR = timedelta(hours=1)
ROOT = certify("wortel")
MIDDLE = certify("uitgever", ROOT)
LEAF = certify("zegel", MIDDLE, SEAL)
PATH = (LEAF.certificate, MIDDLE.certificate, ROOT.certificate)
ROOT_LIST = revocation_list(ROOT)
CLEAN = revocation_list(MIDDLE)


def answer(*middle_lists: bytes, root_list: bytes = ROOT_LIST) -> Revocation:
    return check_revocation(PATH, [*middle_lists, root_list], NOW)


def test_fresh_lists_without_the_certificate_are_a_yes() -> None:
    assert answer(CLEAN) == NotRevoked(NOW + timedelta(days=1))


def test_a_certificate_on_the_list_is_revoked_with_moment_and_reason() -> None:
    assert answer(revocation_list(MIDDLE, [(LEAF, NOW - HOUR)])) == Revoked(0, NOW - HOUR, "keyCompromise")


def test_an_authority_on_the_list_is_revoked_at_its_place() -> None:
    assert answer(CLEAN, root_list=revocation_list(ROOT, [(MIDDLE, NOW - HOUR)])) == Revoked(1, NOW - HOUR, "keyCompromise")


def test_revocation_after_the_moment_does_not_count() -> None:
    assert isinstance(answer(revocation_list(MIDDLE, [(LEAF, NOW + HOUR)], starts=NOW)), NotRevoked)


def test_one_list_that_revokes_outweighs_one_that_does_not() -> None:
    assert isinstance(answer(CLEAN, revocation_list(MIDDLE, [(LEAF, NOW - HOUR)])), Revoked)


def test_a_leaf_that_is_the_anchor_needs_no_list() -> None:
    assert check_revocation(PATH[:1], [], NOW) == NotRevoked(None)


@pytest.mark.parametrize(
    ("lists", "reason"),
    [
        pytest.param([], "no_crl", id="silence"),
        pytest.param([revocation_list(certify("ander"))], "no_crl", id="list of another"),
        pytest.param([b"geen lijst"], "crl_malformed", id="no list"),
        pytest.param([revocation_list(MIDDLE, ends=NOW - HOUR)], "crl_stale", id="old list"),
        pytest.param([revocation_list(MIDDLE, starts=NOW + HOUR)], "crl_not_yet", id="list of later"),
        pytest.param([revocation_list(MIDDLE, key=certify("vreemd").key)], "crl_signature", id="signed by another"),
        pytest.param(
            [revocation_list(MIDDLE, extensions=[(x509.AuthorityKeyIdentifier(bytes(20), None, None), False)])],
            "crl_signature",
            id="of another key",
        ),
        pytest.param([revocation_list(MIDDLE, extensions=[(x509.DeltaCRLIndicator(1), True)])], "crl_critical", id="delta"),
        pytest.param(
            [revocation_list(MIDDLE, extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), b"\x05\x00"), True)])],
            "crl_critical",
            id="unknown critical extension",
        ),
    ],
)
def test_a_list_that_does_not_count_is_no_yes_and_no_no(lists: list[bytes], reason: str) -> None:
    assert answer(*lists) == RevocationUnknown(0, reason)  # type: ignore[arg-type] # the parameters are plain text


def test_clocks_may_differ_a_minute() -> None:
    early = revocation_list(MIDDLE, starts=NOW + timedelta(seconds=59))
    late = revocation_list(MIDDLE, ends=NOW - timedelta(seconds=59))
    assert isinstance(answer(early), NotRevoked)
    assert isinstance(answer(late), NotRevoked)


def test_an_authority_that_may_not_sign_lists_gives_no_answer() -> None:
    silent = certify("stil", ROOT, [constraints(authority=True), usage("key_cert_sign")])
    leaf = certify("zegel", silent, SEAL)
    path = (leaf.certificate, silent.certificate, ROOT.certificate)
    assert check_revocation(path, [revocation_list(silent), ROOT_LIST], NOW) == RevocationUnknown(0, "crl_signature")


def test_a_list_that_was_fresh_grows_old() -> None:
    minute = timedelta(seconds=60)
    end = NOW + timedelta(days=1)

    def at(moment: datetime) -> object:
        answered = check_revocation(PATH[1:], [ROOT_LIST], moment)
        return answered.reason if isinstance(answered, RevocationUnknown) else type(answered)

    moments = [NOW, end + minute, end + minute + timedelta(seconds=1), NOW - timedelta(days=1) - minute * 2, NOW]
    assert [at(moment) for moment in moments] == [NotRevoked, NotRevoked, "crl_stale", "crl_not_yet", NotRevoked]


def test_a_certificate_is_gone_from_its_revocation_on_whatever_was_asked_before() -> None:
    listed = revocation_list(MIDDLE, [(LEAF, NOW)], starts=NOW - HOUR)
    answers = [
        check_revocation(PATH, [listed, ROOT_LIST], NOW + late) for late in (-timedelta(seconds=1), timedelta(), -timedelta(seconds=1))
    ]
    assert [type(found) for found in answers] == [NotRevoked, Revoked, NotRevoked]


def test_a_list_that_answered_for_one_certificate_answers_for_another_by_itself() -> None:
    other = certify("ander zegel", MIDDLE, SEAL)
    listed = revocation_list(MIDDLE, [(other, NOW - HOUR)])
    assert isinstance(answer(listed), NotRevoked)
    assert isinstance(check_revocation((other.certificate, *PATH[1:]), [listed, ROOT_LIST], NOW), Revoked)


def test_a_list_that_was_right_for_one_authority_is_not_for_a_namesake() -> None:
    assert isinstance(answer(CLEAN), NotRevoked)
    namesake = certify("uitgever", ROOT)
    found = check_revocation((LEAF.certificate, namesake.certificate, ROOT.certificate), [CLEAN, ROOT_LIST], NOW)
    assert found == RevocationUnknown(0, "crl_signature")


def test_a_list_of_which_one_byte_differs_is_read_anew() -> None:
    assert isinstance(answer(CLEAN), NotRevoked)
    changed = CLEAN[:-1] + bytes([CLEAN[-1] ^ 1])
    assert answer(changed) == RevocationUnknown(0, "crl_signature")


def test_a_fresh_list_answers_whatever_stands_before_it() -> None:
    assert answer(revocation_list(MIDDLE, ends=NOW - HOUR), CLEAN) == NotRevoked(NOW + timedelta(days=1))
    assert isinstance(answer(revocation_list(MIDDLE, ends=NOW - HOUR), revocation_list(MIDDLE, [(LEAF, NOW - HOUR)])), Revoked)


def test_the_answer_counts_as_long_as_the_list_that_ends_first() -> None:
    assert answer(CLEAN, root_list=revocation_list(ROOT, ends=NOW + HOUR)) == NotRevoked(NOW + HOUR)
    assert answer(revocation_list(MIDDLE, ends=NOW + 2 * HOUR), revocation_list(MIDDLE, ends=NOW + HOUR)) == NotRevoked(NOW + 2 * HOUR)
