import re
from importlib.resources import files

import pytest

_TEXT = ["ink", "ink-soft", "heading", "link"]
_GROUNDS = ["ground", "paper", "tint", "tint-strong"]
_STATES = ["green", "orange", "red"]
_PAIRS = [
    *[(text, ground) for text in _TEXT for ground in _GROUNDS],
    *[(state, f"{state}-ground") for state in _STATES],
    *[(state, "paper") for state in _STATES],
    *[(text, f"{state}-ground") for text in ("ink", "ink-soft", "link") for state in _STATES],
    ("on-action", "action"),
    ("on-action", "action-hover"),
]
_BORDERS = [
    ("line-strong", "paper"),
    ("line-strong", "ground"),
    ("action", "paper"),
    ("focus", "paper"),
    ("focus", "ground"),
    ("red", "ground"),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), _PAIRS)
def test_text_stands_out_from_its_ground(scheme: str, text: str, ground: str) -> None:
    assert _contrast(scheme, text, ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("border", "ground"), _BORDERS)
def test_a_border_that_means_something_is_seen(scheme: str, border: str, ground: str) -> None:
    assert _contrast(scheme, border, ground) >= 3


def test_light_and_dark_set_the_same_colours() -> None:
    light, dark = _tokens("light"), _tokens("dark")
    assert set(light) - set(dark) == {"organisation"}
    assert set(dark) <= set(light)


def _contrast(scheme: str, one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio of relative luminances."""
    tokens = _tokens(scheme)
    lighter, darker = sorted((_luminance(tokens[one]), _luminance(tokens[other])), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[index : index + 2], 16) / 255) for index in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _tokens(scheme: str) -> dict[str, str]:
    css = (files("blauweknop.web") / "static" / "look" / "tokens.css").read_text("utf-8")
    light, dark = css.split("@media (prefers-color-scheme: dark)")
    return dict(re.findall(r"--bk-([a-z-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark))
