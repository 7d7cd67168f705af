"""Files of other makers with seals of their own: our reading of them, and pyHanko behind it as the second judge."""

import functools
import hashlib
import io
import re
from collections.abc import Callable
from random import Random

import pikepdf
from cryptography import x509

from blauweknop.checking.other_seals import check_other_seal
from blauweknop.checking.report import report_json, report_text
from blauweknop.document.foreign.changes import require_only_proofs_after
from blauweknop.document.foreign.revisions import read_foreign_file
from blauweknop.document.foreign.rules import require_quiet_content
from blauweknop.document.foreign.signatures import has_signature, read_signatures
from blauweknop.document.pdf_signature_bytes import covered_digest
from blauweknop.document.pdf_syntax import MalformedPdf
from blauweknop.domain.verdict import Verified
from blauweknop.standards import der
from blauweknop.standards.der import MalformedDer
from fuzz.mutators.der_values import change_der
from fuzz.mutators.pdf_tokens import change_pdf, change_program
from fuzz.target import Target
from fuzz.targets.signed_data import signed_by
from tests.security.foreign_tampering import plain_letter, start_of_table, with_cms
from tests.unit.checking import exercise_documents as x
from tests.unit.checking import foreign_documents as f
from tests.unit.standards import messages
from tests.unit.standards.pki import Issued

__all__ = ["OTHER_SEAL_TARGETS"]


@functools.cache
def _who() -> f.Stranger:
    return f.stranger()


@functools.cache
def _sealed() -> bytes:
    return f.sealed(plain_letter(), _who())


@functools.cache
def _kept() -> bytes:
    """Of our time, with object streams, and with proofs after its seal."""
    return f.sealed(f.letter(), _who(), crls=[_who().revocation_list()])


def _check_foreign(data: bytes) -> str:
    """Our own reading; a file that we take is one that a lenient reader takes, with as many pages."""
    try:
        file = read_foreign_file(data)
    except MalformedPdf as error:
        return error.code
    answers = [_code(lambda: require_quiet_content(file))]
    try:
        signatures = read_signatures(file)
    except MalformedPdf as error:
        answers.append(error.code)
    else:
        answers.append(_code(lambda: require_only_proofs_after(file, signatures)) if signatures else "none")
        assert not signatures or has_signature(file)
    if answers[0] == "read":
        with pikepdf.open(io.BytesIO(data)) as opened:
            assert len(opened.pages) > 0
    return " ".join(answers)


def _code(work: Callable[[], object]) -> str:
    try:
        work()
    except MalformedPdf as error:
        return error.code
    return "read"


def _check_seal(data: bytes) -> str:
    """The whole check: never green, and a seal is only right over the bytes that were sealed."""
    verdict = check_other_seal(data, trust=f.trust_in(_who()), at=x.NOW)
    if verdict is None:
        return "not for this check"
    report_json("", verdict)
    report_text("", verdict, "nl")
    assert not isinstance(verdict, Verified)
    if verdict.facts.other_seal is not None and verdict.facts.other_seal.intact:
        _require_sealed_bytes(data)
    return " ".join(step.reason for step in verdict.facts.steps if step.reason not in ("ok", "skipped"))


def _require_sealed_bytes(data: bytes) -> None:
    (signature,) = [one for one in read_signatures(read_foreign_file(data)) if not one.is_time_stamp]
    assert covered_digest(data, signature.byte_range) in {covered_digest(pdf, _range_of(pdf)) for pdf in (_sealed(), _kept())}


def _range_of(pdf: bytes) -> tuple[int, int, int, int]:
    return read_signatures(read_foreign_file(pdf))[0].byte_range


def _check_letter(data: bytes) -> str:
    """A changed letter that the stranger sealed; what is sealed may be anything, so only the answer counts."""
    try:
        pdf = f.sealed(data, _who())
    except Exception as error:  # noqa: BLE001 # pyHanko as a signer is not under attack
        return f"cannot be sealed: {type(error).__name__}"
    verdict = check_other_seal(pdf, trust=f.trust_in(_who()), at=x.NOW)
    assert not isinstance(verdict, Verified)
    return "not for this check" if verdict is None else " ".join(step.reason for step in verdict.facts.steps if step.reason != "ok")


def _check_cms(data: bytes) -> str:
    try:
        pdf = with_cms(_sealed(), data)
    except ValueError:
        return "not for this target"
    return _check_seal(pdf)


def _digest() -> bytes:
    return covered_digest(_sealed(), _range_of(_sealed()))


def _check_attributes(data: bytes) -> str:
    """Changed signed attributes, signed by the stranger."""
    try:
        attributes = [child.encoded for child in der.parse(data).children()]
    except MalformedDer:
        return "not for this target"
    return _check_cms(messages.Message(_who().seal, _digest(), attributes=attributes).encoded())


