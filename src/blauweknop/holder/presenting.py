"""What one receiver gets of a credential: the claims that were chosen, signed by the key of that copy for this receiver and this moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from blauweknop.document.content import IN_INVESTIGATION
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.credential_forms import MDOC, read_copy
from blauweknop.holder.credentials import TakenCopy
from blauweknop.standards import base64url
from blauweknop.standards.dcql import ClaimQuery, Path
from blauweknop.standards.dcql_answers import asked_claims, values_at
from blauweknop.standards.disclosures import Place
from blauweknop.standards.mdoc import present as present_documents
from blauweknop.standards.mdoc import select
from blauweknop.standards.sd_jwt_vc import bind, disclose
from blauweknop.standards.signing import key_signer
from blauweknop.standards.undisclosed import take_inventory

__all__ = ["NoSuchClaim", "disclosed", "present", "present_mdoc", "shown_of_mdoc"]


class NoSuchClaim(BlauweKnopError):
    """A path leads to nothing in this credential; `path` is the place in the list of paths."""

    def __init__(self, path: int) -> None:
        super().__init__(f"path {path} leads to no claim of this credential")
        self.path = path


def present(copy: TakenCopy, paths: Sequence[Path], *, audience: str, nonce: str, at: datetime) -> str:
    """The presentation of a taken copy: SD-JWT VC with key binding (RFC 9901 section 4.3), which shows what `disclosed` does.

    `audience` is the whole `client_id` of the receiver, with its prefix (PROTOCOL 6.4).

    Raises:
        NoSuchClaim: nothing is made.
        SdJwtProblem: not a credential.
    """
    claims = take_inventory(copy.credential).claims
    for number, path in enumerate(paths):
        if not path or not values_at(claims, path):
            raise NoSuchClaim(number)
    return bind(disclosed(copy.credential, paths), key_signer(copy.key, b""), audience=audience, nonce=nonce, at=at)


def present_mdoc(copy: TakenCopy, paths: Sequence[Path], *, transcript: bytes) -> str:
    """The presentation of a taken copy that is an mdoc: a DeviceResponse as base64url (OpenID4VP 1.0 appendix B.2), for this session.

    Raises:
        NoSuchClaim: nothing is made.
        MalformedValue: not an mdoc.
    """
    claims = read_copy(copy.credential, MDOC).claims
    for number, path in enumerate(paths):
        if len(path) != 2 or not values_at(claims, path):
            raise NoSuchClaim(number)
    chosen = select(base64url.decode(copy.credential), lambda namespace, name: (namespace, name) in paths)
    return base64url.encode(present_documents([(chosen, key_signer(copy.key, b""))], transcript=transcript))


def shown_of_mdoc(claims: Mapping[str, JsonValue], paths: Sequence[Path]) -> dict[str, JsonValue]:
    """What `present_mdoc` shows of these claims: those that were chosen, by namespace."""
    return asked_claims(claims, [ClaimQuery(path) for path in paths])


def disclosed(credential: str, paths: Sequence[Path]) -> str:
    """The credential (ending in `~`) with these claims and no more.

    It shows what `paths` lead to (PROTOCOL 6.3: None is every element of a list), what can never be left out, that the source looks into
    a value that is shown, and nothing else.

    Raises:
        SdJwtProblem: it is not one that was checked.
    """
    inventory = take_inventory(credential)
    wanted = [item for item in inventory.disclosed if any(_on_the_way(path, item.shown) for path in paths)]
    shown = [item.shown for item in wanted]
    told = [item for item in inventory.disclosed if IN_INVESTIGATION in item.shown and any(_is_about(item.shown, place) for place in shown)]
    kept = {item.original for item in (*wanted, *told)}
    return disclose(credential, lambda place: place in kept)


def _on_the_way(path: Path, place: Place) -> bool:
    """Whether a disclosure at this place holds what the path leads to, or is part of it."""
    return all(isinstance(there, int) if asked is None else asked == there for asked, there in zip(path, place, strict=False))


def _is_about(indication: Place, place: Place) -> bool:
    """`naam.inOnderzoek.voornamen` is about `naam.voornamen`."""
    about = tuple(step for step in indication if step != IN_INVESTIGATION)
    return place[: len(about)] == about
