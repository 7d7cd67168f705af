"""The shared look: components, two languages, security headers, error pages. docs/roles/look.md says how to make a page."""

from blauweknop.web.page import MenuItem, Portal, Visitor, WebSettings, page, see_other

__all__ = ["MenuItem", "Portal", "Visitor", "WebSettings", "page", "see_other"]