def _check_certificate(data: bytes) -> str:
    """A changed certificate of the stranger under a right signature, and a seal by it."""
    encoded = signed_by(_who().authority, data)
    reference = der.encode_sequence(der.encode_sequence(der.encode_sequence(der.encode_octets(hashlib.sha256(encoded).digest()))))
    message = messages.Message(_who().seal, _digest(), certificates=[encoded])
    ordinary = message.ordinary_attributes()[:2]
    return _check_cms(message.but(attributes=[*ordinary, messages.attribute(messages.REFERENCE_V2, reference)]).encoded())


def _check_list(data: bytes) -> str:
    """A changed revocation list under a right signature, in a store after the seal."""
    crl = signed_by(_who().authority, data)
    return _check_seal(_appended(_sealed(), _store(crl)))


def _store(crl: bytes) -> bytes:
    """The objects of a revision with a store: the catalog anew, the store, and its one list."""
    (*_, catalog) = (match[0] for match in _OBJECT.finditer(_sealed()) if re.search(rb"/Type\s*/Catalog\b", match[0]))
    stream = b"901 0 obj\n<</Length %d>>\nstream\n%b\nendstream\nendobj\n" % (len(crl), crl)
    return (
        re.sub(rb"/Catalog\b", b"/Catalog /DSS 900 0 R", catalog, count=1) + b"\n900 0 obj\n<</Type/DSS/CRLs[901 0 R]>>\nendobj\n" + stream
    )


_OBJECT = re.compile(rb"(?:^|(?<=[\r\n]))([1-9]\d{0,6}) 0 obj.*?endobj", re.DOTALL)


def _appended(pdf: bytes, objects: bytes) -> bytes:
    """One more revision with these objects, and a table that fits."""
    file = read_foreign_file(pdf)
    out = (pdf if pdf.endswith(b"\n") else pdf + b"\n") + objects
    places = {int(match[1]): match.start() for match in _OBJECT.finditer(out, len(out) - len(objects))}
    table = len(out) + 1
    rows = b"".join(b"%d 1\n%010d 00000 n \n" % place for place in sorted(places.items()))
    root = re.findall(rb"/Root\s+(\d+ \d+ R)", pdf)[-1]
    size = max([*places, *file.state(len(file.revisions) - 1)]) + 1
    trailer = b"trailer\n<</Size %d/Root %b/Prev %d>>\n" % (size, root, start_of_table(pdf))
    return out + b"\nxref\n" + rows + trailer + b"startxref\n%d\n%%%%EOF\n" % table


def _check_revision(data: bytes) -> str:
    """Changed objects in a revision after the seal."""
    return _check_seal(_appended(_sealed(), data))


def _cms() -> list[bytes]:
    return [read_signatures(read_foreign_file(pdf))[0].cms for pdf in (_sealed(), f.sealed(f.letter(), _who(), stamped=True))]


def _attributes() -> list[bytes]:
    return [der.encode(der.SET, *sorted(messages.Message(_who().seal, _digest()).ordinary_attributes()))]


def _signed_part(issued: Issued) -> bytes:
    return issued.certificate.tbs_certificate_bytes


def _signed_list() -> bytes:
    return x509.load_der_x509_crl(_who().revocation_list(_who().seal)).tbs_certlist_bytes


def _target(
    name: str, about: str, seeds: Callable[[], list[bytes]], check: Callable[[bytes], str], mutate: Callable[[Random, bytes], bytes]
) -> Target:
    return Target(name, about, seeds, check, mutate, seconds=5.0, tries=40)


OTHER_SEAL_TARGETS = (
    _target("foreign", "our reading of files of other makers", lambda: [_sealed(), _kept(), plain_letter()], _check_foreign, change_pdf),
    _target("other-seal", "the check of a changed file of another maker", lambda: [_sealed(), _kept()], _check_seal, change_pdf),
    _target("other-letter", "the check of a changed letter of another maker, sealed", lambda: [plain_letter()], _check_letter, change_pdf),
    _target("other-cms", "changed seals of other makers", _cms, _check_cms, change_der),
    _target("other-attributes", "changed signed attributes of other makers", _attributes, _check_attributes, change_der),
    _target(
        "other-certificate", "changed certificates of other makers", lambda: [_signed_part(_who().seal)], _check_certificate, change_der
    ),
    _target("other-list", "changed revocation lists after another seal", lambda: [_signed_list()], _check_list, change_der),
    _target(
        "other-revision",
        "changed revisions after another seal",
        lambda: [_store(_who().revocation_list())],
        _check_revision,
        change_program,
    ),
)
