"""Documents of one shape with a right seal, and shapes of a source that was deceived: good with the values of one person only."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache

from blauweknop.document.content import Content
from blauweknop.document.sealing import PreparedSeal, SealTexts, finish_seal
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.shapes.compiling import compile_shape
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.shapes.qr_mask import qr_family
from blauweknop.document.shapes.shape import Constant, Shape, Template, chooser
from blauweknop.document.shapes.slots import Slots, read_slots
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import JsonValue
from blauweknop.standards.pades import SealTemplate, cms_size_limit, prepare_seal
from blauweknop.standards.signing import KeySigner
from tests.unit.checking import exercise_documents as x

Edit = Callable[[bytes, bytes], tuple[bytes, bytes]]
"""From the bytes before and after a value on a page to others."""


@cache
def typesetter() -> Typesetter:
    return Typesetter()


@cache
def shapes() -> Shapes:
    return Shapes(typesetter(), seen_before=0)


@cache
def _template() -> SealTemplate:
    return prepare_seal(x.exercise().seals["duo"], x.exercise().crls)


def person(number: int, given: str = "Jan", family: str = "de Vries", **data: JsonValue) -> Content:
    said = x.content(data=data)
    subject = said["subject"]
    assert isinstance(subject, dict)
    return {**said, "document_id": f"{number:032x}", "subject": {**subject, "given_name": given, "family_name": family}}


def order_of(said: Content, *, data: bytes | None = None, sd_jwt: str | None = None) -> LetterOrder:
    texts = SealTexts("Zegel van DUO", "DUO (oefening)", "Gewaarmerkt", x.ISSUED)
    size = cms_size_limit(x.exercise().seals["duo"], x.exercise().stale_crls)
    files = tuple(x.attachments(said, data=data, sd_jwt=sd_jwt))
    return LetterOrder(x.letter(said), "#0b4a8f", files, texts, size, str(said["document_id"]))


def slots_of(order: LetterOrder) -> Slots:
    slots = read_slots(order.letter, typesetter().value_fonts)
    assert slots is not None
    return slots


@cache
def usual_shape() -> Shape:
    order = order_of(person(0))
    return compile_shape(order, slots_of(order), typesetter())


def made(said: Content, *, shape: Shape | None = None, data: bytes | None = None, sd_jwt: str | None = None) -> bytes:
    """A sealed document, of the shape that a source has for it unless another is given."""
    order = order_of(said, data=data, sd_jwt=sd_jwt)
    modules = qr_family(order.letter.qr_text.removesuffix(order.number)).bits(order.number)
    prepared = shapes().prepare(order) if shape is None else shape.prepare(slots_of(order), order, modules)
    assert prepared is not None
    return _sealed(prepared)


def sealed_by(said: Content, signer: KeySigner, crls: Sequence[bytes], stamp: Callable[[bytes], bytes] | None) -> bytes:
    """A document of the usual shape under this seal."""
    prepared = shapes().prepare(order_of(said))
    assert prepared is not None
    return finish_seal(prepared, prepare_seal(signer, crls).seal(prepared.digest, stamp))


def _sealed(prepared: PreparedSeal) -> bytes:
    return finish_seal(prepared, _template().seal(prepared.digest, x.time_stamps()))


def resealed(pdf: bytes) -> bytes:
    """The same bytes under a right seal of the source; the gap must stand where it stood."""
    first = pdf.rindex(b"<3082")
    second = pdf.index(b">", first) + 1
    digest = hashlib.sha256(pdf[:first] + pdf[second:]).digest()
    return _sealed(PreparedSeal((pdf[:first],), pdf[second:], (second - first) // 2 - 1, digest))


def edited(shape: Shape, value: int, edit: Edit, *, frozen: bool = False) -> Shape:
    """The shape with other bytes around a value on a page; a `frozen` value is no place any more."""
    count = _count(shape)
    pages = list(shape.pages)
    for number, (head, page) in enumerate(pages):
        chosen = _chosen(page, count)
        if value in chosen:
            place = chosen.index(value)
            before, after = edit(page.constant[place], page.constant[place + 1])
            joined = (before + after,) if frozen else (before, after)
            constant = (*page.constant[:place], *joined, *page.constant[place + 2 :])
            left = chosen[:place] + chosen[place + frozen :]
            pages[number] = (head, Template(constant, chooser(left)))
            return replace(shape, pages=tuple(pages))
    raise AssertionError("no page has this value")


def with_moment(shape: Shape, moment: bytes) -> Shape:
    """The shape with a constant moment of sealing."""
    signature = shape.signature
    assert signature is not None
    place = next(place for place, part in enumerate(signature.constant) if part.endswith(b"/M (D:"))
    constant = list(signature.constant)
    constant[place : place + 2] = [constant[place] + moment + constant[place + 1]]
    chosen = _chosen(signature, _count(shape))
    return replace(shape, signature=Template(tuple(constant), chooser(chosen[:place] + chosen[place + 1 :])))


def with_constant(shape: Shape, old: bytes, new: bytes) -> Shape:
    """The shape with other bytes of the same length in its constant part."""
    data = shape.constant.data
    assert old in data
    assert len(old) == len(new)
    changed = data.replace(old, new)
    return replace(shape, constant=Constant(changed, hashlib.sha256(changed), shape.constant.table))


def _count(shape: Shape) -> int:
    return len(slots_of(order_of(person(0))).texts) + len(shape.rights) + 3


def _chosen(part: Template, count: int) -> list[int]:
    return [int(value) for value in part.choose([b"%d" % number for number in range(count)])]


PLACE = re.compile(rb"1 0 0 1 (-?[0-9.]+)( -?[0-9.]+ Tm)\(\Z")
"""The end of the bytes before a value."""
