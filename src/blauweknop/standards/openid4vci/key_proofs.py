"""Proofs that a wallet holds the keys it wants credentials for (OpenID4VCI 1.0 sections 8.2, 8.2.1 and appendix F; PROTOCOL 2.7).

Checking the member `proofs` of a credential request, in steps:
1. One kind of proof, `jwt` or `attestation`, that this issuer takes; as many as may be (`invalid_proof`).
2. Each `jwt` is a message of the right kind: `typ`, ES256, a public `jwk` in its header and no other way to a key (`invalid_proof`).
3. Its signature fits that key (`invalid_proof`).
4. `aud` is this issuer, `iat` of the last minutes; `iss`, which may be left out, is the wallet, and is left out by one that is not
   known (`invalid_proof`).
5. `nonce` is one that this issuer gave out and that was not used, the same in every proof (`invalid_nonce`).
6. No key comes twice (`invalid_proof`).
7. An attestation of the keys, beside them or as the proof itself, is right and covers each key; it is there where it is asked
   (`invalid_proof`, `invalid_nonce`).

One credential is made for each key that comes out, never two for one.
"""

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import jose
from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.json_members import MalformedMember, Members, member_list, member_moment
from blauweknop.standards.jwk import public_jwk, thumbprint
from blauweknop.standards.openid4vci.key_attestation import AttestedKeys, KeyAttestationRefused, read_key_attestation
from blauweknop.standards.signing import Signer

__all__ = ["KeyProof", "KeyProofProblem", "KeyProofProblemCode", "ProofRules", "keys_of_proofs", "sign_key_proof"]

KeyProofProblemCode = Literal["invalid_proof", "invalid_nonce"]

_MAX_PROOF = 96 * 1024  # with an attestation inside
_OLDEST, _NEWEST = timedelta(minutes=5), timedelta(seconds=60)
_OTHER_KEYS = ("kid", "x5c", "trust_chain")


