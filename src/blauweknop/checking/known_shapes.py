"""Checks many documents of few kinds: of a kind that was seen before, only what can differ is looked at.

Documents of one kind are the same bytes but for their values (docs/shapes.md). The first of a kind is checked in full; when it is found
good its shape is learned. The next one is made again from the data inside it, and compared byte for byte: if it is the same, then its file,
its pages and its structure are in order as those of the first one are, and what remains is to verify seal, time stamp, credential and the
rest.

This way only ever says that a document is good. Whatever is not the same, or not good, gets the full check and its reasons.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock

from blauweknop.catalogue import Catalogue
from blauweknop.checking.check_document import check_document, verdict_of
from blauweknop.checking.content_steps import DATA_NAME, check_schema, check_status, check_validity
from blauweknop.checking.credential_step import check_credential
from blauweknop.checking.shape_proof import LearnedFrom, claimed_moment, is_proved
from blauweknop.checking.steps import Evidence, SkipStep, Steps, StopStep
from blauweknop.checking.trust import Trust
from blauweknop.checking.trust_steps import check_chain, check_issuer, check_revocation_of_chain, check_time_stamp, check_trust_list
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.document.letter import compose_letter
from blauweknop.document.pdf_file import read_file
from blauweknop.document.pdf_parts import EmbeddedFile, embedded_files
from blauweknop.document.pdf_seal import Seal, read_seal
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.document.shapes.learning import FINGERPRINT, Located, learn_shape, locate_parts, order_of, value_fonts_of
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.shape import Shape
from blauweknop.document.shapes.slots import read_slots
from blauweknop.document.value_fonts import ValueFonts
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.verdict import Verdict, Verified
from blauweknop.standards.cms_algorithms import CmsProblem
from blauweknop.standards.pades import parse_cms, verify_cms
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.standards.x509 import MalformedCertificate

__all__ = ["KnownShapes"]

_SEEN_TO_BE_RIGHT = ("container", "structure", "active_content", "seal_coverage", "seal", "content", "schema", "page_text")
_MAX_DATA = 8 * 1024 * 1024
_MOST_PDF = 8 * 1024 * 1024
"""Below this no limit of the full check on files and pages can be reached by the values alone."""

_ZEROS = b"0" * (128 * 1024)


@dataclass(frozen=True, slots=True)
class _Known:
    """A learned shape, the key and the fonts of its letters, and what its attachments and seal say of themselves."""

    shape: Shape = field(repr=False)
    key: Hashable = field(repr=False)
    fonts: ValueFonts
    files: Mapping[str, EmbeddedFile]
    seal: Seal


class _Unknown(Exception):
    """This document is not for the short way."""


class KnownShapes:
    """The shapes that were learned from good documents, `most` of them; may be shared between threads."""

    def __init__(self, *, most: int = 128) -> None:
        self._most = most
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._fonts: dict[Hashable, ValueFonts] = {}
        self._lock = Lock()

    def check(self, pdf: bytes, *, trust: Trust, at: datetime, catalogue: Catalogue) -> Verdict:
        """The verdict of `check_document`, sooner for documents of known kinds."""
        quick = self._quick(pdf, trust, at, catalogue)
        if quick is not None:
            return quick
        verdict = check_document(pdf, trust=trust, at=at, catalogue=catalogue)
        if isinstance(verdict, Verified) and trust.trust_list is not None:
            self._learn(pdf, verdict.content, catalogue, exercise=trust.trust_list.exercise)
        return verdict

    def __len__(self) -> int:
        return len(self._known)

    def _quick(self, pdf: bytes, trust: Trust, at: datetime, catalogue: Catalogue) -> Verified | None:
        known = self._known.get(pdf[FINGERPRINT]) if len(pdf) <= _MOST_PDF else None
        located = locate_parts(pdf, known.shape) if known is not None else None
        if known is None or located is None or trust.trust_list is None:
            return None
        evidence, steps = Evidence(pdf, trust, at, catalogue), Steps()
        try:
            _compare(evidence, known, located, exercise=trust.trust_list.exercise)
            for step in _SEEN_TO_BE_RIGHT:
                steps.note(step)
            for step, function in _TO_VERIFY:
                steps.note(step, function(evidence) or "ok")
        except (_Unknown, StopStep, SkipStep):
            return None
        verdict = verdict_of(evidence, steps)
        return verdict if isinstance(verdict, Verified) else None

    def _learn(self, pdf: bytes, content: Mapping[str, JsonValue], catalogue: Catalogue, *, exercise: bool) -> None:
        try:
            file = read_file(pdf)
            fonts = self._shared(value_fonts_of(file))
            seal = read_seal(file)
            files = embedded_files(file)
        except MalformedPdf:
            return
        if fonts is None or file.later:
            return
        try:
            letter = _letter(content, catalogue, exercise=exercise)
        except _Unknown:
            return
        slots = read_slots(letter, fonts)
        if slots is None:
            return
        located = Located(tuple([item.content for item in files.values()]), b"", len(pdf[slice(*seal.contents_span)]) // 2 - 1)
        order = _order(letter, content, files, located)
        shape = learn_shape(file, seal, order, slots, fonts)
        parts = None if shape is None else locate_parts(pdf, shape)
        if shape is None or parts is None or not is_proved(shape, LearnedFrom(order, slots, fonts, files, seal, parts.qr)):
            return
        kept = {name: replace(item, content=b"") for name, item in files.items()}
        with self._lock:
            self._known[pdf[FINGERPRINT]] = _Known(shape, slots.key, fonts, kept, replace(seal, cms=b""))
            if len(self._known) > self._most:
                self._known.popitem(last=False)

    def _shared(self, fonts: ValueFonts | None) -> ValueFonts | None:
        """The same fonts for all shapes, since they remember what they measured."""
        if fonts is None:
            return None
        key = tuple(tuple(font.widths.items()) for font in (fonts.regular, fonts.bold))
        with self._lock:
            if len(self._fonts) > self._most:
                self._fonts.clear()
            return self._fonts.setdefault(key, fonts)


def _compare(evidence: Evidence, known: _Known, located: Located, *, exercise: bool) -> None:
    """Steps 1 to 5, 11, 12 and 14: make the document again from its data, and see that it is the same."""
    names = list(known.files)
    evidence.attachments = {
        name: replace(known.files[name], content=content) for name, content in zip(names, located.attachments, strict=True)
    }
    try:
        evidence.content = parse_json_object(evidence.attachments[DATA_NAME].content, max_bytes=_MAX_DATA)
    except (MalformedJson, KeyError) as error:
        raise _Unknown from error
    check_schema(evidence)
    letter = _letter(evidence.content, evidence.catalogue, exercise=exercise)
    slots = read_slots(letter, known.fonts)
    if slots is None or slots.key != known.key:
        raise _Unknown
    order = _order(letter, evidence.content, evidence.attachments, located)
    prepared = known.shape.prepare(slots, order, located.qr)
    first = sum(map(len, prepared.before))
    second = first + 2 * located.seal_size + 2
    pdf = evidence.pdf
    # `locate_parts` compared the constant part already.
    if pdf[len(prepared.before[0]) : first] != prepared.before[1] or pdf[second:] != prepared.after:
        raise _Unknown
    cms = _unpadded(pdf[first:second])
    evidence.seal = replace(known.seal, cms=cms, moment=claimed_moment(order))
    try:
        evidence.verified_seal = verify_cms(parse_cms(cms), prepared.digest)
    except (CmsProblem, MalformedCertificate) as error:
        raise _Unknown from error


def _letter(content: Mapping[str, JsonValue], catalogue: Catalogue, *, exercise: bool) -> Letter:
    dataset = catalogue.datasets.get(str(content.get("type")))
    if dataset is None:
        raise _Unknown
    try:
        return compose_letter(content, dataset, check_url=str(content["controle_url"]), exercise=exercise)
    except (MalformedValue, ValueError, TypeError, LookupError, ArithmeticError) as error:
        raise _Unknown from error


def _order(letter: Letter, content: Mapping[str, JsonValue], files: Mapping[str, EmbeddedFile], located: Located) -> LetterOrder:
    moment = datetime.fromisoformat(str(content["issued_at"])).astimezone(UTC)
    attachments = [
        Attachment(name, item.content, item.mime, "data" if item.relationship == "Data" else "alternative", item.description)
        for name, item in files.items()
    ]
    return order_of(letter, attachments, moment, str(content["document_id"]), located.seal_size)


def _unpadded(gap: bytes) -> bytes:
    """The CMS in the gap: lower case hexadecimal digits of one DER value, and zeros (`pdf_signature_bytes.unpadded` reads more forms)."""
    # A DER value of this size tells its length in the two bytes after 30 82 (ITU-T X.690, 8.1.3.5).
    if gap[:5] != b"<3082" or not gap.endswith(b">"):
        raise _Unknown
    try:
        end = 1 + 2 * (4 + int(gap[5:9], 16))
        cms = bytes.fromhex(gap[1:end].decode("ascii"))
    except ValueError as error:
        raise _Unknown from error
    padding = gap[end:-1]
    if cms.hex().encode("ascii") != gap[1:end] or padding != _ZEROS[: len(padding)]:
        raise _Unknown
    return cms


_TO_VERIFY = (
    ("time_stamp", check_time_stamp),
    ("trust_list", check_trust_list),
    ("chain", check_chain),
    ("revocation", check_revocation_of_chain),
    ("issuer", check_issuer),
    ("credential", check_credential),
    ("validity", check_validity),
    ("status", check_status),
)
