"""What is kept of a presentation as it came, so that somebody else can check it again.

Only when nothing more of the person is in it than was asked: what a wallet shows beyond that is not kept, and cutting it away would make
another presentation of it.
"""

from collections.abc import Mapping

from blauweknop.domain.document import JsonValue
from blauweknop.standards.dcql import CredentialQuery

__all__ = ["original_of"]

_OF_DOCUMENT = ("subject", "data")
"""Where a document says something of a person; the rest of it says what document it is."""
_OF_SD_JWT = frozenset({"_sd_alg", "aud", "cnf", "exp", "iat", "iss", "nbf", "status", "vct", "vct#integrity"})
"""What stands in every SD-JWT VC and is never left out of one (SD-JWT VC section 3.2.2.2)."""


def original_of(presentation: str, shown: Mapping[str, JsonValue], asked: CredentialQuery, kept: Mapping[str, JsonValue]) -> str | None:
    """The presentation; None when more is shown in it than is kept."""
    if asked.format == "mso_mdoc":
        return presentation if shown == kept else None
    if any(name in shown for name in _OF_DOCUMENT):
        return presentation if all(shown.get(name) == kept.get(name) for name in _OF_DOCUMENT) else None
    return presentation if {name: value for name, value in shown.items() if name not in _OF_SD_JWT} == kept else None
