"""Patterns of the catalogue mean what JSON Schema says they mean (ECMA-262), wherever a text is held against one.

In Python `$` also stands before a last line feed, so that `^[0-9]{9}$` would accept ten characters; in ECMA-262 it is the end of the
text only.
"""

import re
from functools import lru_cache

__all__ = ["compiled_pattern"]

_PIECE = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\$|.", re.DOTALL)


@lru_cache(maxsize=256)
def compiled_pattern(pattern: str) -> re.Pattern[str]:
    """The pattern of a field or schema, to search with (JSON Schema 2020-12 validation, section 6.3.3).

    Raises:
        re.error: it is no regular expression.
    """
    return re.compile("".join([r"\Z" if piece == "$" else piece for piece in _PIECE.findall(pattern)]), re.ASCII)
