"""The part of the paper on which text can be seen: what a reader shows of a page, and of a picture on it."""

from typing import TypeAlias

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_parts import Page
from blauweknop.document.pdf_syntax import MalformedPdf, PdfArray, Stream
from blauweknop.document.pdf_text_state import Matrix, multiply

__all__ = ["Box", "frame_box", "numbers", "overlap", "page_box"]

Box: TypeAlias = tuple[float, float, float, float]
"""Left, bottom, right and top, in points."""


def page_box(file: PdfFile, page: Page) -> Box:
    """What readers show of a page (ISO 32000-1, 14.11.2.2). Raises: MalformedPdf (operands, wrong_type)."""
    box = _box(file.array(page.entries.get("MediaBox"), "the size of a page"))
    if "CropBox" not in page.entries:
        return box
    return overlap(box, _box(file.array(page.entries["CropBox"], "the visible part of a page")))


def frame_box(file: PdfFile, form: Stream, matrix: Matrix) -> Box:
    """The box on the page around the frame of a picture, outside of which it is cut off (ISO 32000-1, 8.10.1).

    Raises: MalformedPdf (operands, wrong_type).
    """
    left, bottom, right, top = _box(file.array(form.dictionary.get("BBox"), "the frame of a picture"))
    corners = [multiply((1.0, 0.0, 0.0, 1.0, x, y), matrix) for x in (left, right) for y in (bottom, top)]
    across, up = [corner[4] for corner in corners], [corner[5] for corner in corners]
    return min(across), min(up), max(across), max(up)


def overlap(first: Box, second: Box) -> Box:
    """What is in both; no point is inside the result when that is nothing."""
    return max(first[0], second[0]), max(first[1], second[1]), min(first[2], second[2]), min(first[3], second[3])


def numbers(values: PdfArray, count: int) -> list[float]:
    """Exactly so many numbers. Raises: MalformedPdf (operands)."""
    found = [float(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(found) != count or len(values) != count:
        raise MalformedPdf("operands", f"{count} numbers are expected")
    return found


def _box(values: PdfArray) -> Box:
    left, bottom, right, top = numbers(values, 4)
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)
