"""Issue an mdoc: an IssuerSigned whose every data element can be left out later (ISO/IEC 18013-5 9.1.2).

What is equal in all mdocs of a data set is written once and kept; randomness is drawn for all elements at once.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec

from blauweknop.standards import cose
from blauweknop.standards.cose_key import public_cose_key
from blauweknop.standards.mdoc.parts import FULL_DATE, MAX_ELEMENTS, TDATE, VERSION, Element, MdocProblem, embed
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import StatusReference
from blauweknop.standards.strict_cbor import ARRAY, MAP, UNSIGNED, Encoded, MalformedCbor, Tagged, Writable, write_cbor, write_head

__all__ = ["issue"]

_RANDOM, _ORDER = 32, 16  # bytes for each element: in it, and to shuffle it
_DIGEST = b"\x58\x20"  # the head of 32 bytes
_BEFORE_RANDOM = b"\xa4" + write_cbor("random") + b"\x58\x20"
_BEFORE_NUMBER = write_cbor("digestID")
_BEFORE_VALUE = write_cbor("elementValue")
_BEFORE_NAME = write_cbor("elementIdentifier")


def issue(
    claims: Mapping[str, Mapping[str, Element]],
    *,
    doctype: str,
    holder_key: ec.EllipticCurvePublicKey,
    signer: Signer,
    signed_at: datetime,
    expires_at: datetime,
    status: StatusReference | None,
    random_bytes: Callable[[int], bytes],
    decoys: bool = False,
) -> bytes:
    """An IssuerSigned over `claims` by namespace; as text it is base64url (OpenID4VCI A.2.4).

    `random_bytes` gives so many fresh random bytes. With `decoys` each namespace gets digests of nothing up to a multiple of eight, so
    that their number does not tell how much there is. The caller floors `signed_at` as its linkability demands (PROTOCOL 2.11), though
    not to before the certificate of the signer begins: a reader refuses that.

    Raises:
        MdocProblem: `size` for more than 500 elements, `format` for a value that can not be written.
        UnsuitableKey: the signer has no P-256 key.
    """
    if sum(map(len, claims.values())) > MAX_ELEMENTS:
        raise MdocProblem("size", f"expected at most {MAX_ELEMENTS} data elements")
    spaces: dict[str, Writable] = {}
    digests: dict[str, Writable] = {}
    for namespace, elements in claims.items():
        if elements:
            try:
                items, numbered = _conceal(elements, random_bytes, decoys=decoys)
            except MalformedCbor as error:
                raise MdocProblem("format", f"data element: {error}") from error
            spaces[namespace], digests[namespace] = Encoded(items), Encoded(numbered)
    security_object: dict[str, Writable] = {
        "version": VERSION,
        "digestAlgorithm": "SHA-256",
        "valueDigests": digests,
        "deviceKeyInfo": {"deviceKey": public_cose_key(holder_key)},
        "docType": doctype,
        "validityInfo": {"signed": _moment(signed_at), "validFrom": _moment(signed_at), "validUntil": _moment(expires_at)},
    }
    if status is not None:
        security_object["status"] = {"status_list": {"idx": status.index, "uri": status.uri}}
    issuer_auth = cose.sign_cose(embed(write_cbor(security_object)), signer, cose.ISSUER_AUTH)
    return write_cbor({"nameSpaces": spaces, "issuerAuth": Encoded(issuer_auth)})


def _conceal(elements: Mapping[str, Element], random_bytes: Callable[[int], bytes], *, decoys: bool) -> tuple[bytes, bytes]:
    """The list of items of a namespace, and their digests by number. The numbers are in an order of chance."""
    count = len(elements)
    total = count + (-count % 8 if decoys else 0)
    drawn = random_bytes(total * (_RANDOM + _ORDER))
    randoms = [drawn[start : start + _RANDOM] for start in range(0, total * _RANDOM, _RANDOM)]
    orders = [drawn[start : start + _ORDER] for start in range(total * _RANDOM, len(drawn), _ORDER)]
    numbers = sorted(range(total), key=orders.__getitem__)
    heads = _numbers(total)
    digests = [b""] * total
    items = [write_head(ARRAY, count)]
    for number, random, (name, value) in zip(numbers, randoms, elements.items(), strict=False):
        item = embed(b"".join((_BEFORE_RANDOM, random, heads[number], _value(value), _name(name))))
        items.append(item)
        digests[number] = hashlib.sha256(item).digest()
    for number, random in zip(numbers[count:], randoms[count:], strict=True):
        digests[number] = random
    listed = b"".join([part for number, digest in enumerate(digests) for part in (write_head(UNSIGNED, number), _DIGEST, digest)])
    return b"".join(items), write_head(MAP, total) + listed


@lru_cache(maxsize=16)
def _numbers(count: int) -> tuple[bytes, ...]:
    """What stands between the randomness and the value of an item, by its number."""
    return tuple(_BEFORE_NUMBER + write_head(UNSIGNED, number) + _BEFORE_VALUE for number in range(count))


@lru_cache(maxsize=4096)
def _name(name: str) -> bytes:
    return _BEFORE_NAME + write_cbor(name)


def _value(value: Element) -> bytes:
    if isinstance(value, bool | int | str):
        return write_cbor(value)
    if type(value) is date:
        return write_cbor(Tagged(FULL_DATE, value.isoformat()))
    raise MdocProblem("format", "expected data elements that are text, a whole number, true or false, or a date")


def _moment(moment: datetime) -> Tagged:
    return Tagged(TDATE, moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
