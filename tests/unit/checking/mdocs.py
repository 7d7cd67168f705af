"""Mobile documents to attack, of the exercise: right but for one thing; what they say and whose they are is that of `credentials`."""

import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import cbor2

from blauweknop.checking.check_presentation import Asked
from blauweknop.standards import base64url, cose, mdoc
from blauweknop.standards.mdoc import Element
from blauweknop.standards.signing import KeySigner
from blauweknop.standards.status_list import StatusReference
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x

DOCTYPE = x.dataset().doctype
TRANSCRIPT = mdoc.openid4vp_transcript(client_id=c.AUDIENCE, nonce=c.NONCE, response_uri="https://ontvanger.example", jwk_thumbprint=None)
ASKED = Asked(c.AUDIENCE, c.NONCE, frozenset({DOCTYPE}), TRANSCRIPT)
CLAIMS: Mapping[str, Element] = {
    "given_name": "Çağla Đorđe",
    "reference_date": date(2026, 11, 21),
    "source_name": "DUO",
    "schuldsaldo_inclusief_rente": 1234567,
}


def issued(
    claims: Mapping[str, Element] = CLAIMS,
    *,
    doctype: str = DOCTYPE,
    namespace: str | None = None,
    signer: KeySigner | None = None,
    made: datetime = c.MADE,
    ends: datetime = c.ENDS,
    status: StatusReference | None = StatusReference(c.INDEX, c.URI),  # noqa: B008 # frozen
) -> bytes:
    """An IssuerSigned by DUO."""
    return mdoc.issue(
        {namespace or doctype: claims},
        doctype=doctype,
        holder_key=c.holder_key().public_key(),
        signer=signer or x.exercise().credentials["duo"],
        signed_at=made,
        expires_at=ends,
        status=status,
        random_bytes=random.Random(7).randbytes,
    )


def valid_from(moment: datetime) -> bytes:
    """An IssuerSigned by DUO that was signed at `MADE` and begins at another moment."""
    members = cbor2.loads(issued())
    security_object = cbor2.loads(cbor2.loads(members["issuerAuth"][2]).value)
    security_object["validityInfo"]["validFrom"] = moment
    payload = cbor2.dumps(cbor2.CBORTag(24, cbor2.dumps(security_object)))
    signed = cose.sign_cose(payload, x.exercise().credentials["duo"], cose.ISSUER_AUTH)
    return cbor2.dumps({**members, "issuerAuth": cbor2.loads(signed)})


def presented(documents: Sequence[bytes] | None = None, *, transcript: bytes = TRANSCRIPT, device: KeySigner | None = None) -> bytes:
    """A DeviceResponse by their holder."""
    return mdoc.present([(one, device or c.holder()) for one in documents or (issued(),)], transcript=transcript)


def as_text(data: bytes) -> bytes:
    return base64url.encode(data).encode()
