"""An SD-JWT in the form of JSON (RFC 9901 section 8) as the same in compact form, so that one reader judges both.

Nothing is verified here. The compact form says all that the other says, and a key binding is over the compact form in both (section 8.1).
"""

from collections.abc import Mapping

from blauweknop.domain.document import JsonValue
from blauweknop.standards.base64url import MalformedBase64, decode
from blauweknop.standards.disclosures import SdJwtProblem
from blauweknop.standards.jose import MAX_JWS
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["compact_form"]

_OF_SD_JWT = frozenset({"disclosures", "kb_jwt"})
_OF_SIGNATURE = frozenset({"protected", "header", "signature"})


def compact_form(data: bytes) -> str:
    """What stands in one object, flattened or general; of several signatures the first, which has the disclosures (section 8.2).

    Raises:
        SdJwtProblem: `format`: no such object, parts that cannot stand in the compact form, disclosures beside another signature.
    """
    try:
        whole = parse_json_object(data, max_bytes=MAX_JWS)
    except MalformedJson as error:
        raise SdJwtProblem("format", f"expected an SD-JWT as JSON: {error}") from error
    first, *others = _signatures(whole)
    if any(not _OF_SD_JWT.isdisjoint(_header(other)) for other in others):
        raise SdJwtProblem("format", "expected disclosures and key binding beside the first signature alone")
    header = _header(first)
    disclosures = header.get("disclosures", [])
    if not isinstance(disclosures, list):
        raise SdJwtProblem("format", "disclosures: expected a list")
    message = ".".join(_part(value) for value in (first.get("protected"), whole.get("payload"), first.get("signature")))
    binding = header.get("kb_jwt", "")
    if not isinstance(binding, str) or ("kb_jwt" in header and not all(map(_part, binding.split(".")))):
        raise SdJwtProblem("format", "kb_jwt: expected a message in compact form")
    return "~".join([message, *map(_part, disclosures), binding])


def _signatures(whole: Mapping[str, JsonValue]) -> list[Mapping[str, JsonValue]]:
    """RFC 7515 section 7.2: a list of them, or the members of one in the object itself, never both."""
    if "signatures" not in whole:
        return [whole]
    listed = whole["signatures"]
    if not isinstance(listed, list) or not listed or not _OF_SIGNATURE.isdisjoint(whole):
        raise SdJwtProblem("format", "signatures: expected a list with at least one, and none beside it")
    signatures: list[Mapping[str, JsonValue]] = [one for one in listed if isinstance(one, dict)]
    if len(signatures) != len(listed):
        raise SdJwtProblem("format", "signatures: expected objects")
    return signatures


def _header(signature: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """What is not signed. What must be signed may not stand there: the reader takes it from the signed header alone."""
    header = signature.get("header", {})
    if not isinstance(header, dict) or not {"alg", "typ", "crit", "b64", "x5c"}.isdisjoint(header):
        raise SdJwtProblem("format", "header: expected an object without what is signed")
    return header


def _part(value: JsonValue) -> str:
    try:
        if not isinstance(value, str) or not decode(value):
            raise SdJwtProblem("format", "expected parts in base64url")
    except MalformedBase64 as error:
        raise SdJwtProblem("format", f"expected parts in base64url: {error}") from error
    return value
