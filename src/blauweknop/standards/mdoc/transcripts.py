"""What a device signs: the transcript of one session (ISO/IEC 18013-5 9.1.5.1), as OpenID4VP 1.0 fixes it in appendix B.2.6."""

import hashlib

from blauweknop.standards.mdoc.parts import embed
from blauweknop.standards.strict_cbor import Encoded, Writable, write_cbor

__all__ = ["dc_api_transcript", "device_authentication", "openid4vp_transcript"]


def openid4vp_transcript(*, client_id: str, nonce: str, response_uri: str, jwk_thumbprint: bytes | None) -> bytes:
    """The SessionTranscript of an answer by redirect; `client_id` is whole, with its prefix.

    `jwk_thumbprint` is the SHA-256 thumbprint of the key that the answer is encrypted to (RFC 7638); None when it is not encrypted.
    """
    return _transcript("OpenID4VPHandover", [client_id, nonce, jwk_thumbprint, response_uri])


def dc_api_transcript(*, origin: str, nonce: str, jwk_thumbprint: bytes | None) -> bytes:
    """The SessionTranscript of an answer by the Digital Credentials API; `origin` has no prefix."""
    return _transcript("OpenID4VPDCAPIHandover", [origin, nonce, jwk_thumbprint])


def device_authentication(transcript: bytes, doctype: str, device_spaces: bytes) -> bytes:
    """The DeviceAuthenticationBytes (9.1.3.4); `device_spaces` are the encoded data that the device adds."""
    return embed(write_cbor(["DeviceAuthentication", Encoded(transcript), doctype, Encoded(embed(device_spaces))]))


def _transcript(handover: str, information: list[Writable]) -> bytes:
    return write_cbor([None, None, [handover, hashlib.sha256(write_cbor(information)).digest()]])
