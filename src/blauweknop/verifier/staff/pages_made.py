"""Make what was filled in, and show the link, this once."""

from typing import Any

import segno
from litestar import Response

from blauweknop.catalogue.texts import sentence
from blauweknop.verifier.asking.questions import Question
from blauweknop.verifier.asking.showing import shown_question
from blauweknop.verifier.staff.requests import RequestForm, ask_for
from blauweknop.verifier.staff.routes_household import ask_two
from blauweknop.verifier.staff.visit import PageRequest, StaffVisit, staff_page
from blauweknop.web.language import language_of

__all__ = ["make_and_show"]


def make_and_show(request: PageRequest, form: RequestForm, question: Question, visit: StaffVisit) -> Response[Any]:
    """The page with the link, or with those of two people; a code to scan, and a text for a message.

    Raises:
        BlauweKnopError: the receiver may not ask this; nothing is kept.
    """
    if form.household:
        return ask_two(request, form, question, visit)
    link, kept = ask_for(question, form, visit.staff, visit.services)
    language = language_of(request)
    shown = shown_question(kept.question, visit.services.asking, language)
    return staff_page(
        request,
        visit.services,
        visit.staff,
        "verifier/staff-made.html",
        link=link,
        qr=segno.make(link, error="m").svg_inline(border=2, scale=4, omitsize=True, dark="#000", light="#fff"),
        mail=sentence("staff.made.mail", language, receiver=shown.name, purpose=shown.purpose, link=link),
        kept=kept,
    )
