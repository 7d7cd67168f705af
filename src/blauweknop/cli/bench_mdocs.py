"""What the benchmarks of mobile documents work on: an mdoc of 33 data elements."""

import itertools
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.cli.bench_credentials import made_up_values
from blauweknop.cli.bench_exercise import BenchExercise
from blauweknop.standards import mdoc
from blauweknop.standards.mdoc import Element, IssuerTrust
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import StatusReference

__all__ = ["DOCTYPE", "MdocExercise", "MdocOrder"]

DOCTYPE = "org.blauweknop.oefening.1"
_LIST = "https://blauweknop.example/uwv/statuslists/7"
_LIFE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class MdocOrder:
    """Made-up claims of one person, and the place in the status list."""

    claims: Mapping[str, Element] = field(repr=False)
    index: int


@dataclass(frozen=True, slots=True)
class MdocExercise:
    """An issuer, a holder and the trust of a receiver."""

    _signer: Signer = field(repr=False)
    _trust: IssuerTrust = field(repr=False)
    _holder_key: ec.EllipticCurvePublicKey = field(repr=False)
    _numbers: Iterator[int] = field(repr=False)

    @classmethod
    def on(cls, exercise: BenchExercise) -> "MdocExercise":
        """With the keys of the source that makes the documents of the benchmark."""
        signer = exercise.certifier.credential_signer
        if signer is None:
            raise ValueError("expected an exercise with credentials")
        anchors = tuple(x509.load_der_x509_certificate(root) for root in exercise.roots)
        trust = IssuerTrust(anchors, lambda _certificate, _doctype: True, (), exercise.crls)
        return cls(signer, trust, ec.generate_private_key(ec.SECP256R1()).public_key(), itertools.count())

    def order(self) -> MdocOrder:
        """The next person's."""
        number = next(self._numbers)
        return MdocOrder(made_up_values(number), number)

    def issue(self, order: MdocOrder) -> bytes:
        """As a source issues one."""
        now = datetime.now(UTC)
        return mdoc.issue(
            {DOCTYPE: order.claims},
            doctype=DOCTYPE,
            holder_key=self._holder_key,
            signer=self._signer,
            signed_at=now,
            expires_at=now + _LIFE,
            status=StatusReference(order.index, _LIST),
            random_bytes=os.urandom,
            decoys=True,
        )

    def issued(self) -> bytes:
        """One that nobody has seen before."""
        return self.issue(self.order())

    def verify(self, issuer_signed: bytes) -> None:
        """With every rule.

        Raises:
            MdocProblem: it is not good.
        """
        mdoc.verify_issued(issuer_signed, trust=self._trust, doctypes=[DOCTYPE], at=datetime.now(UTC))
