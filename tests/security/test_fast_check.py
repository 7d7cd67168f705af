import itertools
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blauweknop.checking.check_document import check_document
from blauweknop.checking.known_shapes import KnownShapes
from blauweknop.checking.trust import NO_TRUST, Trust
from blauweknop.document.content import Content
from blauweknop.document.shapes.shape import Shape
from blauweknop.domain.verdict import Rejected, Verdict, Verified
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.trust_list import ServiceStatus
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import shape_documents as s

FIRST = s.person(1)
LAST = s.person(2, "Piet", "Bakker-Ko\u00ff", schuldsaldo_inclusief_rente=7654321)


def in_full(pdf: bytes, *, trust: Trust | None = None, at: datetime = x.NOW) -> Verdict:
    return check_document(pdf, trust=trust or x.trust(), at=at, catalogue=x.catalogue())


def quickly(known: KnownShapes, pdf: bytes, *, trust: Trust | None = None, at: datetime = x.NOW) -> Verdict:
    return known.check(pdf, trust=trust or x.trust(), at=at, catalogue=x.catalogue())


def taught(*documents: bytes) -> KnownShapes:
    known = KnownShapes()
    for pdf in documents:
        assert isinstance(quickly(known, pdf), Verified)
    return known


@cache
def _taught() -> KnownShapes:
    known = taught(s.made(FIRST))
    assert len(known) == 1
    return known


def agree(pdf: bytes, *, trust: Trust | None = None, at: datetime = x.NOW) -> Verdict:
    """The verdict on this document, which both checks must give."""
    verdict = quickly(_taught(), pdf, trust=trust, at=at)
    assert verdict == in_full(pdf, trust=trust, at=at)
    return verdict


@cache
def other_document() -> bytes:
    return s.made(LAST)


def _moving() -> int:
    """Where the part begins that differs from document to document."""
    return len(s.usual_shape().constant.data)


PLACES: dict[str, Callable[[bytes], int]] = {
    "header": lambda _: 5,
    "fingerprint": lambda _: 12,
    "constant": lambda _: 4000,
    "page": lambda document: document.index(b" Tm(") + 5,
    "page length": lambda document: document.index(b"<</Length ", _moving()) + 10,
    "left side": lambda document: document.index(b"1 0 0 1 ", _moving()) + 9,
    "data": lambda document: document.index(b'"given_name":"') + 15,
    "size of data": lambda document: document.index(b"/Params<</Size ") + 15,
    "name of kind": lambda document: document.index(b"/Subtype/application") + 12,
    "code": lambda document: document.rindex(b"/ImageMask true"),
    "modules": lambda document: document.index(b"stream\n", document.rindex(b"/ImageMask true")) + 40,
    "metadata": lambda document: document.rindex(b"<xmp:CreateDate>") + 18,
    "title": lambda document: document.rindex(b"/Title") + 12,
    "signature": lambda document: document.index(b"/Adobe.PPKLite") + 2,
    "moment of sealing": lambda document: document.index(b"/M (D:") + 8,
    "first digit": lambda document: document.rindex(b"<3082") + 1,
    "cms": lambda document: document.rindex(b"<3082") + 900,
    "padding": lambda document: document.rindex(b">", 0, document.rindex(b"/ByteRange")) - 3,
    "end of gap": lambda document: document.rindex(b">", 0, document.rindex(b"/ByteRange")),
    "byte range": lambda document: document.rindex(b"/ByteRange") + 16,
    "table": lambda document: document.rindex(b"xref\n0 ") + 40,
    "last line of table": lambda document: document.rindex(b" 00000 n ") - 2,
    "trailer": lambda document: document.rindex(b"/Root") + 2,
    "identifier": lambda document: document.rindex(b"/ID") + 9,
    "startxref": lambda document: document.rindex(b"startxref") + 11,
    "end": lambda document: len(document) - 2,
}


@pytest.mark.parametrize("place", sorted(PLACES))
@pytest.mark.parametrize("seal_again", [False, True], ids=["changed", "changed_and_sealed"])
def test_one_byte_changed_gets_the_verdict_of_the_full_check(place: str, seal_again: bool) -> None:
    document = other_document()
    position = PLACES[place](document)
    changed = document[:position] + bytes([document[position] ^ 1]) + document[position + 1 :]
    if seal_again and place not in ("first digit", "cms", "padding", "end of gap"):
        changed = s.resealed(changed)
    agree(changed)


