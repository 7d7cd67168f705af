"""Exchange a code and fetch what it stands for: documents and copies of credentials (OpenID4VCI 1.0 sections 6, 8, 9 and 11)."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from blauweknop.domain.document import JsonValue
from blauweknop.holder.collecting.calls import Bearer, ask, ask_nonce, post_form
from blauweknop.holder.collecting.metadata import Endpoints, json_of
from blauweknop.holder.collecting.ports import Answer, CollectingServices, SourceProblem
from blauweknop.holder.keys import HolderKey
from blauweknop.standards.json_members import MalformedMember, Members, member_objects, member_text
from blauweknop.standards.openid4vci.key_proofs import KeyProof, sign_key_proof
from blauweknop.standards.openid4vci.token_request import AUTHORIZATION_CODE, REFRESH_TOKEN
from blauweknop.standards.strict_json import canonical_json

__all__ = ["Copies", "Grant", "Later", "exchange", "fetch_copies", "fetch_document", "fetch_late_copies", "notify", "renew"]

_LONGEST_LIFE = timedelta(days=31)
_MOST_COPIES = 100
_MOST_TOKEN = 4096
_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Grant:
    """A token, until when it counts, and what it is for."""

    token: str = field(repr=False)
    ends_at: datetime
    names: tuple[str, ...]
    refresh: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Later:
    """It is still to come. `transaction` is what to come back with, for a credential."""

    transaction: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Copies:
    """Credentials in the order of the keys that they were asked for."""

    credentials: tuple[str, ...] = field(repr=False)
    notification: str | None


def exchange(code: str, verifier: str, wanted: Sequence[str], bearer: Bearer, endpoints: Endpoints, services: CollectingServices) -> Grant:
    """A token for a code, by the key of `bearer`.

    Raises:
        SourceProblem: refused, or an answer that gives more than was asked, or in another way.
    """
    form = {
        "grant_type": AUTHORIZATION_CODE,
        "code": code,
        "redirect_uri": services.client.redirect_uri,
        "code_verifier": verifier,
    }
    return _grant(form, wanted, bearer, endpoints, services)


def renew(refresh: str, wanted: Sequence[str], bearer: Bearer, endpoints: Endpoints, services: CollectingServices) -> Grant:
    """A token for new copies of what the person agreed to before (RFC 6749 section 6), by the same key.

    Raises:
        SourceProblem: refused, or an answer that gives more than was asked, or in another way.
    """
    details: list[JsonValue] = [{"type": "openid_credential", "credential_configuration_id": name} for name in wanted]
    form = {"grant_type": REFRESH_TOKEN, "refresh_token": refresh, "authorization_details": canonical_json(details).decode("utf-8")}
    return _grant(form, wanted, bearer, endpoints, services)


def _grant(form: Mapping[str, str], wanted: Sequence[str], bearer: Bearer, endpoints: Endpoints, services: CollectingServices) -> Grant:
    now = services.now()
    members = json_of(post_form(endpoints.token, form, endpoints, services, bearer=bearer))
    try:
        token = _token(members, "access_token")
        if member_text(members, "token_type").lower() != "dpop":
            raise MalformedMember("expected a token that is bound to a key")
        refresh = _token(members, "refresh_token") if "refresh_token" in members else None
        seconds = members.get("expires_in")
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds <= 0:
            raise MalformedMember("expected expires_in in seconds")
        details = member_objects(members, "authorization_details", least=1, most=len(wanted))
        names = tuple(member_text(item, "credential_configuration_id") for item in details)
    except MalformedMember as error:
        raise SourceProblem("answer", str(error)) from error
    if not {*names} <= {*wanted}:
        raise SourceProblem("answer", "expected what was asked and nothing else")
    return Grant(token, now + min(timedelta(seconds=min(seconds, 10**9)), _LONGEST_LIFE), names, refresh)


def fetch_document(name: str, bearer: Bearer, endpoints: Endpoints, services: CollectingServices, *, language: str) -> bytes | Later:
    """The file, not checked yet.

    Raises:
        SourceProblem: refused, no answer, or no PDF.
    """
    answer = ask(endpoints.document, {"document": name}, bearer, services, language=language)
    if answer.status == 202:
        return Later()
    if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != _PDF or not answer.body.startswith(b"%PDF-"):
        raise SourceProblem("answer", "expected a PDF")
    return answer.body


def fetch_copies(
    name: str, keys: Sequence[HolderKey], bearer: Bearer, endpoints: Endpoints, services: CollectingServices
) -> Copies | Later:
    """A copy for each key, not checked yet.

    Raises:
        SourceProblem: refused, no answer, or other copies than were asked.
    """
    proof = KeyProof(endpoints.issuer, services.client.client_id, ask_nonce(endpoints, bearer, services))
    proofs: list[JsonValue] = [sign_key_proof(proof, key.signer, key.public, services.now()) for key in keys]
    asked: dict[str, JsonValue] = {"credential_identifier": name, "proofs": {"jwt": proofs}}
    return _copies(ask(endpoints.credential, asked, bearer, services), len(keys))


def fetch_late_copies(transaction: str, most: int, bearer: Bearer, endpoints: Endpoints, services: CollectingServices) -> Copies | Later:
    """What was still to come. Raises: SourceProblem."""
    return _copies(ask(endpoints.deferred, {"transaction_id": transaction}, bearer, services), most)


def notify(copies: Copies, event: str, bearer: Bearer, endpoints: Endpoints, services: CollectingServices) -> None:
    """Tell the source what became of it, if it asked for that; whether that arrives changes nothing for the person."""
    if copies.notification is not None and endpoints.notification is not None:
        with suppress(SourceProblem):
            ask(endpoints.notification, {"notification_id": copies.notification, "event": event}, bearer, services)


def _token(members: Members, name: str) -> str:
    token = member_text(members, name)
    if not 0 < len(token) <= _MOST_TOKEN or not token.isascii():
        raise MalformedMember(f"expected {name} in ASCII")
    return token


def _copies(answer: Answer, number: int) -> Copies | Later:
    members = json_of(answer, most=8 * 1024 * 1024)
    try:
        if answer.status == 202:
            return Later(member_text(members, "transaction_id"))
        items = member_objects(members, "credentials", least=1, most=_MOST_COPIES)
        credentials = tuple(member_text(item, "credential") for item in items)
        notification = member_text(members, "notification_id") if "notification_id" in members else None
    except MalformedMember as error:
        raise SourceProblem("answer", str(error)) from error
    if len(credentials) != number:
        raise SourceProblem("answer", "expected a copy for each key")
    return Copies(credentials, notification)
