from blauweknop.checking.check_document import check_document
from blauweknop.checking.known_shapes import KnownShapes
from blauweknop.domain.document import JsonValue
from blauweknop.domain.verdict import Verdict, Verified
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import shape_documents as s


def check(known: KnownShapes, pdf: bytes) -> Verdict:
    return known.check(pdf, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def test_the_second_document_of_a_kind_is_found_good_the_short_way() -> None:
    known = KnownShapes()
    first = check(known, s.made(s.person(1)))
    second = s.made(s.person(2, "Fatma", "Y\u0131lmaz-(de) Boer\\", schuldsaldo_inclusief_rente=1))
    # Only the short way has this name; a verdict does not tell how it was found.
    found = known._quick(second, x.trust(), x.NOW, x.catalogue())
    assert isinstance(found, Verified)
    assert found.facts == first.facts
    assert found.content["document_id"] == f"{2:032x}"
    assert found == check_document(second, trust=x.trust(), at=x.NOW, catalogue=x.catalogue())


def test_documents_that_were_typeset_teach_nothing() -> None:
    known = KnownShapes()
    assert isinstance(check(known, x.good_document()), Verified)
    assert len(known) == 0


def test_documents_that_are_not_good_teach_nothing() -> None:
    known = KnownShapes()
    check(known, s.made(s.person(1), sd_jwt=x.credential(s.person(2))))
    assert len(known) == 0


def test_only_so_many_shapes_are_kept() -> None:
    known = KnownShapes(most=2)
    row: JsonValue = {"soort": "lening", "bedrag": 7}
    for number in range(4):
        assert isinstance(check(known, s.made(s.person(number, schuldonderdelen=[row] * (2 + number)))), Verified)
        assert len(known) == min(number + 1, 2)


def test_what_is_known_shows_nothing_of_a_person() -> None:
    known = KnownShapes()
    check(known, s.made(s.person(1, "Wilhelmina", "Zonneveld")))
    shown = repr(vars(known))
    assert "Wilhelmina" not in shown
    assert "Zonneveld" not in shown
    assert f"{1:032x}" not in shown
