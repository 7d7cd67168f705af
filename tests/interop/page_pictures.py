"""How much two pictures of the same pages differ, and where.

Viewers smooth letters each in their own way, and may place a stroke half a dot aside. So a comparison between viewers blurs both
pictures a little, and takes a dot for explained when the other picture has that colour, or one on both sides of it, within reach.
Two documents drawn by one viewer are compared dot by dot: `blur=0, reach=0`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Area", "Difference", "Picture", "compare"]

Picture = NDArray[np.uint8]
"""Rows, columns, and red, green and blue from 0 to 255."""

_CELL = 24  # dots; differing dots closer than this are told as one area


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a page in dots from the upper left corner; pages count from 1, right and bottom are just outside."""

    page: int
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What is left unexplained between two renderings."""

    largest: int
    """The largest difference of one colour of one dot, from 0 to 255."""
    share: float
    """The part of all dots that differ by more than was allowed, from 0 to 1."""
    areas: tuple[Area, ...]
    """Where those are."""


def compare(ones: Sequence[Picture], others: Sequence[Picture], *, blur: int = 0, reach: int = 0, above: int = 0) -> Difference:
    """Compare two renderings page by page.

    `blur` and `reach` are dots to each side; a dot counts as different when a colour differs by more than `above`. Sizes may differ by
    one dot, as viewers round differently. A page that the other lacks, or of another size, differs wholly.
    """
    largest, different, dots = 0, 0, 0
    areas: list[Area] = []
    for number in range(1, max(len(ones), len(others)) + 1):
        one, other = (pages[number - 1] if number <= len(pages) else np.zeros((0, 0, 3), np.uint8) for pages in (ones, others))
        unexplained = _unexplained(one, other, blur, reach)
        marked = unexplained > above
        largest = max(largest, int(unexplained.max(initial=0)))
        different += int(marked.sum())
        dots += unexplained.size
        areas += _areas(number, marked)
    return Difference(largest, different / dots if dots else 0.0, tuple(areas))


def _unexplained(one: Picture, other: Picture, blur: int, reach: int) -> Picture:
    """What is left of the difference of each dot, the worst of its three colours."""
    heights, widths = (one.shape[0], other.shape[0]), (one.shape[1], other.shape[1])
    if max(heights) - min(heights) > 1 or max(widths) - min(widths) > 1:
        return np.full((max(heights), max(widths)), 255, np.uint8)
    one, other = (picture[: min(heights), : min(widths)] for picture in (one, other))
    found = np.zeros(one.shape[:2], np.uint8)
    for rows in _bands((one != other).any(axis=(1, 2)), blur + reach):
        first, second = (_blurred(np.ascontiguousarray(picture[rows]), blur) for picture in (one, other))
        left = np.maximum(_outside(first, second, reach), _outside(second, first, reach))
        found[rows] = np.maximum.reduce([left[..., colour] for colour in range(3)])
    return found


def _bands(different: NDArray[np.bool_], around: int) -> Iterator[slice]:
    """The stretches of rows that hold all rows that differ, and as many around them as those can have an influence on.

    What lies outside is equal in both pictures, and so is all that it is compared with.
    """
    spread = np.convolve(different, np.ones(4 * around + 1, np.int64))
    active = spread[2 * around : 2 * around + len(different)] > 0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], active, [False])).astype(np.int8)))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        yield slice(start, end)


def _outside(values: Picture, around: Picture, reach: int) -> Picture:
    """How far each value lies outside all that the other picture has within reach."""
    lowest = highest = around
    for axis in (0, 1):
        lowest = np.minimum.reduce(_shifted(lowest, reach, axis))
        highest = np.maximum.reduce(_shifted(highest, reach, axis))
    nearest: Picture = np.clip(values, lowest, highest)
    return np.maximum(values, nearest) - np.minimum(values, nearest)


def _blurred(values: Picture, blur: int) -> Picture:
    for axis in (0, 1):
        together = np.zeros(values.shape, np.uint16)
        for moved in _shifted(values, blur, axis):
            together += moved
        values = (together // np.uint16(2 * blur + 1)).astype(np.uint8)
    return values


def _shifted(values: Picture, most: int, axis: int) -> list[Picture]:
    """The picture moved along an axis by each number of dots up to `most`, both ways; its edge is repeated."""
    padded = np.pad(values, [(most, most) if side == axis else (0, 0) for side in range(values.ndim)], mode="edge")
    length = values.shape[axis]
    starts = range(2 * most + 1)
    return [padded[start : start + length] if axis == 0 else padded[:, start : start + length] for start in starts]


def _areas(page: int, marked: NDArray[np.bool_]) -> Iterator[Area]:
    """Rectangles around the marked dots; those in neighbouring cells of a coarse grid belong together."""
    rows, columns = np.nonzero(marked)
    waiting: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        waiting.setdefault((row // _CELL, column // _CELL), []).append((row, column))
    while waiting:
        place, group = waiting.popitem()
        edge = [place]
        while edge:
            row, column = edge.pop()
            near = [(row + down, column + aside) for down in (-1, 0, 1) for aside in (-1, 0, 1)]
            for cell in [cell for cell in near if cell in waiting]:
                group += waiting.pop(cell)
                edge.append(cell)
        down, aside = zip(*group, strict=True)
        yield Area(page, min(aside), min(down), max(aside) + 1, max(down) + 1)
