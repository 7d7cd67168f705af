"""Take back what was shared: data go at once, and the proof is the answer (PROTOCOL 9.4, J7).

By a message that the key of the consent signed, in steps:
1. The message can be read, and names a receipt (withdrawal_malformed).
2. There is such a sharing (withdrawal_receipt). What was erased before stays erased: the first proof is the answer again. It names nobody,
   so whoever knows the receipt may have it; the key to verify with went with the data.
3. There is a key that may withdraw it (withdrawal_signature), and the message is verified with it (the codes of
   `standards.sharing_messages`).
4. Everything goes now.

Or by the link on the receipt, for a person whose wallet signs no such messages; the page asks whether it is meant.
"""

from blauweknop.standards.sharing_messages import SharingProblem, read_withdrawal, verify_withdrawal
from blauweknop.standards.sharing_receipts import ErasureReason
from blauweknop.verifier.afterwards.erasing import erase
from blauweknop.verifier.afterwards.ports import AfterwardsServices

__all__ = ["take_withdrawal", "withdraw_by_link"]


def take_withdrawal(text: str, services: AfterwardsServices) -> str:
    """The proof of erasure.

    Raises:
        SharingProblem: by the first rule that is broken; nothing was erased.
        StorageError: nothing was erased.
    """
    # Step 1.
    received = read_withdrawal(text)
    # Step 2.
    sharing = services.sharings.of_receipt(received.receipt_id)
    if sharing is None:
        raise SharingProblem("withdrawal_receipt", "expected a receipt of this receiver")
    if sharing.proof is not None:
        return sharing.proof
    # Step 3.
    if sharing.key is None:
        raise SharingProblem("withdrawal_signature", "expected the link of the receipt: no key was given with this answer")
    verify_withdrawal(received, sharing.key, client_id=sharing.audience, receipt_id=sharing.receipt_id, at=services.now)
    # Step 4.
    return erase(sharing.receipt_id, ErasureReason.WITHDRAWN, services, at=services.now)


def withdraw_by_link(link: str, services: AfterwardsServices) -> str | None:
    """The proof of erasure; None when nothing has this link. Raises: StorageError."""
    sharing = services.sharings.of_link(link)
    if sharing is None:
        return None
    return sharing.proof or erase(sharing.receipt_id, ErasureReason.WITHDRAWN, services, at=services.now)
