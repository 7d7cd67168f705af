"""What a person says that they agreed to, by whoever would have the receiver sign more than that, or lose the data at once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from blauweknop.standards.sharing_messages import Consent, request_hash, sign_consent
from blauweknop.standards.sharing_records import ConsentRecord, Party, PiiInformation
from tests.unit.checking import credentials as c
from tests.unit.standards import sharing as s
from tests.unit.verifier.asking.asking_world import AskingWorld, Browser, led_back, refused
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
