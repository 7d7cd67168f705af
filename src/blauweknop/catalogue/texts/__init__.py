"""Every sentence on screen, paper and command line, Dutch and English, in the YAML files beside this module.

A file is a flat mapping `key: {nl: ..., en: ...}`; keys are unique over all files. `{name}` in a sentence is filled by the caller.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.domain.texts import Text

__all__ = ["all_texts", "sentence", "text"]


@cache
def all_texts() -> Mapping[str, Text]:
    """All texts by key.

    Raises:
        BlauweKnopError: a key stands twice, or lacks a language.
    """
    found: dict[str, Text] = {}
    for entry in sorted(files(__package__).iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".yaml"):
            continue
        for key, value in (yaml.load(entry.read_text("utf-8"), Loader=yaml.CSafeLoader) or {}).items():
            if key in found:
                raise BlauweKnopError(f"texts/{entry.name}: {key} stands in two files", remedy="give it another key")
            if not isinstance(value, dict) or set(value) != {"nl", "en"}:
                raise BlauweKnopError(f"texts/{entry.name}: {key} needs exactly nl and en")
            found[key] = Text(nl=str(value["nl"]).strip(), en=str(value["en"]).strip())
    return found


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
    return pattern.format(**values) if values else pattern
