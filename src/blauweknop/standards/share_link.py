"""A link by which a receiver gets a package, in the way of SMART Health Links: the address says where it is, and the fragment opens it.

    https://mijn.example/mijn/d/<16 random bytes>#<a key of 32 bytes>

The fragment goes to no server. What is behind the address is encrypted twice: to the key of the receiver (`delivery`), and around that with
the key in the fragment. So the place that keeps it, who has only the link, and who has only the database can read nothing.

Whoever fetches signs that it does, with the access key of the receiver, and says the PIN that the person told apart. Verifying that,
in steps:
1. A signed message of the right kind and size (fetch_malformed).
2. The access certificate of a receiver (the codes of `access_certificate`).
3. The signature is right (fetch_signature); only then the content is read.
4. It is for this address (fetch_address), and of now (fetch_not_yet, fetch_expired).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.standards.access_certificate import AccessCertificate, AccessProblem, AccessProblemCode, read_access_certificate
from blauweknop.standards.base64url import MalformedBase64
from blauweknop.standards.jose import JwsProblem
from blauweknop.standards.json_members import MalformedMember, member_moment, member_text
from blauweknop.standards.lote import TrustList
from blauweknop.standards.signing import Signer

__all__ = [
    "KEY_BYTES",
    "LINK_ID_BYTES",
    "MAX_FETCH",
    "MOST_SEALED",
    "PIN_DIGITS",
    "FetchOrder",
    "LinkProblem",
    "LinkProblemCode",
    "ShareLink",
    "VerifiedFetch",
    "close_package",
    "is_link_id",
    "is_pin",
    "open_package",
    "read_share_link",
    "sign_fetch",
    "verify_fetch",
]

LinkProblemCode = (
    Literal[
        "link_form",
        "link_place",
        "link_key",
        "fetch_malformed",
        "fetch_signature",
        "fetch_address",
        "fetch_not_yet",
        "fetch_expired",
    ]
    | AccessProblemCode
)

LINK_ID_BYTES, KEY_BYTES, PIN_DIGITS = 16, 32, 6
MAX_FETCH = 32 * 1024
MOST_SEALED = 18 * 1024 * 1024
"""A package as it is kept and fetched, in bytes."""

_LONGEST = 2000
_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}")
_PIN = re.compile(r"[0-9]{6}")
_BLANKS = re.compile(r"\s+")
_STEP, _END = 64 * 1024, b"\x80"
_NONCE = 12
_CLOCK_SKEW, _LIFE = timedelta(seconds=60), timedelta(minutes=5)


class LinkProblem(BlauweKnopError):
    """A link, what is behind it, or an order to fetch it, that is refused; `code` names the rule."""

    def __init__(self, code: LinkProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: LinkProblemCode = code


@dataclass(frozen=True, slots=True)
class ShareLink:
    """`place` is where Mijn Blauwe Knop is, without a slash at the end."""

    place: str
    id: str = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def address(self) -> str:
        """Without the key: what a server may see."""
        return f"{self.place}/d/{self.id}"

    def as_text(self) -> str:
        """The secret itself: for its person, and for who they give it to."""
        return f"{self.address}#{base64url.encode(self.key)}"


@dataclass(frozen=True, slots=True)
class FetchOrder:
    """What a receiver says to fetch: at which address, with which PIN."""

    address: str = field(repr=False)
    pin: str = field(repr=False)
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedFetch:
    """An order, and the receiver that gave it. Whether the PIN is right is not said."""

    receiver: AccessCertificate
    pin: str = field(repr=False)


def read_share_link(text: str, *, places: Sequence[str]) -> ShareLink:
    """A link as somebody pastes it, perhaps broken over lines by a mail program; only to one of these places.

    Raises:
        LinkProblem: `link_form`, `link_place`.
    """
    if len(text) > _LONGEST:
        raise LinkProblem("link_form", "expected a link")
    address, _, fragment = _BLANKS.sub("", text).partition("#")
    place, found, link_id = address.rpartition("/d/")
    if not found or not is_link_id(link_id) or _KEY.fullmatch(fragment) is None:
        raise LinkProblem("link_form", "expected a whole link, with all that is behind the #")
    if place not in places:
        raise LinkProblem("link_place", "expected a link of a Mijn Blauwe Knop that may be asked")
    try:
        return ShareLink(place, link_id, base64url.decode(fragment))
    except MalformedBase64 as error:
        raise LinkProblem("link_form", f"link: {error}") from error


def is_link_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def is_pin(text: str) -> bool:
    return _PIN.fullmatch(text) is not None


def close_package(message: str, link: ShareLink, *, random_bytes: Callable[[int], bytes]) -> bytes:
    """What is kept behind a link: an encrypted message, closed once more with the key of the link, its size in steps."""
    filled = message.encode("ascii") + _END
    nonce = random_bytes(_NONCE)
    return nonce + AESGCM(link.key).encrypt(nonce, filled + bytes(-len(filled) % _STEP), _bound_to(link))


def open_package(sealed: bytes, link: ShareLink) -> str:
    """What `close_package` was given.

    Raises:
        LinkProblem: `link_key`, whatever the cause.
    """
    try:
        filled = AESGCM(link.key).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound_to(link)).rstrip(b"\x00")
        return filled.removesuffix(_END).decode("ascii")
    except (InvalidTag, ValueError):
        raise LinkProblem("link_key", "expected a package that the key of the link opens") from None


def sign_fetch(order: FetchOrder, signer: Signer) -> str:
    """The order, by the access key of the receiver. Raises: UnsuitableKey."""
    claims: dict[str, JsonValue] = {"aud": order.address, "pin": order.pin, "iat": int(order.issued_at.timestamp())}
    return jose.sign_jws(claims, signer, jose.LINK_FETCH)


def verify_fetch(text: str, *, address: str, trust_list: TrustList, at: datetime) -> VerifiedFetch:
    """Who fetches what is at `address`, and with which PIN.

    Raises:
        LinkProblem: by the first rule that is broken.
    """
    # Steps 1 and 2.
    try:
        received = jose.parse_jws(text, jose.LINK_FETCH, max_bytes=MAX_FETCH)
        receiver = read_access_certificate(received.certificates, trust_list=trust_list, at=at)
    except JwsProblem as error:
        raise LinkProblem("fetch_malformed", f"order: {error}") from error
    except AccessProblem as problem:
        raise LinkProblem(problem.code, str(problem)) from problem
    # Step 3.
    try:
        claims = jose.verify_jws(received, receiver.certificate.public_key()).claims()
        order = FetchOrder(member_text(claims, "aud"), member_text(claims, "pin", _PIN), member_moment(claims, "iat"))
    except JwsProblem as error:
        raise LinkProblem("fetch_signature", f"order: {error}") from error
    except MalformedMember as error:
        raise LinkProblem("fetch_malformed", f"order: {error}") from error
    # Step 4.
    if order.address != address:
        raise LinkProblem("fetch_address", "expected an order for this address")
    if order.issued_at > at + _CLOCK_SKEW:
        raise LinkProblem("fetch_not_yet", "expected an order of the past")
    if at - order.issued_at > _LIFE:
        raise LinkProblem("fetch_expired", "expected an order of the last five minutes")
    return VerifiedFetch(receiver, order.pin)


def _bound_to(link: ShareLink) -> bytes:
    return f"bk-link|{link.address}".encode("ascii")
