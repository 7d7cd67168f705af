"""Check what was shown (OpenID4VP 1.0 sections 8.1 and 8.6; PROTOCOL 4.3 and 6.4): each presentation, and then all of them together.

1. Each name in `vp_token` is of a credential that was asked for (response_unasked).
2. Under it stands a list of presentations, and of one that may be shown once there is one (response_form, response_count). Of a credential
   that is shown twice the first counts. In all there are no more than a dossier holds (response_count).
3. Each is real, of the issuer, not withdrawn, and shown by whoever holds its key, to us and now: the twelve steps of `check_credential`.
   What belongs to no key is taken only where it was asked so.
4. The claims that were asked for are there, with the values that were asked for (claims_missing). The rest of them is dropped at once, but
   for who fetched it when that is somebody else.
5. A presentation for which step 3 or 4 does not end well is dropped.
6. What is left meets each required set (response_incomplete).
7. At least one of it is shown by whoever holds its key (response_unbound).
8. Its data are not older than the package takes: else the item is orange and says so.
9. All are of one person, as far as names and days of birth tell: else the item is orange and says so. It is a warning, no proof.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Literal

from blauweknop.catalogue import Catalogue
from blauweknop.checking.check_credential import check_credential
from blauweknop.checking.check_presentation import check_presentation
from blauweknop.checking.credential_evidence import Asked
from blauweknop.checking.trust import Trust
from blauweknop.domain.dates import AMSTERDAM
from blauweknop.domain.document import JsonValue
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.representation import REPRESENTATIVE
from blauweknop.domain.verdict import CheckResult, Verdict, VerdictFacts, Verified
from blauweknop.standards.dcql import CredentialQuery
from blauweknop.standards.dcql_answers import asked_claims, chosen_claims, missing_sets
from blauweknop.verifier.asking.answers import AGE_UNKNOWN, MOST_ITEMS, PERSON_DIFFERS, PERSON_UNKNOWN, TOO_OLD, CheckedItem
from blauweknop.verifier.asking.originals import original_of
from blauweknop.verifier.asking.persons import person_in
from blauweknop.verifier.asking.ports import Judge
from blauweknop.verifier.asking.questions import Question

__all__ = ["ResponseProblem", "ResponseProblemCode", "ShownTo", "dated", "judge_presentations"]

ResponseProblemCode = Literal[
    "response_form",
    "response_unknown",
    "response_encryption",
    "response_key",
    "response_state",
    "response_unasked",
    "response_count",
    "response_incomplete",
    "response_unbound",
    "response_consent",
    "response_papers",
    "response_same_person",
    "response_over",
]

_MOST_PRESENTATIONS = 20


class ResponseProblem(BlauweKnopError):
    """An answer that is refused; `code` names the rule, `reasons` why presentations in it were dropped."""

    def __init__(self, code: ResponseProblemCode, message: str, reasons: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.code: ResponseProblemCode = code
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class ShownTo:
    """What a presentation must be for: us, by our client id, and this one question. `transcript` gives what an mdoc is signed over."""

    client_id: str
    nonce: str = field(repr=False)
    transcript: Callable[[], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Shown:
    """A presentation that is good, and by what one can tell whose it is."""

    item: CheckedItem
    bound: bool
    person: Mapping[str, JsonValue] = field(repr=False)


def judge_presentations(
    vp_token: JsonValue, question: Question, shown_to: ShownTo, *, judge: Judge, catalogue: Catalogue, at: datetime
) -> tuple[CheckedItem, ...]:
    """What was shown and is good, in the order of the question.

    Raises:
        ResponseProblem: the answer as a whole cannot be used.
    """
    good: list[_Shown] = []
    dropped: list[str] = []
    for asked, presentations in _by_query(vp_token, question):
        for presentation in presentations:
            # Step 3.
            verdict = judge(partial(_checked, presentation, asked, shown_to, catalogue, at), at)
            # Steps 4 and 5.
            shown = _shown(verdict, presentation, asked, question)
            if shown is None:
                dropped += _against(verdict.facts) or ["claims_missing"]
            else:
                good.append(shown)
    # Step 6.
    if missing_sets(question.query, {shown.item.credential for shown in good}):
        raise ResponseProblem("response_incomplete", "expected everything that is required, and good", tuple(dict.fromkeys(dropped)))
    # Step 7.
    if not any(shown.bound for shown in good):
        raise ResponseProblem("response_unbound", "expected something that is shown by whoever holds its key")
    # Steps 8 and 9.
    bound = [shown for shown in good if shown.bound]
    return tuple(dated(_compared(shown, bound), question, at) for shown in good)


def _by_query(vp_token: JsonValue, question: Question) -> list[tuple[CredentialQuery, list[str]]]:
    """Steps 1 and 2."""
    if not isinstance(vp_token, dict):
        raise ResponseProblem("response_form", "expected vp_token as an object")
    if not vp_token.keys() <= {credential.id for credential in question.query.credentials}:
        raise ResponseProblem("response_unasked", "expected only what was asked for")
    found = []
    for asked in question.query.credentials:
        if asked.id not in vp_token:
            continue
        given = vp_token[asked.id]
        texts = [item for item in given if isinstance(item, str)] if isinstance(given, list) else []
        if not isinstance(given, list) or len(texts) != len(given):
            raise ResponseProblem("response_form", "expected lists of presentations as text")
        if not 1 <= len(texts) <= (_MOST_PRESENTATIONS if asked.multiple else 1):
            raise ResponseProblem("response_count", "expected one presentation of each credential")
        found.append((asked, [*{_credential_of(text): text for text in reversed(texts)}.values()][::-1]))
    if sum(len(texts) for _, texts in found) > MOST_ITEMS:
        raise ResponseProblem("response_count", f"expected at most {MOST_ITEMS} presentations in all")
    return found


def _credential_of(presentation: str) -> str:
    """What the issuer signed, whatever is disclosed of it; of an mdoc the whole response."""
    return presentation.partition("~")[0]


def _checked(presentation: str, asked: CredentialQuery, shown_to: ShownTo, catalogue: Catalogue, at: datetime, trust: Trust) -> Verdict:
    data, types = presentation.encode("utf-8", "replace"), frozenset(asked.types)
    if not asked.holder_binding:
        return check_credential(data, trust=trust, at=at, catalogue=catalogue, types=types)
    transcript = shown_to.transcript() if asked.format == "mso_mdoc" else None
    by = Asked(shown_to.client_id, shown_to.nonce, types, transcript)
    return check_presentation(data, asked=by, trust=trust, at=at, catalogue=catalogue)


def _shown(verdict: Verdict, presentation: str, asked: CredentialQuery, question: Question) -> _Shown | None:
    """Step 4. An mdoc says its claims by namespace, as its paths do."""
    item = question.item_of(asked.id)
    if not isinstance(verdict, Verified) or item is None:
        return None
    claims: Mapping[str, JsonValue] = {asked.types[0]: verdict.content} if asked.format == "mso_mdoc" else verdict.content
    chosen = chosen_claims(claims, asked)
    if chosen is None:
        return None
    kept, facts = asked_claims(claims, chosen), verdict.facts
    # Who acted for the person is always shown, and nobody has to ask for it.
    kept |= {name: value for name, value in verdict.content.items() if name == REPRESENTATIVE}
    found = CheckedItem(
        item=item.id,
        credential=asked.id,
        dataset=facts.dataset or "",
        format=asked.format,
        colour=verdict.colour,
        issuer=facts.issuer_name,
        issuer_oin=facts.issuer_oin,
        reference_date=facts.reference_date,
        valid_until=facts.valid_until,
        claims=kept,
        status_uri=facts.status_uri,
        status_index=facts.status_index,
        original=original_of(presentation, claims, asked, kept),
    )
    return _Shown(found, asked.holder_binding, person_in(verdict.content))


def _against(facts: VerdictFacts) -> list[str]:
    return [step.reason for step in facts.steps if step.result in (CheckResult.FAIL, CheckResult.WARN)]


def dated(item: CheckedItem, question: Question, at: datetime) -> CheckedItem:
    """Step 8. Of a document and its summary each tells of when it is."""
    asked = question.item_of(item.credential)
    if asked is None or asked.maximum_age is None:
        return item
    if item.reference_date is None:
        return item.remarked(AGE_UNKNOWN)
    last = asked.maximum_age.after(date.fromisoformat(item.reference_date))
    return item if at.astimezone(AMSTERDAM).date() <= last else item.remarked(TOO_OLD)


def _compared(shown: _Shown, bound: Sequence[_Shown]) -> CheckedItem:
    """Step 9: with each that is shown by whoever holds its key."""
    others = [other for other in bound if other is not shown]
    if any(_differs(shown.person, other.person) for other in others):
        return shown.item.remarked(PERSON_DIFFERS)
    if others and not any(shown.person.keys() & other.person.keys() for other in others):
        return shown.item.remarked(PERSON_UNKNOWN)
    return shown.item


def _differs(person: Mapping[str, JsonValue], other: Mapping[str, JsonValue]) -> bool:
    return any(person[name] != other[name] for name in person.keys() & other.keys())
