"""Ways through the flows to where a test begins to misbehave, and what every refusal of a machine looks like."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from httpx import Response

from blauweknop.domain.dataset import Dataset
from blauweknop.domain.document import Outcome
from blauweknop.issuer.wallet.consent import agree
from blauweknop.issuer.wallet.ports import Wallet, WalletServices
from blauweknop.issuer.wallet.pushing import begin_visit, visit_of
from blauweknop.standards.openid4vci.token_request import AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE
from tests.unit.issuer.source_world import DEBT, GRANT, found
from tests.unit.issuer.wallet.wallet_world import WalletWorld
from tests.wallet import SoftwareKey, TestWallet

__all__ = [
    "MDOC",
    "OTHER",
    "PLAIN",
    "VERIFIER",
    "back_from",
    "code_form",
    "code_of",
    "details",
    "offer_at",
    "offer_form",
    "refusal",
    "server",
    "with_code_token",
    "with_token",
]

PLAIN, MDOC, OTHER = f"{DEBT.id}.sd-jwt", f"{DEBT.id}.mdoc", f"{GRANT.id}.sd-jwt"
VERIFIER = "een-verifier-van-drieenveertig-tekens-of-meer-0123"
_DESCRIPTION = re.compile(r"[ !#-\[\]-~]+")


def refusal(answer: Response) -> tuple[int, str]:
    """Status and word of a refusal, after a look at what all refusals have in common (RFC 6749 section 5.2)."""
    members = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert members.keys() == {"error", "error_description"}
    assert _DESCRIPTION.fullmatch(members["error_description"])
    assert (answer.status_code == 401) == answer.headers.get("www-authenticate", "").startswith("DPoP ")
    assert (answer.status_code == 401) == ("www-authenticate" in answer.headers)
    return answer.status_code, members["error"]


def offer_at(link: str) -> str:
    """The address of the offer in a link to a wallet."""
    return dict(parse_qsl(urlsplit(link).query))["credential_offer_uri"]


def offer_form(offer: Mapping[str, Any], tx_code: str | None, **changes: str) -> dict[str, str]:
    """What a wallet sends to the token endpoint for an offer."""
    code = offer["grants"][PRE_AUTHORIZED_CODE]["pre-authorized_code"]
    typed = {} if tx_code is None else {"tx_code": tx_code}
    return {"grant_type": PRE_AUTHORIZED_CODE, "pre-authorized_code": code, **typed, **changes}


def with_token(
    wallets: WalletWorld, *datasets: Dataset, services: WalletServices | None = None, form: str = "dc+sd-jwt", **outcomes: Any
) -> TestWallet:
    """A wallet that took its token for an offer of these data sets, or of one."""
    given = services or wallets.services()
    made = wallets.offer(given, *(datasets or (DEBT,)), form=form, **outcomes)
    wallet = wallets.wallet(given)
    answer = wallet.take_token(offer_form(wallet.client.get(offer_at(made.link)).json(), made.tx_code))
    assert answer.status_code == 200, answer.text
    return wallet


def details(*names: str) -> str:
    """`authorization_details` for these configurations."""
    items = ",".join(f'{{"type":"openid_credential","credential_configuration_id":"{name}"}}' for name in names)
    return f"[{items}]"


def back_from(
    wallets: WalletWorld,
    services: WalletServices,
    pushed: Response,
    *ticked: Dataset,
    client_id: str | None = None,
    outcomes: Mapping[str, Outcome] | None = None,
) -> dict[str, str]:
    """What the browser brings back when the person agrees to these data sets."""
    assert pushed.status_code == 201, pushed.text
    now = wallets.world.now
    known = client_id or next(iter(services.wallets))
    visit = begin_visit(pushed.json()["request_uri"], known, services, now)
    assert visit is not None
    request = visit_of(visit, services, now)
    assert request is not None
    known_outcomes = {dataset.id: found(dataset) for dataset in ticked} if outcomes is None else outcomes
    back = agree(visit, request, wallets.session(), known_outcomes, services, now, ticked=[dataset.id for dataset in ticked])
    assert back is not None
    return dict(parse_qsl(urlsplit(back).query))


def code_of(wallets: WalletWorld, services: WalletServices, wallet: TestWallet, scope: str | None = PLAIN, **changes: Any) -> str:
    """The code that a wallet gets for what it asks, of a person who agrees."""
    pushed = wallet.push(scope, verifier=VERIFIER, **changes)
    return back_from(wallets, services, pushed, DEBT, GRANT, client_id=wallet.client_id)["code"]


def code_form(wallet: TestWallet, code: str, /, **changes: str | None) -> dict[str, str]:
    """What a wallet sends to the token endpoint for a code; None leaves a parameter out."""
    form = {"grant_type": AUTHORIZATION_CODE, "code": code, "redirect_uri": wallet.redirect_uri, "code_verifier": VERIFIER, **changes}
    return {name: value for name, value in form.items() if value is not None}


def with_code_token(
    wallets: WalletWorld, services: WalletServices | None = None, *, scope: str | None = PLAIN, **changes: Any
) -> TestWallet:
    """A wallet that took its token for a code."""
    given = services or wallets.services()
    wallet = wallets.wallet(given)
    answer = wallet.take_token(code_form(wallet, code_of(wallets, given, wallet, scope, **changes)))
    assert answer.status_code == 200, answer.text
    return wallet


def server(
    wallets: WalletWorld, client_id: str = "mijn-blauwe-knop", *, services: WalletServices | None = None
) -> tuple[WalletServices, TestWallet, SoftwareKey]:
    """A source that also knows a server by its key, that server, and its key."""
    key, before = SoftwareKey(), services or wallets.services()
    known = Wallet(client_id, "Mijn Blauwe Knop", ("https://kluis.example/terug",), keys=(key.public,))
    both = replace(before, wallets={**before.wallets, client_id: known})
    wallet = wallets.wallet(both, provider=None, client_id=client_id, redirect_uri="https://kluis.example/terug")
    return both, wallet, key
