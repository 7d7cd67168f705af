"""Compiled shapes: a letter whose kind was set before is put together from parts instead of set again. See docs/shapes.md."""
