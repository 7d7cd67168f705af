"""A link that cannot be opened any more: the person reads who may have it."""

import pytest

from blauweknop.holder.links.items import made_links
from tests.unit.holder.holder_world import words
from tests.unit.holder.links.link_world import LinkWorld
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
