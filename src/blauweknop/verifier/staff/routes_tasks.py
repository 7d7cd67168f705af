"""Who works on what: for who gives tasks. Of a request it shows the kind, the moment and how it stands, and nothing of a person.

/taken          the newest requests, with who has the task
/taken/{id}     give or take a task
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.concurrency import sync_to_thread
from litestar.params import FromPath

from blauweknop.verifier.asking.ports import KeptRequest
from blauweknop.verifier.staff.access import may_give_tasks
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.ports import Role, Staff, StaffServices
from blauweknop.verifier.staff.requests import packages_of
from blauweknop.verifier.staff.visit import PageRequest, Services, enter, refused, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["change_task", "show_tasks"]

_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class _Listed:
    """A request without its reference: staff may have written a name in it."""

    id: str
    title: str
    made_at: datetime
    state: str
    workers: tuple[Staff, ...]
    others: tuple[Staff, ...]


@get("/taken", sync_to_thread=True)
def show_tasks(request: PageRequest, services: Services) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if not may_give_tasks(visit.staff):
        return refused(request, visit)
    workers = _workers(services)
    titles = {package.id: package.title.in_language(language_of(request)) for package in packages_of(services)}
    listed = [_listed(kept, titles, workers, services) for kept in services.asking.requests.newest(most=_MOST_SHOWN)]
    return staff_page(request, services, visit.staff, "verifier/staff-tasks.html", listed=listed)


@post("/taken/{request_id:str}")
async def change_task(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    form = await request.form()
    give, take = (str(form.get(name, "")) for name in ("give", "take"))
    return await sync_to_thread(_change, request, services, request_id, give, take)


def _change(request: PageRequest, services: Services, request_id: str, give: str, take: str) -> Response[Any]:
    visit = enter(request, services)
    if isinstance(visit, Response):
        return visit
    if not may_give_tasks(visit.staff) or services.asking.requests.by_id(request_id) is None:
        return refused(request, visit)
    known = {worker.id for worker in _workers(services)}
    if take in services.tasks.of_whom(request_id):
        with services.asking.together():
            services.tasks.take(request_id, take)
            services.write_down(Deed.TASK_ENDED, visit.staff, about=request_id, detail=take)
    elif give in known:
        with services.asking.together():
            services.tasks.give(request_id, give, now=services.now)
            services.write_down(Deed.TASK_GIVEN, visit.staff, about=request_id, detail=give)
    else:
        return refused(request, visit)
    return see_other(f"{services.path}/taken")


def _listed(kept: KeptRequest, titles: dict[str, str], workers: tuple[Staff, ...], services: StaffServices) -> _Listed:
    ids = services.tasks.of_whom(kept.id)
    return _Listed(
        kept.id,
        titles.get(kept.question.package, kept.question.package),
        kept.made_at,
        kept.state.value,
        tuple(worker for worker in workers if worker.id in ids),
        tuple(worker for worker in workers if worker.id not in ids),
    )


def _workers(services: StaffServices) -> tuple[Staff, ...]:
    return tuple(colleague for colleague in services.colleagues.known() if colleague.has(Role.WORKER))
