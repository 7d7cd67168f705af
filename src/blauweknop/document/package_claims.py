"""What a package asks, in DCQL, and what a registration must allow for it (OpenID4VP 1.0 section 6; PROTOCOL 5.3, 6.3).

Each item is asked in one or two ways. `<item>-kort` is the summary: single values that any wallet has, bound to the holder. `<item>` is
the document itself, of which members and rows can be left out. It comes beside the summary and never instead of it, so that every answer
is bound to a holder. What comes along only where it is there gives more claim sets, the fullest first: who does not have it can answer.

To a wallet that knows mdocs the summary is also asked as one (`with_mdocs`), as the last choice: `<item>-mdoc`, or with a number behind it
where an item is of more data sets, for a query of mdocs names one type.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import prod

from blauweknop.catalogue import Catalogue
from blauweknop.document.type_metadata import vct_of
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.life_event import Conclusion, Item, Need, Package, Wanted
from blauweknop.domain.summary import AtLeast, Bracket, Claim, GivenName, Summary
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, CredentialSet, DcqlQuery, Path
from blauweknop.standards.registration_claims import RegisteredCredential, RegisteredUpdates

__all__ = [
    "SHORT",
    "PackageProblem",
    "asked_claims",
    "asked_items",
    "compose_query",
    "conclusion_claim",
    "item_id_of",
    "item_queries",
    "item_sets",
    "needed_cents",
    "registered_credentials",
    "registered_updates",
    "with_mdocs",
]

SHORT = "-kort"
"""Behind the id of an item: its summary."""

_MDOC = "-mdoc"
_WAY = re.compile(rf"(?:{SHORT}|{_MDOC}(?:-[1-9][0-9]?)?)\Z")


class PackageProblem(BlauweKnopError):
    """A package that cannot be asked like this: nothing certified in it, no such optional item, or a parameter that does not fit."""


def compose_query(
    package: Package,
    catalogue: Catalogue,
    *,
    optional: Collection[str] = (),
    parameters: Mapping[str, int] | None = None,
    household: bool = False,
) -> DcqlQuery:
    """The question: all that the package always asks, and these of its optional items.

    Of each person of a `household` the bracket of a conclusion is asked: whether each alone has enough says nothing of both together.

    Raises:
        PackageProblem: see there.
    """
    values = _checked(package, parameters or {})
    items = asked_items(package, optional)
    queries = [query for item in items for query in item_queries(package, item, catalogue, values, household=household)]
    return DcqlQuery(tuple(queries), item_sets(items))


def item_id_of(credential: str) -> str:
    """The id of the item that a credential of a question is a way to answer."""
    return _WAY.sub("", credential)


def with_mdocs(query: DcqlQuery, catalogue: Catalogue) -> DcqlQuery:
    """The question of a package, of which each summary may also be shown as an mdoc, or as several where more is asked."""
    doctypes = {vct_of(dataset): dataset.doctype for dataset in catalogue.datasets.values()}
    shorts = [one for one in query.credentials if one.id.endswith(SHORT) and doctypes.keys() >= {*one.types}]
    mobile = {short.id: _as_mdocs(short, doctypes) for short in shorts}
    sets = tuple(replace(one, options=(*one.options, *_mobile_options(one, mobile))) for one in query.sets)
    return DcqlQuery((*query.credentials, *(made for queries in mobile.values() for made in queries)), sets)


def asked_items(package: Package, optional: Collection[str] = ()) -> tuple[Item, ...]:
    """What is asked when these optional items are chosen. Raises: PackageProblem."""
    unknown = set(optional) - {item.id for item in package.items if item.need is Need.OPTIONAL}
    if unknown:
        raise PackageProblem(f"package {package.id} has no optional items {', '.join(sorted(unknown))}")
    found = tuple(item for item in package.items if item.need is not Need.OPTIONAL or item.id in optional)
    if not found:
        raise PackageProblem(f"package {package.id} asks nothing certified in this way", remedy="choose an item, or ask without a wallet")
    return found


def item_queries(
    package: Package, item: Item, catalogue: Catalogue, parameters: Mapping[str, int], *, household: bool = False
) -> tuple[CredentialQuery, ...]:
    """An item as queries: the document itself first, where it is asked, then the summary."""
    summary = _summary(item, catalogue)
    bsn = ("bsn",) if item.bsn else ()
    names = [claim.name for claim in asked_claims(package, item, summary, parameters, household=household)]
    absent = {*item.summary.if_any, GivenName.BIRTH_DATE, GivenName.BSN}
    short = _query(
        f"{item.id}{SHORT}",
        tuple(vct_of(catalogue.dataset(name)) for name in item.datasets),
        [(name,) for name in names if name not in absent],
        [(name,) for name in names if name in absent],
    )
    if item.whole is None:
        return (short,)
    person = [name for name in package.person if name != GivenName.BIRTH_DATE]
    born = [name for name in package.person if name == GivenName.BIRTH_DATE]
    whole = _query(
        item.id,
        tuple(catalogue.dataset(name).type_uri for name in item.datasets),
        [*(("subject", name) for name in person), *_members(item.whole)],
        [*(("subject", name) for name in (*born, *bsn)), *(("data", name) for name in item.whole.if_any)],
        holder_binding=False,
    )
    return whole, short


def item_sets(items: Sequence[Item]) -> tuple[CredentialSet, ...]:
    """One set for each item, and one for all items of which one is enough; the document itself is the better choice."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(f"group {item.one_of}" if item.one_of else f"item {item.id}", []).append(item)
    return tuple(
        CredentialSet(tuple(option for item in members for option in _options(item)), required=members[0].need is Need.REQUIRED)
        for members in groups.values()
    )


