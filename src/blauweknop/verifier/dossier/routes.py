"""The pages of dossiers at one receiver.

    /dossiers/{id}                         the dossier of a request; `?afdrukken=ja` with everything open
    /dossiers/{id}/dossier.json            and schulden.csv, inkomen.csv, stukken.csv, fcid.json: to take along
    /dossiers/{id}/dossier.pdf             all of it in one sealed file: `routes_sealed`
    /dossiers/{id}/opnieuw-controleren     ask sources whether they withdrew something (POST)
    /dossiers/{id}/aantekeningen           write a note (POST); `/{n}/weg` erases it
    /dossiers/{id}/papieren/{n}            a paper that the person added, as a file
    /dossiers/{id}/meenemen/{file}         ask a colleague whether a file may be taken along (`releasing`)

Whoever is not in is led to the login, as on each page of the staff. What was erased leaves nothing by which it can be known again. So a
dossier that is gone, one that never was, and one that somebody may not see get the same kind page (`entering`).
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from blauweknop.catalogue.texts import sentence
from blauweknop.document.representative_words import representative_named
from blauweknop.domain.representation import Representative
from blauweknop.domain.texts import Language
from blauweknop.verifier.dossier.contents import shown_piece
from blauweknop.verifier.dossier.dossier import Dossier, dossier_of
from blauweknop.verifier.dossier.entering import enter_answer, enter_dossier, gone_page
from blauweknop.verifier.dossier.exporting import dossier_json, fcid_json
from blauweknop.verifier.dossier.person import whose
from blauweknop.verifier.dossier.ports import MOST_NOTES, DossierServices
from blauweknop.verifier.dossier.rechecking import recheck
from blauweknop.verifier.dossier.releasing import held_back, waits
from blauweknop.verifier.dossier.routes_releasing import ask_colleague, show_asking
from blauweknop.verifier.dossier.routes_sealed import give_sealed
from blauweknop.verifier.dossier.routes_updates import stop_updates, updates_of
from blauweknop.verifier.dossier.sealed import PAPER_ENDINGS
from blauweknop.verifier.dossier.serving import Services, a_file
from blauweknop.verifier.dossier.tables import debts_csv, income_csv, pieces_csv
from blauweknop.verifier.dossier.wording import package_title, remarks_on
from blauweknop.verifier.staff.four_eyes import Guarded
from blauweknop.verifier.staff.logbook import Deed
from blauweknop.verifier.staff.visit import PageRequest, staff_page
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["dossier_router"]

_FILES: Mapping[str, Callable[[Dossier, str], bytes]] = {
    "dossier.json": lambda dossier, _: dossier_json(dossier).encode("utf-8"),
    "fcid.json": lambda dossier, _: fcid_json(dossier).encode("utf-8"),
    # With a mark of order, by which a spreadsheet knows that it is UTF-8.
    "schulden.csv": lambda dossier, _: debts_csv(dossier).encode("utf-8-sig"),
    "inkomen.csv": lambda dossier, _: income_csv(dossier).encode("utf-8-sig"),
    "stukken.csv": lambda dossier, language: pieces_csv(dossier, language).encode("utf-8-sig"),
}
_MEDIA_TYPES = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
_LONGEST_NOTE = 2000


def dossier_router(services: DossierServices) -> Router:
    """All of one receiver."""
    return Router(
        services.staff.path,
        route_handlers=[
            show_dossier,
            give_file,
            give_sealed,
            give_paper,
            check_again,
            write_note,
            erase_note,
            show_asking,
            ask_colleague,
            stop_updates,
        ],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        include_in_schema=False,
    )


@get("/dossiers/{request_id:str}", sync_to_thread=True)
def show_dossier(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    """The whole dossier; or that there is no answer yet, or that it is not here any more."""
    seen = enter_dossier(request, services, request_id)
    if isinstance(seen, Response):
        return seen
    staff, kept = seen
    asking, language = services.asking, language_of(request)
    answer = asking.answers.of_request(kept.id)
    title = package_title(kept.question.package)
    if answer is None:
        return staff_page(request, services.staff, staff, "verifier/dossier-waits.html", title=title, state=kept.state.value)
    dossier = dossier_of(answer, services, at=asking.now, language=language)
    printing = "afdrukken" in request.query_params
    services.staff.write_down(Deed.DOSSIER_SEEN, staff, about=kept.id, detail="afdrukken" if printing else "")
    return staff_page(
        request,
        services.staff,
        staff,
        "verifier/dossier.html",
        title=title,
        reference=kept.reference,
        whose=whose(dossier.pieces, kept.expected, language),
        dossier=dossier,
        updates=updates_of(answer, services),
        is_part=asking.households.of_request(kept.id) is not None,
        contents={piece.key: shown_piece(piece, asking.catalogue, language) for piece in dossier.pieces},
        remarks={piece.key: remarks_on(piece, language) for piece in dossier.pieces},
        represented=[_represented(one, dossier.person, language) for one in dossier.representatives],
        printing=printing,
        longest_note=_LONGEST_NOTE,
        held_back=Guarded.EXPORT in services.staff.four_eyes,
        is_full=len(dossier.notes) >= MOST_NOTES,
        seals=services.sealer is not None,
    )


def _represented(representative: Representative, person: str, language: Language) -> str:
    """Who shared it, and for whom."""
    name = representative_named(representative, language)
    return sentence("dossier.represented.by", language, name=name, person=person or sentence("dossier.represented.person", language))


@get("/dossiers/{request_id:str}/{name:str}", sync_to_thread=True)
def give_file(request: PageRequest, services: Services, request_id: FromPath[str], name: FromPath[str]) -> Response[Any]:
    """Something to take along."""
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    if name not in _FILES:
        raise NotFoundException("no such file")
    language = language_of(request)
    dossier = dossier_of(answered[1], services, at=services.asking.now, language=language)
    waiting = waits(request, services, answered[0], dossier, name)
    if waiting is not None:
        return waiting
    content = _FILES[name](dossier, language)
    return held_back(request, services, answered[0], dossier, name) or a_file(content, name, _MEDIA_TYPES[name.rpartition(".")[2]])


@get("/dossiers/{request_id:str}/papieren/{number:int}", sync_to_thread=True)
def give_paper(request: PageRequest, services: Services, request_id: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """A paper as it came: nobody looked inside it, so it is saved and never opened on our page."""
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    dossier = dossier_of(answered[1], services, at=services.asking.now, language=language_of(request))
    paper = next((paper for paper in dossier.own_papers if paper.number == number), None)
    if paper is None:
        raise NotFoundException("no such paper")
    services.staff.write_down(Deed.PAPER_TAKEN, answered[0], about=request_id, detail=str(number))
    name = f"eigen-papier-{number}.{PAPER_ENDINGS.get(paper.media_type, 'bin')}"
    return a_file(base64.b64decode(paper.content), name, "application/octet-stream")


@post("/dossiers/{request_id:str}/opnieuw-controleren", status_code=200, sync_to_thread=True)
def check_again(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    """Ask the sources now."""
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    staff, answer = answered
    services.staff.write_down(Deed.DOSSIER_CHECKED, staff, about=request_id)
    if not recheck(answer, services, at=services.asking.now):
        return gone_page(request, services, staff)
    return see_other(f"{services.staff.path}/dossiers/{request_id}#lijst")


@post("/dossiers/{request_id:str}/aantekeningen", status_code=200)
async def write_note(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    """Keep a note beside the answer; it goes with it."""
    typed = (await request.form()).get("text", "")
    text = typed.strip()[:_LONGEST_NOTE] if isinstance(typed, str) else ""
    return await sync_to_thread(_write_note, request, services, request_id, text)


@post("/dossiers/{request_id:str}/aantekeningen/{number:int}/weg", status_code=200, sync_to_thread=True)
def erase_note(request: PageRequest, services: Services, request_id: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """Erase a note."""
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    with services.asking.together():
        services.records.erase_note(answered[1].id, number)
        services.staff.write_down(Deed.NOTE_ERASED, answered[0], about=request_id, detail=str(number))
    return see_other(f"{services.staff.path}/dossiers/{request_id}#aantekeningen")


def _write_note(request: PageRequest, services: DossierServices, request_id: str, text: str) -> Response[Any]:
    answered = enter_answer(request, services, request_id)
    if isinstance(answered, Response):
        return answered
    if text:
        with services.asking.together():
            if services.records.write_note(answered[1].id, text, now=services.asking.now):
                services.staff.write_down(Deed.NOTE_WRITTEN, answered[0], about=request_id)
    return see_other(f"{services.staff.path}/dossiers/{request_id}#aantekeningen")
