"""Fetch a status list from its issuer, through the one guarded door."""

from urllib.parse import urlsplit

from blauweknop.adapters.http_client import GuardedClient, Reach
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.status_list import MAX_TOKEN

__all__ = ["fetch_status_list"]

_FORMS = "application/statuslist+jwt, application/statuslist+cwt;q=0.9"


def fetch_status_list(uri: str) -> bytes:
    """The token at an https address of an issuer, which must be outside our own network.

    Without TLS it must be on this machine, as in the exercise; that the trust list is of an exercise is for the caller to know.

    Raises:
        FetchProblem: no answer that can be used.
        BlauweKnopError: an answer that says there is none.
    """
    parts = urlsplit(uri)
    reach = Reach(frozenset({parts.netloc.lower()}), allow_loopback=parts.scheme == "http", max_bytes=MAX_TOKEN)
    client = GuardedClient(reach)
    try:
        answer = client.send("GET", uri, headers={"Accept": _FORMS})
    finally:
        client.close()
    if answer.status != 200:
        raise BlauweKnopError(f"the address of the status list answered {answer.status}", remedy="try again later")
    return answer.body
