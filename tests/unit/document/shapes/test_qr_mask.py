from random import Random

import numpy as np
import pytest
import segno
import zxingcpp

from blauweknop.document.shapes.qr_mask import qr_family

BEGINNINGS = ("https://controle.blauweknop.example/controle#", "https://a.nl#", "https://controle.blauweknop.example/" + "lang/" * 12 + "#")


def drawn_by_segno(words: str) -> list[list[int]]:
    return [list(row) for row in segno.make(words, error="m", boost_error=False, mask=0, mode="byte").matrix]


def modules(beginning: str, number: str) -> list[list[int]]:
    family = qr_family(beginning)
    packed = np.frombuffer(family.bits(number), np.uint8).reshape(family.side, -1)
    rows: list[list[int]] = np.unpackbits(packed, axis=1)[:, : family.side].tolist()
    return rows


def numbers(count: int) -> list[str]:
    chance = Random(2026)
    return ["0" * 32, "f" * 32, "0123456789abcdef" * 2, *(chance.randbytes(16).hex() for _ in range(count))]


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_the_sum_of_differences_is_the_code_that_segno_makes(beginning: str) -> None:
    assert [number for number in numbers(60) if modules(beginning, number) != drawn_by_segno(beginning + number)] == []


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_a_reader_reads_the_text(beginning: str) -> None:
    for number in numbers(10):
        dark = np.pad(np.array(modules(beginning, number), np.uint8), 4).repeat(4, 0).repeat(4, 1)
        assert [code.text for code in zxingcpp.read_barcodes(255 - dark * 255)] == [beginning + number]


@pytest.mark.parametrize("number", ["", "0" * 31, "0" * 33, "A" * 32, "g" * 32])
def test_what_is_no_identifier_is_refused(number: str) -> None:
    with pytest.raises((ValueError, KeyError)):
        qr_family(BEGINNINGS[0]).bits(number)
