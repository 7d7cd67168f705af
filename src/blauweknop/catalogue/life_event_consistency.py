"""What a package may not contradict itself or the catalogue on; found when the file is read, all of it at once."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date

from blauweknop.catalogue.load import Catalogue
from blauweknop.catalogue.summary_consistency import fields_read
from blauweknop.domain.durations import Duration
from blauweknop.domain.life_event import Conclusion, HouseholdSetting, Item, Package, Wanted
from blauweknop.domain.summary import AtLeast, Bracket, Claim, ClaimKind, Count, GivenName, Summary, YearOf, column_of

__all__ = ["package_contradictions"]

_PACKAGE = re.compile(r"[a-z][a-z0-9_]{0,39}(?:\.[a-z][a-z0-9_]{0,39}){1,2}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LATER = re.compile(r"[a-z]{2,10}\.[a-z0-9_]{2,50}")
_NAMES = (GivenName.GIVEN_NAME, GivenName.FAMILY_NAME)
_PERSON = (*_NAMES, GivenName.BIRTH_DATE)
_MOST_QUERIES = 20  # what a question may hold: `standards.dcql`
_MOST_IF_ANY = 4
"""Each doubles the ways in which a credential can fit, and a date of birth that is not fully known is one more."""


def package_contradictions(package: Package, catalogue: Catalogue) -> Iterator[str]:
    """Each contradiction in one sentence that names the item; nothing when the package is sound."""
    if not _PACKAGE.fullmatch(package.id) or not _NAME.fullmatch(package.phase):
        yield "id and phase must be small letters, digits and _, the id in parts with points"
    if not package.basis.law:
        yield "expected the law or agreement behind the legal basis"
    if package.items and not set(_NAMES) <= set(package.person) <= set(_PERSON):
        yield f"person must be {', '.join(_NAMES)} and perhaps {GivenName.BIRTH_DATE}: what shows that all is of one person"
    if package.household is not HouseholdSetting.NONE and not package.items:
        yield "household is for a package with items: without them nothing of two people is put together"
    yield from _twice("item or own paper", [item.id for item in package.items] + [paper.id for paper in package.own_papers])
    yield from _twice("parameter", [parameter.name for parameter in package.parameters])
    yield from _of_parameters(package)
    yield from _of_groups(package.items)
    if sum(1 if item.whole is None else 2 for item in package.items) > _MOST_QUERIES:
        yield f"more than the {_MOST_QUERIES} credentials that one question may hold"
    for paper in package.own_papers:
        if not _NAME.fullmatch(paper.id):
            yield f"own paper {paper.id} needs a name of small letters, digits and _"
        if paper.later_from is not None and (not _LATER.fullmatch(paper.later_from) or paper.later_from in catalogue.datasets):
            yield f"own paper {paper.id}: later_from names a data set that the catalogue does not have yet; ask for one that it has"
    for item in package.items:
        yield from (f"item {item.id}: {fault}" for fault in _of_item(item, package, catalogue))
    yield from _of_forbidden(package, catalogue)
    yield from _of_updates(package)


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    yield from (f"{what} {name} stands there twice" for name, times in Counter(names).items() if times > 1)


def _of_parameters(package: Package) -> Iterator[str]:
    used = {factor for item in package.items if item.conclusion for factor in item.conclusion.factors}
    known = {parameter.name for parameter in package.parameters}
    yield from (f"parameter {name} does not exist" for name in sorted(used - known))
    yield from (f"parameter {name} is used by nothing" for name in sorted(known - used))
    for parameter in package.parameters:
        if not 1 <= parameter.least <= parameter.most:
            yield f"parameter {parameter.name}: expected least from 1 up, and most not below it"


def _of_groups(items: tuple[Item, ...]) -> Iterator[str]:
    for name in dict.fromkeys(item.one_of for item in items if item.one_of is not None):
        members = [item for item in items if item.one_of == name]
        if not _NAME.fullmatch(name) or len(members) < 2 or len({item.need for item in members}) > 1:
            yield f"one_of {name}: expected a name, and two items or more with the same need"


def _of_updates(package: Package) -> Iterator[str]:
    if package.updates is None:
        return
    known = {item.id for item in package.items}
    yield from (f"updates name item {name}, which does not exist" for name in package.updates.items if name not in known)
    yield from _twice("updates of item", package.updates.items)
    if not package.updates.items:
        yield "updates need the items that may be sent again"
    start = date(2026, 1, 1)
    if package.updates.longest.after(start) > Duration.parse(package.retention).after(start):
        yield "updates may not go on for longer than data are kept"


def _of_item(item: Item, package: Package, catalogue: Catalogue) -> Iterator[str]:
    if not _NAME.fullmatch(item.id):
        yield "id must be small letters, digits and _"
    if item.bsn and not package.may_ask_bsn:
        yield "only a receiver that a law entitles may ask for the burgerservicenummer"
    for dataset in item.datasets:
        summary = catalogue.summaries.get(dataset)
        if summary is None:
            yield f"{dataset} has no summary, so nothing of it is bound to a person"
            continue
        yield from _of_summary(item, summary)
        yield from _of_whole(item, summary)
    if len(item.datasets) > 1 and item.bsn:
        yield "one data set is enough to ask the burgerservicenummer of"
    for wanted in (item.summary, item.whole or Wanted()):
        yield from _twice("name", [*wanted.always, *wanted.if_any])
        if len(wanted.if_any) + item.bsn > _MOST_IF_ANY:
            yield f"at most {_MOST_IF_ANY} names of what comes along where it is there, with the burgerservicenummer"
    if not (item.summary.always or item.summary.if_any or item.whole or item.conclusion):
        yield "asks nothing"


def _of_summary(item: Item, summary: Summary) -> Iterator[str]:
    claims = {claim.name: claim for claim in summary.claims}
    for name in (*item.summary.always, *item.summary.if_any):
        if name not in claims:
            yield f"{name} is no claim of the summary of {summary.dataset.id}"
        elif name in (*_PERSON, GivenName.REFERENCE_DATE):
            yield f"{name} comes with every item"
        elif name == GivenName.BSN:
            yield "the burgerservicenummer is asked with bsn: true"
        elif item.conclusion and claims[name].kind is ClaimKind.MONEY:
            yield f"{name} is an amount, and a conclusion is asked instead of amounts"
    if item.conclusion is not None:
        yield from _of_conclusion(item, item.conclusion, summary)


def _of_conclusion(item: Item, conclusion: Conclusion, summary: Summary) -> Iterator[str]:
    thresholds = [claim for claim in summary.claims if isinstance(claim.rule, AtLeast) and claim.rule.claim == conclusion.of]
    brackets = [claim for claim in summary.claims if isinstance(claim.rule, Bracket) and claim.rule.claim == conclusion.of]
    if not thresholds or not brackets:
        yield f"{conclusion.of} is no claim of {summary.dataset.id} with thresholds and a bracket"
    if conclusion.months < 1 or not conclusion.factors:
        yield "a conclusion needs months from 1 up, and factors"
    if item.whole is not None:
        yield "a conclusion is asked instead of the data, not beside them"


def _of_whole(item: Item, summary: Summary) -> Iterator[str]:
    if item.whole is None:
        return
    members = {field.path[0] for field in summary.dataset.fields}
    yield from (
        f"{name} is no member of the data of {summary.dataset.id}"
        for name in (*item.whole.always, *item.whole.if_any)
        if name not in members
    )


def _of_forbidden(package: Package, catalogue: Catalogue) -> Iterator[str]:
    """`bsn`, a data set, `kind.*`, `family:name`, or `data set/field`; each leads somewhere, and none of it is asked."""
    yield from _twice("forbidden", package.forbidden)
    known = set(catalogue.summaries)
    for name in package.forbidden:
        if name == GivenName.BSN:
            yield from (f"item {item.id} asks for the burgerservicenummer, which is forbidden" for item in package.items if item.bsn)
            continue
        dataset_name, _, field = name.partition("/")
        datasets = _meant(dataset_name, catalogue)
        if not datasets or (field and not _leads_to_field(datasets, field, catalogue)):
            yield f"forbidden {name} leads to nothing in the catalogue"
        for item in package.items:
            if any(not field or _touches(item, catalogue.summaries[asked], field) for asked in datasets & set(item.datasets) & known):
                yield f"item {item.id} asks for {name}, which is forbidden"


def _meant(name: str, catalogue: Catalogue) -> set[str]:
    if name.startswith("family:"):
        return {dataset.id for dataset in catalogue.datasets.values() if dataset.family == name.removeprefix("family:")}
    if name.endswith(".*"):
        return {dataset for dataset in catalogue.datasets if dataset.startswith(name.removesuffix("*"))}
    return {name} & set(catalogue.datasets)


def _leads_to_field(datasets: Collection[str], field: str, catalogue: Catalogue) -> bool:
    fields = [catalogue.dataset(name).fields for name in datasets]
    return all(column_of(known, field) or any(other.name.startswith(f"{field}.") for other in known) for known in fields)


def _touches(item: Item, summary: Summary, field: str) -> bool:
    """Whether an item asks for a field of the data set, or for something that holds it or is worked out from it."""
    if item.whole is not None:
        members = (*item.whole.always, *item.whole.if_any)
        if not members or any(_overlaps(member, field) for member in members):
            return True
    asked = {*item.summary.always, *item.summary.if_any, *([item.conclusion.of] if item.conclusion else [])}
    return any(_overlaps(path, field) for claim in summary.claims if claim.name in asked for path in _behind(claim, summary))


def _behind(claim: Claim, summary: Summary) -> Iterator[str]:
    match claim.rule:
        case AtLeast(other) | Bracket(other) | YearOf(other):
            yield from (path for source in summary.claims if source.name == other for path in _behind(source, summary))
        case Count(path):
            yield path
        case _:
            yield from fields_read(claim.rule)


def _overlaps(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")
