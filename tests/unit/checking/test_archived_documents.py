from collections.abc import Callable
from datetime import timedelta

import pytest

from blauweknop.checking.check_document import check_document
from blauweknop.checking.report import report_json, report_text, seal_level
from blauweknop.checking.trust import NO_TRUST
from blauweknop.document.archiving import ListsTooOld, NothingToAdd
from blauweknop.document.augmenting import add_security_store
from blauweknop.domain.verdict import Colour
from tests.unit.checking import archived_documents as a
from tests.unit.checking import exercise_documents as x

SOON = a.NEXT_DAY + timedelta(hours=1)


@pytest.mark.parametrize(
    ("made", "level"),
    [(a.document, "B-T"), (lambda: a.kept("B-LT"), "B-LT"), (a.kept, "B-LTA"), (lambda: a.document(stamped=False), "B-B")],
    ids=["B-T", "B-LT", "B-LTA", "B-B"],
)
def test_the_level_is_told_in_words(made: Callable[[], bytes], level: str) -> None:
    found = a.verdict(made(), x.NOW if level in ("B-B", "B-T") else SOON)
    assert seal_level(found) == level
    assert f"Niveau van het zegel: {level}." in report_text("document.pdf", found, "nl")


def test_the_object_for_scripts_gets_no_new_member() -> None:
    members = (report_json("document.pdf", a.verdict(pdf, SOON)).keys() for pdf in (a.document(), a.kept()))
    assert len({tuple(names) for names in members}) == 1


def test_the_level_of_a_seal_that_is_not_proved_is_not_told() -> None:
    assert seal_level(check_document(a.kept(), trust=NO_TRUST, at=SOON, catalogue=x.catalogue())) is None


@pytest.mark.parametrize(
    "made", [lambda: a.kept("B-LT"), a.kept, lambda: a.archived(a.kept("B-LT"), a.NEXT_DAY)], ids=["LT", "LTA", "LT then LTA"]
)
def test_a_document_with_proofs_is_green(made: Callable[[], bytes]) -> None:
    assert a.verdict(made(), SOON).colour is Colour.GREEN


def test_a_seal_without_time_stamp_is_green_with_one_over_the_document() -> None:
    without = a.document(stamped=False)
    assert a.reasons(without, x.NOW) == {"time_stamp": "time_stamp_missing"}
    stamped = a.archived(a.stamped(without, x.NOW), a.NEXT_DAY)
    assert a.verdict(stamped, SOON).colour is Colour.GREEN


def test_without_later_proofs_a_time_stamp_ends_with_its_certificate() -> None:
    assert a.reasons(a.document(), a.LONG_AFTER)["chain"] == "time_stamp_aged"


def test_renewed_in_time_only_the_data_are_old() -> None:
    assert a.reasons(a.renewed(), a.LONG_AFTER) == {"validity": "data_expired"}
    assert seal_level(a.verdict(a.renewed(), a.LONG_AFTER)) == "B-LTA"


def test_not_renewed_in_time_the_last_time_stamp_is_too_old() -> None:
    assert a.reasons(a.kept(), a.LONG_AFTER)["chain"] == "time_stamp_aged"


def test_renewed_too_late_the_chain_of_time_stamps_is_broken() -> None:
    late = a.stamped(a.kept(), a.LONG_AFTER - timedelta(days=1), a.later_scheme().time_stamp)
    assert a.reasons(late, a.LONG_AFTER)["chain"] == "time_stamp_aged"


def test_a_time_stamp_of_an_unknown_authority_leaves_it_open() -> None:
    pdf = a.stamped(a.kept(), a.NEXT_DAY + timedelta(minutes=2), x.exercise().time_stamp)
    assert a.reasons(pdf, SOON)["chain"] == "time_stamp_unknown"


def test_time_stamps_in_the_wrong_order_leave_it_open() -> None:
    pdf = a.stamped(a.kept(), a.NEXT_DAY - timedelta(hours=3))
    assert a.reasons(pdf, SOON)["time_stamp"] == "time_stamp_order"


def test_a_time_stamp_of_tomorrow_leaves_it_open() -> None:
    assert a.reasons(a.kept(), x.NOW)["time_stamp"] == "time_stamp_future"


def test_a_list_after_the_seal_that_tells_of_an_earlier_revocation_condemns() -> None:
    pdf = add_security_store(a.document(), certificates=(), crls=a.scheme().revoked)
    assert a.reasons(pdf, SOON)["revocation"] == "certificate_revoked"


def test_lists_of_another_authority_are_not_believed() -> None:
    # The names of the authorities are the same; only their keys differ.
    without_lists = x.sealed(
        x.typeset(x.letter(x.content()), x.attachments(x.content(), sd_jwt=x.credential(x.content(), signer=a.scheme().credential))),
        signer=a.scheme().seal,
        crls=(),
        stamp=x.time_stamps(x.ISSUED, a.scheme().time_stamp),
    )
    foreign = add_security_store(without_lists, certificates=(), crls=x.exercise().crls)
    own = add_security_store(without_lists, certificates=(), crls=a.scheme().lists[a.NEXT_DAY])
    assert a.reasons(without_lists, SOON)["revocation"] == "no_crl"
    assert a.reasons(foreign, SOON)["revocation"] == "crl_signature"
    assert a.reasons(own, SOON) == {}


def test_what_is_no_certificate_in_the_store_condemns() -> None:
    pdf = add_security_store(a.document(), certificates=[b"\x30\x03\x02\x01\x05"], crls=a.scheme().lists[a.NEXT_DAY])
    assert a.reasons(pdf, SOON)["revocation"] == "security_store"


def test_what_is_no_list_in_the_store_condemns() -> None:
    pdf = add_security_store(a.document(), certificates=(), crls=[b"\x30\x03\x02\x01\x05", *a.scheme().lists[a.NEXT_DAY]])
    assert a.reasons(pdf, SOON)["revocation"] == "security_store"


def test_lists_of_before_the_sealing_are_refused_by_name() -> None:
    with pytest.raises(ListsTooOld, match="OEFENING uitgever") as caught:
        a.archived(a.document(), x.NOW, crls=a.scheme().lists[x.NOW - timedelta(hours=2)])
    assert "crls" in str(caught.value.remedy)


def test_lists_of_after_the_end_of_a_certificate_are_refused() -> None:
    with pytest.raises(ListsTooOld):
        a.archived(a.document(), a.LONG_AFTER, crls=a.later_scheme().lists[a.LONG_AFTER])


def test_a_level_that_is_there_is_not_added_again() -> None:
    with pytest.raises(NothingToAdd):
        a.archived(a.kept("B-LT"), a.NEXT_DAY, level="B-LT")
