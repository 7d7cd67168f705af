"""A link that cannot be opened any more: the person reads who may have it."""

import json

import pytest

from blauweknop.domain.document import JsonValue
from blauweknop.holder.links.items import made_links
from blauweknop.standards.strict_json import canonical_json
from tests.unit.holder.holder_world import words
from tests.unit.holder.links.link_world import LinkVisitor, LinkWorld
from tests.unit.holder.test_unreadable import damage


@pytest.mark.parametrize("page", ["/gegevens", "/overzicht", "/gedeeld"])
def test_who_may_have_a_link_that_was_damaged_stays_in_sight(site: LinkWorld, page: str) -> None:
    visitor = site.visitor()
    visitor.made(visitor.has_document())
    (made,) = made_links(visitor.visitor.vault)
    damage(site.holder, made.key, "body")
    text = words(visitor.person.open(page).text)

    assert f"{made.item.receiver}, tot {made.item.ends_at.day}" in text
    assert "wij kunnen dit niet meer lezen. Vraag het daar." in text


Members = dict[str, JsonValue]

_OTHER_HEADS: list[tuple[Members, Members | None]] = [({"form": 2}, None), ({"state": "another"}, None), ({"made_at": "gisteren"}, None)]
_OTHER_BODIES: list[tuple[Members, Members | None]] = [({}, {}), ({}, {"form": 2, "link": "later"})]


def in_another_form(visitor: LinkVisitor, head: Members, body: Members | None) -> str:
    """The key of a link as another version of this program may have written it: other members in its head, or another body."""
    visitor.made(visitor.has_document())
    vault = visitor.visitor.vault
    (made,) = made_links(vault)
    written = canonical_json({**json.loads(made.item.as_head()), **head})
    assert vault.replace(made.head, written, canonical_json(made.body.as_json() if body is None else body)) is not None
    return made.key


@pytest.mark.parametrize(("head", "body"), [*_OTHER_HEADS, *_OTHER_BODIES])
def test_a_link_of_another_form_is_one_line_and_the_rest_of_the_page_is_as_always(
    site: LinkWorld, head: Members, body: Members | None
) -> None:
    visitor = site.visitor()
    in_another_form(visitor, head, body)
    visitor.made(visitor.has_document())
    (whole,) = made_links(visitor.visitor.vault)
    answer = visitor.person.open("/gedeeld")

    assert answer.status_code == 200
    assert answer.text.count("/weghalen") == 1
    assert f"/gedeeld/link/{whole.key}" in answer.text
    assert visitor.person.open("/gegevens").status_code == 200


@pytest.mark.parametrize(("head", "body"), _OTHER_BODIES)
def test_who_may_have_a_link_of_another_form_is_named(site: LinkWorld, head: Members, body: Members | None) -> None:
    visitor = site.visitor()
    in_another_form(visitor, head, body)

    assert "wij kunnen dit niet meer lezen. Vraag het daar." in words(visitor.person.open("/gedeeld").text)


@pytest.mark.parametrize(("head", "body"), [_OTHER_HEADS[0], _OTHER_BODIES[0]])
def test_a_link_of_another_form_can_be_taken_away(site: LinkWorld, head: Members, body: Members | None) -> None:
    visitor = site.visitor()
    key = in_another_form(visitor, head, body)
    visitor.person.send(f"/onleesbaar/{key}/weghalen")

    assert "niet meer lezen" not in visitor.person.open("/gedeeld").text
