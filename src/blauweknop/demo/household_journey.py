"""J5 by two: a landlord asks two people who apply together, each answers in an account of their own, and the landlord sees both parts.

One of them takes it back, and the other part stays.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from blauweknop.demo.browser import Browser, JourneyStuck, PageSeen
from blauweknop.demo.journeys import Clocked, Step
from blauweknop.demo.sharing_journeys import Asked, PersonAtHome, StaffAtWork

__all__ = ["play_household"]

_ASKED = Asked("J5", "huur", "huurwoning.vrije_sector.contract", {"huur": ["700"], "keer": ["3"], "household": ["ja"]})
_PARTNER = re.compile(r'id="verzoek-partner" href="([^"]+)"')


def play_household(base_url: str, holder_url: str, people: Sequence[tuple[str, str]], *, number: int) -> list[Step]:
    """The journey of two people, each with the municipality where they live; `number` is that of the first of them in the report."""
    first, second = (PersonAtHome(Browser(holder_url), holder_url, person_id) for person_id, _ in people)
    landlord = _Landlord(StaffAtWork(Browser(base_url), base_url, _ASKED))
    clocked = Clocked("J5 by two", number, "huur")
    try:
        for which, (person, (_, municipality)) in enumerate(zip((first, second), people, strict=True), 1):
            clocked.do(f"account of {which}", person.make_account)
            for source in (municipality, "uwv"):
                clocked.do(f"collect at {source} for {which}", partial(person.collect, source))
        clocked.do("ask both", landlord.ask)
        clocked.do("open the first link", lambda: first.open_request(landlord.staff.link))
        clocked.do("first answer", lambda: first.answer(everything=True))
        clocked.do("not complete", lambda: landlord.see("Nog niet compleet"))
        clocked.do("open the second link", lambda: second.open_request(landlord.partner_link))
        clocked.do("second answer", lambda: second.answer(everything=True))
        clocked.do("both parts", lambda: landlord.see("Ja, samen genoeg"))
        clocked.do("second takes back", second.take_back)
        clocked.do("the first part stays", lambda: landlord.see("Nog niet compleet"))
        return clocked.steps
    finally:
        for browser in (first.browser, second.browser, landlord.staff.browser):
            browser.close()


@dataclass(slots=True)
class _Landlord:
    """Who asks both, and looks at both parts together."""

    staff: StaffAtWork
    partner_link: str = field(default="", repr=False)
    together: str = ""

    def ask(self) -> PageSeen:
        made = self.staff.ask()
        found = _PARTNER.search(made.body.decode("utf-8"))
        if found is None:
            raise JourneyStuck("the page of two new requests has no second link")
        self.partner_link = found.group(1)
        return made

    def see(self, words: str) -> PageSeen:
        """Both parts on one page, in Dutch."""
        self.together = self.together or self._found()
        page = self.staff.browser.open(self.together)
        body = page.body.decode("utf-8")
        if page.status != 200 or words not in body:
            raise JourneyStuck("both parts together do not say what they must")
        return page

    def _found(self) -> str:
        requests = self.staff.browser.open(f"{self.staff.base}/{_ASKED.receiver}/verzoeken")
        pages = (self.staff.browser.open(link) for link in requests.links if re.search(r"/verzoeken/[0-9a-f]{64}$", link))
        # Only the first has a dossier by now; the page of the second ends when that is taken back.
        answered = (page for page in pages if any("/dossiers/" in link for link in page.links))
        found = next((link for page in answered for link in page.links if "/huishoudens/" in link), None)
        if found is None:
            raise JourneyStuck("no request leads to both parts")
        return found
