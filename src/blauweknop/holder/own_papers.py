"""What may be kept as a paper of one's own, whether a person adds it here or brings it in from elsewhere."""

from collections.abc import Mapping

__all__ = ["MOST_PAPERS", "MOST_PAPER_BYTES", "MOST_PAPER_TITLE", "PAPER_ENDINGS", "is_paper_title", "paper_type_of"]

MOST_PAPERS = 200
MOST_PAPER_BYTES = 10 * 1024 * 1024
MOST_PAPER_TITLE = 80
PAPER_ENDINGS: Mapping[str, str] = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
_BEGINNINGS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def paper_type_of(data: bytes) -> str | None:
    """The media type, by the contents alone; None when it may not be kept."""
    return next((kind for beginning, kind in _BEGINNINGS.items() if data.startswith(beginning)), None)


def is_paper_title(title: str) -> bool:
    """Whether it can be shown: something, not too long, without characters that turn a line around."""
    return 0 < len(title) <= MOST_PAPER_TITLE and title.isprintable()
