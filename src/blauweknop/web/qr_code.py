"""An address as a picture that a phone reads from the screen."""

import segno

__all__ = ["qr_code"]


def qr_code(words: str, *, quiet_zone: int = 4) -> str:
    """An SVG that grows with its place; `quiet_zone` in modules: four by ISO/IEC 18004, less where the page leaves room around it."""
    return str(segno.make(words, error="m", micro=False).svg_inline(border=quiet_zone, omitsize=True, svgclass=None, lineclass=None))
