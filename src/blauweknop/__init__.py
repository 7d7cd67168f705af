"""Blauwe Knop: certified documents of government sources, and the check that everybody trusts."""

__version__ = "0.1.0"
