"""The one way to check a credential that travels alone: twelve numbered steps, each with its answer, and one verdict over them.

 1 format       one message of the agreed form and size                                     PROTOCOL 4.2, 4.3 steps 1 and 2
 2 signature    the signature of the issuer fits                                            4.3 step 2
 3 disclosures  each piece that was disclosed belongs to it, once                           4.3 steps 3 to 6
 4 trust_list   there is a list of trusted organisations, of now                            5.2
 5 chain        whoever signed is on that list, for credentials                             4.3 step 2
 6 revocation   and the scheme still stands behind that certificate                         5.2, 12
 7 type         of a kind that we know, and that was asked for                              4.3 step 7
 8 issuer       the organisation may give this kind, and speaks in its own name             4.3 step 2
 9 claims       have the form of their kind                                                 3
10 validity     has begun and has not ended                                                 4.3 step 7
11 holder       is presented by whoever holds its key, to us and now                        4.3 step 8
12 status       the source did not withdraw it                                              5.1

`check_presentation` takes the same steps. No network, no clock. A step that cannot run is skipped, and a skipped step is never green.
"""

from datetime import datetime

from blauweknop.catalogue import Catalogue
from blauweknop.checking.credential_evidence import Asked, CredentialEvidence
from blauweknop.checking.credential_steps import run_credential_steps
from blauweknop.checking.mdoc_carrier import MdocCarrier
from blauweknop.checking.received_forms import form_of
from blauweknop.checking.sd_jwt_carrier import SdJwtCarrier
from blauweknop.checking.trust import Trust
from blauweknop.domain.verdict import CheckedKind, Verdict

__all__ = ["check_credential"]


def check_credential(data: bytes, *, trust: Trust, at: datetime, catalogue: Catalogue, types: frozenset[str] | None = None) -> Verdict:
    """The verdict on an SD-JWT VC, or the IssuerSigned of an mdoc, at the aware moment `at`; only `Verified` holds its claims.

    `types` are those that were asked for (`vct` or docType), None for any.

    One that belongs to the key of a holder is at best undecided here: that whoever gave it holds the key is what a presentation shows.
    """
    asked = Asked("", "", types) if types is not None else None
    evidence = CredentialEvidence(CheckedKind.CREDENTIAL, data, trust, at, catalogue, asked)
    return run_credential_steps(evidence, MdocCarrier() if form_of(data) == "mdoc" else SdJwtCarrier())
