"""The journeys of one person with Mijn Blauwe Knop and three receivers, over real HTTP and without script.

J2  an account, documents of all sources, and an overview
J3  debt help, J4 a mortgage, J5 a home to rent: staff of a receiver ask, the person answers, staff see the dossier
J7  the answer of J3 is taken back, and the dossier is gone
J10 debt help for somebody else: an administrator fetches and answers for a client, and the dossier names both
J6  documents go to debt help without a wallet, by a link, and are taken back
"""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from blauweknop.demo.browser import Browser, Form, JourneyStuck, PageSeen
from blauweknop.demo.journeys import Clocked, Step
from blauweknop.demo.link_journey import play_link

__all__ = ["Asked", "PersonAtHome", "StaffAtWork", "play_acting", "play_sharing"]

_GROUP = re.compile(r"<span>([0-9A-Z]{4})</span>")
_REQUEST = re.compile(r'id="verzoek" href="([^"]+)"')
_PHRASE = "vier groene paarden zingen"
_PATIENCE_SECONDS, _PAUSE_SECONDS = 60.0, 0.2


@dataclass(frozen=True, slots=True)
class Asked:
    """What the staff of a receiver ask: a package, with its numbers."""

    journey: str
    receiver: str
    package: str
    numbers: Mapping[str, list[str]] = field(default_factory=dict)


_JOURNEYS = (
    Asked("J3", "schuldhulp", "schuldhulp.intake"),
    Asked("J4", "hypotheek", "hypotheek.aanvraag"),
    Asked("J5", "huur", "huurwoning.vrije_sector.contract", {"huur": ["700"], "keer": ["3"]}),
)


def play_sharing(base_url: str, holder_url: str, sources: Sequence[str], person_id: str, *, number: int) -> list[Step]:
    """All these journeys of a person who is known at `sources` (short names). What follows a journey that failed is not tried."""
    person = PersonAtHome(Browser(holder_url), holder_url, person_id)
    clocked = Clocked("J2", number, "mijn")
    steps = clocked.steps
    try:
        clocked.do("account", person.make_account)
        for source in sources:
            clocked.do(f"collect at {source}", partial(person.collect, source))
        clocked.do("overview", lambda: person.browser.open(f"{holder_url}/mijn/overzicht"))
        for asked in _JOURNEYS:
            clocked = Clocked(asked.journey, number, asked.receiver, steps, clocked.failed)
            _share(clocked, person, StaffAtWork(Browser(base_url), base_url, asked))
        return steps
    finally:
        person.browser.close()


def play_acting(base_url: str, holder_url: str, source: str, mandate_id: str, *, number: int) -> list[Step]:
    """J10 of who has a mandate, with an account for that client alone, about what one source has."""
    acting = PersonAtHome(Browser(holder_url), holder_url, mandate_id)
    staff = StaffAtWork(Browser(base_url), base_url, replace(_JOURNEYS[0], journey="J10"))
    clocked = Clocked("J10", number, "mijn")
    try:
        clocked.do("account", acting.make_account)
        clocked.do(f"collect at {source}", partial(acting.collect, source))
        clocked.do("ask", staff.ask)
        clocked.do("open the link", lambda: acting.open_request(staff.link))
        clocked.do("answer", acting.answer)
        clocked.do("dossier names both", staff.find_both_names)
        return clocked.steps
    finally:
        acting.browser.close()
        staff.browser.close()


def _share(clocked: Clocked, person: "PersonAtHome", staff: "StaffAtWork") -> None:
    try:
        clocked.do("ask", staff.ask)
        clocked.do("open the link", lambda: person.open_request(staff.link))
        clocked.do("answer", person.answer)
        clocked.do("dossier", staff.open_dossier)
        if clocked.journey == "J3":
            clocked = Clocked("J7", clocked.number, clocked.source, clocked.steps, clocked.failed)
            clocked.do("take back", person.take_back)
            clocked.do("dossier is gone", staff.find_no_dossier)
            clocked = Clocked("J6", clocked.number, clocked.source, clocked.steps, clocked.failed)
            play_link(clocked, person.browser, person.home, staff.browser, f"{staff.base}/{staff.asked.receiver}")
    finally:
        staff.browser.close()


