"""Which of the two languages a page speaks: what the person chose, else what the browser asks, else Dutch."""

from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode

from litestar.connection import ASGIConnection

from blauweknop.domain.texts import Language
from blauweknop.web.preferences import weights

__all__ = [
    "LANGUAGE_COOKIE",
    "LANGUAGE_QUERY",
    "accepted_languages",
    "chosen_language",
    "language_of",
    "preferred_language",
    "queried_languages",
    "switch_address",
]

LANGUAGE_COOKIE = "taal"
LANGUAGE_QUERY = "taal"
_LANGUAGES = ("nl", "en")


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """The language of this request: `?taal=`, then the cookie, then Accept-Language."""
    return (
        chosen_language(queried_languages(connection.scope["query_string"]))
        or chosen_language([connection.cookies.get(LANGUAGE_COOKIE, "")])
        or preferred_language(connection.headers.get("accept-language", ""))
    )


def queried_languages(query: bytes) -> list[str]:
    """What a query says about the language; read here, since also the page about an unreadable query has a language."""
    return [value for name, value in parse_qsl(query.decode("latin-1")) if name == LANGUAGE_QUERY]


def chosen_language(values: Iterable[str]) -> Language | None:
    """The last of the values that is a language of ours; anything else is ignored."""
    chosen = [value for value in values if value in _LANGUAGES]
    return cast("Language", chosen[-1]) if chosen else None


def preferred_language(accept_language: str) -> Language:
    """English only when the browser puts it before Dutch (RFC 9110 section 12.5.4); a broken header means Dutch."""
    found = _weights(accept_language)
    return "en" if found.get("en", 0.0) > found.get("nl", 0.0) else "nl"


def accepted_languages(accept_language: str) -> tuple[Language, ...]:
    """The languages of ours that a program asks for; both when it asks for neither."""
    found = _weights(accept_language)
    asked = [language for language in _LANGUAGES if found.get(language, 0.0) > 0]
    return cast("tuple[Language, ...]", tuple(asked) or _LANGUAGES)


def switch_address(path: str, query: Iterable[tuple[str, str]], language: Language) -> str:
    """The address of the same page in the other language, always on this site; the rest of the query stays.

    A browser takes `//name` and `/\\name` for another site, and error pages exist under every path that anybody can think of.
    """
    other = "nl" if language == "en" else "en"
    kept = [(name, value) for name, value in query if name != LANGUAGE_QUERY]
    return f"/{quote(path.lstrip('/'))}?{urlencode([*kept, (LANGUAGE_QUERY, other)])}"


def _weights(accept_language: str) -> dict[str, float]:
    """Of each language, whatever its region."""
    found: dict[str, float] = {}
    for tag, weight in weights(accept_language[:200], unreadable=0.0).items():
        language = tag.partition("-")[0]
        found[language] = max(weight, found.get(language, 0.0))
    return found
