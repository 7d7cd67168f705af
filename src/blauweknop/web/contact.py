"""A way to reach an organisation, as a page shows it. It was written by others: only what can do no harm becomes a link."""

import re
from dataclasses import dataclass

__all__ = ["Contact", "contact_of"]

_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
_WEB = re.compile(rf"https://({_HOST}(?::[0-9]{{1,5}})?(?:[/?#][!-~]{{0,1900}})?)")
_MAIL = re.compile(rf"(?:mailto:)?([A-Za-z0-9._+-]{{1,64}}@{_HOST})")  # no `?`: a link may not fill in a letter


@dataclass(frozen=True, slots=True)
class Contact:
    """What people read, and where it leads; `href` is empty for what can only be read."""

    words: str
    href: str


def contact_of(text: str) -> Contact:
    """Links to https and to mailto, and to nothing else."""
    if web := _WEB.fullmatch(text):
        return Contact(web[1].removesuffix("/"), text)
    if mail := _MAIL.fullmatch(text):
        return Contact(mail[1], f"mailto:{mail[1]}")
    return Contact(text.removeprefix("tel:"), "")
