"""What one receiver gets of a credential: the claims that were chosen, signed by the key of that copy for this receiver and this moment."""

from collections.abc import Sequence
from datetime import datetime

from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.holder.credentials import KeptCredential, TakenCopy
from blauweknop.standards.dcql import Path
from blauweknop.standards.disclosures import Place
from blauweknop.standards.sd_jwt_receiving import read_sd_jwt, resolved_claims, signed_payload
from blauweknop.standards.sd_jwt_vc import bind, disclose
from blauweknop.standards.signing import key_signer

__all__ = ["NoSuchClaim", "claims_shown", "present"]


class NoSuchClaim(BlauweKnopError):
    """A path leads to nothing in this credential; `path` is the place in the list of paths."""

    def __init__(self, path: int) -> None:
        super().__init__(f"path {path} leads to no claim of this credential")
        self.path = path


def present(copy: TakenCopy, paths: Sequence[Path], *, audience: str, nonce: str, at: datetime) -> str:
    """The presentation of a taken copy: SD-JWT VC with key binding (RFC 9901 section 4.3).

    It shows what `paths` lead to (PROTOCOL 6.3: None is every element of a list), what can never be left out, and nothing else.
    `audience` is the whole `client_id` of the receiver, with its prefix (PROTOCOL 6.4).

    Raises:
        NoSuchClaim: nothing is made.
        SdJwtProblem: not a credential.
    """
    return bind(_disclosed(copy.credential, paths), key_signer(copy.key, b""), audience=audience, nonce=nonce, at=at)


def claims_shown(kept: KeptCredential, paths: Sequence[Path]) -> dict[str, JsonValue]:
    """Everything that a presentation of these paths would show: for the page on which the person decides.

    Raises:
        NoSuchClaim: a path leads to nothing.
    """
    received = read_sd_jwt(_disclosed(kept.text, paths))
    return resolved_claims(signed_payload(received), received).claims


def _disclosed(credential: str, paths: Sequence[Path]) -> str:
    received = read_sd_jwt(credential)
    resolved = resolved_claims(signed_payload(received), received)
    for number, path in enumerate(paths):
        if not path or not _leads_somewhere(path, resolved.claims):
            raise NoSuchClaim(number)
    return disclose(credential, lambda place: any(_on_the_way(path, place) for path in paths))


def _leads_somewhere(path: Path, value: JsonValue) -> bool:
    if not path:
        return True
    step, rest = path[0], path[1:]
    match value, step:
        case dict(), str():
            return step in value and _leads_somewhere(rest, value[step])
        case list(), None:
            return any(_leads_somewhere(rest, element) for element in value)
        case list(), int():
            return 0 <= step < len(value) and _leads_somewhere(rest, value[step])
    return False


def _on_the_way(path: Path, place: Place) -> bool:
    """Whether a disclosure at this place holds what the path leads to, or is part of it."""
    return all(_same_step(asked, there) for asked, there in zip(path, place, strict=False))


def _same_step(asked: str | int | None, there: str | int) -> bool:
    return isinstance(there, int) if asked is None else asked == there
