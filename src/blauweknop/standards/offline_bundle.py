"""The offline bundle: all that a check needs from the network, in one signed file (PRODUCT 6).

It is signed by the signer of the trust list, but that signature replaces no other: each part inside is verified again by rules of its own,
when it is used. Reading, in steps:
1. At most 48 MiB; a message of this type with `iat`, `x5c` and `x5t#S256` (bundle_malformed).
2. Its certificate is one of the pinned ones, valid and meant for signing (bundle_signer_unknown).
3. The signature is right (bundle_signature); only then is the content read (bundle_malformed).
4. The content has its members and no others, nothing twice, no more than allowed; each schema has its SHA-256 (bundle_malformed).
5. It was not made in the future (bundle_malformed), nor before a bundle that was seen before (bundle_rollback).

A bundle that has ended is still read: its trust list ends by its own NextUpdate, its status lists by their own `exp`. The end says when to
fetch another.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography import x509

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.json_members import MalformedMember, Members, member_moment, member_objects, member_text
from blauweknop.standards.pinned_message import PinnedProblem, PinnedProblemCode, flattened, read_pinned, sign_pinned
from blauweknop.standards.signing import Signer
from blauweknop.standards.status_list import MAX_TOKEN
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["BundleProblemCode", "BundleRefused", "BundledSchema", "OfflineBundle", "read_offline_bundle", "write_offline_bundle"]

BundleProblemCode = Literal["bundle_malformed", "bundle_signer_unknown", "bundle_signature", "bundle_rollback"]

_MAX_BUNDLE = 48 * 1024 * 1024
_MAX_SCHEMA = 1024 * 1024
_MOST_SCHEMAS = 500
_MOST_STATUS_LISTS = 64
_MAX_URI = 2048
_MAX_NAME = 100
_CLOCK_SKEW = timedelta(seconds=60)
_CODES: Mapping[PinnedProblemCode, BundleProblemCode] = {
    "malformed": "bundle_malformed",
    "signer_unknown": "bundle_signer_unknown",
    "signature": "bundle_signature",
}


class BundleRefused(BlauweKnopError):
    """A bundle that must not be used; `code` says why."""

    def __init__(self, code: BundleProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: BundleProblemCode = code


@dataclass(frozen=True, slots=True)
class BundledSchema:
    """The JSON Schema of a data set, as the bytes that are published."""

    dataset: str
    version: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfflineBundle:
    """`trust_list` is the signed list as it was published, `status_lists` the tokens (JWT or CWT) by their address, both unverified.

    Times are aware and whole seconds.
    """

    issued_at: datetime
    expires_at: datetime
    trust_list: bytes = field(repr=False)
    schemas: tuple[BundledSchema, ...] = ()
    status_lists: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def write_offline_bundle(bundle: OfflineBundle, *, signer: Signer) -> bytes:
    """The bundle as a flattened JSON message, by the signer of the trust list.

    Raises:
        UnsuitableKey: the signer has no P-256 key.
    """
    schemas: list[JsonValue] = [
        {
            "dataset": schema.dataset,
            "version": schema.version,
            "sha256": hashlib.sha256(schema.content).hexdigest(),
            "schema": schema.content.decode("utf-8"),
        }
        for schema in bundle.schemas
    ]
    lists: list[JsonValue] = [{"uri": uri, **_token_json(token)} for uri, token in sorted(bundle.status_lists.items())]
    content: dict[str, JsonValue] = {
        "iat": int(bundle.issued_at.timestamp()),
        "exp": int(bundle.expires_at.timestamp()),
        "trust_list": bundle.trust_list.decode("ascii"),
        "schemas": schemas,
        "status_lists": lists,
    }
    message = flattened(sign_pinned(content, jose.OFFLINE_BUNDLE, signer=signer, at=bundle.issued_at))
    return json.dumps(message, indent=1).encode("ascii") + b"\n"


def read_offline_bundle(
    data: bytes, *, anchors: Sequence[x509.Certificate], at: datetime, not_before: datetime | None = None
) -> OfflineBundle:
    """The bundle, when one of the pinned `anchors` (certificates of the signer of the trust list) signed it.

    `at` is now; `not_before` is when the newest bundle that was seen before was made.

    Raises:
        BundleRefused: by the first rule that is broken.
    """
    # Steps 1 to 3.
    try:
        message = read_pinned(data, jose.OFFLINE_BUNDLE, anchors=anchors, at=at, max_bytes=_MAX_BUNDLE)
        content = parse_json_object(message.payload, max_bytes=_MAX_BUNDLE)
    except PinnedProblem as problem:
        raise BundleRefused(_CODES[problem.code], f"bundle: {problem}") from problem
    except MalformedJson as error:
        raise BundleRefused("bundle_malformed", f"bundle: {error}") from error
    # Step 4.
    try:
        bundle = _bundle(content)
    except (MalformedMember, MalformedBase64, UnicodeError) as error:
        raise BundleRefused("bundle_malformed", f"bundle: {error}") from error
    # Step 5.
    if bundle.issued_at - at > _CLOCK_SKEW or bundle.expires_at <= bundle.issued_at:
        raise BundleRefused("bundle_malformed", "expected a bundle that was made before now and before its own end")
    if not_before is not None and bundle.issued_at < not_before:
        raise BundleRefused("bundle_rollback", "expected a bundle that is not older than the one seen before")
    return bundle


def _bundle(content: Members) -> OfflineBundle:
    _require_members(content, {"iat", "exp", "trust_list", "schemas", "status_lists"})
    schemas = tuple(_schema(item) for item in member_objects(content, "schemas", most=_MOST_SCHEMAS))
    if len({(schema.dataset, schema.version) for schema in schemas}) != len(schemas):
        raise MalformedMember("expected each schema once")
    tokens = [_token(item) for item in member_objects(content, "status_lists", most=_MOST_STATUS_LISTS)]
    if len(dict(tokens)) != len(tokens):
        raise MalformedMember("expected each address of a status list once")
    issued, ends = member_moment(content, "iat"), member_moment(content, "exp")
    return OfflineBundle(issued, ends, _text(content, "trust_list", _MAX_BUNDLE).encode("ascii"), schemas, dict(tokens))


def _schema(value: Members) -> BundledSchema:
    _require_members(value, {"dataset", "version", "sha256", "schema"})
    version, content = value["version"], _text(value, "schema", _MAX_SCHEMA).encode("utf-8")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise MalformedMember("expected version as a number of at least one")
    if value["sha256"] != hashlib.sha256(content).hexdigest():
        raise MalformedMember("expected the SHA-256 of the schema")
    return BundledSchema(_text(value, "dataset", _MAX_NAME), version, content)


def _token(value: Members) -> tuple[str, bytes]:
    """An address, and the token as it would have come from there."""
    form = "cwt" if "cwt" in value else "jwt"
    _require_members(value, {"uri", form})
    text = _text(value, form, MAX_TOKEN)
    return _text(value, "uri", _MAX_URI), base64url.decode(text) if form == "cwt" else text.encode("ascii")


def _token_json(token: bytes) -> dict[str, JsonValue]:
    """A JWT is text; a CWT is binary, and begins as no JWT can (RFC 9052: an array, tagged or not)."""
    return {"jwt": token.decode("ascii")} if token.isascii() else {"cwt": base64url.encode(token)}


def _require_members(value: Members, names: set[str]) -> None:
    if value.keys() != names:
        raise MalformedMember(f"expected only {', '.join(sorted(names))}")


def _text(value: Members, name: str, most: int) -> str:
    text = member_text(value, name)
    if not 0 < len(text) <= most:
        raise MalformedMember(f"expected {name} of one to {most} characters")
    return text
