import pytest
from hypothesis import given
from hypothesis import strategies as st

from blauweknop.domain.errors import MalformedValue
from blauweknop.domain.identifiers import Bsn, Oin, eleven_test

DIGITS = st.text("0123456789", min_size=8, max_size=8)


def weighed(digits: str) -> int:
    return sum((9 - place) * int(digit) for place, digit in enumerate(digits[:8])) - int(digits[8])


def with_last_digit(start: str) -> str:
    """Eight digits with the last one that makes them a number, where there is one."""
    return f"{start}{weighed(f'{start}0') % 11}"[:9]


@given(DIGITS)
def test_at_most_one_last_digit_makes_eight_digits_a_bsn(start: str) -> None:
    right = [f"{start}{last}" for last in range(10) if eleven_test(f"{start}{last}")]
    assert len(right) <= 1
    assert all(weighed(digits) % 11 == 0 for digits in right)


@given(st.integers(0, 999_999_999).map(lambda number: f"{number:09d}"))
def test_a_bsn_is_exactly_what_passes_the_eleven_test(digits: str) -> None:
    if weighed(digits) % 11 == 0 and int(digits):
        assert Bsn.parse(digits).digits == digits
    else:
        with pytest.raises(MalformedValue):
            Bsn.parse(digits)


@given(DIGITS.map(with_last_digit).filter(eleven_test), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(digits: str, place: int, shift: int) -> None:
    wrong = (int(digits[place]) + shift) % 10
    assert not eleven_test(f"{digits[:place]}{wrong}{digits[place + 1 :]}")


@pytest.mark.parametrize("text", ["000000000", "12345678", "1234567890", "99999001９", "999990019\n", " 999990019", "99999001.", ""])
def test_what_is_not_nine_digits_is_no_bsn(text: str) -> None:
    with pytest.raises(MalformedValue):
        Bsn.parse(text)


def test_leading_zeros_of_a_bsn_stay() -> None:
    assert Bsn.parse("000000012").digits == "000000012"


@given(st.text())
def test_an_oin_is_twenty_digits_and_nothing_else(text: str) -> None:
    with pytest.raises(MalformedValue):
        Oin.parse(text)


@given(st.text("0123456789", min_size=20, max_size=20))
def test_an_oin_reads_back_as_it_was_written(digits: str) -> None:
    assert str(Oin.parse(digits)) == digits


@pytest.mark.parametrize("text", ["0000009900000000100", "000000990000000010000", "0000009900000000100a", "00000099000000001000\n"])
def test_an_oin_of_another_length_is_refused(text: str) -> None:
    with pytest.raises(MalformedValue):
        Oin.parse(text)


def test_an_error_about_a_bsn_does_not_show_it() -> None:
    with pytest.raises(MalformedValue) as caught:
        Bsn.parse("123456789")
    assert "123456789" not in f"{caught.value!r} {caught.value}"
