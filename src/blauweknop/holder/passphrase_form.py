"""The form in which a person chooses a name and a passphrase."""

from collections.abc import Mapping

from blauweknop.catalogue.texts import sentence
from blauweknop.domain.errors import MalformedValue
from blauweknop.holder.unlocking import NameAndPassphrase

__all__ = ["complaints_of", "read_new_passphrase"]


def read_new_passphrase(form: Mapping[str, str]) -> tuple[NameAndPassphrase | None, Mapping[str, str]]:
    """What was chosen, or by field what is wrong: the end of a text in the catalogue."""
    empty = {name: "empty" for name in ("name", "passphrase") if not form.get(name, "").strip()}
    if empty:
        return None, empty
    try:
        given = NameAndPassphrase.parse(form["name"], form["passphrase"])
    except MalformedValue as error:
        return None, {str(error): "long"}
    if weakness := given.weakness():
        return None, {"passphrase": weakness}
    if form.get("again", "") != form["passphrase"]:
        return None, {"again": "differs"}
    return given, {}


def complaints_of(problems: Mapping[str, str], language: str) -> Mapping[str, str]:
    """The same in words, by field."""
    return {name: sentence(f"holder.form.{name}.{code}", language) for name, code in problems.items()}
