"""Proof that who exchanges a code is who asked for it (PKCE, RFC 7636), in the only way that is allowed: S256."""

import hashlib
import re

from blauweknop.domain.errors import MalformedValue
from blauweknop.standards import base64url

__all__ = ["code_challenge"]

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def code_challenge(verifier: str) -> str:
    """What is sent ahead of a code verifier (section 4.2).

    Raises:
        MalformedValue: not 43 to 128 of the characters of section 4.1.
    """
    if not _VERIFIER.fullmatch(verifier):
        raise MalformedValue("expected a code verifier of 43 to 128 letters, digits and -._~")
    return base64url.encode(hashlib.sha256(verifier.encode("ascii")).digest())
