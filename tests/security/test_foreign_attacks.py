"""The known families of attacks on signed PDFs, made from a letter that somebody else sealed whom we trust: each of them is red."""

import re
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from pyhanko.sign.fields import MDPPerm

from blauweknop.adapters.sandbox import check_in_child
from blauweknop.checking.other_seals import check_other_seal
from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.pdf_syntax import MalformedPdf, PdfObject, Reference, Stream, dictionary
from blauweknop.document.pdf_syntax import Name as PdfName
from blauweknop.domain.verdict import Rejected, Undecided
from tests.security.attack_verdicts import red
from tests.security.foreign_tampering import (
    WHO,
    appended,
    dictionary_at,
    number_where,
    plain_letter,
    prepared,
    sealed_letter,
    start_of_table,
    state_of,
)
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import foreign_documents as f
from tests.vectors.test_pdf_attack import FILES
from tests.vectors.test_pdf_attack import trust_in as trust_in_signer

PATIENCE = 10  # seconds
TRUST = f.trust_in(WHO)


def refused(pdf: bytes) -> dict[str, str]:
    """The reasons, of the check as a whole; the general check itself calls it red as well, or not a file for it."""
    assert not isinstance(check_other_seal(pdf, trust=TRUST, at=x.NOW), Undecided)
    return red(pdf, trust=TRUST)


def sealed(pdf: bytes) -> bytes:
    return f.sealed(pdf, WHO)


def page_of(pdf: bytes) -> int:
    return number_where(pdf, "Type", "Page")


