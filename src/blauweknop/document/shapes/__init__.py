"""Compiled shapes: a letter whose kind was set before is put together from parts instead of set again. See docs/shapes.md."""

from blauweknop.document.shapes.cache import Shapes
from blauweknop.document.shapes.order import LetterOrder

__all__ = ["LetterOrder", "Shapes"]
