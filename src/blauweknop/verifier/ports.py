"""What page and API need from outside: the check of a file, and the report on a check."""

from collections.abc import Callable
from datetime import datetime

from blauweknop.checking.report_composing import CheckedFile
from blauweknop.checking.report_document import MadeReport

__all__ = ["CheckFile", "MakeReport"]

CheckFile = Callable[[bytes, datetime], CheckedFile]
"""Checks a file at a moment. Raises: BlauweKnopError, when it is too busy."""

MakeReport = Callable[[CheckedFile, datetime, str], MadeReport]
"""Reports on a check of that moment, in a language. Raises: BlauweKnopError, when none can be made now."""
