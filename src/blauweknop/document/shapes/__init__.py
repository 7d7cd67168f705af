"""Compiled shapes: a letter whose kind was set before is put together from parts instead of set again. See docs/shapes.md.

`cache` makes and keeps them, with typst; `learning` reads them from documents, without. Neither is imported here, so that who only checks
needs no typesetting.
"""