class KeyProofProblem(BlauweKnopError):
    """Proofs that are refused; `code` is the word of OpenID4VCI section 8.3.1.2 for the wallet."""

    def __init__(self, code: KeyProofProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: KeyProofProblemCode = code


@dataclass(frozen=True, slots=True)
class ProofRules:
    """What an issuer asks of proofs.

    `client_id` is that of the wallet, None for one that is not known. `providers` are the wallet providers whose attestations count;
    None: attestations are not looked at. `level` (`key_attestation.ATTACK_POTENTIALS`) makes an attestation of at least that a must.
    With `first_signs` one proof, by the first attested key, stands for all attested keys (profile `etsi`, TS 119 472-3).
    """

    issuer: str
    client_id: str | None
    most_keys: int
    providers: IssuerTrust | None = None
    level: str | None = None
    first_signs: bool = False


@dataclass(frozen=True, slots=True)
class KeyProof:
    """What a wallet says with a key: to which issuer, as which client (None: not known there), on which nonce, with which attestation."""

    issuer: str
    client_id: str | None
    nonce: str
    attestation: str | None = None


def keys_of_proofs(
    proofs: Members, rules: ProofRules, *, at: datetime, nonce_counts: Callable[[str], bool]
) -> tuple[ec.EllipticCurvePublicKey, ...]:
    """The keys to make a credential for, each once.

    `nonce_counts` says of a nonce whether it was given out here, still counts and was not used; it is asked for one and the same.

    Raises:
        KeyProofProblem: by the first rule that is broken.
    """
    # Step 1.
    try:
        match [*proofs]:
            case ["jwt"]:
                texts = _texts(member_list(proofs, "jwt", least=1, most=1 if rules.first_signs else rules.most_keys))
                keys = _keys_of_messages(texts, rules, at, nonce_counts)
            case ["attestation"] if rules.providers is not None:
                (text,) = _texts(member_list(proofs, "attestation", least=1, most=1))
                attested = _attested(text, rules, rules.providers, at)
                _require_nonce({attested.nonce}, nonce_counts)
                keys = attested.keys
            case _:
                raise _invalid("expected proofs of one kind that this issuer takes")
    except MalformedMember as error:
        raise _invalid(str(error)) from error
    if len(keys) > rules.most_keys:
        raise _invalid(f"expected at most {rules.most_keys} keys")
    return keys


def sign_key_proof(proof: KeyProof, signer: Signer, key: ec.EllipticCurvePublicKey, at: datetime) -> str:
    """A proof as it goes into the list `jwt`, by a signer whose public key is `key`.

    Raises:
        UnsuitableKey: no P-256 key.
    """
    claims: dict[str, JsonValue] = {"aud": proof.issuer, "iat": int(at.timestamp()), "nonce": proof.nonce}
    if proof.client_id is not None:
        claims["iss"] = proof.client_id
    header: dict[str, JsonValue] = {"jwk": public_jwk(key)}
    if proof.attestation is not None:
        header["key_attestation"] = proof.attestation
    return jose.sign_jws(claims, signer, jose.KEY_PROOF, header=header)


@dataclass(frozen=True, slots=True)
class _ReadProof:
    """One message that holds by itself, its nonce not yet looked at."""

    key: ec.EllipticCurvePublicKey
    nonce: str | None
    attestation: str | None


def _keys_of_messages(
    texts: Sequence[str], rules: ProofRules, at: datetime, nonce_counts: Callable[[str], bool]
) -> tuple[ec.EllipticCurvePublicKey, ...]:
    read = [_read(text, rules, at) for text in texts]
    # Step 5.
    nonces = {proof.nonce for proof in read}
    _require_nonce(nonces, nonce_counts)
    # Step 6.
    thumbprints = [thumbprint(proof.key) for proof in read]
    if len({*thumbprints}) != len(thumbprints):
        raise _invalid("expected each key once")
    # Step 7.
    attestations = {proof.attestation for proof in read}
    if rules.providers is None or attestations == {None}:
        if rules.level is not None or rules.first_signs:
            raise _invalid("expected an attestation of the keys")
        return tuple(proof.key for proof in read)
    (attestation,) = attestations if len(attestations) == 1 else (None,)
    if attestation is None:
        raise _invalid("expected one attestation for all keys")
    attested = _attested(attestation, rules, rules.providers, at)
    if attested.nonce is not None and attested.nonce not in nonces:
        raise KeyProofProblem("invalid_nonce", "expected in the attestation the nonce of the proofs, or none")
    if rules.first_signs:
        if thumbprints[0] != attested.thumbprints[0]:
            raise _invalid("expected a proof by the first key of the attestation")
        return attested.keys
    if not {*thumbprints} <= {*attested.thumbprints}:
        raise _invalid("expected keys that the attestation names")
    return tuple(proof.key for proof in read)


def _read(text: str, rules: ProofRules, at: datetime) -> _ReadProof:
    """Steps 2 to 4."""
    try:
        received = jose.parse_jws(text, jose.KEY_PROOF, max_bytes=_MAX_PROOF)
        claims = jose.verify_jws(received, received.key).claims()
        if received.key is None or any(name in received.header for name in _OTHER_KEYS):
            raise _invalid("expected the key as jwk in the header, and in no other way")
        made = member_moment(claims, "iat")
    except (JwsProblem, MalformedMember) as error:
        raise _invalid(str(error)) from error
    if claims.get("aud") != rules.issuer:
        raise _invalid("expected a proof for this issuer")
    if "iss" in claims and (rules.client_id is None or claims["iss"] != rules.client_id):
        raise _invalid("expected a proof of the wallet that asks")
    if not at - _OLDEST <= made <= at + _NEWEST:
        raise _invalid("expected a proof of the last minutes")
    attestation = received.header.get("key_attestation")
    if attestation is not None and not isinstance(attestation, str):
        raise _invalid("expected the attestation as text")
    nonce = claims.get("nonce")
    return _ReadProof(received.key, nonce if isinstance(nonce, str) else None, attestation)


def _require_nonce(nonces: Set[str | None], nonce_counts: Callable[[str], bool]) -> None:
    (nonce,) = nonces if len(nonces) == 1 else (None,)
    if nonce is None or not nonce_counts(nonce):
        raise KeyProofProblem("invalid_nonce", "expected one nonce, that this issuer gave out and that was not used")


def _attested(text: str, rules: ProofRules, providers: IssuerTrust, at: datetime) -> AttestedKeys:
    try:
        return read_key_attestation(text, providers=providers, level=rules.level, at=at)
    except KeyAttestationRefused as refused:
        raise _invalid(str(refused)) from refused


def _texts(items: Sequence[JsonValue]) -> list[str]:
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) != len(items):
        raise _invalid("expected proofs that are text")
    return texts


def _invalid(message: str) -> KeyProofProblem:
    return KeyProofProblem("invalid_proof", f"key proof: {message}")
