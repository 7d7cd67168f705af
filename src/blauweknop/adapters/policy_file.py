"""Read the policy of a receiver from a TOML file, strictly: a rule that is misspelt would be a rule that is not kept.

maximum_age = "P3M"                       # of the data, in days or as a duration of ISO 8601
issuers = ["00000001003214345000"]        # OINs
datasets = ["duo.studieschuld"]
kinds = ["document"]                      # document, credential, presentation
seal_level = "B-LT"                       # B-T, B-LT, B-LTA

[per_dataset."duo.studieschuld"]          # goes before what is said above
maximum_age = 30
issuers = ["00000001003214345000"]
"""

from pathlib import Path

from blauweknop.adapters.settings_table import Table, read_toml
from blauweknop.catalogue import Catalogue
from blauweknop.checking.policy import SEAL_LEVELS, DatasetRules, Policy, SealLevel
from blauweknop.domain.durations import Duration
from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Oin
from blauweknop.domain.verdict import CheckedKind

__all__ = ["load_policy"]

_MOST_DAYS = 36500
_KINDS = {kind.value: kind for kind in (CheckedKind.DOCUMENT, CheckedKind.CREDENTIAL, CheckedKind.PRESENTATION)}


def load_policy(path: Path, catalogue: Catalogue) -> Policy:
    """The policy in a file.

    Raises:
        SettingsError: the first thing that is wrong, with file, line and remedy.
    """
    root = read_toml(path)
    own = root.table("per_dataset").tables() if "per_dataset" in root else ()
    per_dataset = {dataset: _own_rules(dataset, table, catalogue) for dataset, table in own}
    policy = Policy(_rules(root), per_dataset, _datasets(root, catalogue), _kinds(root), _seal_level(root))
    root.finish()
    return policy


def _rules(table: Table) -> DatasetRules:
    return DatasetRules(_age(table), _issuers(table))


def _own_rules(dataset: str, table: Table, catalogue: Catalogue) -> DatasetRules:
    _require_known(dataset, table, "", catalogue)
    rules = _rules(table)
    table.finish()
    return rules


def _age(table: Table) -> Duration | None:
    if "maximum_age" not in table:
        return None
    match table.raw("maximum_age"):
        case int(days) if not isinstance(days, bool) and 1 <= days <= _MOST_DAYS:
            return Duration(0, days)
        case str(text):
            try:
                return Duration.parse(text)
            except MalformedValue as error:
                raise _unfit_age(table) from error
    raise _unfit_age(table)


def _unfit_age(table: Table) -> Exception:
    return table.error("maximum_age", "must be a number of days or a duration of ISO 8601", 'write it as 30 or as "P3M"')


def _issuers(table: Table) -> frozenset[str] | None:
    if "issuers" not in table:
        return None
    try:
        numbers = frozenset(Oin.parse(text).digits for text in table.texts("issuers"))
    except MalformedValue as error:
        raise table.error("issuers", "must be OINs of twenty digits", "take them from the trust list or the OIN register") from error
    return _not_empty(numbers, table, "issuers")


def _datasets(root: Table, catalogue: Catalogue) -> frozenset[str] | None:
    if "datasets" not in root:
        return None
    named = root.texts("datasets")
    for dataset in named:
        _require_known(dataset, root, "datasets", catalogue)
    return _not_empty(frozenset(named), root, "datasets")


def _require_known(dataset: str, table: Table, key: str, catalogue: Catalogue) -> None:
    if dataset not in catalogue.datasets:
        raise table.error(key, "names a data set that is not there", f"choose from: {', '.join(sorted(catalogue.datasets))}")


def _kinds(root: Table) -> frozenset[CheckedKind] | None:
    if "kinds" not in root:
        return None
    named = _not_empty(frozenset(root.texts("kinds")), root, "kinds")
    if not named <= _KINDS.keys():
        raise root.error("kinds", "has an unknown value", f"choose from: {', '.join(_KINDS)}")
    return frozenset(_KINDS[name] for name in named)


def _not_empty(values: frozenset[str], table: Table, key: str) -> frozenset[str]:
    if not values:
        raise table.error(key, "is empty, so nothing would be accepted", "name what is accepted, or take the line out")
    return values


def _seal_level(root: Table) -> SealLevel | None:
    if "seal_level" not in root:
        return None
    wanted = root.choice("seal_level", SEAL_LEVELS)
    return next(level for level in SEAL_LEVELS if level == wanted)
