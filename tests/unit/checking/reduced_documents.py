"""Documents that their holder made smaller, right or right but for one thing."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Letter
from blauweknop.document.content import Content
from blauweknop.document.kept_paths import parse_path
from blauweknop.document.letter import compose_letter
from blauweknop.document.pdf_file import read_file
from blauweknop.document.redaction import Reduced, lay_out_reduced, read_trusted, reduce_credential
from blauweknop.document.reduction import LISTS_NAME, write_lists
from blauweknop.domain.document import JsonValue
from tests.unit.checking import exercise_documents as x

__all__ = ["KEPT", "attached", "good_reduced", "letter", "reduced", "reduced_from", "written", "written_from"]

KEPT = ("subject.family_name", "data.achterstand", "data.fase", "data.schuldonderdelen[1]")


def reduced(keep: Sequence[str] = KEPT, *, said: Content | None = None, sd_jwt: str | None = None, made_at: datetime = x.NOW) -> Reduced:
    """What is kept of a credential of DUO."""
    credential = sd_jwt or x.credential(said or x.content())
    return reduce_credential(credential, [parse_path(path) for path in keep], x.dataset(), made_at=made_at)


def written(found: Reduced, *, lists: Sequence[bytes] | None = None, made_at: datetime = x.NOW) -> bytes:
    """The document of it, as the product lays it out."""
    revocation = x.exercise().crls if lists is None else lists
    return lay_out_reduced(found, x.dataset(), revocation=revocation, exercise=True, made_at=made_at, lay_out=x.typeset_at)


def reduced_from(pdf: bytes, keep: Sequence[str], *, made_at: datetime = x.NOW) -> bytes:
    """A smaller document from a document."""
    trusted = read_trusted(read_file(pdf))
    return written(reduced(keep, sd_jwt=trusted.credential, made_at=made_at), lists=trusted.revocation, made_at=made_at)


@functools.cache
def good_reduced() -> bytes:
    return reduced_from(x.good_document(), KEPT)


def letter(content: Mapping[str, JsonValue]) -> Letter:
    return compose_letter(content, x.dataset(), check_url=x.CHECK_URL, exercise=True)


def attached(found: Reduced, *, lists: bytes | None = None) -> list[Attachment]:
    pem = write_lists(x.exercise().crls) if lists is None else lists
    return [
        *x.attachments(found.content, sd_jwt=found.credential),
        Attachment(LISTS_NAME, pem, "application/x-pem-file", "data", "lijsten"),
    ]


def written_from(found: Reduced, *, shown: Letter | None = None, lists: bytes | None = None, **changed: JsonValue) -> bytes:
    """Laid out by an attacker: other members in the data, another letter, other lists."""
    told = replace(found, content={**found.content, **changed})
    return x.typeset(shown or letter(told.content), attached(told, lists=lists))
