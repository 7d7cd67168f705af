"""Make what was filled in, and show the link, this once."""

from typing import Any

from litestar import Response

from blauweknop.verifier.asking.questions import Question
from blauweknop.verifier.staff.given_links import given_link
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
    given = given_link(link, "staff.made.mail", kept, visit.services.asking, language_of(request))
    return staff_page(request, visit.services, visit.staff, "verifier/staff-made.html", link=given, kept=kept)
