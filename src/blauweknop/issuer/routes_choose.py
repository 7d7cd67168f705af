"""Choose: which data sets, which parts of them, which period, with or without burgerservicenummer."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.dataset import AssuranceLevel
from blauweknop.domain.document import Selection
from blauweknop.issuer.choose import ChoiceProblem, everything, needed_level, preselection, read_choices, typed
from blauweknop.issuer.login import Session
from blauweknop.issuer.page import issuer_page
from blauweknop.issuer.visit import PageRequest, Services, chosen, notes_of, offered, session_gone, touched_session
from blauweknop.issuer.withdrawn import withdrawn_notice
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["choose", "show_choices"]


@get("/kiezen", sync_to_thread=True)
def show_choices(request: PageRequest, services: Services) -> Response[str]:
    """The form, as the person left it; `?alles` ticks everything there is (journey J12)."""
    session = touched_session(request, services)
    if session is None:
        return session_gone(request, services)
    if "alles" in request.query_params:
        rank = session.person.level.rank
        ticked = [everything(dataset) for dataset in offered(session, services) if dataset.level.rank <= rank]
    else:
        ticked = list(chosen(session, services))
    shown = {dataset.id: preselection(dataset) for dataset in offered(session, services)} | {item.dataset_id: item for item in ticked}
    with_bsn = any(item.with_bsn for item in ticked)
    return _form(request, services, session, shown, {item.dataset_id for item in ticked}, with_bsn=with_bsn)


@post("/kiezen")
async def choose(request: PageRequest, services: Services) -> Response[Any]:
    """Keep the choice and go and look; or show the form again with what is wrong."""
    received = await request.form()
    form = {name: [value for value in received.getall(name) if isinstance(value, str)] for name in received}
    return await sync_to_thread(_choose, request, services, form)


def _choose(request: PageRequest, services: Services, form: Mapping[str, Sequence[str]]) -> Response[Any]:
    session = touched_session(request, services)
    if session is None:
        return session_gone(request, services)
    choice = read_choices(form, offered(session, services), session.person.level)
    if choice.problems:
        shown = {dataset.id: typed(form, dataset) for dataset in offered(session, services)}
        with_bsn = any(selection.with_bsn for selection in shown.values())
        return _form(request, services, session, shown, form.get("dataset", ()), with_bsn=with_bsn, problems=choice.problems)
    if services.sessions.save(session, now=services.now(), selections=choice.selections, notes=notes_of(session, {}, services)) is None:
        return session_gone(request, services)
    return see_other(f"{services.path}/bekijken")


def _form(
    request: PageRequest,
    services: Services,
    session: Session,
    shown: Mapping[str, Selection],
    ticked: Collection[str],
    *,
    with_bsn: bool,
    problems: Sequence[ChoiceProblem] = (),
) -> Response[str]:
    language = language_of(request)
    level, datasets = session.person.level, offered(session, services)
    errors = [(_field(problem), sentence(f"issuer.choice.{problem.code}", language, source=services.source.name)) for problem in problems]
    return issuer_page(
        request,
        services,
        "issuer/choose.html",
        session,
        status_code=422 if problems else 200,
        datasets=datasets,
        shown=shown,
        ticked=ticked,
        allowed={dataset.id for dataset in datasets if dataset.level.rank <= level.rank},
        needed=needed_level(datasets),
        with_bsn=with_bsn,
        bsn_allowed=level.rank >= AssuranceLevel.SUBSTANTIAL.rank,
        errors=errors,
        withdrawn=withdrawn_notice(session.person.bsn, datasets, services.withdrawn, now=services.now()),
        complaints={problem.dataset_id or _field(problem): words for problem, (_, words) in zip(problems, errors, strict=True)},
    )


def _field(problem: ChoiceProblem) -> str:
    """The id on the page of what the problem is about."""
    if problem.dataset_id:
        return f"dataset-{problem.dataset_id.replace('.', '-')}"
    return "bsn" if problem.code == "bsn_level_too_low" else "datasets"
