"""Wallets that are not ours, each a program of Node that a test tells what to do: `wallet_openid4vc.mjs` and `wallet_credo.mjs`."""

import importlib.util
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any, Literal

from blauweknop.document.type_metadata import VCT_BASE
from blauweknop.domain.document import JsonValue
from blauweknop.issuer.wallet.offers import MadeOffer
from blauweknop.standards import jose
from blauweknop.standards.signing import Signer
from tests.suites import wallets_folder

__all__ = ["Fetched", "ForeignWallet", "WalletKind", "WalletRefused", "foreign_wallet"]

WalletKind = Literal["openid4vc", "credo"]
_LIFE = timedelta(hours=1)
_LONGEST = 120


class WalletRefused(Exception):
    """The wallet stopped, and said why."""


@dataclass(frozen=True)
class Fetched:
    """What it got of one configuration; with `later`, it must come back for it."""

    id: str
    credentials: tuple[str, ...] = field(default=(), repr=False)
    holders: tuple[dict[str, str], ...] = ()
    later: bool = False
    encrypted: bool = False
    signed_metadata: bool = False
    """Whether it found the metadata of the issuer signed, and believed that."""
    shown: tuple[str, ...] = ()
    """Under which names it shows it, by the metadata of its type."""


@dataclass(frozen=True)
class ForeignWallet:
    """A wallet that runs. One that is silent for `_LONGEST` seconds is ended."""

    _program: subprocess.Popen[str] = field(repr=False)
    _maker: Signer = field(repr=False)

    def fetch(self, offer: MadeOffer, *, copies: int, encrypted: bool = False, tx_code: str | None = None) -> list[Fetched]:
        """Take everything of an offer for another device."""
        typed = offer.tx_code if tx_code is None else tx_code
        return self._fetched("fetch", offer=offer.link, txCode=typed, copies=copies, encrypted=encrypted)

    def fetch_vouched(self, offer: MadeOffer, *, copies: int) -> list[Fetched]:
        """The same for keys that its maker vouches for."""
        prepared = self._do("prepare", offer=offer.link, txCode=offer.tx_code, copies=copies)
        now = datetime.now(UTC)
        claims: dict[str, JsonValue] = {
            "iat": int(now.timestamp()),
            "exp": int((now + _LIFE).timestamp()),
            "attested_keys": prepared["keys"],
            "key_storage": ["iso_18045_high"],
            "user_authentication": ["iso_18045_high"],
            "nonce": prepared["nonce"],
        }
        return self._fetched("fetchVouched", jwt=jose.sign_jws(claims, self._maker, jose.KEY_ATTESTATION))

    def begin(self, offer: MadeOffer) -> str:
        """Push a request for everything of an offer; the address to go to with a browser."""
        return str(self._do("begin", offer=offer.link)["address"])

    def finish(self, address: str, *, copies: int) -> list[Fetched]:
        """Fetch, now that the browser was sent back to this address."""
        return self._fetched("finish", address=address, copies=copies, encrypted=False)

    def again(self) -> list[Fetched]:
        """Come back for what was still to come."""
        return self._fetched("again")

    def notify(self, event: str) -> None:
        """Tell the issuer what became of the last credentials."""
        self._do("notify", event=event)

    def present(self, request: str) -> int:
        """Present what is asked; the status with which the receiver answers."""
        return int(self._do("present", request=request)["status"])

    def answer(self, request: str, *, wrong: str = "") -> tuple[int, dict[str, Any]]:
        """The same, with what the receiver says; `wrong` is what to spoil: aud, nonce, key or claims."""
        told = self._do("present", request=request, wrong=wrong)
        return int(told["status"]), told.get("answer") or {}

    def _fetched(self, verb: str, **given: JsonValue) -> list[Fetched]:
        return [
            Fetched(
                item["id"],
                tuple(item.get("credentials", ())),
                tuple(item.get("holders", ())),
                item.get("later", False),
                item.get("encrypted", False),
                item.get("signedMetadata", False),
                tuple(item.get("shown", ())),
            )
            for item in self._do(verb, **given)["fetched"]
        ]

    def _do(self, verb: str, **given: JsonValue) -> dict[str, Any]:
        answer = self._say({"do": verb, **given})
        if "problem" in answer:
            raise WalletRefused(answer["problem"])
        return answer

    def _say(self, message: dict[str, JsonValue]) -> dict[str, Any]:
        talk, listen = self._program.stdin, self._program.stdout
        assert talk is not None
        assert listen is not None
        watch = Timer(_LONGEST, self._program.kill)
        watch.start()
        try:
            talk.write(f"{json.dumps(message)}\n")
            talk.flush()
            line = listen.readline()
        finally:
            watch.cancel()
        assert line, "the wallet ended, or said nothing"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def start(self, settings: dict[str, JsonValue], client_id: str) -> None:
        """Give it its settings, and an attestation over the key that it answers with."""
        key = self._say(settings)["key"]
        now = datetime.now(UTC)
        claims: dict[str, JsonValue] = {
            "iss": "https://maker.example",
            "sub": client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + _LIFE).timestamp()),
            "cnf": {"jwk": key},
        }
        self._do("attested", jwt=jose.sign_jws(claims, self._maker, jose.CLIENT_ATTESTATION))


@contextmanager
def foreign_wallet(
    kind: WalletKind, *, client_id: str, redirect_uri: str, maker: Signer, trusted: Sequence[str], tls: Path, types_at: str
) -> Iterator[ForeignWallet]:
    """A wallet of this kind, vouched for by `maker`.

    It believes `trusted` (PEM), connects by TLS to who has the certificate `tls`, and finds the metadata of types at `types_at`.
    """
    script = Path(__file__).with_name(f"wallet_{kind}.mjs")
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": str(tls), "LIB_ASKAR_PATH": _askar(), "NODE_NO_WARNINGS": "1"}
    settings: dict[str, JsonValue] = {
        "modules": str(wallets_folder()),
        "clientId": client_id,
        "redirectUri": redirect_uri,
        "trusted": [*trusted],
        "types": {"published": VCT_BASE, "served": types_at},
    }
    # Leaving it closes its standard input, at which it ends.
    with subprocess.Popen(
        ["node", str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment
    ) as program:
        wallet = ForeignWallet(program, maker)
        wallet.start(settings, client_id)
        yield wallet


def _askar() -> str:
    """The folder of the library of Askar, which PyPI aries-askar brings."""
    found = importlib.util.find_spec("aries_askar")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent)
