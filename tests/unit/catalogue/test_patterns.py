"""A pattern accepts what ECMA-262 accepts; the last line feed that Python overlooks is not among it."""

import re

import pytest

from blauweknop.catalogue import json_schema, load_catalogue
from blauweknop.catalogue.patterns import compiled_pattern
from blauweknop.catalogue.quick_schema import quick_acceptor
from blauweknop.checking.content_steps import schema_validator
from blauweknop.cli.schema_faults import schema_faults


@pytest.mark.parametrize("pattern", ["^[0-9]{9}$", "^(a|[0-9]{9})$", "[0-9]{9}$|^b$"])
def test_the_end_is_the_end_of_the_text(pattern: str) -> None:
    found = compiled_pattern(pattern).search
    assert found("123456782")
    assert not found("123456782\n")


def test_a_dollar_that_is_escaped_or_in_a_class_is_a_dollar() -> None:
    assert compiled_pattern(r"^\$[$]\\$").search("$$\\")
    assert not compiled_pattern(r"^\$[$]\\$").search("$$\\\n")


def test_digits_are_those_of_ascii() -> None:
    assert not compiled_pattern(r"^\d$").search("٣")


def test_what_is_no_regular_expression_is_refused() -> None:
    with pytest.raises(re.error):
        compiled_pattern("[")


@pytest.mark.parametrize("schema", [{"type": "string", "pattern": "^[0-9]{9}$"}])
def test_the_quick_yes_the_library_and_the_words_for_a_maker_agree(schema: dict[str, object]) -> None:
    for value, fits in (("123456782", True), ("123456782\n", False), ("12345678", False)):
        assert quick_acceptor(schema)(value) is fits
        assert schema_validator(schema).is_valid(value) is fits
        assert (not schema_faults(value, schema, "bsn")) is fits


def test_every_pattern_of_the_catalogue_ends_where_the_text_ends() -> None:
    patterns = set().union(*[_patterns(json_schema(dataset)) for dataset in load_catalogue().datasets.values()])
    assert len(patterns) > 5
    assert all(compiled_pattern(pattern).pattern.endswith(r"\Z") for pattern in patterns)


def _patterns(schema: object) -> set[str]:
    if isinstance(schema, list):
        return set().union(*map(_patterns, schema))
    if not isinstance(schema, dict):
        return set()
    own = {schema["pattern"]} if isinstance(schema.get("pattern"), str) else set()
    return own.union(*map(_patterns, schema.values()))