@dataclass(slots=True)
class PersonAtHome:
    """Somebody with an account of their own."""

    browser: Browser
    home: str
    person_id: str
    question: PageSeen | None = None

    def make_account(self) -> PageSeen:
        new = self.browser.open(f"{self.home}/mijn/nieuw")
        words = {"name": [f"oefening {self.person_id}"], "passphrase": [_PHRASE], "again": [_PHRASE]}
        code = self.browser.submit(new, new.form_to("/nieuw"), words)
        typed = " ".join(_GROUP.findall(code.body.decode("utf-8")))
        return _at(self.browser.submit(code, code.form_to("/herstelcode"), {"code": [typed]}), "/mijn/gegevens")

    def collect(self, source: str) -> PageSeen:
        listed = self.browser.open(f"{self.home}/mijn/ophalen")
        page = self.browser.submit(listed, _form_with(listed, "source", source), {"source": [source]})
        if "/digid/" in page.address:
            answers = {"person": [self.person_id], "level": ["substantial"], "answer": ["go"]}
            page = self.browser.submit(page, page.form_to("/inloggen"), answers)
        consent = page.form_to("/toestemming")
        said = "agree" if ("answer", "agree") in consent.buttons else "refuse"  # where there is nothing, only the way back is offered
        standing = self.browser.submit(page, consent, {"answer": [said]})
        until = time.monotonic() + _PATIENCE_SECONDS
        while b"<progress" in standing.body:
            if time.monotonic() > until:
                raise JourneyStuck("the source takes too long")
            time.sleep(_PAUSE_SECONDS)
            standing = self.browser.open(standing.address)
        return standing

    def open_request(self, link: str) -> PageSeen:
        page = self.browser.open(link)
        self.question = self.browser.submit(page, page.form_to("/mijn"))
        return self.question

    def answer(self, *, everything: bool = False) -> PageSeen:
        """Say yes; to `everything` also to what one may leave out."""
        if self.question is None:
            raise JourneyStuck("there is no question to answer")
        form = _form_with(self.question, "answer", "yes")
        extra = [value for name, value in form.choices if name == "extra" and everything]
        return _at(self.browser.submit(self.question, form, {"answer": ["yes"], "extra": extra}), "/klaar")

    def take_back(self) -> PageSeen:
        given = self.browser.open(f"{self.home}/mijn/gedeeld")
        one = next((link for link in given.links if re.search(r"/mijn/gedeeld/[0-9a-f]{32}$", link)), None)
        if one is None:
            raise JourneyStuck("nothing stands under what was shared")
        asked = self.browser.open(self.browser.open(one).link_to("/intrekken"))
        taken = self.browser.submit(asked, asked.form_to("/intrekken"))
        taken.link_to("/bewijs-van-wissen")  # the receiver proved that it is gone
        return taken


@dataclass(slots=True)
class StaffAtWork:
    """Who works at a receiver, and the one request that they make."""

    browser: Browser
    base: str
    asked: Asked
    link: str = ""
    dossier: str = ""

    def ask(self) -> PageSeen:
        address = f"{self.base}/{self.asked.receiver}/verzoeken/nieuw/{self.asked.package}"
        page = self.browser.open(address)
        if "/medewerkers/" in page.address:
            login = {"person": [f"sanne-{self.asked.receiver}"], "answer": ["go"]}
            self.browser.submit(page, page.form_to("/inloggen"), login)
            page = self.browser.open(address)
        made = self.browser.submit(page, page.form_to(self.asked.package), self.asked.numbers)
        found = _REQUEST.search(made.body.decode("utf-8"))
        if found is None:
            raise JourneyStuck("the page of a new request has no link for a person")
        self.link = found.group(1)
        return made

    def open_dossier(self) -> PageSeen:
        requests = self.browser.open(f"{self.base}/{self.asked.receiver}/verzoeken")
        one = next((link for link in requests.links if re.search(r"/verzoeken/[0-9a-f]{64}$", link)), None)
        if one is None:
            raise JourneyStuck("there is no request in the list")
        request = self.browser.open(one)
        self.dossier = next((link for link in request.links if "/dossiers/" in link), "")
        if not self.dossier:
            raise JourneyStuck("the request leads to no dossier")
        return self.browser.open(self.dossier)

    def find_both_names(self) -> PageSeen:
        page = self.open_dossier()
        if b"Gedeeld door een vertegenwoordiger" not in page.body:
            raise JourneyStuck("the dossier does not say that somebody acted for another")
        return page

    def find_no_dossier(self) -> PageSeen:
        gone = self.browser.open(self.dossier)
        if gone.status != 404:
            raise JourneyStuck("the dossier is still there")
        return self.browser.open(f"{self.base}/{self.asked.receiver}/verzoeken")


def _form_with(page: PageSeen, name: str, value: str) -> Form:
    for form in page.forms:
        if (name, value) in (*form.buttons, *form.choices, *form.fields):
            return form
    raise JourneyStuck(f"the page has no choice {value}")


def _at(page: PageSeen, ending: str) -> PageSeen:
    if not page.address.split("?")[0].endswith(ending):
        raise JourneyStuck(f"expected to come to {ending}")
    return page
