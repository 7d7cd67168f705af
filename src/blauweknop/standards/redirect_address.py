"""Where an authorization server may send people back to: the addresses that a wallet may have (RFC 6749 3.1.2, RFC 8252 section 7).

That an address is one of this very wallet is for the caller to compare, character by character (RFC 9700 section 2.1).
"""

import re
from urllib.parse import urlsplit

__all__ = ["may_be_redirect_address"]

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]{1,63}:[!-~]{1,1936}")
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
# What browsers and phones do not hand to an app, or run themselves.
_NO_APP = re.compile(r"about|blob|content|data|file|filesystem|ftp|intent|jar|javascript|mailto|sms|tel|urn|vbscript|view-source|ws|wss")


def may_be_redirect_address(text: str) -> bool:
    """Whether it is an absolute address without a fragment: https, http to the very device, or a scheme of an app."""
    if not _ADDRESS.fullmatch(text) or "#" in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or "\\" in text:
        return False
    match parts.scheme:
        case "https":
            return bool(host)
        case "http":
            return host in _THIS_MACHINE
        case scheme:
            return not _NO_APP.fullmatch(scheme)