def asked_claims(
    package: Package, item: Item, summary: Summary, parameters: Mapping[str, int], *, household: bool = False
) -> tuple[Claim, ...]:
    """The claims of the summary that an item asks, with their words, in the order of the summary: those of the person among them."""
    names: set[str] = {*package.person, GivenName.REFERENCE_DATE, *item.summary.always, *item.summary.if_any}
    if item.bsn:
        names.add(GivenName.BSN)
    if item.conclusion is not None:
        names.add(conclusion_claim(item.conclusion, summary, parameters, household=household).name)
    return tuple(claim for claim in summary.claims if claim.name in names)


def conclusion_claim(conclusion: Conclusion, summary: Summary, parameters: Mapping[str, int], *, household: bool = False) -> Claim:
    """The lowest threshold that proves it; above the highest threshold the bracket, which says most of what is left to say.

    Of each person of a household the bracket, since two of them can be added up.
    """
    needed = needed_cents(conclusion, parameters)
    proving = [
        (claim.rule.cents, claim)
        for claim in summary.claims
        if isinstance(claim.rule, AtLeast) and claim.rule.claim == conclusion.of and claim.rule.cents >= needed
    ]
    if proving and not household:
        return min(proving, key=lambda found: found[0])[1]
    return next(claim for claim in summary.claims if isinstance(claim.rule, Bracket) and claim.rule.claim == conclusion.of)


def needed_cents(conclusion: Conclusion, parameters: Mapping[str, int]) -> int:
    """The amount that a conclusion is about."""
    return conclusion.months * prod(parameters[name] for name in conclusion.factors)


def registered_credentials(package: Package, catalogue: Catalogue) -> tuple[RegisteredCredential, ...]:
    """What a registration must hold for a package: all of its items in each way, with every threshold of a conclusion."""
    return tuple(credential for item in package.items for credential in _registered(package, item, catalogue))


def registered_updates(package: Package, catalogue: Catalogue) -> RegisteredUpdates | None:
    """What a registration must hold so that the receiver may be kept up to date; None for a package that asks no updates."""
    if package.updates is None:
        return None
    datasets = [catalogue.dataset(name) for item in package.items if item.id in package.updates.items for name in item.datasets]
    types = dict.fromkeys(kind for dataset in datasets for kind in (vct_of(dataset), dataset.type_uri))
    known = {kind for credential in registered_credentials(package, catalogue) for kind in credential.types}
    return RegisteredUpdates(str(package.updates.longest), tuple(kind for kind in types if kind in known))