def text(words: str) -> Stream:
    return Stream(dictionary({}), f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET".encode())


def next_number(pdf: bytes) -> int:
    return max(state_of(pdf)) + 1


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_known_hostile_file_is_not_for_the_general_check_either(file: Path) -> None:
    started = time.monotonic()
    found = check_other_seal(file.read_bytes(), trust=trust_in_signer(file.with_suffix(".trust.pem")), at=x.NOW)
    assert found is None or isinstance(found, Rejected)
    assert time.monotonic() - started < PATIENCE


def test_the_letter_itself_is_orange() -> None:
    assert isinstance(check_other_seal(sealed_letter(), trust=TRUST, at=x.NOW), Undecided)


# Incremental saving (ISA)


def test_new_words_on_a_page_are_seen() -> None:
    pdf = sealed_letter()
    contents = dictionary_at(pdf, page_of(pdf))["Contents"]
    assert isinstance(contents, Reference)
    assert refused(appended(pdf, {contents.number: text("U krijgt 900 euro")})) == {"other_changes": "other_changed"}


def test_a_page_with_other_words_is_seen() -> None:
    pdf = sealed_letter()
    new = next_number(pdf)
    page = dictionary({**dictionary_at(pdf, page_of(pdf)), "Contents": Reference(new)})
    assert refused(appended(pdf, {page_of(pdf): page, new: text("U krijgt 900 euro")})) == {"other_changes": "other_changed"}


def test_one_more_page_is_seen() -> None:
    pdf = sealed_letter()
    pages, new = number_where(pdf, "Type", "Pages"), next_number(pdf)
    tree = dictionary_at(pdf, pages)
    kids = tree["Kids"]
    assert isinstance(kids, tuple)
    added = {pages: dictionary({**tree, "Kids": (*kids, Reference(new)), "Count": 2}), new: dictionary_at(pdf, page_of(pdf))}
    assert refused(appended(pdf, added)) == {"other_changes": "other_changed"}


def test_another_catalog_is_seen() -> None:
    pdf = sealed_letter()
    new = next_number(pdf)
    catalog = dictionary_at(pdf, number_where(pdf, "Type", "Catalog"))
    expected = {"other_content": "hidden_content", "other_changes": "other_changed"}
    assert refused(appended(pdf, {new: catalog}, root=new)) == expected


def test_a_revision_with_nothing_in_it_is_seen_for_what_it_is() -> None:
    found = check_other_seal(appended(sealed_letter(), {}), trust=TRUST, at=x.NOW)
    assert isinstance(found, Rejected)


def test_objects_that_no_table_names_are_seen() -> None:
    pdf = sealed_letter()
    refused(appended(pdf, {next_number(pdf): text("verborgen")}, listed=False))


@pytest.mark.parametrize("tail", [b"%%EOF", b"\n\n", b" ", b"5 0 obj\n<<>>\nendobj\n", b"startxref\n0\n%%EOF\n", b"\x00"])
def test_bytes_after_the_end_are_seen(tail: bytes) -> None:
    refused(sealed_letter() + tail)


def test_a_changed_byte_under_the_seal_is_seen() -> None:
    pdf = sealed_letter().replace(b"/Producer", b"/Producex", 1)
    assert pdf != sealed_letter()
    assert refused(pdf) == {"other_seal": "seal_hash"}


# A signature that is none (USF)


def with_signature_entry(pattern: bytes, by: bytes) -> bytes:
    """The entry in another way, of the same length, so that only this is wrong."""
    pdf = sealed_letter()
    found = list(re.finditer(pattern, pdf))[-1]
    assert len(by) <= len(found[0])
    return pdf[: found.start()] + by.ljust(len(found[0])) + pdf[found.end() :]


@pytest.mark.parametrize(
    "by",
    [b"/Contents <>", b"/Contents null", b"/Xontents <00>", b"/Contents <00>", b"/Contents ()", b"/Contents 0", b"", b"/Contents [<00>]"],
)
def test_a_signature_without_contents_is_red(by: bytes) -> None:
    refused(with_signature_entry(rb"/Contents <[0-9a-fA-F]+>", by))


@pytest.mark.parametrize(
    "by",
    [
        b"",
        b"/ByteRange null",
        b"/ByteRange []",
        b"/ByteRange [0 0 0 0]",
        b"/ByteRange [0 10]",
        b"/ByteRange [0 -1 5 9]",
        b"/ByteRange [1 2 3 4]",
        b"/ByteRange [0 999999 999999 1]",
        b"/ByteRange [0 1 2]",
        b"/ByteRange 0",
        b"/ByteRange [0 false 1 1]",
    ],
)
def test_a_signature_over_other_bytes_is_red(by: bytes) -> None:
    refused(with_signature_entry(rb"/ByteRange \[[^]]*\][ ]*", by))


def test_a_signature_over_all_but_the_last_byte_is_red() -> None:
    pdf = sealed_letter()
    numbers = [int(number) for number in re.findall(rb"\d+", re.findall(rb"/ByteRange \[[^]]*\]", pdf)[-1])]
    refused(pdf.replace(b"%d]" % numbers[3], b"%d]" % (numbers[3] - 1)))


def test_a_signature_of_no_known_kind_is_red_or_undecided() -> None:
    refused(with_signature_entry(rb"/SubFilter /ETSI.CAdES.detached", b"/SubFilter /adbe.x509.sha1"))


# Bytes wrapped in a signature: SWA


def test_bytes_put_between_the_two_parts_are_seen() -> None:
    pdf = sealed_letter()
    gap = re.search(rb"/Contents <[0-9a-fA-F]+>", pdf)
    assert gap is not None
    refused(pdf[: gap.end()] + b" /Evil (wrapped)" + pdf[gap.end() :])


def test_the_second_part_moved_back_is_seen() -> None:
    pdf = sealed_letter()
    span = re.search(rb"/ByteRange \[0 (\d+) (\d+) (\d+)\]", pdf)
    assert span is not None
    second = int(span[2])
    room = b"\n" + b"9999 0 obj\n<</Evil(wrapped)>>\nendobj\n" + b" " * 500
    refused(pdf[:second] + room + pdf[second:])


def test_a_signature_beside_the_field_is_seen() -> None:
    pdf = sealed_letter()
    copy = dictionary_at(pdf, number_where(pdf, "Type", "Sig"))
    refused(appended(pdf, {next_number(pdf): copy}))


def test_a_signature_written_again_is_seen() -> None:
    pdf = sealed_letter()
    number = number_where(pdf, "Type", "Sig")
    copy = dictionary({**dictionary_at(pdf, number), "Reason": b"Andere reden"})
    assert refused(appended(pdf, {number: copy}))["other_coverage"] in ("other_signature", "seal_coverage", "contents")


# Shadow documents: hide, replace, hide and replace


def test_a_layer_that_hides_what_is_under_it_is_red_before_anybody_takes_it_away() -> None:
    def layered(pdf: Pdf) -> None:
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("laag")))
        pdf.Root.OCProperties = Dictionary(OCGs=Array([layer]), D=Dictionary(ON=Array([layer])))

    assert refused(sealed(prepared(layered))) == {"other_content": "hidden_content"}


