"""A dossier as one sealed file, to take along: `/dossiers/{id}/dossier.pdf?aantekeningen=ja&papieren=ja`, the two by choice."""

from typing import Any

import structlog
from litestar import Response, get
from litestar.params import FromPath

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.verifier.asking.ports import KeptRequest
from blauweknop.verifier.asking.questions import QuestionRefused
from blauweknop.verifier.asking.showing import shown_question
from blauweknop.verifier.dossier.dossier import dossier_of
from blauweknop.verifier.dossier.entering import enter_dossier, gone_page
from blauweknop.verifier.dossier.letter import AboutDossier
from blauweknop.verifier.dossier.ports import DossierSealer, DossierServices
from blauweknop.verifier.dossier.releasing import held_back, waits
from blauweknop.verifier.dossier.sealed import DossierTooLarge, seal_dossier
from blauweknop.verifier.dossier.serving import Services, a_file
from blauweknop.verifier.staff.visit import PageRequest, staff_page
from blauweknop.web.language import language_of

__all__ = ["SEALED_NAME", "give_sealed"]

SEALED_NAME = "dossier.pdf"
_LOG = structlog.get_logger("blauweknop.verifier")
_TOO_LARGE, _LATER = 413, 503
_COLOUR = "#0b4a8f"


@get(f"/dossiers/{{request_id:str}}/{SEALED_NAME}", sync_to_thread=True)
def give_sealed(request: PageRequest, services: Services, request_id: FromPath[str]) -> Response[Any]:
    """Sealed now, when it may leave; what cannot be sealed is told, and nothing is given."""
    found = enter_dossier(request, services, request_id)
    if isinstance(found, Response):
        return found
    staff, kept = found
    answer = services.asking.answers.of_request(kept.id)
    if answer is None or services.sealer is None:
        return gone_page(request, services, staff)
    language, now = language_of(request), services.asking.now
    dossier = dossier_of(answer, services, at=now, language=language)
    waiting = waits(request, services, staff, dossier, SEALED_NAME)
    if waiting is not None:
        return waiting
    about = _about(kept, services, services.sealer, language, with_notes="aantekeningen" in request.query_params)
    try:
        pdf = seal_dossier(
            dossier,
            about,
            services.sealer,
            language,
            colour=services.asking.receiver.colour or _COLOUR,
            with_papers="papieren" in request.query_params,
        )
    except BlauweKnopError as problem:
        too_large = isinstance(problem, DossierTooLarge)
        template, reason = "verifier/dossier-unsealed.html", "too_large" if too_large else "later"
        status = _TOO_LARGE if too_large else _LATER
        _LOG.warning("dossier_not_sealed", error_type=type(problem).__name__)
        return staff_page(request, services.staff, staff, template, status_code=status, reason=reason, dossier=dossier)
    return held_back(request, services, staff, dossier, SEALED_NAME) or a_file(pdf, SEALED_NAME, "application/pdf")


def _about(kept: KeptRequest, services: DossierServices, sealer: DossierSealer, language: str, *, with_notes: bool) -> AboutDossier:
    """In the words of the registration; of one that ended meanwhile without its purpose and ground."""
    try:
        shown = shown_question(kept.question, services.asking, language)
        words = (shown.purpose, f"{shown.ground}: {shown.law}")
    except QuestionRefused:
        words = ("", "")
    return AboutDossier(
        receiver=services.asking.receiver.name,
        purpose=words[0],
        ground=words[1],
        asked_at=kept.made_at,
        made_at=services.asking.now,
        check_url=sealer.check_url,
        exercise=sealer.exercise,
        reference=kept.reference,
        expected=kept.expected,
        with_notes=with_notes,
    )
