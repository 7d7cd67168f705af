"""The recovery code that a person prints: 128 random bits and two check characters, in seven groups of four.

The alphabet is Crockford's base 32: no I, L, O or U, and what is easily misread is read as what was meant. The check is the number modulo
1021, a prime, so that any one wrong character and any two neighbours that changed places are seen.
"""

from dataclasses import dataclass, field

from blauweknop.domain.errors import MalformedValue

__all__ = ["RecoveryCode", "new_recovery_code", "read_recovery_code"]

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", " ": "", "-": "", "\t": "", "\n": "", "\r": "", "\u2013": "", "\u00a0": ""})
_BYTES = 16
_CHARACTERS, _CHECK_CHARACTERS, _GROUP = 26, 2, 4
_PRIME = 1021
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """Opens a vault by itself."""

    secret: bytes = field(repr=False)

    def groups(self) -> tuple[str, ...]:
        """As it is printed."""
        number = int.from_bytes(self.secret, "big")
        text = _digits(number, _CHARACTERS) + _digits(number % _PRIME, _CHECK_CHARACTERS)
        return tuple(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def new_recovery_code(random_bytes: bytes) -> RecoveryCode:
    """From 16 random bytes.

    Raises:
        MalformedValue: another number of bytes.
    """
    if len(random_bytes) != _BYTES:
        raise MalformedValue("a recovery code needs 16 random bytes")
    return RecoveryCode(random_bytes)


def read_recovery_code(text: str) -> RecoveryCode:
    """What a person typed, in small or capital letters, with spaces or hyphens anywhere.

    Raises:
        MalformedValue: it cannot be a code of ours.
    """
    letters = text[:_LONGEST].upper().translate(_MISREAD)
    if len(letters) != _CHARACTERS + _CHECK_CHARACTERS or any(letter not in _ALPHABET for letter in letters):
        raise MalformedValue("a recovery code has 28 letters and digits")
    number, check = _number(letters[:_CHARACTERS]), _number(letters[_CHARACTERS:])
    if number % _PRIME != check or number >= 1 << (8 * _BYTES):
        raise MalformedValue("a recovery code has two check characters that fit the rest")
    return RecoveryCode(number.to_bytes(_BYTES, "big"))


def _digits(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number << 5 | _ALPHABET.index(letter)
    return number
