"""A credential that somebody fetched for another always shows them, and is red when what it says of them has another form."""

import random

import pytest

from blauweknop.document.wallet_credentials import BatchRefused, CopyOrder, WalletIssuer, issue_batch
from blauweknop.domain.document import JsonValue
from blauweknop.domain.representation import Capacity, Representative
from blauweknop.domain.verdict import Verified
from blauweknop.standards.status_list import StatusReference
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.document.content_samples import snapshot_of

GUARD = Representative("Bewindvoering Laakhof", Capacity.ADMINISTRATOR)
ISSUER = WalletIssuer(x.DUO, "https://duo.example", x.exercise().credentials["duo"], random.Random(7).randbytes)
COPY = CopyOrder(c.holder_key().public_key(), StatusReference(c.INDEX, c.URI))


def issued(representative: Representative | None = GUARD, form: str = "dc+sd-jwt") -> str:
    summary = x.catalogue().summaries[x.dataset().id]
    (made,) = issue_batch(
        snapshot_of(x.dataset(), "full"),
        summary,
        [COPY],
        ISSUER,
        form="dc+sd-jwt" if form == "dc+sd-jwt" else "mso_mdoc",
        at=c.MADE,
        representative=representative,
    )
    return made


def test_who_keeps_everything_back_still_shows_who_acts() -> None:
    verdict = c.presentation(c.presented(c.keep(issued(), set())))

    assert isinstance(verdict, Verified), c.against(verdict)
    assert verdict.content["representative"] == {"name": "Bewindvoering Laakhof", "capacity": "bewindvoerder"}
    assert "given_name" not in verdict.content
    assert verdict.facts.represented


def test_a_credential_of_oneself_says_nothing_of_it() -> None:
    verdict = c.presentation(c.presented(c.keep(issued(None), set())))

    assert isinstance(verdict, Verified), c.against(verdict)
    assert "representative" not in verdict.content
    assert not verdict.facts.represented


def test_there_is_no_mdoc_of_who_acts_for_another() -> None:
    with pytest.raises(BatchRefused):
        issued(form="mso_mdoc")


@pytest.mark.parametrize(
    "told",
    [
        "Laakhof",
        None,
        {},
        {"name": "A"},
        {"name": "A", "capacity": "vriend"},
        {"name": " A", "capacity": "mentor"},
        {"name": "Andre\u0301", "capacity": "mentor"},
    ],
)
def test_a_representative_of_another_form_is_red(told: JsonValue) -> None:
    assert c.against(c.presentation(c.presented(c.of_wallet({**c.CLAIMS, "representative": told})))) == ["red claims schema"]
