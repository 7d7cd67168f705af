"""The process behind `sandbox.Sandbox`: loads everything once, then forks for each file it is asked to check."""

import ctypes
import sys
from datetime import datetime
from socket import socket

from blauweknop.adapters.sandbox import Limits, SandboxFailure, receive_frame, run_in_child, send_frame
from blauweknop.catalogue import Catalogue, load_catalogue
from blauweknop.catalogue.texts import all_texts
from blauweknop.checking.check_received import check_received
from blauweknop.checking.content_steps import prepare_schemas
from blauweknop.checking.seal_judge import load_judge
from blauweknop.checking.transport import trust_from_bytes, verdict_to_bytes
from blauweknop.checking.trust import NO_TRUST, Trust

__all__ = ["leave_network", "main", "warm_up"]

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000  # CLONE_NEWUSER and CLONE_NEWNET of Linux


def warm_up() -> Catalogue:
    """Load what every check needs, so that a child has nothing left to load."""
    catalogue = load_catalogue()
    prepare_schemas(tuple(catalogue.datasets.values()))
    all_texts()
    return catalogue


def leave_network() -> bool:
    """Move this process to an empty network of its own, where the system allows that; nothing in a check needs a network."""
    if not sys.platform.startswith("linux"):
        return False
    unshare = ctypes.CDLL(None, use_errno=True).unshare
    return any(unshare(flags) == 0 for flags in (_NEW_NETWORK, _NEW_USER | _NEW_NETWORK))


def main(arguments: list[str]) -> int:
    """Answer requests on the socket with this number until the other side closes it."""
    connection = socket(fileno=int(arguments[0]))
    limits = Limits(int(arguments[1]), float(arguments[2]), int(arguments[3]))
    leave_network()
    catalogue = warm_up()
    load_judge()  # takes longer than a check, so not in each child anew
    seen: tuple[bytes, Trust] = (b"", NO_TRUST)
    while True:
        try:
            sent = receive_frame(connection)
        except EOFError:
            return 0
        if sent != seen[0]:
            seen = sent, trust_from_bytes(sent)
        at = datetime.fromisoformat(receive_frame(connection).decode("ascii"))
        data = receive_frame(connection)
        send_frame(connection, _answer(data, seen[1], at, catalogue, limits))


def _answer(data: bytes, trust: Trust, at: datetime, catalogue: Catalogue, limits: Limits) -> bytes:
    try:
        verdict = run_in_child(lambda: verdict_to_bytes(check_received(data, trust=trust, at=at, catalogue=catalogue)), limits)
    except SandboxFailure:
        return b"F"
    return b"L" if verdict is None else b"V" + verdict


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
