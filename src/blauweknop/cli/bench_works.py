"""What the benchmarks measure of our own beside `certify`: a document with data only, the floors, and making a document smaller."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from blauweknop.catalogue.texts import sentence
from blauweknop.cli.bench_exercise import BenchExercise, Order
from blauweknop.document.attachment import Attachment
from blauweknop.document.certified import DATA_NAME, attachments
from blauweknop.document.content import Content, compose_content, with_status
from blauweknop.document.kept_paths import parse_path
from blauweknop.document.letter import compose_letter
from blauweknop.document.redaction import TrustedInput, lay_out_reduced, reduce_credential
from blauweknop.document.sealing import PreparedSeal, SealTexts, finish_seal
from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.shapes.order import LetterOrder
from blauweknop.standards import pades
from blauweknop.standards.strict_json import canonical_json

__all__ = ["Floor", "content_of", "data_only", "floor_of", "floor_of_check", "floor_with_credential", "smaller", "to_make_smaller"]

_KEPT = ("subject", "data.aanmaakdatum", "data.inkomstenverhoudingen[0].loonitems[0:6]")
_SALT = 16  # bytes, RFC 9901 section 9.3
_SIGNATURES = 3


def content_of(exercise: BenchExercise, order: Order) -> Content:
    """What is in the document of an order."""
    certifier = exercise.certifier
    facts = replace(order.facts, check_url=certifier.check_url)
    content = compose_content(order.snapshot, order.selection, exercise.dataset, certifier.source, facts)
    return with_status(content, certifier.status_place(facts.issued_at) if certifier.status_place else None)


def data_only(exercise: BenchExercise, shapes: Shapes) -> Callable[[Order], bytes]:
    """As `certify`, for a document without credential and without time stamp, which we do not give out."""
    prepare = _data_only_prepared(exercise, shapes)
    seal = pades.prepare_seal(exercise.seal_signer, exercise.crls).seal

    def work(order: Order) -> bytes:
        prepared = prepare(order)
        return finish_seal(prepared, seal(prepared.digest, None))

    return work


def _data_only_prepared(exercise: BenchExercise, shapes: Shapes) -> Callable[[Order], PreparedSeal]:
    size = pades.cms_size_limit(exercise.seal_signer, exercise.crls)

    def prepare(order: Order) -> PreparedSeal:
        content = content_of(exercise, order)
        description = sentence("letter.json_description", order.facts.language)
        data = Attachment(DATA_NAME, canonical_json(content), "application/json", "data", description)
        return _prepared(exercise, shapes, order, content, (data,), size)

    return prepare


def _prepared(
    exercise: BenchExercise, shapes: Shapes, order: Order, content: Content, files: tuple[Attachment, ...], size: int
) -> PreparedSeal:
    certifier, language = exercise.certifier, order.facts.language
    letter = compose_letter(content, exercise.dataset, check_url=certifier.check_url, exercise=certifier.exercise)
    texts = SealTexts(
        alternate=sentence("letter.seal_field", language, source=certifier.source.name),
        signer_name=certifier.source.legal_name,
        reason=sentence("letter.seal_reason", language),
        moment=order.facts.issued_at,
    )
    prepared = shapes.prepare(LetterOrder(letter, certifier.accent, files, texts, size, order.facts.document_id))
    if prepared is None:
        raise LookupError("expected a compiled shape")
    return prepared


class Floor:
    """The least that any maker of sealed documents must do: hash, sign once, join."""

    def __init__(self, prepared: PreparedSeal, sign: Callable[[bytes], bytes]) -> None:
        self._prepared = prepared
        self._constant = hashlib.sha256(prepared.before[0])
        self._sign = sign

    def all_hashed(self, _: Order) -> bytes:
        """Every byte is hashed."""
        digest = hashlib.sha256()
        for part in (*self._prepared.before, self._prepared.after):
            digest.update(part)
        return finish_seal(self._prepared, self._sign(digest.digest()))

    def rest_hashed(self, _: Order) -> bytes:
        """The hash of the constant part is known."""
        digest = self._constant.copy()
        for part in (*self._prepared.before[1:], self._prepared.after):
            digest.update(part)
        return finish_seal(self._prepared, self._sign(digest.digest()))


def floor_of(exercise: BenchExercise, shapes: Shapes, order: Order) -> Floor:
    """The floor for a document as large as that of this order with data only; its kind must have been compiled."""
    return Floor(_data_only_prepared(exercise, shapes)(order), exercise.seal_signer.sign)


def floor_with_credential(exercise: BenchExercise, shapes: Shapes, order: Order) -> Callable[[Order], bytes]:
    """The floor of a whole document: beside that of `Floor`, sign the credential, hash its disclosures, verify the time stamp."""
    certifier, content = exercise.certifier, content_of(exercise, order)
    files = attachments(content, certifier, exercise.dataset)
    floor = Floor(_prepared(exercise, shapes, order, content, files, certifier.seal_size), exercise.seal_signer.sign)
    values = [b"x" * (len(disclosure) * 3 // 4 - _SALT) for disclosure in files[1].data.split(b"~")[1:-1]]
    digest = hashlib.sha256(files[1].data).digest()
    verify = _verification(exercise, digest)

    def work(given: Order) -> bytes:
        for value in values:
            disclosure = base64.urlsafe_b64encode(secrets.token_bytes(_SALT) + value)
            base64.urlsafe_b64encode(hashlib.sha256(disclosure).digest())
        certifier.credential_signer.sign(digest)
        verify()
        return floor.rest_hashed(given)

    return work


def floor_of_check(exercise: BenchExercise) -> Callable[[bytes], None]:
    """The least that any check must do: hash every byte, verify the seal, the time stamp and the credential."""
    verify = _verification(exercise, hashlib.sha256(b"").digest())

    def work(pdf: bytes) -> None:
        hashlib.sha256(pdf).digest()
        for _ in range(_SIGNATURES):
            verify()

    return work


def _verification(exercise: BenchExercise, digest: bytes) -> Callable[[], None]:
    """Verify one P-256 signature; which one makes no difference for what it costs."""
    signer = exercise.seal_signer
    key = x509.load_der_x509_certificate(signer.certificate).public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("expected a seal with P-256")
    signature, algorithm = signer.sign(digest), ec.ECDSA(utils.Prehashed(hashes.SHA256()))
    return lambda: key.verify(signature, digest, algorithm)


def to_make_smaller(exercise: BenchExercise, order: Order) -> TrustedInput:
    """What a check leaves of the document of an order for who makes it smaller."""
    credential = attachments(content_of(exercise, order), exercise.certifier, exercise.dataset)[1]
    return TrustedInput(credential.data.decode("ascii"), exercise.crls)


def smaller(exercise: BenchExercise, shapes: Shapes) -> Callable[[TrustedInput], bytes]:
    """From a credential to a document with six of its months."""
    keep = [parse_path(path) for path in _KEPT]

    def work(given: TrustedInput) -> bytes:
        made_at = datetime.now(UTC).replace(microsecond=0)
        reduced = reduce_credential(given.credential, keep, exercise.dataset, made_at=made_at)
        return lay_out_reduced(
            reduced, exercise.dataset, revocation=given.revocation, exercise=True, made_at=made_at, lay_out=shapes.typeset
        )

    return work
