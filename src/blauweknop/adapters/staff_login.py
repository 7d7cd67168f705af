"""Staff of a receiver log in at the OpenID Connect provider of their own organisation.

The same checks as for people (`login`, `login_tokens` steps 1 to 13), and then, instead of a number:

14. nobody is represented (staff_represents);
15. `sub` and the claim with the name are there and fit (staff_claims);
16. the claim with the roles names at least one that was agreed (staff_no_role).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.adapters.login import RelyingParty
from blauweknop.adapters.login_tokens import CheckedAnswer, LoginRefused
from blauweknop.adapters.row_encryption import RowKey
from blauweknop.adapters.staff_settings import STAFF_LEVEL, StaffAgreement
from blauweknop.issuer.login import LoginProblem, LoginProblemCode
from blauweknop.verifier.staff.ports import EndedAtProvider, LoggedInStaff, LoginBegun, Staff, StaffProblem

__all__ = ["OrganisationLogin"]

_MOST_SUBJECT, _MOST_NAME, _MOST_ROLES = 255, 100, 1000
_UNREACHABLE = (LoginProblemCode.PROVIDER_UNREACHABLE, LoginProblemCode.BUSY)


class _NotStaff(Exception):
    """The login is good, but not of somebody who may come in here."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class OrganisationLogin:
    """Fits `verifier.staff.ports.StaffLogin`. Each method raises StorageError."""

    party: RelyingParty
    agreement: StaffAgreement
    key: RowKey = field(repr=False)
    receiver: str

    @property
    def name(self) -> str:
        return self.party.name

    def begin(self, *, return_to: str, now: datetime) -> LoginBegun | StaffProblem:
        started = self.party.begin(STAFF_LEVEL, return_to=return_to, now=now)
        return _problem(started) if isinstance(started, LoginProblem) else LoginBegun(started.address, started.browser_reference)

    def complete(
        self, callback: Mapping[str, str], *, browser_reference: str | None, now: datetime
    ) -> tuple[LoggedInStaff, str] | StaffProblem:
        try:
            answer, return_to = self.party.receive(callback, browser_reference=browser_reference, now=now)
            return LoggedInStaff(self._staff(answer), answer.provider_session, answer.id_token), return_to
        except LoginRefused as refused:
            return _problem(LoginProblem(refused.code))
        except _NotStaff as problem:
            return StaffProblem(problem.code, f"staff.problem.{problem.code}", is_of_staff=True)

    def ended(self, form: Mapping[str, str], *, now: datetime) -> EndedAtProvider | StaffProblem:
        notice = self.party.logout_notice(form, now=now)
        if isinstance(notice, LoginProblem):
            return _problem(notice)
        return EndedAtProvider(notice.token_id, notice.provider_session, self._id(notice.subject) if notice.subject else None)

    def end_address(self, who: LoggedInStaff, *, now: datetime) -> str | None:
        return self.party.end_session_address(who.id_token, who.provider_session, now=now)

    def _staff(self, answer: CheckedAnswer) -> Staff:
        claims, agreed = answer.claims, self.agreement
        # 14
        if claims.get("act") is not None or claims.get("represents") is not None:
            raise _NotStaff("staff_represents")
        # 15
        name = claims.get(agreed.name_claim)
        fits = isinstance(name, str) and 0 < len(name) <= _MOST_NAME and name.isprintable()
        if not isinstance(name, str) or not fits or not 0 < len(answer.subject) <= _MOST_SUBJECT:
            raise _NotStaff("staff_claims")
        # 16
        said = claims.get(agreed.roles_claim)
        named = [said] if isinstance(said, str) else said
        if not isinstance(named, list) or len(named) > _MOST_ROLES:
            raise _NotStaff("staff_no_role")
        roles = frozenset(agreed.roles[each] for each in named if isinstance(each, str) and each in agreed.roles)
        if not roles:
            raise _NotStaff("staff_no_role")
        return Staff(self._id(answer.subject), name, roles)

    def _id(self, subject: str) -> str:
        return self.key.tag(f"verifier_staff|{self.receiver}", subject).hex()


def _problem(problem: LoginProblem) -> StaffProblem:
    return StaffProblem(
        problem.code.value,
        f"login.problem.{problem.code.value}",
        cancelled=problem.code is LoginProblemCode.CANCELLED,
        can_retry=problem.worth_retrying,
        unreachable=problem.code in _UNREACHABLE,
    )
