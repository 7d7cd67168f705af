"""All targets by name."""

from collections.abc import Mapping

from fuzz.target import Target
from fuzz.targets.credentials import CREDENTIAL_TARGETS
from fuzz.targets.documents import DOCUMENT_TARGETS
from fuzz.targets.lists import LIST_TARGETS
from fuzz.targets.messages import MESSAGE_TARGETS
from fuzz.targets.mobile_documents import MOBILE_DOCUMENT_TARGETS
from fuzz.targets.other_seals import OTHER_SEAL_TARGETS
from fuzz.targets.receivers import RECEIVER_TARGETS
from fuzz.targets.signed_data import SIGNED_DATA_TARGETS
from fuzz.targets.texts import TEXT_TARGETS
from fuzz.targets.trusted_lists import TRUSTED_LIST_TARGETS
from fuzz.targets.wallet_messages import WALLET_MESSAGE_TARGETS

__all__ = ["TARGETS"]

TARGETS: Mapping[str, Target] = {
    target.name: target
    for target in (
        *TEXT_TARGETS,
        *SIGNED_DATA_TARGETS,
        *MESSAGE_TARGETS,
        *CREDENTIAL_TARGETS,
        *RECEIVER_TARGETS,
        *LIST_TARGETS,
        *MOBILE_DOCUMENT_TARGETS,
        *DOCUMENT_TARGETS,
        *OTHER_SEAL_TARGETS,
        *TRUSTED_LIST_TARGETS,
        *WALLET_MESSAGE_TARGETS,
    )
}
