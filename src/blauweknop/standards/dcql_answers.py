"""Whether an answer gives what a question asks (DCQL, OpenID4VP 1.0 sections 6.4 and 7): by us, never on the word of a wallet."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeGuard

from blauweknop.domain.document import JsonValue
from blauweknop.standards.dcql import ClaimQuery, CredentialQuery, CredentialSet, DcqlQuery, Path

__all__ = ["asked_claims", "chosen_claims", "missing_sets", "values_at"]


def chosen_claims(claims: Mapping[str, JsonValue], asked: CredentialQuery) -> tuple[ClaimQuery, ...] | None:
    """Which claims were asked and are there, each with a value that was asked for; None when one is missing.

    With `claim_sets` those of the first set that is there as a whole. Without claims nothing was asked that could be left out.
    """
    if not asked.claim_sets:
        return asked.claims if all(_is_there(claims, claim) for claim in asked.claims) else None
    by_id = {claim.id: claim for claim in asked.claims}
    for ids in asked.claim_sets:
        chosen = tuple(by_id[name] for name in ids)
        if all(_is_there(claims, claim) for claim in chosen):
            return chosen
    return None


def asked_claims(claims: Mapping[str, JsonValue], chosen: Sequence[ClaimQuery]) -> dict[str, JsonValue]:
    """The claims without what nobody asked for. Of an mdoc they are by namespace, as in its paths."""
    picked = _pick(dict(claims), [claim.path for claim in chosen])
    return picked if isinstance(picked, dict) else {}


def missing_sets(query: DcqlQuery, given: Collection[str]) -> tuple[CredentialSet, ...]:
    """The required sets of which no option is given as a whole; without sets each credential is one."""
    sets = query.sets or tuple(CredentialSet(((credential.id,),)) for credential in query.credentials)
    return tuple(one for one in sets if one.required and not any(set(option) <= set(given) for option in one.options))


def values_at(value: JsonValue, path: Path) -> list[JsonValue]:
    """Section 7: a name in an object, a place in a list, null for all of a list; nothing when one on the way is of another kind."""
    selected = [value]
    for step in path:
        if isinstance(step, str):
            objects = [item for item in selected if isinstance(item, dict)]
            complete = len(objects) == len(selected)
            selected = [item[step] for item in objects if step in item]
        else:
            lists = [item for item in selected if isinstance(item, list)]
            complete = len(lists) == len(selected)
            selected = [inner for item in lists for inner in (item if step is None else item[step : step + 1])]
        if not complete:
            return []
    return selected


def _is_there(claims: Mapping[str, JsonValue], asked: ClaimQuery) -> bool:
    found = values_at(dict(claims), asked.path)
    if asked.values is None:
        return bool(found)
    return any(_same(value, wanted) for value in found for wanted in asked.values)


def _same(value: JsonValue, wanted: str | int | bool) -> bool:
    """As JSON has it: 1 is not true."""
    return type(value) is type(wanted) and value == wanted


def _pick(value: JsonValue, paths: Sequence[Path]) -> JsonValue:
    if any(not path for path in paths):
        return value
    if isinstance(value, dict):
        by_name = {name: [path[1:] for path in paths if path[0] == name] for name in value}
        return {name: _pick(value[name], rest) for name, rest in by_name.items() if rest}
    if isinstance(value, list):
        by_place = [[path[1:] for path in paths if path[0] is None or _is_place(path[0], place)] for place in range(len(value))]
        return [_pick(item, rest) for item, rest in zip(value, by_place, strict=True) if rest]
    return None


def _is_place(step: str | int | None, place: int) -> TypeGuard[int]:
    return isinstance(step, int) and step == place
