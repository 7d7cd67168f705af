"""What a wallet says of itself when it fetches a question, and the question as that wallet can answer it (OpenID4VP 1.0 section 5.10).

A wallet that says that it knows mdocs is asked for each summary in that form too. Who says nothing gets the question as it was made: it
is half as long.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from blauweknop.catalogue import Catalogue
from blauweknop.document.package_claims import with_mdocs
from blauweknop.standards.json_members import MalformedMember, member_object
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.registration import Registration
from blauweknop.standards.request_scope import beyond_registration
from blauweknop.standards.strict_json import MalformedJson, parse_json_object
from blauweknop.verifier.asking.questions import Question

__all__ = ["MOST_METADATA", "SILENT", "Wallet", "fitted", "read_wallet"]

MOST_METADATA = 64 * 1024
"""The largest form in bytes by which a wallet fetches a question."""

_NONCE = re.compile(r"[!-~]{1,512}")
_MDOC = "mso_mdoc"


@dataclass(frozen=True, slots=True)
class Wallet:
    """Who fetches a question; `nonce` is to be repeated in it."""

    nonce: str | None = field(default=None, repr=False)
    knows_mdocs: bool = False


SILENT = Wallet()
"""A wallet that says nothing of itself."""


def read_wallet(form: Mapping[str, str]) -> Wallet:
    """From the form by which it fetches a question. Of what it says of itself only the formats count.

    Raises:
        OAuthProblem: `invalid_request`.
    """
    nonce = form.get("wallet_nonce")
    if nonce is not None and not _NONCE.fullmatch(nonce):
        raise OAuthProblem("invalid_request", "expected wallet_nonce of 1 to 512 visible characters")
    return Wallet(nonce, "wallet_metadata" in form and _knows_mdocs(form["wallet_metadata"]))


def fitted(question: Question, wallet: Wallet, registration: Registration, catalogue: Catalogue) -> Question:
    """The question with mdocs beside the summaries, when the wallet knows them and the receiver may ask them."""
    if not wallet.knows_mdocs:
        return question
    wider = with_mdocs(question.query, catalogue)
    return question if beyond_registration(wider, registration) else question.asked_as(wider)


def _knows_mdocs(metadata: str) -> bool:
    try:
        members = parse_json_object(metadata.encode("utf-8"), max_bytes=MOST_METADATA)
        return "vp_formats_supported" in members and _MDOC in member_object(members, "vp_formats_supported")
    except (MalformedJson, MalformedMember, UnicodeError) as error:
        raise OAuthProblem("invalid_request", "expected wallet_metadata as a JSON object") from error