def test_a_picture_over_a_page_that_is_taken_away_is_seen() -> None:
    def covered(pdf: Pdf) -> None:
        page = pdf.pages[0].obj
        page.Contents = Array([page.Contents, pdf.make_stream(b"0 0 600 800 re f")])

    pdf = sealed(prepared(covered))
    page = dictionary_at(pdf, page_of(pdf))
    contents = page["Contents"]
    assert isinstance(contents, tuple)
    assert refused(appended(pdf, {page_of(pdf): dictionary({**page, "Contents": contents[:1]})})) == {"other_changes": "other_changed"}
    cover = contents[1]
    assert isinstance(cover, Reference)
    assert refused(appended(pdf, {cover.number: Stream(dictionary({}), b" ")})) == {"other_changes": "other_changed"}


def with_text_field(pdf: Pdf) -> None:
    shown = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 90, 20]))
    field = Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("bedrag"),
        V=String("100"),
        Rect=Array([9, 9, 99, 29]),
        AP=Dictionary(N=shown),
    )
    held = pdf.make_indirect(field)
    pdf.pages[0].obj.Annots = Array([held])
    pdf.Root.AcroForm = Dictionary(Fields=Array([held]))


def test_a_field_that_can_show_another_value_is_red() -> None:
    assert refused(sealed(prepared(with_text_field))) == {"other_content": "form_content"}


def test_a_font_that_is_replaced_is_seen() -> None:
    pdf = sealed_letter()
    descriptors = (
        value for value in state_of(pdf).values() if isinstance(value, MappingProxyType) and value.get("Type") == "FontDescriptor"
    )
    program = next(descriptors)["FontFile3"]
    assert isinstance(program, Reference)
    assert refused(appended(pdf, {program.number: Stream(dictionary({}), b"font")})) == {"other_changes": "other_changed"}


def test_pages_that_wait_in_the_file_are_red_before_anybody_uses_them() -> None:
    pdf = plain_letter()
    pages, page, new = number_where(pdf, "Type", "Pages"), page_of(pdf), next_number(pdf)
    shadow: dict[int, PdfObject] = {
        new: dictionary({"Type": PdfName("Pages"), "Kids": (Reference(new + 1),), "Count": 1}),
        new + 1: dictionary({**dictionary_at(pdf, page), "Parent": Reference(new), "Contents": Reference(new + 2)}),
        new + 2: text("U krijgt 900 euro"),
    }
    waiting = sealed(appended(pdf, shadow))
    assert refused(waiting) == {"other_content": "hidden_content"}
    catalog = number_where(waiting, "Type", "Catalog")
    switched = dictionary({**dictionary_at(waiting, catalog), "Pages": Reference(new)})
    assert refused(appended(waiting, {catalog: switched}))["other_changes"] == "other_changed"
    assert pages != new


def test_a_table_that_lets_two_versions_be_found_is_red() -> None:
    pdf = plain_letter()
    contents = dictionary_at(pdf, page_of(pdf))["Contents"]
    assert isinstance(contents, Reference)
    twice = pdf.replace(b"\nxref\n", b"\n%d 0 obj\n<</Length 1>>\nstream\nx\nendstream\nendobj\nxref\n" % contents.number, 1)
    moved = twice.replace(b"startxref\n%d" % start_of_table(pdf), b"startxref\n%d" % twice.index(b"xref\n0"))
    with pytest.raises(MalformedPdf, match="twice"):
        read_foreign_file(moved)
    refused(moved)


# Certification attacks (EAA, SSA)