def _in_gap(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def changed(document: bytes) -> bytes:
        first = document.rindex(b"<3082")
        second = document.index(b">", first) + 1
        return document[:first] + change(document[first:second]) + document[second:]

    return changed


@pytest.mark.parametrize(
    "change",
    [
        _in_gap(bytes.upper),
        _in_gap(lambda gap: gap[:20] + b"\n" + gap[20:-1].removesuffix(b"0") + b">"),
        _in_gap(lambda gap: gap.replace(b"00>", b"0 >")),
        _in_gap(lambda gap: gap.replace(b"00>", b">")),
        _in_gap(lambda gap: gap.replace(b"00>", b"0>")),
        _in_gap(lambda gap: b"<" + b"0" * 20 + gap[1:-21] + b">"),
        _in_gap(lambda gap: b"<" + b"0" * (len(gap) - 2) + b">"),
        _in_gap(lambda _: b"<>"),
        lambda document: document + b"\n",
        lambda document: document + b"%",
        lambda document: b"\n" + document,
        lambda document: document[:-1],
        lambda document: document + document,
        lambda document: document[:18],
        lambda document: document[: len(document) // 2],
        lambda _: b"",
    ],
)
def test_odd_bytes_get_the_verdict_of_the_full_check(change: Callable[[bytes], bytes]) -> None:
    agree(change(other_document()))


@pytest.mark.parametrize("before", [rb"<</Length ", rb"/Params<</Size ", rb"/Interpolate false/Length "])
def test_a_size_of_very_many_digits_is_no_crash(before: bytes) -> None:
    start = other_document().index(before, len(s.usual_shape().constant.data)) + len(before)
    assert isinstance(agree(other_document()[:start] + b"9" * 5000 + other_document()[start:]), Rejected)


@pytest.mark.parametrize(
    "given",
    [
        "Kenmerk 0000 0000 0000 0000 0000 0000 0000 0001",
        "DUO",
        "a)Tj ET",
        "1 0 0 1 5 5 Tm(",
        "\\(\\\\",
        "21 februari 2027",
        "23 november 2026 om 14.12 uur",
        "20261123131200",
        "AAAAAAAAAAAAAAAAAAAAAQ==",
        "00000000000000000000000000000009",
        "Lo\u00ff",
        "\u0128\u0129\u015c\u010d\u010a",
        "\u0100\u00ff\u0100",
        "A\u030a\u0301",
        "1\n2",
        "\u00ad-\u00ad",
        "\u2028",
        "\uffff",
        "x" * 75,
        "ij " * 40,
        "endstream endobj 9 0 obj",
        "Totaal",
        "gegevens.json",
        "\u202e7",
    ],
)
def test_a_name_that_looks_like_something_else_is_judged_alike(given: str) -> None:
    said = s.person(9, given)
    if s.shapes().prepare(s.order_of(said)) is None:
        pytest.skip("this letter takes the truth path")
    document = s.made(said)
    assert isinstance(agree(document), Verified)
    fresh = KnownShapes()
    for pdf in (document, other_document(), document):
        assert quickly(fresh, pdf) == in_full(pdf)


def test_the_values_of_a_name_that_ends_in_a_y_with_dots_stay_apart() -> None:
    assert isinstance(in_full(s.made(s.person(3, "Anna", "Lou\u00ff"))), Verified)


def _as_it_was(value: int) -> bytes:
    return s.slots_of(s.order_of(FIRST)).texts[value].encode("utf-16-be").hex().encode("ascii")


def _frozen(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    return before[:-1] + b"<" + _as_it_was(0) + b">", after[1:]


def _replaced(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    begin, end = before.rindex(b"BT "), after.index(b"ET\n") + 3
    return (
        before[:begin] + b"/Span<</ActualText<feff" + _as_it_was(0) + b">>>BDC\n" + before[begin:],
        after[:end] + b"EMC\n" + after[end:],
    )


def _at_the_edge(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    return s.PLACE.sub(rb"1 0 0 1 520\2(", before), after


def _in_a_dead_string(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    place = s.PLACE.search(before)
    assert place is not None
    state = before[before.rindex(b"BT ") + 3 : place.start()]
    shown = before[place.start() : -1] + b"<" + _as_it_was(0) + b">Tj "
    return before[: place.start()] + b"ET\n/X (1 0 0 1 5 5 Tm(", b")Tj ET\n) DP\nBT " + state + shown + after.removeprefix(b")Tj ")


def _in_the_other_weight(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    return s.PLACE.sub(rb"/v1 10 Tf 1 0 0 1 \1\2(", before), after.replace(b"ET\n", b"/v0 10 Tf ET\n", 1)


def _spaced(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    return s.PLACE.sub(rb"2 Tc 1 0 0 1 \1\2(", before), after.replace(b"ET\n", b"0 Tc ET\n", 1)


def _with_a_blank(before: bytes, after: bytes) -> tuple[bytes, bytes]:
    begin = before.rindex(b"BT ")
    return before[:begin] + b"BT /v0 10 Tf 1 0 0 1 90 90 Tm(\0 )Tj ET\n" + before[begin:], after


DECEIVED: dict[str, Callable[[], Shape]] = {
    "a value that is fixed": lambda: s.edited(s.usual_shape(), 0, _frozen, frozen=True),
    "a replacement text": lambda: s.edited(s.usual_shape(), 0, _replaced),
    "a place at the edge of the paper": lambda: s.edited(s.usual_shape(), 0, _at_the_edge),
    "a place in a string that nobody shows": lambda: s.edited(s.usual_shape(), 0, _in_a_dead_string),
    "the font of another value": lambda: s.edited(s.usual_shape(), 0, _in_the_other_weight),
    "a blank that is no value": lambda: s.edited(s.usual_shape(), 0, _with_a_blank),
    "letters further apart": lambda: s.edited(s.usual_shape(), 0, _spaced),
    "a fixed moment of sealing": lambda: s.with_moment(s.usual_shape(), b"20200101000000"),
}


@pytest.mark.parametrize("how", sorted(DECEIVED))
def test_a_source_that_was_deceived_teaches_nothing(how: str) -> None:
    known = taught(s.made(FIRST, shape=DECEIVED[how]()))
    assert len(known) == 0
    for said in (LAST, s.person(4, "Willem-Alexander Claus George", "van Amsberg tot Oranje")):
        document = s.made(said, shape=DECEIVED[how]())
        assert quickly(known, document) == in_full(document)


@pytest.mark.parametrize("how", sorted(DECEIVED))
def test_a_deceived_document_of_a_known_kind_is_judged_in_full(how: str) -> None:
    agree(s.made(LAST, shape=DECEIVED[how]()))


def test_a_shape_with_the_fingerprint_of_another_is_told_apart() -> None:
    shape = s.with_constant(s.usual_shape(), b"/DisplayDocTitle true", b"/DisplayDocTitle null")
    agree(s.made(LAST, shape=shape))


def _lines(data: bytes) -> bytes:
    return data.replace(b",", b",\n ")


def _backwards(data: bytes) -> bytes:
    return re.sub(rb'^\{("\$schema":"[^"]*"),(.*)\}$', rb"{\2,\1}", data)


@pytest.mark.parametrize(
    "change",
    [
        _lines,
        _backwards,
        lambda data: data[:-1] + b',"version":1}',
        lambda data: data[:-1] + b',"extra":1}',
        lambda data: data + b"\n",
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"Piet", b"P\\u0069et"),
        lambda data: data.replace(b"Piet", b"Piex"),
        lambda data: data.replace(b"7654321", b"7654322"),
        lambda data: data.replace(b"7654321", b"7654321.0"),
        lambda data: data.replace(b"7654321", b"9" * 5000),
        lambda data: data.replace(b"Piet", b"Pie\xff"),
        lambda data: b"[" * 100_000,
        lambda data: b"",
        lambda data: data + b" " * (8 << 20),
    ],
)
def test_data_in_another_form_are_judged_alike(change: Callable[[bytes], bytes]) -> None:
    agree(s.made(LAST, data=change(canonical_json(LAST))))


def test_other_data_than_on_the_page_are_refused() -> None:
    assert isinstance(agree(s.made(FIRST, data=canonical_json(LAST))), Rejected)


def test_the_credential_of_another_document_is_refused() -> None:
    assert isinstance(agree(s.made(LAST, sd_jwt=x.credential(FIRST))), Rejected)


@pytest.mark.parametrize(
    "trust",
    [
        NO_TRUST,
        x.trust(x.entity(x.DUO, datasets=("duo.betaaloverzicht",))),
        x.trust(x.entity(x.UWV)),
        x.trust(x.entity(x.DUO, status=ServiceStatus.WITHDRAWN)),
        x.trust(x.entity(x.DUO, since=x.NOW + timedelta(days=1))),
        x.trust(x.entity(x.DUO, hosts=("status.example",))),
        x.without_time_stamp_service(),
        Trust(replace(x.trust_list(), exercise=False)),
        Trust(x.trust_list(sequence=8)),
        Trust(x.trust_list(issued=x.NOW - timedelta(days=200))),
    ],
)
def test_a_learned_shape_carries_no_trust(trust: Trust) -> None:
    assert isinstance(agree(other_document()), Verified)
    agree(other_document(), trust=trust)
    assert isinstance(agree(other_document()), Verified)


@pytest.mark.parametrize("days", [-500, -1, 1, 91, 1200, 3650])
def test_at_another_time_the_verdict_is_that_of_the_full_check(days: int) -> None:
    agree(other_document(), at=x.NOW + timedelta(days=days))


def test_other_texts_of_the_data_set_are_seen() -> None:
    catalogue = x.catalogue()
    dataset = catalogue.dataset("duo.studieschuld")
    other = replace(dataset, letter_intro=replace(dataset.letter_intro, nl="Iets anders."))
    changed = replace(catalogue, datasets={**catalogue.datasets, dataset.id: other})
    verdict = _taught().check(other_document(), trust=x.trust(), at=x.NOW, catalogue=changed)
    assert verdict == check_document(other_document(), trust=x.trust(), at=x.NOW, catalogue=changed)
    assert isinstance(verdict, Rejected)


@cache
def _other_seals() -> Sequence[bytes]:
    keys = x.exercise()
    return [
        s.sealed_by(LAST, signer, crls, stamp)
        for signer, crls, stamp in (
            (keys.seals["uwv"], keys.crls, x.time_stamps()),
            (keys.credentials["duo"], keys.crls, x.time_stamps()),
            (keys.seals["duo"], keys.revoked_crls, x.time_stamps()),
            (keys.seals["duo"], keys.stale_crls, x.time_stamps()),
            (keys.seals["duo"], (), x.time_stamps()),
            (keys.seals["duo"], keys.crls, None),
            (keys.seals["duo"], keys.crls, x.time_stamps(x.NOW + timedelta(days=2))),
            (keys.seals["duo"], keys.crls, x.time_stamps(x.ISSUED - timedelta(days=2))),
            (keys.seals["duo"], keys.crls, lambda _: x.time_stamps()(b"\7" * 32)),
        )
    ]


@pytest.mark.parametrize("number", range(9))
def test_another_seal_is_judged_as_always(number: int) -> None:
    assert not isinstance(agree(_other_seals()[number]), Verified)


@cache
def _people() -> tuple[bytes, ...]:
    return tuple(s.made(s.person(20 + number, f"Mens {number}", schuldsaldo_inclusief_rente=1000 * number)) for number in range(4))


@settings(max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), number=st.integers(0, 3), seal_again=st.booleans())
def test_random_changes_get_the_verdict_of_the_full_check(data: st.DataObject, number: int, seal_again: bool) -> None:
    document = bytearray(_people()[number])
    moving = len(s.usual_shape().constant.data)
    for _ in range(data.draw(st.integers(0, 2))):
        position = data.draw(st.integers(moving, len(document) - 1) | st.integers(0, moving))
        document[position : position + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    changed = bytes(document)
    if seal_again and changed.count(b"<3082") == 1 and changed.find(b">", changed.index(b"<3082")) > 0:
        length = changed.index(b">", changed.index(b"<3082")) - changed.index(b"<3082")
        changed = s.resealed(changed) if length % 2 else changed
    agree(changed)


_NAMES = st.text(st.sampled_from(" -.,'()\\\nabz019ÿĀ\u0128\u00e9e\u0301\u00ad\u00a0€"), min_size=1, max_size=60)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(given=_NAMES, family=_NAMES, debt=st.integers(0, 10**9))
def test_random_people_get_the_verdict_of_the_full_check(given: str, family: str, debt: int) -> None:
    said: Content = s.person(77, given, family, schuldsaldo_inclusief_rente=debt)
    if s.shapes().prepare(s.order_of(said)) is not None:
        agree(s.made(said))


def test_threads_share_what_was_learned() -> None:
    known = KnownShapes()
    with ThreadPoolExecutor(4) as pool:
        verdicts = list(pool.map(lambda pdf: quickly(known, pdf), itertools.islice(itertools.cycle(_people()), 24)))
    assert all(isinstance(verdict, Verified) for verdict in verdicts)
    assert len(known) == 1
