"""The journey of documents without a wallet: a person makes a link for a receiver, its staff take it, and it is taken back."""

import re
from dataclasses import dataclass
from html import unescape

from blauweknop.demo.browser import Browser, JourneyStuck, PageSeen
from blauweknop.demo.journeys import Clocked
from blauweknop.register.exercise_receivers import EXERCISE_RECEIVERS

__all__ = ["play_link"]

_LINK = re.compile(r"https?://[^\s<\"]+/d/[A-Za-z0-9_-]{22}#[A-Za-z0-9_-]{43}")
_PIN = re.compile(r'id="pincode">([0-9]{3}) ([0-9]{3})<')
_USE = re.compile(r"/mijn/delen/link/[0-9a-f]{32}$")


@dataclass(slots=True)
class _Given:
    """What goes from the person to the receiver."""

    link: str = ""
    pin: str = ""
    page: str = ""


def play_link(clocked: Clocked, person: Browser, home: str, staff: Browser, receiver: str) -> None:
    """Of a person who is in and has documents, and of staff who are in at the receiver at this address."""
    given = _Given()
    name = next(each.name for each in EXERCISE_RECEIVERS if receiver.endswith(f"/{each.id}"))
    clocked.do("make the link", lambda: _make(person, home, name, given))
    clocked.do("take the link", lambda: _take(staff, receiver, given))
    clocked.do("see that it was taken", lambda: _taken(person, given))
    clocked.do("take back", lambda: _take_back(person, given))


def _make(person: Browser, home: str, name: str, given: _Given) -> PageSeen:
    """For the first use of this receiver for which there is something to give; all of it."""
    receivers = person.open(f"{home}/mijn/delen/link")
    for use in dict.fromkeys(link for link in receivers.links if _USE.search(link)):
        page = person.open(use)
        forms = [form for form in page.forms if form.action.endswith(use.rpartition("/")[2])]
        documents = [value for form in forms for name, value in form.choices if name == "document"]
        if not documents or name not in unescape(page.body.decode("utf-8")):
            continue
        made = person.submit(page, forms[0], {"document": documents, "days": ["7"]})
        html = unescape(made.body.decode("utf-8"))
        link, pin = _LINK.search(html), _PIN.search(html)
        if link is None or pin is None:
            raise JourneyStuck("the page of a new link has no link or no PIN")
        given.link, given.pin, given.page = link.group(), "".join(pin.groups()), made.address
        return made
    raise JourneyStuck("there is nothing to give by a link")


def _take(staff: Browser, receiver: str, given: _Given) -> PageSeen:
    page = staff.open(f"{receiver}/link-ontvangen")
    dossier = staff.submit(page, page.form_to("/link-ontvangen"), {"link": [given.link], "pin": [given.pin]})
    if "/dossiers/" not in dossier.address:
        raise JourneyStuck("the link leads to no dossier")
    return dossier


def _taken(person: Browser, given: _Given) -> PageSeen:
    page = person.open(given.page)
    given.page = next((link for link in page.links if re.search(r"/mijn/gedeeld/[0-9a-f]{32}$", link)), "")
    if not given.page:
        raise JourneyStuck("the person does not see that the link was taken")
    return person.open(given.page)


def _take_back(person: Browser, given: _Given) -> PageSeen:
    asked = person.open(person.open(given.page).link_to("/intrekken"))
    taken = person.submit(asked, asked.form_to("/intrekken"))
    taken.link_to("/bewijs-van-wissen")
    return taken
