"""The one way to check a credential that its holder presents; the twelve steps are those of `check_credential`."""

from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.checking.credential_evidence import Asked, CredentialEvidence
from blauweknop.checking.credential_steps import run_credential_steps
from blauweknop.checking.mdoc_carrier import MdocCarrier
from blauweknop.checking.received_forms import form_of
from blauweknop.checking.sd_jwt_carrier import SdJwtCarrier
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import CheckedKind, Verdict

__all__ = ["Asked", "check_presentation"]


def check_presentation(data: bytes, *, asked: Asked | None, trust: Trust, at: datetime, catalogue: Catalogue) -> Verdict:
    """The verdict on an SD-JWT with key binding, or a DeviceResponse, at the aware moment `at`; only `Verified` holds its claims.

    `asked` is the request that it must answer. Without one it is at best undecided: it may have been meant for somebody else.
    """
    evidence = CredentialEvidence(CheckedKind.PRESENTATION, data, trust, at, catalogue, asked)
    return run_credential_steps(evidence, MdocCarrier() if form_of(data) == "mdoc" else SdJwtCarrier())
