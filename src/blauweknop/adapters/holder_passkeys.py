"""Checks what passkeys answer, with the package `webauthn`; and keeps what was asked of them until it is answered, once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_bytes

from sqlalchemy import delete, insert, select
from sqlalchemy.engine import Engine
from webauthn import verify_authentication_response, verify_registration_response
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException

from blauweknop.adapters.database import writing
from blauweknop.adapters.holder_records import HOLDER_STEPS
from blauweknop.adapters.records import fingerprint
from blauweknop.adapters.row_encryption import RowKey, Unreadable
from blauweknop.adapters.sessions import has_room, new_reference, readable_reference
from blauweknop.holder.passkeys import KnownPasskey, PasskeyAnswer

__all__ = ["HolderSteps", "WebauthnProof"]

_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# What the package raises on answers that are no answers, beside its own errors; each is the same refusal.
_REFUSALS = (WebAuthnException, ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError)


@dataclass(frozen=True, slots=True)
class WebauthnProof:
    """See `blauweknop.holder.passkeys.PasskeyProof`."""

    relying_party: str  # the name of the host
    origin: str

    def made(self, answer: PasskeyAnswer, challenge: bytes) -> KnownPasskey | None:
        try:
            proved = verify_registration_response(
                credential=answer.answer,
                expected_challenge=challenge,
                expected_rp_id=self.relying_party,
                expected_origin=self.origin,
                require_user_verification=True,
                supported_pub_key_algs=_ALGORITHMS,
            )
        except _REFUSALS:
            return None
        if proved.credential_id != answer.credential_id:
            return None
        return KnownPasskey(proved.credential_public_key, proved.sign_count)

    def used(self, answer: PasskeyAnswer, challenge: bytes, known: KnownPasskey) -> KnownPasskey | None:
        try:
            proved = verify_authentication_response(
                credential=answer.answer,
                expected_challenge=challenge,
                expected_rp_id=self.relying_party,
                expected_origin=self.origin,
                credential_public_key=known.public_key,
                credential_current_sign_count=known.uses,
                require_user_verification=True,
            )
        except _REFUSALS:
            return None
        return KnownPasskey(known.public_key, proved.new_sign_count)


@dataclass(frozen=True, slots=True)
class HolderSteps:
    """See `blauweknop.holder.ports.StepStorage`."""

    engine: Engine
    key: RowKey = field(repr=False)
    life: timedelta = timedelta(minutes=10)
    rows: int = 100_000
    random: Callable[[int], bytes] = field(default=token_bytes, repr=False)

    def begin(self, content: bytes, *, now: datetime) -> str | None:
        reference = new_reference(self.random)
        id_hash = fingerprint(reference)
        row = {
            "id_hash": id_hash,
            "content": self.key.encrypt(content, table=HOLDER_STEPS.name, row=id_hash),
            "ends_at": now + self.life,
        }
        with writing(self.engine) as connection:
            connection.execute(delete(HOLDER_STEPS).where(HOLDER_STEPS.c.ends_at <= now))
            if not has_room(connection, HOLDER_STEPS, self.rows):
                return None
            connection.execute(insert(HOLDER_STEPS).values(row))
        return reference

    def take(self, reference: str | None, *, now: datetime) -> bytes | None:
        id_hash = readable_reference(reference)
        if id_hash is None:
            return None
        this = HOLDER_STEPS.c.id_hash == id_hash
        with writing(self.engine) as connection:
            row = connection.execute(select(HOLDER_STEPS).where(this).with_for_update()).one_or_none()
            if row is None or connection.execute(delete(HOLDER_STEPS).where(this)).rowcount != 1 or row.ends_at <= now:
                return None
        try:
            return self.key.decrypt(row.content, table=HOLDER_STEPS.name, row=id_hash)
        except Unreadable:
            return None

    def sweep(self, now: datetime) -> int:
        """Forget what was never answered; how many."""
        with writing(self.engine) as connection:
            return connection.execute(delete(HOLDER_STEPS).where(HOLDER_STEPS.c.ends_at <= now)).rowcount