@pytest.mark.parametrize("allowed", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_a_note_on_a_certified_letter_is_seen(allowed: MDPPerm) -> None:
    pdf = f.sealed(plain_letter(), WHO, certify=allowed)
    page, new = page_of(pdf), next_number(pdf)
    note = dictionary({"Type": PdfName("Annot"), "Subtype": PdfName("FreeText"), "Rect": (9, 9, 500, 700), "Contents": b"900 euro"})
    entries = dictionary_at(pdf, page)
    listed = entries.get("Annots", ())
    listed = state_of(pdf)[listed.number] if isinstance(listed, Reference) else listed
    assert isinstance(listed, tuple)
    added = dictionary({**entries, "Annots": (*listed, Reference(new))})
    assert refused(appended(pdf, {page: added, new: note})) == {"other_content": "form_content", "other_changes": "other_changed"}


@pytest.mark.parametrize("allowed", [MDPPerm.NO_CHANGES, MDPPerm.FILL_FORMS, MDPPerm.ANNOTATE])
def test_a_later_signature_that_can_be_seen_is_red(allowed: MDPPerm) -> None:
    certified = f.sealed(plain_letter(), WHO, certify=allowed)
    again = f.sealed(certified, f.stranger("Aanvaller"), field_name="Later", box=(9, 9, 500, 700))
    assert refused(again)["other_changes"] == "other_changed"


def test_a_later_signature_on_a_letter_that_allows_none_is_red() -> None:
    certified = f.sealed(plain_letter(), WHO, certify=MDPPerm.NO_CHANGES)
    assert refused(f.sealed(certified, WHO, field_name="Later")) == {"other_seal": "other_changed"}


# The store of proofs as a way in


def stored(pdf: bytes, store: dict[str, PdfObject], more: dict[int, PdfObject]) -> bytes:
    catalog = number_where(pdf, "Type", "Catalog")
    entries = dictionary({**dictionary_at(pdf, catalog), "DSS": dictionary(store)})
    return appended(pdf, {catalog: entries, **more})


def test_a_store_of_proofs_alone_changes_nothing() -> None:
    pdf = sealed_letter()
    new = next_number(pdf)
    kept = stored(pdf, {"CRLs": (Reference(new),)}, {new: Stream(dictionary({}), WHO.revocation_list())})
    assert isinstance(check_other_seal(kept, trust=TRUST, at=x.NOW), Undecided)


def test_words_of_a_page_that_are_called_a_proof_cannot_be_written_anew() -> None:
    pdf = sealed_letter()
    contents = dictionary_at(pdf, page_of(pdf))["Contents"]
    assert isinstance(contents, Reference)
    assert refused(stored(pdf, {"Certs": (contents,)}, {contents.number: text("900 euro")})) == {"other_changes": "other_changed"}


def test_words_that_were_missing_cannot_come_as_a_proof() -> None:
    page = page_of(plain_letter())
    written = dictionary({**dictionary_at(plain_letter(), page), "Contents": (Reference(990), Reference(991))})
    pdf = sealed(appended(plain_letter(), {page: written, 990: text("100 euro")}))
    assert refused(stored(pdf, {"Certs": (Reference(991),)}, {991: text("900 euro")})) == {"other_changes": "other_changed"}


def test_a_store_that_holds_something_else_is_seen() -> None:
    pdf = sealed_letter()
    new = next_number(pdf)
    assert refused(stored(pdf, {"JavaScript": Reference(new)}, {new: text("")}))["other_changes"] == "other_changed"


def test_the_information_about_a_file_cannot_be_a_page_as_well() -> None:
    pdf = sealed_letter()
    page = page_of(pdf)
    changed = appended(pdf, {page: dictionary({**dictionary_at(pdf, page), "Rotate": 180})})
    refused(re.sub(rb"/Info \d+ 0 R(?=[^/]*/|\s*>>)(?![\s\S]*/Info)", b"/Info %d 0 R" % page, changed))


# What acts, hides or lies over a page


def script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


def named_script(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), Dictionary(S=Name.JavaScript, JS=String("1"))])))


def page_action(pdf: Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.URI, URI=String("https://kwaad.example")))


def launch(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.Launch, F=String("calc.exe"))


def opening_address(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.URI, URI=String("https://kwaad.example"))


def strange_link(pdf: Pdf) -> None:
    link = Dictionary(
        Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=Dictionary(S=Name.URI, URI=String("javascript:alert(1)"))
    )
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(link)])