def _checked(package: Package, parameters: Mapping[str, int]) -> Mapping[str, int]:
    if set(parameters) != {parameter.name for parameter in package.parameters}:
        raise PackageProblem("expected a number for each parameter of the package, and no other")
    for parameter in package.parameters:
        if not parameter.least <= parameters[parameter.name] <= parameter.most:
            raise PackageProblem(f"expected {parameter.name} from {parameter.least} to {parameter.most}")
    return parameters


def _summary(item: Item, catalogue: Catalogue) -> Summary:
    """Of a family the first: items may name only what all of them have."""
    return catalogue.summaries[item.datasets[0]]


def _members(whole: Wanted) -> list[Path]:
    return [("data", name) for name in whole.always] or [("data",)]


def _query(
    name: str, types: tuple[str, ...], always: Sequence[Path], if_any: Sequence[Path], *, holder_binding: bool = True
) -> CredentialQuery:
    # Short ids: with five names that may be absent each stands in up to 32 sets.
    claims = tuple(ClaimQuery(path, f"c{place}" if if_any else None) for place, path in enumerate((*always, *if_any)))
    return CredentialQuery(
        id=name,
        format="dc+sd-jwt",
        types=types,
        claims=claims,
        claim_sets=tuple(_claim_sets(claims, len(always))) if if_any else (),
        multiple=len(types) > 1,
        holder_binding=holder_binding,
    )


def _claim_sets(claims: Sequence[ClaimQuery], always: int) -> Iterator[tuple[str, ...]]:
    """Every choice of what may be absent, the fullest first."""
    names = [claim.id for claim in claims if claim.id is not None]
    for more in range(len(names) - always, -1, -1):
        yield from ((*names[:always], *chosen) for chosen in combinations(names[always:], more))


def _options(item: Item) -> Iterator[tuple[str, ...]]:
    short = f"{item.id}{SHORT}"
    if item.whole is not None:
        yield item.id, short
    yield (short,)


def _as_mdocs(short: CredentialQuery, doctypes: Mapping[str, str]) -> tuple[CredentialQuery, ...]:
    """A summary as mdocs: one query for each type, of which the claims stand in the namespace of that type."""
    several = len(short.types) > 1
    return tuple(
        replace(
            short,
            id=f"{item_id_of(short.id)}{_MDOC}{f'-{place}' if several else ''}",
            format="mso_mdoc",
            types=(doctype,),
            claims=tuple(replace(claim, path=(doctype, *claim.path), retained=True) for claim in short.claims),
            multiple=False,
        )
        for place, doctype in enumerate((doctypes[kind] for kind in short.types), 1)
    )


def _mobile_options(asked: CredentialSet, mobile: Mapping[str, Sequence[CredentialQuery]]) -> Iterator[tuple[str, ...]]:
    """For each summary that is enough alone its mdocs: as many of them as there are, the most first."""
    for option in asked.options:
        names = [query.id for query in mobile.get(option[0], ())] if len(option) == 1 else []
        for number in range(len(names), 0, -1):
            yield from combinations(names, number)


def _registered(package: Package, item: Item, catalogue: Catalogue) -> Iterator[RegisteredCredential]:
    summary = _summary(item, catalogue)
    least = {parameter.name: parameter.least for parameter in package.parameters}
    *whole, short = item_queries(package, item, catalogue, least)
    names = {claim.path for claim in short.claims}
    if item.conclusion is not None:
        names |= {(claim.name,) for claim in summary.claims if _tells(claim, item.conclusion)}
    in_order: tuple[Path, ...] = tuple((claim.name,) for claim in summary.claims if (claim.name,) in names)
    yield RegisteredCredential("dc+sd-jwt", short.types, in_order)
    for dataset in map(catalogue.dataset, item.datasets):
        yield RegisteredCredential("mso_mdoc", (dataset.doctype,), tuple((dataset.doctype, *path) for path in in_order))
    for query in whole:
        yield RegisteredCredential("dc+sd-jwt", query.types, tuple(claim.path for claim in query.claims))


def _tells(claim: Claim, conclusion: Conclusion) -> bool:
    return isinstance(claim.rule, AtLeast | Bracket) and claim.rule.claim == conclusion.of
