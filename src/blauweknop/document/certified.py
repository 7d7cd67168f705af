"""Make a certified document: content, letter, attachments, seal; the only way a document of the scheme comes into being.

It seals nothing but what it composed itself (threat T-46): there is no way to hand it bytes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from blauweknop.catalogue.texts import sentence
from blauweknop.document.archiving import ProofsAtOnce
from blauweknop.document.attachment import Attachment
from blauweknop.document.content import Content, DocumentFacts, compose_content, with_status
from blauweknop.document.letter import compose_letter
from blauweknop.document.plans import Plans
from blauweknop.document.sealing import PreparedSeal, SealTexts, finish_seal, prepare_seal
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.dataset import Dataset, Field
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import Selection, Snapshot, SourceIdentity
from blauweknop.standards.concealing import Concealment
from blauweknop.standards.sd_jwt_vc import issue
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.strict_json import canonical_json

__all__ = [
    "CREDENTIAL_NAME",
    "DATA_NAME",
    "CertifiedDocument",
    "Certifier",
    "SealLevel",
    "SealedDigest",
    "attachments",
    "certify",
    "disclosable",
]

DATA_NAME = "gegevens.json"
CREDENTIAL_NAME = "gegevens.sd-jwt"

SealLevel = Literal["B-B", "B-T", "B-LT", "B-LTA"]
"""EN 319 142-1: B-T holds a time stamp, so the time of sealing is proved; with B-B the source alone says it. More in `archiving`."""


@dataclass(frozen=True, slots=True)
class SealedDigest:
    """The seal over a document: CMS (DER), and what it came to."""

    cms: bytes = field(repr=False)
    level: Literal["B-B", "B-T"]


@dataclass(frozen=True, slots=True)
class Certifier:
    """What a source needs to certify: who it is, how its letters look, and its two keys behind functions.

    Without `shapes` every letter is typeset; without `proofs` nothing is added after the seal. `status_place` gives a document that is
    made at a moment its place in a status list, never the same again; without it documents cannot be withdrawn.
    `seal` turns the SHA-256 of the document into a seal of at most `seal_size` bytes; `random_bytes` gives so many fresh ones.
    """

    source: SourceIdentity
    issuer_url: str
    accent: str
    check_url: str
    exercise: bool
    typesetter: Typesetter = field(repr=False)
    shapes: Shapes | None = field(repr=False)
    seal: Callable[[bytes], SealedDigest] = field(repr=False)
    seal_size: int
    credential_signer: Signer = field(repr=False)
    random_bytes: Callable[[int], bytes] = field(repr=False)
    proofs: ProofsAtOnce | None = None
    status_place: Callable[[datetime], StatusReference] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CertifiedDocument:
    """A finished document; its bytes and content are personal, its id is random."""

    pdf: bytes = field(repr=False)
    content: Content = field(repr=False)
    document_id: str
    level: SealLevel
    by_shape: bool
    status: StatusReference | None = None


def certify(snapshot: Snapshot, selection: Selection, dataset: Dataset, certifier: Certifier, facts: DocumentFacts) -> CertifiedDocument:
    """The chosen part of a snapshot as a sealed PDF with `gegevens.json` and `gegevens.sd-jwt` inside.

    Raises:
        SelectionRefused: the selection does not fit the data set.
        TypesettingFailed, SealTooLarge: nothing was sealed.
    """
    content = compose_content(snapshot, selection, dataset, certifier.source, replace(facts, check_url=certifier.check_url))
    letter = compose_letter(content, dataset, check_url=certifier.check_url, exercise=certifier.exercise)
    status = certifier.status_place(facts.issued_at) if certifier.status_place else None
    content = with_status(content, status)
    language = facts.language
    order = LetterOrder(
        letter,
        certifier.accent,
        attachments(content, certifier, dataset),
        SealTexts(
            alternate=sentence("letter.seal_field", language, source=certifier.source.name),
            signer_name=certifier.source.legal_name,
            reason=sentence("letter.seal_reason", language),
            moment=facts.issued_at,
        ),
        certifier.seal_size,
        facts.document_id,
    )
    of_shape = None if certifier.shapes is None else certifier.shapes.prepare(order)
    prepared = of_shape or _typeset(order, certifier.typesetter)
    sealed = certifier.seal(prepared.digest)
    pdf, level = _proved(finish_seal(prepared, sealed.cms), sealed.level, certifier.proofs)
    return CertifiedDocument(pdf, content, facts.document_id, level, of_shape is not None, status)


def _proved(pdf: bytes, level: SealLevel, proofs: ProofsAtOnce | None) -> tuple[bytes, SealLevel]:
    """With what the source adds to every document; a seal without time stamp had no authority, which this would need too."""
    return (pdf, level) if proofs is None or level == "B-B" else (proofs.add(pdf), proofs.level)


def _typeset(order: LetterOrder, typesetter: Typesetter) -> PreparedSeal:
    """The truth path."""
    texts = order.texts
    typeset = typesetter.typeset(order.letter, accent=order.accent, attachments=order.attachments, made_at=texts.moment)
    return prepare_seal(typeset, texts, cms_size=order.seal_size)


def attachments(content: Content, certifier: Certifier, dataset: Dataset) -> tuple[Attachment, ...]:
    """The two files inside a document: its data in canonical form, and the same as a credential."""
    language = str(content["language"])
    data = canonical_json(content)
    return (
        Attachment(DATA_NAME, data, "application/json", "data", sentence("letter.json_description", language)),
        Attachment(
            CREDENTIAL_NAME,
            _credential(content, data, certifier, dataset).encode("ascii"),
            "application/dc+sd-jwt",
            "alternative",
            sentence("letter.sd_jwt_description", language),
        ),
    )


def disclosable(dataset: Dataset) -> Concealment:
    """Which places of the content are separate disclosures: each value about the person, and each row of a list as one.

    A row is the unit that people keep or leave out ("the last three months"), so its values travel together; a list inside
    a row has its own rows.
    """
    return _CONCEALMENTS.of(dataset, None)


def _new_concealment(dataset: Dataset, _: None) -> Concealment:
    inside: dict[str | int, Concealment] = {"subject": Concealment(every=True)}
    data = _concealment(((row.path, row) for row in dataset.fields), values_apart=True)
    return Concealment(inside=inside if data is None else inside | {"data": data})


def _concealment(fields: Iterable[tuple[Sequence[str], Field]], *, values_apart: bool) -> Concealment | None:
    """None when nothing of an object with these fields is apart."""
    values: set[str] = set()
    inside: dict[str | int, Concealment] = {}
    groups: dict[str, list[tuple[Sequence[str], Field]]] = {}
    for (name, *deeper), row in fields:
        if deeper:
            groups.setdefault(name, []).append((deeper, row))
        elif row.fields:
            each = _concealment(((inner.path, inner) for inner in row.fields), values_apart=False)
            inside[name] = Concealment(every=True, each=each)
        elif values_apart:
            values.add(name)
    for name, group in groups.items():
        if (plan := _concealment(group, values_apart=values_apart)) is not None:
            inside[name] = plan
    return Concealment(frozenset(values), inside) if values or inside else None


_CONCEALMENTS = Plans(_new_concealment, most=256)


def _credential(content: Content, data: bytes, certifier: Certifier, dataset: Dataset) -> str:
    """The SD-JWT VC over the same content, of which `data` is the text, without holder key: a document travels without a wallet."""
    claims: Content = {name: value for name, value in content.items() if name != "$schema"}
    issued = datetime.fromisoformat(str(content["issued_at"])).astimezone(UTC)
    last_day = date.fromisoformat(str(content["valid_until"]))
    expires = datetime.combine(last_day + timedelta(days=1), time.min, AMSTERDAM)
    return issue(
        claims,
        disclosable=disclosable(dataset),
        signer=certifier.credential_signer,
        vct=dataset.type_uri,
        issuer=certifier.issuer_url,
        issued_at=datetime.combine(issued.date(), time.min, UTC),  # floored to the day (PROTOCOL 2.11)
        expires_at=expires,
        random_bytes=certifier.random_bytes,
        text=data,
    )
