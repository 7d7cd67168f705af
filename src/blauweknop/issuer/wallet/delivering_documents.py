"""Hand over the document itself to a server that acts for a person, with the same consent as a credential (ADR 0028).

In steps:
1. The token and its key (`invalid_token`, `invalid_dpop_proof`).
2. The request is JSON that names a document (`invalid_credential_request`).
3. That was agreed to and not delivered yet (`invalid_credential_request`, `credential_request_denied`).
4. The data are there, or are asked of the source now. When it has none, or gives none, the request is denied; when it takes long, the
   server comes back later with the same token, which waits as long as for a credential.
5. Everything of the data set is in it, with the burgerservicenummer as the person chose. What was delivered is forgotten at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Found, Outcome
from blauweknop.domain.texts import Language
from blauweknop.issuer.certify import make_documents
from blauweknop.issuer.choose import everything
from blauweknop.issuer.wallet.callers import Permit
from blauweknop.issuer.wallet.configurations import dataset_of_document
from blauweknop.issuer.wallet.credentials import agreed_names, note, taken_out
from blauweknop.issuer.wallet.entitlement import Entitlement, can_come, require_mandate, with_number
from blauweknop.issuer.wallet.ports import WalletServices
from blauweknop.standards.dpop import token_digest
from blauweknop.standards.json_members import MalformedMember, member_text
from blauweknop.standards.oauth import OAuthProblem
from blauweknop.standards.strict_json import MalformedJson, parse_json_object

__all__ = ["DocumentOrder", "document_of", "order_document", "read_document_request"]

_MOST_REQUEST = 1024


@dataclass(frozen=True, slots=True)
class DocumentOrder:
    """The document of one data set. `settle` forgets that it was agreed to; False when somebody else was first."""

    dataset: Dataset
    entitlement: Entitlement = field(repr=False)
    settle: Callable[[], bool] = field(repr=False)
    waiting: str
    """Under which name the question to the system of the source waits."""

    @property
    def outcome(self) -> Outcome | None:
        """What is known of the data; None when the source was not asked yet."""
        return self.entitlement.outcomes.get(self.dataset.id)


def read_document_request(body: bytes, content_type: str) -> str:
    """The name of the document that is asked for (step 2).

    Raises:
        OAuthProblem: `invalid_credential_request`.
    """
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise _not_asked_well("expected application/json")
    try:
        return member_text(parse_json_object(body, max_bytes=_MOST_REQUEST), "document")
    except (MalformedJson, MalformedMember) as error:
        raise _not_asked_well(str(error)) from error


def order_document(name: str, permit: Permit, services: WalletServices) -> DocumentOrder:
    """Step 3.

    Raises:
        OAuthProblem: see the head of this module.
    """
    dataset = services.dataset_of(name)
    if dataset is None or dataset_of_document(name) is None or name not in agreed_names(permit):
        raise _not_asked_well("expected a document that the access token was given for")
    if permit.entitlement is None or name not in permit.entitlement.wanted:
        raise OAuthProblem("credential_request_denied", "this was delivered already; begin anew for another")

    def settle() -> bool:
        return taken_out(name, dataset.id, permit, services, services.now)

    return DocumentOrder(dataset, permit.entitlement, settle, f"{token_digest(permit.token)}|{name}")


def document_of(order: DocumentOrder, outcome: Outcome, services: WalletServices, language: Language) -> bytes | None:
    """The sealed document (step 5); None when the data are still to come.

    Raises:
        OAuthProblem: `credential_request_denied`, there is nothing to make it of, a mandate ended, or somebody else was first.
        DocumentNotMade: setting or sealing failed; nothing was delivered, so the server may try again.
    """
    require_mandate(order.entitlement, services.now)
    if not isinstance(outcome, Found):
        if can_come(outcome):
            return None
        order.settle()
        note(services, services.now, outcome.kind.value)
        raise OAuthProblem("credential_request_denied", "the source has no data for this, or gives none")
    person, dataset = order.entitlement.bsn, order.dataset
    selection = replace(everything(dataset), with_bsn=dataset.id in order.entitlement.with_bsn)
    found = Found(with_number(outcome.snapshot, order.entitlement))
    (made,) = make_documents(
        [selection], {dataset.id: found}, services.issuer, person=person, language=language, mandate=order.entitlement.mandate
    )
    if not order.settle():
        raise OAuthProblem("credential_request_denied", "this was delivered already")
    return made.document.pdf


def _not_asked_well(message: str) -> OAuthProblem:
    return OAuthProblem("invalid_credential_request", message)
