"""Mobile documents (mdoc, ISO/IEC 18013-5): `issue` them, `select` and `present` what they say, verify them.

`issuing` is for sources, `presenting` for holders, `verifying` for receivers, `transcripts` for both who talk.
"""

from blauweknop.standards.issuer_path import IssuerTrust
from blauweknop.standards.mdoc.issuing import issue
from blauweknop.standards.mdoc.parts import Element, MdocProblem, MdocProblemCode
from blauweknop.standards.mdoc.presenting import present, select
from blauweknop.standards.mdoc.transcripts import dc_api_transcript, openid4vp_transcript
from blauweknop.standards.mdoc.verifying import VerifiedMdoc, verify_issued, verify_presented

__all__ = [
    "Element",
    "IssuerTrust",
    "MdocProblem",
    "MdocProblemCode",
    "VerifiedMdoc",
    "dc_api_transcript",
    "issue",
    "openid4vp_transcript",
    "present",
    "select",
    "verify_issued",
    "verify_presented",
]
