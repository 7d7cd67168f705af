"""Cookies of a person's visit: only for our own pages, hidden from scripts, over https only."""

from typing import Any, Protocol

from litestar import Response
from litestar.datastructures import Cookie as SetCookie

__all__ = ["Cookie", "forget_cookie", "give_cookie"]


class Cookie(Protocol):
    """A cookie without its value."""

    @property
    def name(self) -> str: ...

    @property
    def secure(self) -> bool:
        """Only over https; off for the exercise on this machine."""
        ...

    @property
    def seconds(self) -> int | None:
        """How long the browser keeps it; None: until it closes."""
        ...


def give_cookie(answer: Response[Any], cookie: Cookie, value: str) -> None:
    """Lax, because the person comes back from the site of a login provider or a source and must then have it."""
    answer.set_cookie(
        SetCookie(cookie.name, value=value, path="/", max_age=cookie.seconds, secure=cookie.secure, httponly=True, samesite="lax")
    )


def forget_cookie(answer: Response[Any], cookie: Cookie) -> None:
    answer.set_cookie(SetCookie(cookie.name, value="", path="/", max_age=0, secure=cookie.secure, httponly=True, samesite="lax"))