def stamp(pdf: Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([0, 0, 600, 800]))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def forms_architecture(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


def portfolio(pdf: Pdf) -> None:
    pdf.Root.Collection = Dictionary(View=Name.D)


def other_file(pdf: Pdf) -> None:
    stream = pdf.make_stream(b"")
    stream.F = String("elders.txt")
    pdf.pages[0].obj.Contents = Array([pdf.pages[0].obj.Contents, stream])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (script, "active_content"),
        (named_script, "active_content"),
        (page_action, "active_content"),
        (launch, "active_content"),
        (opening_address, "active_content"),
        (strange_link, "active_content"),
        (other_file, "active_content"),
        (portfolio, "hidden_content"),
        (stamp, "form_content"),
        (forms_architecture, "form_content"),
    ],
)
def test_a_letter_that_is_not_quiet_is_red_however_well_it_is_sealed(change: Callable[[Pdf], None], reason: str) -> None:
    assert refused(sealed(prepared(change))) == {"other_content": reason}


# Loops and bombs


def within_patience(pdf: bytes) -> None:
    started = time.monotonic()
    assert isinstance(check_in_child(pdf, trust=TRUST, at=x.NOW, catalogue=x.catalogue()), Rejected)
    assert time.monotonic() - started < PATIENCE


def looped_tables(pdf: bytes) -> bytes:
    return re.sub(rb"/Prev \d+", lambda found: b"/Prev %d" % start_of_table(pdf), pdf)


def test_tables_that_lead_in_a_circle_end() -> None:
    within_patience(looped_tables(sealed_letter()))


def test_pages_that_lead_in_a_circle_end() -> None:
    pdf = plain_letter()
    pages = number_where(pdf, "Type", "Pages")
    looped = dictionary({**dictionary_at(pdf, pages), "Kids": (Reference(page_of(pdf)), Reference(pages))})
    within_patience(appended(sealed_letter(), {pages: looped}))


def test_fields_that_lead_in_a_circle_end() -> None:
    pdf = sealed_letter()
    new = next_number(pdf)
    catalog = number_where(pdf, "Type", "Catalog")
    form = dictionary({"Fields": (Reference(new),), "SigFlags": 3})
    loop = dictionary({"T": b"a", "Kids": (Reference(new), Reference(new))})
    within_patience(appended(pdf, {catalog: dictionary({**dictionary_at(pdf, catalog), "AcroForm": form}), new: loop}))


@pytest.mark.parametrize("filters", [("FlateDecode",), ("FlateDecode", "FlateDecode")])
def test_a_stream_that_grows_without_end_is_refused(filters: tuple[str, ...]) -> None:
    packed = zlib.compress(bytes(300 << 20), 9)
    packed = zlib.compress(packed, 9) if len(filters) == 2 else packed
    pdf = plain_letter()
    new = next_number(pdf)
    bomb = Stream(dictionary({"Filter": tuple(PdfName(name) for name in filters)}), packed)
    page = dictionary({**dictionary_at(pdf, page_of(pdf)), "Contents": Reference(new)})
    within_patience(sealed(appended(pdf, {page_of(pdf): page, new: bomb})))


def test_many_small_bombs_together_are_refused() -> None:
    pdf = plain_letter()
    new = next_number(pdf)
    packed = zlib.compress(b"".join(bytes([number % 7]) * 3 + b"abc" for number in range(1 << 20)), 9)
    bombs: dict[int, PdfObject] = {new + number: Stream(dictionary({"Filter": PdfName("FlateDecode")}), packed) for number in range(40)}
    within_patience(sealed(appended(pdf, bombs)))


def test_a_deep_value_is_refused() -> None:
    pdf = sealed_letter()
    deep = b"[" * 50_000 + b"]" * 50_000
    body = b"999 0 obj\n" + deep + b"\nendobj\n"
    within_patience(pdf + body)


def test_a_table_of_millions_is_refused() -> None:
    pdf = sealed_letter()
    within_patience(pdf + b"xref\n0 900000\n" + b"0000000000 65535 f \n" * 900_000)


def test_a_stream_of_objects_that_names_millions_is_refused() -> None:
    def counted(pdf: Pdf) -> None:
        stream = pdf.make_stream(b"1 0 null", Type=Name.ObjStm)
        stream.N = 10_000_000
        stream.First = 4
        pdf.Root.Extra = stream

    within_patience(prepared(counted))


def test_many_revisions_are_read_in_time() -> None:
    pdf = sealed_letter()
    for _ in range(60):
        pdf = appended(pdf, {next_number(pdf): dictionary({})})
    within_patience(pdf)
