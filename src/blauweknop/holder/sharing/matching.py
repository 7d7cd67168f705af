"""What of all that is here answers a question (DCQL, OpenID4VP 1.0 section 6.4; PROTOCOL 6.3): of each credential that is asked which one
that is, and which of its claims go along.

Choosing, in steps:
1. A holding fits a credential of the query when it has its format and one of its types, belongs to a key when that is asked, and was
   made under one of the authorities that are named.
2. Of its claims the first set that is there whole is taken; without sets all claims must be there. A claim that is asked with values is
   there only with one of them, of the same kind of JSON.
3. Of each set of credentials the first option of which every credential was found is taken, each once. Without sets all are asked.

What goes along of a chosen claim is in `holder.presenting`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from cryptography import x509

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.holder.credential_forms import certificates_of
from blauweknop.standards import base64url
from blauweknop.standards.dcql import CredentialFormat, CredentialQuery, DcqlQuery, Path
from blauweknop.standards.dcql_answers import chosen_claims

__all__ = ["Chosen", "Holding", "MatchedSet", "match"]


@dataclass(frozen=True, slots=True)
class Holding:
    """Something certified that is here: the credential inside a document, or one that belongs to a key of ours.

    `item` is its place in the vault; `claims` is all that it can show.
    """

    item: bytes
    is_bound: bool
    format: CredentialFormat
    type: str
    dataset: Dataset
    source_name: str
    source_oin: str
    reference: date | None
    """Of a document the day of its data."""
    text: str = field(repr=False)
    claims: dict[str, JsonValue] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What answers one credential of the query: a holding, and the paths to show of it."""

    query: CredentialQuery
    holding: Holding
    paths: tuple[Path, ...]

    @property
    def name(self) -> tuple[str, bytes]:
        """By which it is the same in every set that it stands in."""
        return self.query.id, self.holding.item


@dataclass(frozen=True, slots=True)
class MatchedSet:
    """One thing that is asked. Without `chosen` there is nothing here that answers it; `wanted` are then the ways in which it could be."""

    number: int
    required: bool
    chosen: tuple[Chosen, ...]
    wanted: tuple[CredentialQuery, ...]

    @property
    def is_here(self) -> bool:
        return bool(self.chosen)


def match(query: DcqlQuery, holdings: Sequence[Holding]) -> tuple[MatchedSet, ...]:
    """For each thing that is asked what answers it, in the order of the question. Of holdings that fit alike the first is taken."""
    by_id = {credential.id: credential for credential in query.credentials}
    found = {credential.id: _fitting(credential, holdings) for credential in query.credentials}
    # Step 3.
    sets = [(each.options, each.required) for each in query.sets] or [(((name,),), True) for name in by_id]
    matched = []
    for number, (options, required) in enumerate(sets):
        option = next((names for names in options if all(found[name] for name in names)), None)
        chosen = tuple(each for name in dict.fromkeys(option) for each in found[name]) if option else ()
        wanted = tuple(dict.fromkeys(by_id[name] for names in options for name in names))
        matched.append(MatchedSet(number, required, chosen, wanted))
    return tuple(matched)


def _fitting(query: CredentialQuery, holdings: Sequence[Holding]) -> tuple[Chosen, ...]:
    """Steps 1 and 2; more than one only when that is asked."""
    fitting = [
        Chosen(query, holding, tuple(claim.path for claim in claims))
        for holding in holdings
        if _is_asked(query, holding) and (claims := chosen_claims(holding.claims, query)) is not None
    ]
    return tuple(fitting if query.multiple else fitting[:1])


def _is_asked(query: CredentialQuery, holding: Holding) -> bool:
    """Step 1."""
    if query.format != holding.format or holding.type not in query.types or (query.holder_binding and not holding.is_bound):
        return False
    return not query.trusted_authorities or any(_under_authority(holding, kind, values) for kind, values in query.trusted_authorities)


def _under_authority(holding: Holding, kind: str, values: Sequence[str]) -> bool:
    """By the key of an issuing authority (section 6.1.1.1); other ways to name one are unknown here, and never fit."""
    if kind != "aki":
        return False
    for certificate in certificates_of(holding.text, holding.format):
        try:
            known = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
        except x509.ExtensionNotFound:
            continue
        if known is not None and base64url.encode(known) in values:
            return True
    return False
