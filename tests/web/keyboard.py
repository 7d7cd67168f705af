"""A visitor with a keyboard only."""

from playwright.sync_api import Page

__all__ = ["press"]

_MOST_TABS = 120
_FOCUSED = "selector => document.activeElement !== null && document.activeElement.matches(selector)"


def press(page: Page, selector: str, key: str, *, unless_checked: bool = False, backwards: bool = False) -> None:
    """Walk with the tab key to the first element that fits, and press a key there."""
    for _ in range(_MOST_TABS):
        if page.evaluate(_FOCUSED, selector):
            if not (unless_checked and page.locator(selector).first.is_checked()):
                page.keyboard.press(key)
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"the tab key does not lead to {selector}")
