"""What every route of a source does with its visitor: know the session, end it kindly, send off to the login, set the cookies.

The notes of a session hold `outcomes` (what the systems of the source answered) and `view`, a random name of what the preview
shows: it changes with every choice and every answer, so that a download is of what the person last saw and of nothing else.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from litestar import Request, Response
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect

from blauweknop.domain.dataset import AssuranceLevel, Dataset
from blauweknop.domain.document import JsonValue, Outcome, Selection
from blauweknop.domain.errors import MalformedValue
from blauweknop.issuer.choose import needed_level
from blauweknop.issuer.gather import gather
from blauweknop.issuer.kept_outcomes import outcomes_as_json, outcomes_from_json
from blauweknop.issuer.login import LoginProblem, LoginProblemCode, Session
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.ports import IssuerServices
from blauweknop.web.cookies import forget_cookie, give_cookie
from blauweknop.web.errors import new_error_id
from blauweknop.web.language import language_of

__all__ = [
    "FRESH_LOGIN",
    "PageRequest",
    "Services",
    "begin_login",
    "chosen",
    "current_session",
    "kept_outcomes",
    "login_problem_page",
    "notes_of",
    "offered",
    "session_gone",
    "touched_session",
    "with_outcomes",
]

PageRequest = Request[Any, Any, Any]
Services = NamedDependency[SkipValidation[IssuerServices]]
FRESH_LOGIN = timedelta(minutes=15)
"""How recent a login must be for a download (PROTOCOL 8.4)."""

_LOG = structlog.get_logger("blauweknop.issuer")
_BUSY = (LoginProblemCode.PROVIDER_UNREACHABLE, LoginProblemCode.BUSY)


def current_session(request: PageRequest, services: IssuerServices) -> Session | None:
    """The session of this browser; its idle clock goes on."""
    return services.sessions.read(request.cookies.get(services.session_cookie.name), now=services.now())


def touched_session(request: PageRequest, services: IssuerServices) -> Session | None:
    """The session of this browser, its idle clock set back."""
    session = current_session(request, services)
    return services.sessions.touch(session, now=services.now()) if session else None


def chosen(session: Session, services: IssuerServices) -> tuple[Selection, ...]:
    """What the person chose, as far as the source still offers it and the login still allows it."""
    known, level = services.by_id, session.person.level
    return tuple(
        selection
        for selection in session.selections
        if selection.dataset_id in known
        and session.person.may_have(selection.dataset_id)
        and needed_level((known[selection.dataset_id],), with_bsn=selection.with_bsn).rank <= level.rank
    )


def offered(session: Session, services: IssuerServices) -> tuple[Dataset, ...]:
    """What the source has for this visitor: of who acts for another, what it gives to who does."""
    return tuple(dataset for dataset in services.datasets if session.person.may_have(dataset.id))


def kept_outcomes(session: Session) -> dict[str, Outcome]:
    """What the systems of the source answered before; nothing after an update of this program, so that they are asked anew."""
    try:
        return outcomes_from_json(session.notes.get("outcomes", {}), session.person.bsn)
    except MalformedValue:
        return {}


def notes_of(session: Session, outcomes: Mapping[str, Outcome], services: IssuerServices) -> dict[str, JsonValue]:
    """The notes of a session with these outcomes, under a new name of the view. Other notes stay."""
    return {**session.notes, "outcomes": outcomes_as_json(outcomes), "view": services.random_id()}


async def with_outcomes(session: Session, datasets: Sequence[Dataset], services: IssuerServices) -> Session | None:
    """The session with what the systems of the source answer for these data sets, asked as far as it is not there yet; None: it ended."""
    outcomes = kept_outcomes(session)
    missing = [dataset for dataset in datasets if dataset.id not in outcomes]
    if not missing:
        return session
    moment, wait = services.now(), services.wait_seconds
    outcomes |= await gather(session.person.bsn, missing, services.systems, at=moment, wait_seconds=wait, pool=services.pool)
    return await sync_to_thread(_remember, session, outcomes, services)


def session_gone(request: PageRequest, services: IssuerServices) -> Response[str]:
    """Nobody is logged in here, or no longer: say which, and lead to the login."""
    ended = services.session_cookie.name in request.cookies
    answer = issuer_page(request, services, "issuer/session-ended.html", None, status_code=401, ended=ended)
    if ended:
        forget_cookie(answer, services.session_cookie)
    return answer


def begin_login(
    request: PageRequest, services: IssuerServices, level: AssuranceLevel, return_to: str, *, afresh: bool = False
) -> Response[Any]:
    """Off to the login provider."""
    started = services.login.begin(level, return_to=return_to, now=services.now(), afresh=afresh)
    if isinstance(started, LoginProblem):
        return login_problem_page(request, services, started)
    answer = Redirect(started.address, status_code=303)
    give_cookie(answer, services.login_cookie, started.browser_reference)
    return answer


def login_problem_page(request: PageRequest, services: IssuerServices, problem: LoginProblem) -> Response[str]:
    """What went wrong, what to do, and a number to quote; a person who cancelled did nothing wrong."""
    error_id = new_error_id()
    if problem.code is not LoginProblemCode.CANCELLED:
        _LOG.warning("login_failed", source=services.source.id, reason=problem.code.value, error_id=error_id)
    lower = [dataset for dataset in services.datasets if dataset.level is AssuranceLevel.LOW]
    return issuer_page(
        request,
        services,
        "issuer/login-problem.html",
        None,
        status_code=503 if problem.code in _BUSY else 403,
        switch_path=services.path,
        words=problem.sentence(language_of(request), login_name=services.login.name),
        cancelled=problem.code is LoginProblemCode.CANCELLED,
        can_retry=problem.worth_retrying,
        lower=lower if problem.code is LoginProblemCode.LEVEL_TOO_LOW else [],
        error_id=error_id,
    )


def _remember(session: Session, outcomes: Mapping[str, Outcome], services: IssuerServices) -> Session | None:
    for outcome in outcomes.values():
        services.records.event(
            time=services.now(), source=services.source.id, activity="gather", outcome=outcome.kind.value, trace_id=services.random_id()
        )
    return services.sessions.save(session, now=services.now(), notes=notes_of(session, outcomes, services))
