"""Every sentence on screen, paper and command line, Dutch and English, in the YAML files beside this module.

A file is a flat mapping `key: {nl: ..., en: ...}`; keys are unique over all files. `{name}` in a sentence is filled by the caller;
`{name:month|months}` with a number and the word that fits it: "1 month", "3 months".
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from blauweknop.catalogue.strict_yaml import parse_yaml
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text

__all__ = ["all_texts", "parse_texts", "sentence", "text"]


@cache
def all_texts() -> Mapping[str, Text]:
    """All texts by key.

    Raises:
        BlauweKnopError: a file cannot be read, a key stands twice, or lacks a language.
    """
    found: dict[str, Text] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".yaml"):
            continue
        texts = parse_texts(entry.read_text("utf-8"), entry.name)
        if again := found.keys() & texts.keys():
            raise BlauweKnopError(f"texts/{entry.name}: {min(again)} stands in two files", remedy="give it another key")
        found |= texts
    return found


def parse_texts(content: str, name: str) -> dict[str, Text]:
    """The texts of one file; `name` is for the errors.

    Raises:
        BlauweKnopError: no YAML, a key stands twice, or lacks a language.
    """
    try:
        parsed = parse_yaml(content) or {}
    except yaml.YAMLError as error:
        raise BlauweKnopError(f"texts/{name}: this is not readable YAML, or a key stands there twice") from error
    if not isinstance(parsed, dict):
        raise BlauweKnopError(f"texts/{name}: expected a mapping")
    for key, value in parsed.items():
        if not isinstance(value, dict) or set(value) != {"nl", "en"}:
            raise BlauweKnopError(f"texts/{name}: {key} needs exactly nl and en")
    return {str(key): Text(nl=str(value["nl"]).strip(), en=str(value["en"]).strip()) for key, value in parsed.items()}


def text(key: str) -> Text:
    """The text of a key.

    Raises:
        BlauweKnopError: there is no such key.
    """
    try:
        return all_texts()[key]
    except KeyError as error:
        raise BlauweKnopError(f"no text {key} in the catalogue", remedy="add it to catalogue/texts") from error


def sentence(key: str, language: str, **values: object) -> str:
    """The text of a key in a language, its `{names}` filled."""
    pattern = text(key).in_language(language)
    if "|" in pattern:
        values = {name: _Counted(value) if type(value) is int else value for name, value in values.items()}
    return pattern.format(**values) if values else pattern


class _Counted(int):
    """A number in a sentence, that has its word with it where the sentence gives one for one and one for more."""

    def __format__(self, words: str) -> str:
        one, mark, more = words.partition("|")
        return f"{int(self)} {one if self == 1 else more}" if mark else int.__format__(self, words)
