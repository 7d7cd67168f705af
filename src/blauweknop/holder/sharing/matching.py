"""What of all that is here answers a question (DCQL, OpenID4VP 1.0 section 6.4; PROTOCOL 6.3): of each credential that is asked which one
that is, and which of its claims go along.

Choosing, in steps:
1. A holding fits a credential of the query when it has its format and one of its types, belongs to a key when that is asked, and was
   made under one of the authorities that are named.
2. Of its claims the first set that is there whole is taken; without sets all claims must be there. A claim that is asked with values is
   there only with one of them, of the same kind of JSON.
3. Of each set of credentials the first option of which every credential was found is taken, each once. Without sets all are asked.
4. Where holdings that say different things fit a credential of which one is asked, each is a way to answer, the newest first. What goes
   along beside it is of the same source when that can be.

What goes along of a chosen claim is in `holder.presenting`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from cryptography import x509

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import JsonValue
from blauweknop.holder.credential_forms import certificates_of
from blauweknop.standards import base64url
from blauweknop.standards.dcql import CredentialFormat, CredentialQuery, DcqlQuery, Path
from blauweknop.standards.dcql_answers import chosen_claims, values_at
from blauweknop.standards.strict_json import canonical_json

__all__ = ["MOST_WAYS", "Chosen", "Holding", "MatchedSet", "match"]

MOST_WAYS = 12
"""So many are offered of one thing, the newest."""


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
    is_earlier: bool = False
    """A newer document took its place: it goes only when the person chooses it."""


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
    """One thing that is asked. Without `ways` there is nothing here that answers it; `wanted` is then what could.

    Each of the ways answers it whole, and one of them goes: the first, unless the person chooses another.
    """

    number: int
    required: bool
    ways: tuple[tuple[Chosen, ...], ...]
    wanted: tuple[CredentialQuery, ...]

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """What goes when nobody chooses."""
        return self.ways[0] if self.ways else ()

    @property
    def is_here(self) -> bool:
        return bool(self.ways)


def match(query: DcqlQuery, holdings: Sequence[Holding]) -> tuple[MatchedSet, ...]:
    """For each thing that is asked what answers it, in the order of the question. Of holdings that fit alike the first is taken.

    A credential that stands in several sets goes once, so there is no choice of it.
    """
    by_id = {credential.id: credential for credential in query.credentials}
    sets = [(each.options, each.required) for each in query.sets] or [(((name,),), True) for name in by_id]
    stands_in = Counter(name for options, _ in sets for name in {name for names in options for name in names})
    found = {name: _fitting(credential, holdings, is_free=stands_in[name] == 1) for name, credential in by_id.items()}
    matched = []
    for number, (options, required) in enumerate(sets):
        # Step 3.
        option = next((names for names in options if all(found[name] for name in names)), None)
        # Step 4.
        ways = _ways([found[name] for name in dict.fromkeys(option)]) if option else ()
        wanted = tuple(dict.fromkeys(by_id[name] for names in options for name in names))
        matched.append(MatchedSet(number, required, ways, wanted))
    return tuple(matched)


def _fitting(query: CredentialQuery, holdings: Sequence[Holding], *, is_free: bool) -> tuple[Chosen, ...]:
    """Steps 1 and 2: those that may go, the newest first. Earlier documents are among them only beside one that counts now."""
    fitting = [
        Chosen(query, holding, tuple(claim.path for claim in claims))
        for holding in holdings
        if _is_asked(query, holding) and (claims := chosen_claims(holding.claims, query)) is not None
    ]
    now = [each for each in fitting if not each.holding.is_earlier]
    if query.multiple:
        return tuple(now)
    current = {each.holding.source_oin for each in now}
    earlier = [each for each in fitting if each.holding.is_earlier and each.holding.source_oin in current]
    return _different([*now, *earlier]) if is_free else tuple(now[:1])


def _different(fitting: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """Of those that say the same of the same source, the first."""
    first: dict[tuple[str, bytes], Chosen] = {}
    for each in fitting:
        said: list[JsonValue] = [[*values_at(each.holding.claims, path)] for path in each.paths]
        first.setdefault((each.holding.source_oin, canonical_json({"said": said})), each)
    return tuple(first.values())[:MOST_WAYS]


def _ways(found: Sequence[tuple[Chosen, ...]]) -> tuple[tuple[Chosen, ...], ...]:
    """Step 4: as many as there are of the credential of which there are most."""
    single = [each for each in found if not each[0].query.multiple]
    leading = max(single, key=len) if single else found[0][:1]
    return tuple(tuple(one for each in found for one in _beside(leader, each)) for leader in leading)


def _beside(leader: Chosen, fitting: tuple[Chosen, ...]) -> tuple[Chosen, ...]:
    """What goes of one credential in the way of this leader."""
    if fitting[0].query.multiple:
        return fitting
    if leader.query is fitting[0].query:
        return (leader,)
    return (next((each for each in fitting if each.holding.source_oin == leader.holding.source_oin), fitting[0]),)


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
