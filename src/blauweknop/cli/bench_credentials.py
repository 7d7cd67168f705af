"""What the benchmarks of credentials work on: a credential of 33 disclosures, and a status list of 2^20 entries."""

import itertools
import os
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509

from blauweknop.cli.bench_exercise import BenchExercise
from blauweknop.domain.document import JsonValue
from blauweknop.standards.concealing import Concealment
from blauweknop.standards.sd_jwt_vc import IssuerTrust, issue, verify_unbound
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import INVALID, StatusList, sign_status_list

__all__ = ["DISCLOSURES", "CredentialExercise", "made_up_claims", "made_up_values", "status_look_ups_per_second"]

DISCLOSURES = 33
_ENTRIES = 1 << 20
_WITHDRAWN = _ENTRIES // 20
_CHANGES = 100
_ISSUER = "https://blauweknop.example/uwv"
_TYPE = "https://register.example/vct/oefening/1"
_LIFE = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CredentialExercise:
    """Made-up claims, an issuer and its trust; a status list with one in twenty withdrawn."""

    _signer: Signer = field(repr=False)
    _trust: IssuerTrust = field(repr=False)
    _statuses: StatusList = field(repr=False)
    _numbers: Iterator[int] = field(repr=False)

    @classmethod
    def on(cls, exercise: BenchExercise) -> "CredentialExercise":
        """With the keys of the source that makes the documents of the benchmark."""
        signer = exercise.certifier.credential_signer
        if signer is None:
            raise ValueError("expected an exercise with credentials")
        anchors = tuple(x509.load_der_x509_certificate(root) for root in exercise.roots)
        withdrawn = dict.fromkeys(random.Random(20).sample(range(_ENTRIES), _WITHDRAWN), INVALID)  # which ones makes no difference
        return cls(
            signer,
            IssuerTrust(anchors, lambda _certificate, _type: True, (), exercise.crls),
            StatusList.of_size(_ENTRIES).with_statuses(withdrawn),
            itertools.count(),
        )

    def claims(self) -> Mapping[str, JsonValue]:
        """The next person's: half numbers, half words; and a status."""
        number = next(self._numbers)
        claims = made_up_claims(number)
        claims["status"] = {"status_list": {"idx": number, "uri": f"{_ISSUER}/statuslists/7"}}
        return claims

    def issue_sd_jwt(self, claims: Mapping[str, JsonValue]) -> str:
        """As a source issues one."""
        now = datetime.now(UTC).replace(microsecond=0)
        return issue(
            claims,
            disclosable=_ALL,
            signer=self._signer,
            vct=_TYPE,
            issuer=_ISSUER,
            issued_at=now,
            expires_at=now + _LIFE,
            random_bytes=os.urandom,
            decoys=True,
        )

    def sd_jwt(self) -> str:
        """One that nobody has seen before."""
        return self.issue_sd_jwt(self.claims())

    def verify_sd_jwt(self, sd_jwt: str) -> None:
        """With every rule.

        Raises:
            SdJwtProblem: it is not good.
        """
        verify_unbound(sd_jwt, trust=self._trust, vct_values=[_TYPE], at=datetime.now(UTC))

    def changes(self) -> Mapping[int, int]:
        """A hundred places to withdraw."""
        start = next(self._numbers)
        return {(start * 7919 + place * 104_729) % _ENTRIES: INVALID for place in range(_CHANGES)}

    def publish(self, changes: Mapping[int, int]) -> bytes:
        """The signed token of the list after these changes."""
        now = datetime.now(UTC).replace(microsecond=0)
        token = sign_status_list(
            self._statuses.with_statuses(changes),
            uri=f"{_ISSUER}/statuslists/7",
            issued_at=now,
            expires_at=now + timedelta(days=1),
            ttl=timedelta(hours=1),
            signer=self._signer,
        )
        return token.encode("ascii")

    def published(self) -> StatusList:
        """The list as it is, to look things up in."""
        return self._statuses


def made_up_claims(number: int) -> dict[str, JsonValue]:
    """`made_up_values`, with room for other kinds beside them."""
    return {**made_up_values(number)}


def made_up_values(number: int) -> dict[str, int | str]:
    """As many as there are disclosures; never the same for two numbers."""
    return {f"gegeven_{place}": f"waarde {number}-{place}" if place % 2 else number * 100 + place for place in range(DISCLOSURES)}


def status_look_ups_per_second(statuses: StatusList, count: int) -> float:
    """By CPU time, at places all over the list."""
    places = [place * 104_729 % len(statuses) for place in range(count)]
    look_up, before = statuses.status, time.process_time()
    for place in places:
        look_up(place)
    return count / (time.process_time() - before)


_ALL = Concealment(frozenset(made_up_claims(0)))
