"""A receiver of mobile documents that judges nothing: it asks by a link, and keeps what a wallet posts."""

import json
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode

from blauweknop.standards import base64url

__all__ = ["NONCE", "PlainReceiver", "plain_receiver"]

NONCE = "een-vraag-die-eenmaal-gesteld-is"


@dataclass
class PlainReceiver:
    """A receiver that listens at `address`, and is named after it."""

    address: str
    answers: list[bytes] = field(default_factory=list)
    """Each a DeviceResponse."""

    @property
    def client_id(self) -> str:
        return f"redirect_uri:{self.address}"

    def request(self, doctype: str, elements: Collection[str]) -> str:
        """A question for these elements, which nobody signs (OpenID4VP 1.0 section 5.9.3, `redirect_uri`)."""
        claims = [{"path": [doctype, name], "intent_to_retain": False} for name in elements]
        query = {"credentials": [{"id": "mdoc", "format": "mso_mdoc", "meta": {"doctype_value": doctype}, "claims": claims}]}
        asked = {
            "client_id": self.client_id,
            "response_uri": self.address,
            "response_type": "vp_token",
            "response_mode": "direct_post",
            "nonce": NONCE,
            "dcql_query": json.dumps(query),
        }
        return f"openid4vp://?{urlencode(asked)}"


@contextmanager
def plain_receiver() -> Iterator[PlainReceiver]:
    """One that listens until the end."""

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode("ascii"))
            (presented,) = json.loads(posted["vp_token"][0])["mdoc"]
            receiver.answers.append(base64url.decode(presented))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    receiver = PlainReceiver(f"http://127.0.0.1:{server.server_port}/antwoord")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
