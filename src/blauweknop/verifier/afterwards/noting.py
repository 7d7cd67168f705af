"""Remember a receipt from the moment that it is given, so that it can be taken back whatever becomes of the answer (PROTOCOL 9.4).

The answer waits until the browser comes back; only then are data kept, and bound to what was remembered here.
"""

from collections.abc import Callable
from datetime import datetime

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards import base64url, jose
from blauweknop.verifier.afterwards.ports import KeptSharing, Sharings
from blauweknop.verifier.asking.answers import Answer

__all__ = ["note_receipt"]

_LINK_BYTES = 32


def note_receipt(
    answer: Answer, sharings: Sharings, *, audience: str, attempt: str, erase_at: datetime, random: Callable[[int], bytes]
) -> str:
    """Remember the receipt of an answer that waits with an attempt (transaction); gives the secret of the link that withdraws it.

    Raises:
        StorageError: the answer may not be kept.
    """
    if answer.receipt_id is None:
        raise BlauweKnopError("expected an answer with a receipt")
    # The consent was verified when it came: its key is the one that withdraws.
    key = jose.parse_jws(answer.consent, jose.SHARING_CONSENT).key if answer.consent is not None else None
    link = base64url.encode(random(_LINK_BYTES))
    sharings.keep(KeptSharing(answer.receipt_id, audience, key, None, answer.updates_until), link=link, attempt=attempt, erase_at=erase_at)
    return link
