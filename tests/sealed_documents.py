"""One whole document of a source with any kind of keys, and what all judges say of it."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from blauweknop.adapters.certifying import new_certifier, random_id, time_stamper
from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.certified import certify
from blauweknop.document.content import DocumentFacts
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.document import Selection
from blauweknop.domain.verdict import CheckResult, Verified
from blauweknop.register.exercise_keys import TIME_STAMP_POLICY, Algorithm, ExerciseScheme, KeyHolder, new_exercise_scheme
from blauweknop.register.trust_publishing import exercise_trust_list
from blauweknop.standards.signing import Signer
from blauweknop.standards.time_stamp_authority import TimeStampAuthority
from tests.interop.signature_validators import pyhanko_verdict
from tests.unit.issuer.source_world import CATALOGUE, CHECK_URL, DEBT, SOURCE, found

__all__ = ["document_of", "judged", "scheme_with"]


def scheme_with(folder: Path, *, seal: Algorithm, rest: Algorithm) -> ExerciseScheme:
    """A scheme of one source, made an hour ago; `rest` is of the authorities and the time stamps."""
    holder = KeyHolder(SOURCE.oin, SOURCE.legal_name, "NTRNL-90000000", SOURCE.id, seal)
    return new_exercise_scheme(folder, [holder], now=datetime.now(UTC) - timedelta(hours=1), algorithm=rest)


def document_of(scheme: ExerciseScheme, *, seal_signer: Signer, credential_signer: Signer) -> bytes:
    """A study debt, with a time stamp of the scheme."""
    serials = itertools.count(1 << 70)
    authority = TimeStampAuthority(
        scheme.time_stamp_signer(), policy=TIME_STAMP_POLICY, now=lambda: datetime.now(UTC), serial=lambda: next(serials)
    )
    lists = scheme.crls()
    certifier = new_certifier(
        SOURCE,
        seal_signer=seal_signer,
        credential_signer=credential_signer,
        revocation=lambda: lists,
        time_stamp=time_stamper(authority.respond),
        issuer_url="https://duo.example/duo",
        accent="#0b4a8f",
        check_url=CHECK_URL,
        exercise=True,
        typesetter=Typesetter(),
    )
    now = datetime.now(UTC).replace(microsecond=0)
    facts = DocumentFacts(random_id(), random_id(), random_id(), now, "nl", "https://duo.example/duo/klopt-niet")
    selection = Selection(DEBT.id, frozenset(part.id for part in DEBT.parts))
    made = certify(found(DEBT).snapshot, selection, DEBT, certifier, facts)
    assert made.level == "B-T"
    return made.pdf


def judged(pdf: bytes, scheme: ExerciseScheme) -> list[str]:
    """What our check and pyHanko have against it; empty when nothing."""
    since, now = scheme.authorities()[0].not_valid_before_utc, datetime.now(UTC)
    listed = exercise_trust_list(scheme, [SOURCE], {SOURCE.id: [DEBT.id]}, sequence=1, check_url=CHECK_URL, since=since, at=now)
    verdict = check_document(pdf, trust=Trust(listed), at=now, catalogue=CATALOGUE)
    against = [f"{step.id}: {step.reason}" for step in verdict.facts.steps if step.result is not CheckResult.OK]
    if not isinstance(verdict, Verified) and not against:
        against.append("not green")
    opinion = pyhanko_verdict(pdf, roots=[scheme.authorities()[0].public_bytes(Encoding.DER)])
    return against if opinion.good and opinion.time_stamp else [*against, opinion.summary]
