"""The pages of dossiers at one receiver.

    /dossiers/{id}                         the dossier of a request; `?afdrukken=ja` with everything open
    /dossiers/{id}/dossier.json            and schulden.csv, inkomen.csv, fcid.json: to take along
    /dossiers/{id}/opnieuw-controleren     ask sources whether they withdrew something (POST)
    /dossiers/{id}/aantekeningen           write a note (POST); `/{n}/weg` erases it
    /dossiers/{id}/papieren/{n}            a paper that the person added, as a file

What was erased leaves nothing by which it can be known again. So a dossier that is gone, one that never was, and one that somebody may
not see get the same kind page.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, Router, get, post
from litestar.concurrency import sync_to_thread
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, SkipValidation

from blauweknop.catalogue.load_life_events import load_life_events
from blauweknop.catalogue.texts import all_texts, sentence
from blauweknop.domain.texts import Text
from blauweknop.verifier.asking.page import PageRequest, asking_page
from blauweknop.verifier.asking.ports import KeptAnswer, KeptRequest
from blauweknop.verifier.dossier.contents import shown_piece
from blauweknop.verifier.dossier.dossier import Dossier, dossier_of
from blauweknop.verifier.dossier.exporting import debts_csv, dossier_json, fcid_json, income_csv
from blauweknop.verifier.dossier.pieces import Piece
from blauweknop.verifier.dossier.ports import MOST_NOTES, DossierServices
from blauweknop.verifier.dossier.rechecking import recheck
from blauweknop.web.language import language_of
from blauweknop.web.page import see_other

__all__ = ["dossier_router"]

_Services = NamedDependency[SkipValidation[DossierServices]]
_FILES: Mapping[str, tuple[Callable[[Dossier], str], str]] = {
    "dossier.json": (dossier_json, "application/json"),
    "fcid.json": (fcid_json, "application/json"),
    "schulden.csv": (debts_csv, "text/csv; charset=utf-8"),
    "inkomen.csv": (income_csv, "text/csv; charset=utf-8"),
}
_LONGEST_NOTE = 2000
_ENDINGS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def dossier_router(services: DossierServices) -> Router:
    """All of one receiver."""
    return Router(
        services.asking.receiver.path,
        route_handlers=[show_dossier, give_file, give_paper, check_again, write_note, erase_note],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        include_in_schema=False,
    )


@get("/dossiers/{request_id:str}", sync_to_thread=True)
def show_dossier(request: PageRequest, services: _Services, request_id: FromPath[str]) -> Response[Any]:
    """The whole dossier; or that there is no answer yet, or that it is not here any more."""
    asking, language = services.asking, language_of(request)
    kept = _request(request, services, request_id)
    if kept is None:
        return _gone(request, services)
    dossier = _dossier(kept, services, language)
    title = _title(kept.question.package)
    if dossier is None:
        return asking_page(request, asking, "verifier/dossier-waits.html", title=title, state=kept.state.value)
    return asking_page(
        request,
        asking,
        "verifier/dossier.html",
        title=title,
        reference=kept.reference,
        dossier=dossier,
        contents={piece.key: shown_piece(piece, asking.catalogue, language) for piece in dossier.pieces},
        remarks={piece.key: _remarks(piece, language) for piece in dossier.pieces},
        says=[remark.said.in_language(language) for remark in dossier.figures.remarks],
        printing="afdrukken" in request.query_params,
        longest_note=_LONGEST_NOTE,
        is_full=len(dossier.notes) >= MOST_NOTES,
    )


@get("/dossiers/{request_id:str}/{name:str}", sync_to_thread=True)
def give_file(request: PageRequest, services: _Services, request_id: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    """Something to take along."""
    if name not in _FILES:
        raise NotFoundException("no such file")
    write, media_type = _FILES[name]
    return _file(write(_existing(request, services, request_id)).encode("utf-8"), name, media_type)


@get("/dossiers/{request_id:str}/papieren/{number:int}", sync_to_thread=True)
def give_paper(request: PageRequest, services: _Services, request_id: FromPath[str], number: FromPath[int]) -> Response[bytes]:
    """A paper as it came: nobody looked inside it, so it is saved and never opened on our page."""
    papers = _existing(request, services, request_id).own_papers
    paper = next((paper for paper in papers if paper.number == number), None)
    if paper is None:
        raise NotFoundException("no such paper")
    name = f"eigen-papier-{number}.{_ENDINGS.get(paper.media_type, 'bin')}"
    return _file(base64.b64decode(paper.content), name, "application/octet-stream")


@post("/dossiers/{request_id:str}/opnieuw-controleren", status_code=200, sync_to_thread=True)
def check_again(request: PageRequest, services: _Services, request_id: FromPath[str]) -> Response[Any]:
    """Ask the sources now."""
    answer = _answer(request, services, request_id)
    if answer is None or not recheck(answer, services, at=services.asking.now):
        return _gone(request, services)
    return see_other(f"{services.asking.receiver.path}/dossiers/{request_id}#lijst")


@post("/dossiers/{request_id:str}/aantekeningen", status_code=200)
async def write_note(request: PageRequest, services: _Services, request_id: FromPath[str]) -> Response[Any]:
    """Keep a note beside the answer; it goes with it."""
    typed = (await request.form()).get("text", "")
    text = typed.strip()[:_LONGEST_NOTE] if isinstance(typed, str) else ""
    return await sync_to_thread(_write_note, request, services, request_id, text)


@post("/dossiers/{request_id:str}/aantekeningen/{number:int}/weg", status_code=200, sync_to_thread=True)
def erase_note(request: PageRequest, services: _Services, request_id: FromPath[str], number: FromPath[int]) -> Response[Any]:
    """Erase a note."""
    answer = _answer(request, services, request_id)
    if answer is None:
        return _gone(request, services)
    services.records.erase_note(answer.id, number)
    return see_other(f"{services.asking.receiver.path}/dossiers/{request_id}#aantekeningen")


def _write_note(request: PageRequest, services: DossierServices, request_id: str, text: str) -> Response[Any]:
    answer = _answer(request, services, request_id)
    if answer is None:
        return _gone(request, services)
    if text:
        services.records.write_note(answer.id, text, now=services.asking.now)
    return see_other(f"{services.asking.receiver.path}/dossiers/{request_id}#aantekeningen")


def _gone(request: PageRequest, services: DossierServices) -> Response[Any]:
    return asking_page(request, services.asking, "verifier/dossier-gone.html", status_code=404, switch_path=services.asking.receiver.path)


def _answer(request: PageRequest, services: DossierServices, request_id: str) -> KeptAnswer | None:
    kept = _request(request, services, request_id)
    return services.asking.answers.of_request(kept.id) if kept is not None else None


def _request(request: PageRequest, services: DossierServices, request_id: str) -> KeptRequest | None:
    return services.asking.requests.by_id(request_id) if services.may_see(request, request_id) else None


def _dossier(kept: KeptRequest, services: DossierServices, language: str) -> Dossier | None:
    asking = services.asking
    answered = asking.answers.of_request(kept.id)
    return dossier_of(answered, services, at=asking.now, language=language) if answered is not None else None


def _existing(request: PageRequest, services: DossierServices, request_id: str) -> Dossier:
    """Raises: NotFoundException."""
    kept = _request(request, services, request_id)
    dossier = _dossier(kept, services, language_of(request)) if kept is not None else None
    if dossier is None:
        raise NotFoundException("no such dossier")
    return dossier


def _file(content: bytes, name: str, media_type: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)


def _title(package: str) -> Text:
    """Of a package that is not there any more its id."""
    known = next((one.title for one in load_life_events().packages if one.id == package), None)
    return known or Text(package, package)


def _remarks(piece: Piece, language: str) -> tuple[str, ...]:
    known = all_texts()
    keys = [f"{part}.remark.{reason}" for reason in piece.item.reasons for part in ("asking", "dossier")]
    return tuple(sentence(key, language) for key in keys if key in known)
