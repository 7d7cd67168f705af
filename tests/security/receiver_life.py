"""A receiver at work, as richly as one can: three people who shared, one of them by a link, and the staff that see to it.

One is kept up to date, so that an item was replaced; two belong to one household. A new part of a receiver adds what it does to `live`.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta

from sqlalchemy.engine import Engine

from blauweknop.standards import base64url
from blauweknop.standards.sharing_messages import Withdrawal, sign_withdrawal
from blauweknop.verifier.afterwards.erasing import erase_what_is_over
from blauweknop.verifier.afterwards.ports import AfterwardsServices
from blauweknop.verifier.afterwards.withdrawing import take_withdrawal
from blauweknop.verifier.asking.household import Household, Needed
from blauweknop.verifier.asking.ports import AskingServices
from blauweknop.verifier.links.receiving import take_link
from blauweknop.verifier.staff.four_eyes import Guarded, NewApproval
from tests.unit.checking import exercise_documents as x
from tests.unit.standards import receivers as r
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import QUESTION, AskingWorld
from tests.unit.verifier.asking.rich_answer import share
from tests.unit.verifier.links.desk_world import LINK, PIN, SANNE, DeskWorld
from tests.unit.verifier.staff.staff_world import StaffBrowser, StaffWorld

__all__ = ["Lived", "living"]

_BSN, _STREET, _AMOUNT, _EARLIER = "999990019", "Kastanjelaan 114-III", 7345912608, 7345912611
_REASON, _MAIL = "Voor het plan van Xantippe", "xantippe@ypenburg.example"
_OTHER_REASON = "Voor een vraag die nog niemand kreeg"
_LINK_REFERENCE = "zaak Zwartjes 5120"
_PERSON = {"family_name": "Ypenburg", "bsn": _BSN, "street": _STREET}


@dataclass
class Lived:
    """What was done, and by kind what may be read nowhere."""

    staff: StaffWorld
    people: list[tuple[str, AskingServices]] = field(default_factory=list)
    """The receipt of each, and the receiver that has it."""
    secrets: dict[str, set[bytes]] = field(default_factory=dict, repr=False)

    def hide(self, kind: str, *values: str | bytes) -> None:
        self.secrets.setdefault(kind, set()).update(value.encode() if isinstance(value, str) else value for value in values)

    def withdraw_all(self) -> list[str]:
        """Each takes it back with the key of the sharing; the proofs."""
        return [self._withdrawn(receipt, asking) for receipt, asking in self.people]

    def outlast_all(self) -> list[str]:
        """The time of each is over; the proofs."""
        for receiver in {asking.receiver.id: asking for _, asking in self.people}.values():
            services = AfterwardsServices(receiver.receiver.signer, receiver.sharings, receiver.clock)
            assert erase_what_is_over(services, self.staff.now + timedelta(days=4000)) > 0
        kept = [asking.sharings.of_receipt(receipt) for receipt, asking in self.people]
        return [str(each.proof) for each in kept if each is not None]

    def _withdrawn(self, receipt: str, asking: AskingServices) -> str:
        services = AfterwardsServices(asking.receiver.signer, asking.sharings, asking.clock)
        kept = asking.sharings.of_receipt(receipt)
        assert kept is not None
        return take_withdrawal(sign_withdrawal(Withdrawal(kept.audience, receipt, "w" * 22, self.staff.now), s.holder()), services)


@contextmanager
def living(engine: Engine) -> Iterator[Lived]:
    with StaffWorld.running(engine, Guarded.EXPORT, Guarded.BSN) as staff:
        lived = Lived(staff)
        first, second = _asked(lived, engine), _asked(lived, engine)
        services = staff.services["schuldhulp"]
        services.asking.households.begin(Household(first, second, Needed("schuld", "saldo", _AMOUNT)))
        _updated(lived, services.asking, first)
        _by_link(lived)
        with staff.browser("schuldhulp") as sanne, staff.browser("schuldhulp") as tom, staff.browser("schuldhulp") as youssef:
            _worked_on(lived, sanne, tom, first)
            _left(lived, youssef)
        _begun(lived, engine)
        yield lived


def _asked(lived: Lived, engine: Engine) -> str:
    """Somebody answers a request; its id."""
    world = AskingWorld(engine)
    with world.browser() as browser:
        sharing = share(world, browser, with_consent=True)
    lived.people.append((sharing.receipt.receipt_id, world.services()))
    for kind, secret in sharing.secrets.items():
        if kind != "request":  # the id of a request stands in the log of the staff, and says nothing of whose it is
            lived.hide(kind, secret)
    lived.hide("receiver", world.services().receiver.name, world.registration.name, r.IDENTIFIER)
    lived.hide("token", sharing.link, sharing.receipt.receipt_id)
    return sharing.secrets["request"].hex()


def _updated(lived: Lived, asking: AskingServices, request: str) -> None:
    """Twice, so that one version is the newest, one is replaced and one is gone."""
    kept = asking.answers.of_request(request)
    assert kept is not None
    for day, amount in ((1, _EARLIER), (2, _AMOUNT)):
        newer = replace(kept.answer.items[0], came_at=lived.staff.now + timedelta(days=day), claims={**_PERSON, "saldo": amount})
        assert asking.answers.update(request, [newer])
    updated = asking.answers.of_request(request)
    assert updated is not None
    assert [item.claims.get("saldo") for item in updated.answer.items] == [_EARLIER, _AMOUNT]
    lived.hide("amount", str(_AMOUNT), str(_EARLIER))
    lived.hide("person", *_PERSON.values())


def _by_link(lived: Lived) -> None:
    desk = DeskWorld(lived.staff).desk()
    request = take_link(LINK.as_text(), PIN, SANNE, desk, reference=_LINK_REFERENCE)
    kept = desk.asking.answers.of_request(request)
    assert kept is not None
    lived.people.append((str(kept.answer.receipt_id), desk.asking))
    lived.hide("link", LINK.as_text(), LINK.address, LINK.id, LINK.key)
    lived.hide("token", str(kept.answer.receipt_id))
    lived.hide("reference", _LINK_REFERENCE)
    lived.hide("receipt", str(kept.answer.receipt))
    lived.hide("paper by link", "Huurcontract", "van mijzelf")
    lived.hide("document by link", x.good_document()[:200])


def _worked_on(lived: Lived, sanne: StaffBrowser, tom: StaffBrowser, request: str) -> None:
    """A task, a dossier that is read, a yes that was given and one that waits."""
    services, now = lived.staff.services["schuldhulp"], lived.staff.now
    for browser, name in ((sanne, "sanne"), (tom, "tom")):
        assert browser.log_in(name).status_code == 303
        lived.hide("session", browser.client.cookies[services.session_cookie.name])
    worker = services.sessions.touch(sanne.client.cookies[services.session_cookie.name], now=now)
    assert worker is not None
    services.tasks.give(request, worker.who.staff.id, now=now)
    assert sanne.get(f"/dossiers/{request}").status_code == 200
    assert sanne.post(f"/dossiers/{request}/aantekeningen", text=f"Mail naar {_MAIL}").status_code == 303
    place = sanne.post(f"/dossiers/{request}/meenemen/schulden.csv", reason=_REASON).headers["location"].removeprefix("/schuldhulp")
    assert tom.post(place, answer="ja").status_code == 303
    assert sanne.post(f"/dossiers/{request}/meenemen/dossier.json", reason=_REASON).status_code == 303
    assert services.log.keep_up(now=now + timedelta(hours=2)) == 0  # signs a checkpoint
    lived.hide("reason", _REASON)
    lived.hide("mail", _MAIL, "xantippe@")
    lived.hide("staff", _OTHER_REASON, "Sanne Oefening", "Tom Oefening", "Youssef Oefening", worker.who.id_token or "", "sanne-schuldhulp")
    asked = NewApproval(Guarded.BSN, "schuldhulp.intake", "{}", _OTHER_REASON)
    assert services.approvals.ask(asked, worker.who.staff, now=now) is not None


def _left(lived: Lived, browser: StaffBrowser) -> None:
    """Somebody leaves the organisation; and somebody is still choosing who they are."""
    browser.log_in("youssef")
    ended = lived.staff.provider.end_all_of("youssef-schuldhulp")
    assert ended is not None
    address, token = ended
    assert lived.staff.tell(address, token)
    lived.hide("logout", token)
    state = re.search(r"request_uri=([^&]+)", browser.begin())
    assert state is not None
    lived.hide("login", state[1])


def _begun(lived: Lived, engine: Engine) -> None:
    """A person who is on the way to a holder."""
    world = AskingWorld(engine)
    path = world.request(QUESTION)
    with world.browser() as browser:
        holder = browser.begin(path)
        asked = holder.hear()
        cookie = browser.client.cookies[world.services().session_cookie.name]
    token = path.rpartition("/")[2]
    lived.hide("on the way", token, base64url.decode(token), asked.state, asked.nonce, cookie, holder.request_uri)
