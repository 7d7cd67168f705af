"""What a person says that they agreed to, by whoever would have the receiver sign more than that, or lose the data at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.standards import base64url
from blauweknop.standards.sharing_acting import ActedFor, acting_parties
from blauweknop.standards.sharing_messages import Consent, request_hash, sign_consent
from blauweknop.standards.sharing_records import ConsentRecord, Party, PiiInformation
from blauweknop.standards.strict_json import parse_json_object
from tests.unit.checking import credentials as c
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import SUMMARY, AskingWorld, Browser, led_back, refused
from tests.unit.verifier.asking.rich_answer import consent_to


def answered(world: AskingWorld, browser: Browser, change: Callable[[Consent], Consent]) -> Any:
    holder = browser.begin(world.request())
    fetched = holder.fetch()
    holder.read(fetched.text)
    consent = change(consent_to(request_hash(fetched.text), holder.client_id, world))
    return holder.answer(bk_consent=sign_consent(consent, s.holder(), s.KEY.public_key()))


def purpose(record: ConsentRecord, **changes: Any) -> ConsentRecord:
    return replace(record, purposes=(replace(record.purposes[0], **changes),))


@pytest.mark.parametrize("attribute", [None, "given_name"])
def test_a_consent_to_what_was_asked_is_taken(world: AskingWorld, browser: Browser, attribute: str | None) -> None:
    shared = (PiiInformation(c.WALLET_TYPE, attribute, optional=True),)
    led_back(answered(world, browser, lambda consent: replace(consent, record=purpose(consent.record, pii=shared))))


def test_a_consent_that_is_over_when_it_comes_is_refused(world: AskingWorld, browser: Browser) -> None:
    def over(consent: Consent) -> Consent:
        return replace(consent, issued_at=world.now - timedelta(minutes=9), ends_at=world.now)

    assert refused(answered(world, browser, over)) == "response_consent"


@pytest.mark.parametrize(
    "change",
    [
        {"purpose": "Doorverkopen"},
        {"purpose_type": "iets-anders"},
        {"lawful_basis": "GDPR 6(1)(f); geen"},
        {"retention": "P99Y"},
        {"recipients": ("Iedereen",)},
        {"storage_locations": ("XX",)},
        {"pii": (PiiInformation("https://register.example/vct/ziekte/1"),)},
        {"pii": (PiiInformation(c.WALLET_TYPE, "bsn"),)},
    ],
    ids=str,
)
def test_a_receiver_signs_no_record_of_something_else(world: AskingWorld, browser: Browser, change: dict[str, Any]) -> None:
    def other(consent: Consent) -> Consent:
        return replace(consent, record=purpose(consent.record, **change))

    assert refused(answered(world, browser, other)) == "response_consent"


@pytest.mark.parametrize(
    "change",
    [
        lambda record: replace(record, language="de"),
        lambda record: replace(record, privacy_notice="https://kwaad.example/"),
        lambda record: replace(record, purposes=record.purposes * 2),
        lambda record: replace(record, events=record.events * 2),
        lambda record: replace(record, parties=(*record.parties, Party("NTRNL-1", "Ander", "x", "x", "organisation"))),
        lambda record: replace(record, parties=(replace(record.parties[0], name="Ander"),)),
    ],
    ids=["language", "notice", "purposes", "events", "one party more", "name"],
)
def test_a_receiver_signs_no_record_with_more_in_it(
    world: AskingWorld, browser: Browser, change: Callable[[ConsentRecord], ConsentRecord]
) -> None:
    assert refused(answered(world, browser, lambda consent: replace(consent, record=change(consent.record)))) == "response_consent"


GUARD: dict[str, JsonValue] = {"name": "Laakhof", "capacity": "bewindvoerder"}
BOTH = ActedFor((Representative("Laakhof", Capacity.ADMINISTRATOR),), "Çağla Đorđe van der Łukasz")


def acted(world: AskingWorld, browser: Browser, acting: ActedFor | None, *, certified: bool = True) -> Any:
    """An answer with a credential that names who acts, or does not, and a record that says `acting`."""
    holder = browser.begin(world.request())
    fetched = holder.fetch()
    holder.read(fetched.text)
    consent = consent_to(request_hash(fetched.text), holder.client_id, world)
    parties = (*consent.record.parties, *acting_parties(acting, consent.record.principal))
    signed = sign_consent(replace(consent, record=replace(consent.record, parties=parties)), s.holder(), s.KEY.public_key())
    credential = c.of_wallet({**c.CLAIMS, "representative": GUARD} if certified else c.CLAIMS)
    shown = holder.shown(credential, ("representative", *SUMMARY) if certified else SUMMARY)
    return holder.answer({"schuld-kort": [shown]}, bk_consent=signed)


def test_a_receipt_names_both_who_acted_and_for_whom(world: AskingWorld, browser: Browser) -> None:
    receipt = acted(world, browser, replace(BOTH, person="")).json()["bk_receipt"]
    (record,) = (parse_json_object(base64url.decode(receipt.split(".")[1]), max_bytes=1 << 20)["record"],)
    assert isinstance(record, dict)
    assert "Laakhof" in str(record["party"])


@pytest.mark.parametrize(
    "acting",
    [
        replace(BOTH, representatives=(Representative("Iemand Anders", Capacity.ADMINISTRATOR),), person=""),
        replace(BOTH, representatives=(Representative("Laakhof", Capacity.MENTOR),), person=""),
        replace(BOTH, person="Iemand Anders"),
    ],
    ids=["another", "another capacity", "for another"],
)
def test_who_acts_must_be_who_a_source_certifies(world: AskingWorld, browser: Browser, acting: ActedFor) -> None:
    assert refused(acted(world, browser, acting)) == "response_consent"


def test_nobody_acts_for_another_by_their_own_word(world: AskingWorld, browser: Browser) -> None:
    assert refused(acted(world, browser, replace(BOTH, person=""), certified=False)) == "response_consent"


def test_a_record_without_who_acted_is_taken_and_the_answer_names_them(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    holder = browser.begin(path)
    shown = holder.shown(c.of_wallet({**c.CLAIMS, "representative": GUARD}), ("representative", *SUMMARY))
    browser.come_back(led_back(holder.answer({"schuld-kort": [shown]})))
    kept = world.kept(path)
    assert kept is not None
    assert [item.claims["representative"] for item in kept.answer.items] == [GUARD]
