from dataclasses import replace

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.standards.dcql import CredentialQuery
from blauweknop.verifier.asking.originals import original_of
from tests.unit.verifier.asking.asking_world import DOCUMENT, MDOC, SHORT, AskingWorld, Browser, led_back

OPEN: dict[str, JsonValue] = {"iss": "https://duo.example", "vct": "x", "iat": 1, "exp": 2, "status": {}, "cnf": {}}
WHOLE: dict[str, JsonValue] = {"document_id": "1", "subject": {"family_name": "Jansen"}, "data": {"saldo": 1}}


def test_what_shows_no_more_than_was_asked_is_kept_as_it_came(world: AskingWorld, browser: Browser) -> None:
    path = world.request()
    holder = browser.begin(path)
    holder.known()
    shown = holder.shown()
    browser.come_back(led_back(holder.answer({"schuld-kort": [shown]})))
    kept = world.kept(path)
    assert kept is not None
    assert kept.answer.items[0].original == shown
    assert shown not in repr(kept)


@pytest.mark.parametrize(
    ("asked", "shown", "kept"),
    [
        (SHORT, {**OPEN, "given_name": "Jan", "geheim": 1}, {"given_name": "Jan"}),
        (DOCUMENT, {**OPEN, **WHOLE}, {"subject": {"family_name": "Jansen"}, "data": {}}),
        (DOCUMENT, {**OPEN, **WHOLE}, {"data": {"saldo": 1}}),
        (MDOC, {"doctype": {"given_name": "Jan", "geheim": 1}}, {"doctype": {"given_name": "Jan"}}),
    ],
    ids=["summary", "row", "subject", "mdoc"],
)
def test_what_shows_more_is_not_kept(asked: CredentialQuery, shown: dict[str, JsonValue], kept: dict[str, JsonValue]) -> None:
    assert original_of("x", shown, asked, kept) is None
    assert original_of("x", shown, asked, shown if asked is MDOC else {n: v for n, v in shown.items() if n not in OPEN}) == "x"


def test_the_form_of_a_query_decides_how_it_is_compared() -> None:
    assert original_of("x", {"data": 1}, replace(SHORT, format="mso_mdoc"), {"data": 1}) == "x"
