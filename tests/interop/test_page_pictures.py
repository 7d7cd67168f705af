import numpy as np
import pytest

from tests.interop.page_pictures import Area, Difference, Picture, compare


def page(*dark: tuple[int, int], height: int = 100, width: int = 80) -> Picture:
    """A white page with black dots at these rows and columns."""
    picture = np.full((height, width, 3), 255, np.uint8)
    for row, column in dark:
        picture[row, column] = 0
    return picture


def slowly(one: Picture, other: Picture, blur: int, reach: int) -> Picture:
    """What `compare` is to find, dot by dot."""

    def around(picture: Picture, row: int, column: int, most: int) -> Picture:
        rows = np.clip(range(row - most, row + most + 1), 0, picture.shape[0] - 1)
        columns = np.clip(range(column - most, column + most + 1), 0, picture.shape[1] - 1)
        near: Picture = picture[np.ix_(rows, columns)]
        return near

    def blurred(picture: Picture) -> Picture:
        dots = np.ndindex(picture.shape[:2])
        means = [around(picture, row, column, blur).astype(int).sum(axis=0) // (2 * blur + 1) for row, column in dots]
        return np.array([mean.sum(axis=0) // (2 * blur + 1) for mean in means]).reshape(picture.shape)

    def outside(values: Picture, others: Picture, row: int, column: int) -> int:
        near = around(others, row, column, reach)
        value = values[row, column]
        return int(np.maximum(value - near.max(axis=(0, 1)), near.min(axis=(0, 1)) - value).max(initial=0))

    first, second = blurred(one), blurred(other)
    found = [max(outside(first, second, *dot), outside(second, first, *dot)) for dot in np.ndindex(one.shape[:2])]
    return np.array(found, np.uint8)


@pytest.mark.parametrize("seed", range(12))
def test_bands_find_what_a_slow_comparison_finds(seed: int) -> None:
    chance = np.random.default_rng(seed)
    one = page(height=30, width=9)
    one[chance.random(one.shape) < 0.02] = 90
    other = one.copy()
    other[chance.random(one.shape) < 0.01] = 0
    for blur, reach in ((0, 0), (0, 2), (2, 0), (1, 1), (2, 1)):
        wanted = slowly(one, other, blur, reach)
        found = compare([one], [other], blur=blur, reach=reach, above=3)
        assert (found.largest, found.share) == (wanted.max(), (wanted > 3).mean())


def test_equal_pages_do_not_differ() -> None:
    assert compare([page((1, 2))], [page((1, 2))]) == Difference(0, 0.0, ())


def test_one_dot_is_found_and_placed() -> None:
    assert compare([page()], [page((10, 20))]) == Difference(255, 1 / 8000, (Area(1, 20, 10, 21, 11),))


def test_one_colour_is_enough_to_differ() -> None:
    red = page()
    red[5, 5, 1:] = 200
    assert compare([page()], [red]).largest == 55


def test_dots_that_are_near_make_one_area_and_far_ones_two() -> None:
    assert len(compare([page()], [page((10, 10), (14, 12))]).areas) == 1
    assert len(compare([page()], [page((10, 10), (90, 70))]).areas) == 2


def test_a_dot_within_reach_is_explained_and_one_beyond_is_not() -> None:
    assert compare([page((10, 10))], [page((11, 11))], reach=1).areas == ()
    assert len(compare([page((10, 10))], [page((12, 10))], reach=1).areas) == 1


def test_the_edge_of_the_page_is_not_carried_over_to_the_other_side() -> None:
    assert compare([page((0, 10))], [page((99, 10))], reach=1).largest == 255


def test_a_small_difference_is_measured_but_not_marked() -> None:
    grey = page()
    grey[3, 3] = 235
    assert compare([page()], [grey], above=20) == Difference(20, 0.0, ())


def test_blur_spreads_a_lone_dot_thin() -> None:
    assert compare([page()], [page((50, 40))], blur=1).largest == 255 - 226


def test_a_missing_page_differs_wholly() -> None:
    assert compare([page(), page()], [page()]) == Difference(255, 0.5, (Area(2, 0, 0, 80, 100),))


def test_a_page_may_be_one_dot_larger_but_not_two() -> None:
    assert compare([page()], [page(height=101, width=81)]).areas == ()
    assert compare([page()], [page(height=102)]).share == 1.0


def test_no_pages_at_all_do_not_differ() -> None:
    assert compare([], []) == Difference(0, 0.0, ())
