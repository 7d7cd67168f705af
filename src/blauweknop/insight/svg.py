"""Elements of SVG as text, with everything from outside made harmless: no markup, no character that XML refuses, no style or script."""

import re
from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

__all__ = ["Attributes", "element", "harmless", "picture"]

_PLAIN = re.compile(r"[\w #.,:;()/+-]*", re.ASCII)
"""What stands in almost every attribute, and is harmless as it is."""
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Attributes = Mapping[str, str | int | float]


def harmless(text: str) -> str:
    """A text as it can stand between tags; what XML 1.0 cannot hold becomes U+FFFD."""
    return escape(_NOT_XML.sub("\ufffd", text))


def element(name: str, attributes: Attributes, *children: str) -> str:
    """One element; children are elements, or texts that `harmless` made so."""
    shown = "".join([f" {key}={_quoted(value)}" for key, value in attributes.items()])
    return f"<{name}{shown}>{''.join(children)}</{name}>" if children else f"<{name}{shown}/>"


def picture(name: str, size: tuple[int, int], title: str, description: str, *children: str) -> str:
    """A drawing that a screen reader announces by title and description; `name` makes its ids unique on a page."""
    attributes: Attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "viewBox": f"0 0 {size[0]} {size[1]}",
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "class": "chart",
        "font-family": "Atkinson Hyperlegible Next, Open Sans, Noto Sans, sans-serif",
        "font-size": 14,
        "fill": "currentColor",
    }
    head = element("title", {"id": f"{name}-title"}, harmless(title)), element("desc", {"id": f"{name}-desc"}, harmless(description))
    return element("svg", attributes, *head, *children)


def _quoted(value: str | int | float) -> str:
    if isinstance(value, float):
        return f'"{f"{value:.2f}".rstrip("0").rstrip(".")}"'
    shown = str(value)
    return f'"{shown}"' if _PLAIN.fullmatch(shown) else quoteattr(_NOT_XML.sub("\ufffd", shown))
