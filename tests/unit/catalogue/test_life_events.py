from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml

from blauweknop.catalogue import load_catalogue
from blauweknop.catalogue.load_life_events import load_life_events, parse_life_event
from blauweknop.catalogue.reading import CatalogueError
from blauweknop.domain.life_event import Need, Package

CATALOGUE = load_catalogue()
TEXT = {"nl": "ja", "en": "yes"}

HOME: dict[str, Any] = {
    "id": "persoon",
    "dataset": "gem.brp",
    "need": "required",
    "title": TEXT,
    "why": TEXT,
    "summary": {"claims": ["postcode"], "if_any": ["huisletter"]},
    "whole": {"members": ["naam"], "if_any": ["partners"]},
    "maximum_age": "P3M",
}
INCOME: dict[str, Any] = {
    "id": "inkomen",
    "dataset": "uwv.verzekeringsbericht",
    "need": "if_any",
    "title": TEXT,
    "why": TEXT,
    "conclusion": {"of": "sv_loon_jaar", "months": 12, "factors": ["huur"]},
}
RENT = {"name": "huur", "title": TEXT, "unit": "cents", "least": 1, "most": 100}
PAPER = {"id": "loonstrook", "title": TEXT, "why": TEXT, "need": "optional", "later_from": "tsl.toeslagen"}
PACKAGE: dict[str, Any] = {
    "id": "verhuizen.aanvraag",
    "phase": "aanvraag",
    "title": TEXT,
    "purpose": TEXT,
    "receiver": "niet_bsn",
    "basis": {"letter": "b", "law": "een overeenkomst"},
    "retention": "P6M",
    "recipients": [],
    "person": ["given_name", "family_name"],
    "items": [HOME, INCOME],
    "own_papers": [PAPER],
    "parameters": [RENT],
    "forbidden": ["bsn", "cak.*", "family:fcid", "gem.brp/nationaliteiten"],
}
EVENT: dict[str, Any] = {"id": "verhuizen", "title": TEXT, "about": TEXT, "packages": [PACKAGE]}


def package(**changes: Any) -> dict[str, Any]:
    members = deepcopy(PACKAGE) | changes
    return {name: value for name, value in members.items() if value is not None}


def item(**changes: Any) -> dict[str, Any]:
    """A package whose first item is changed, or loses what is None."""
    first = {name: value for name, value in (deepcopy(HOME) | changes).items() if value is not None}
    return package(items=[first, INCOME])


def income(**changes: Any) -> dict[str, Any]:
    second = {name: value for name, value in (deepcopy(INCOME) | changes).items() if value is not None}
    return package(items=[HOME, second])


def many(count: int) -> list[dict[str, Any]]:
    return [{**HOME, "id": f"i{number}"} for number in range(count)]


def write(folder: Path, name: str, event: dict[str, Any]) -> None:
    (folder / name).write_text(yaml.safe_dump(event), encoding="utf-8")


def test_a_new_life_event_is_a_file(tmp_path: Path) -> None:
    write(tmp_path, "verhuizen.yaml", EVENT)
    (found,) = load_life_events(tmp_path).packages
    assert (found.event, found.phase, found.may_ask_bsn) == ("verhuizen", "aanvraag", False)
    assert [asked.datasets for asked in found.items] == [("gem.brp",), ("uwv.verzekeringsbericht",)]


def test_a_family_is_each_data_set_in_it() -> None:
    alone = {"id": "alles", "family": "fcid", "need": "if_any", "title": TEXT, "why": TEXT, "summary": {"claims": ["saldo"]}}
    source = package(items=[alone], parameters=[], forbidden=[])
    (found,) = parse_life_event({**EVENT, "packages": [source]}, CATALOGUE, "x.yaml").packages
    assert set(found.items[0].datasets) == {"cak.betaaloverzicht", "duo.betaaloverzicht", "gem.betaaloverzicht", "uwv.betaaloverzicht"}


def test_a_package_may_ask_nothing_that_is_certified() -> None:
    source = package(items=None, person=None, parameters=None, own_papers=None)
    (found,) = parse_life_event({**EVENT, "packages": [source]}, CATALOGUE, "x.yaml").packages
    assert (found.items, found.own_papers, found.person) == ((), (), ())


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key too many": (package(extra=1), "unknown extra"),
    "an id in capitals": (package(id="Verhuizen.x"), "id and phase"),
    "an id of one part": (package(id="verhuizen"), "id and phase"),
    "a phase with a space": (package(phase="a b"), "id and phase"),
    "no purpose": (package(purpose=None), "purpose is missing"),
    "an empty purpose": (package(purpose={"nl": " ", "en": "x"}), "a text is empty"),
    "no English": (package(purpose={"nl": "ja"}), "en is missing"),
    "another kind of receiver": (package(receiver="bank"), "receiver must be one of"),
    "no legal basis": (package(basis=None), "basis is missing"),
    "a letter that is no ground": (package(basis={"letter": "g", "law": "wet"}), "letter must be one of"),
    "no law": (package(basis={"letter": "e", "law": " "}), "law or agreement"),
    "no retention": (package(retention=None), "retention is missing"),
    "a retention in words": (package(retention="5 jaar"), "retention must be a duration"),
    "no word of who else gets it": (package(recipients=None), "recipients is missing"),
    "no word of what is forbidden": (package(forbidden=None), "forbidden is missing"),
    "no names of the person": (package(person=["given_name"]), "person must be"),
    "the number as person": (package(person=["given_name", "family_name", "bsn"]), "person must be"),
    "an item twice": (package(items=[HOME, HOME, INCOME]), "persoon stands there twice"),
    "a paper named as an item": (package(own_papers=[{**PAPER, "id": "persoon"}]), "persoon stands there twice"),
    "too many credentials": (package(items=many(11), parameters=[]), "more than the 20 credentials"),
    "a paper that the catalogue has": (package(own_papers=[{**PAPER, "later_from": "gem.woz"}]), "later_from names"),
    "a paper from nowhere": (package(own_papers=[{**PAPER, "later_from": "ergens"}]), "later_from names"),
    "a paper that one must have": (package(own_papers=[{**PAPER, "need": "required"}]), "need must be one of"),
    "a paper without why": (package(own_papers=[{key: PAPER[key] for key in PAPER if key != "why"}]), "why is missing"),
    "a paper with a strange name": (package(own_papers=[{**PAPER, "id": "a b"}]), "own paper a b"),
    "a parameter twice": (package(parameters=[RENT, RENT]), "huur stands there twice"),
    "a parameter that nothing uses": (package(parameters=[RENT, {**RENT, "name": "keer"}]), "keer is used by nothing"),
    "a parameter that is not there": (package(parameters=[]), "huur does not exist"),
    "a parameter from nothing": (package(parameters=[{**RENT, "least": 0}]), "least from 1 up"),
    "a parameter that falls": (package(parameters=[{**RENT, "least": 101}]), "most not below"),
    "another word for a household": (package(household="maybe"), "household must be one of"),
    "a household of which nothing is asked": (package(items=[], parameters=[], person=[], household="optional"), "household is for"),
    "updates of nothing": (package(updates={"longest": "P1M", "items": []}), "updates need the items"),
    "updates of an item that is not there": (package(updates={"longest": "P1M", "items": ["schuld"]}), "updates name item schuld"),
    "updates of an item twice": (package(updates={"longest": "P1M", "items": ["persoon", "persoon"]}), "persoon stands there twice"),
    "updates for longer than data are kept": (package(updates={"longest": "P99Y", "items": ["persoon"]}), "for longer than data are kept"),
    "updates for a while": (package(updates={"longest": "even", "items": ["persoon"]}), "longest must be a duration"),
    "updates with something more": (package(updates={"longest": "P1M", "items": ["persoon"], "x": 1}), "unknown x"),
    "an item without why": (item(why=None), "why is missing"),
    "an item with an empty why": (item(why={"nl": "", "en": ""}), "a text is empty"),
    "an unknown data set": (item(dataset="tsl.toeslagen"), "own_papers"),
    "an unknown family": (item(dataset=None, family="xyz"), "own_papers"),
    "a data set and a family": (item(family="fcid"), "either dataset or family"),
    "neither": (item(dataset=None), "either dataset or family"),
    "another need": (item(need="perhaps"), "need must be one of"),
    "an item with a strange name": (item(id="Persoon-kort"), "id must be"),
    "an unknown claim": (item(summary={"claims": ["schoenmaat"]}), "schoenmaat is no claim"),
    "a claim twice": (item(summary={"claims": ["postcode"], "if_any": ["postcode"]}), "postcode stands there twice"),
    "a claim of the person": (item(summary={"claims": ["given_name"]}), "comes with every item"),
    "the number as a claim": (item(summary={"claims": ["bsn"]}), "bsn: true"),
    "the number without a law": (item(bsn=True), "only a receiver that a law entitles"),
    "an unknown member": (item(whole={"members": ["schoenmaat"]}), "schoenmaat is no member"),
    "a whole of nothing": (item(whole={"members": []}), "everything: true"),
    "not everything": (item(whole={"everything": False}), "left out"),
    "everything and a member": (item(whole={"everything": True, "members": ["naam"]}), "unknown members"),
    "too much that may be absent": (
        item(summary={"claims": [], "if_any": ["straat", "huisnummer", "huisletter", "postcode", "woonplaats"]}),
        "at most 4 names",
    ),
    "nothing asked": (item(summary=None, whole=None), "asks nothing"),
    "an age in words": (item(maximum_age="kort"), "maximum_age must be a duration"),
    "a group of one": (item(one_of="wie"), "two items or more"),
    "a group with two needs": (package(items=[{**HOME, "one_of": "wie"}, {**INCOME, "one_of": "wie"}]), "the same need"),
    "a conclusion about nothing": (income(conclusion={"of": "aanmaakdatum", "months": 12, "factors": ["huur"]}), "thresholds"),
    "a conclusion of no months": (income(conclusion={"of": "sv_loon_jaar", "months": 0, "factors": ["huur"]}), "months from 1 up"),
    "a conclusion beside the amount": (income(summary={"claims": ["sv_loon_jaar"]}), "instead of amounts"),
    "a conclusion beside another amount": (income(summary={"claims": ["laatste_sv_loon"]}), "instead of amounts"),
    "a conclusion beside the data": (income(whole={"everything": True}), "instead of the data"),
    "forbidden that leads nowhere": (package(forbidden=["gem.schuldhulp"]), "leads to nothing"),
    "a forbidden kind that leads nowhere": (package(forbidden=["xyz.*"]), "leads to nothing"),
    "a forbidden family that leads nowhere": (package(forbidden=["family:xyz"]), "leads to nothing"),
    "a forbidden field that leads nowhere": (package(forbidden=["gem.brp/schoenmaat"]), "leads to nothing"),
    "a forbidden field in rows that leads nowhere": (package(forbidden=["gem.brp/partners.schoenmaat"]), "leads to nothing"),
    "forbidden twice": (package(forbidden=["bsn", "bsn"]), "bsn stands there twice"),
    "a forbidden data set asked": (package(forbidden=["gem.brp"]), "persoon asks for gem.brp"),
    "a forbidden kind asked": (package(forbidden=["uwv.*"]), "inkomen asks for uwv"),
    "a forbidden member asked": (package(forbidden=["gem.brp/partners"]), "persoon asks for gem.brp/partners"),
    "a forbidden field in a member asked": (package(forbidden=["gem.brp/naam.voornamen"]), "persoon asks for gem.brp/naam.voornamen"),
    "a forbidden field as a claim": (package(forbidden=["gem.brp/verblijfplaats"]), "persoon asks for gem.brp/verblijfplaats"),
    "a forbidden field behind a conclusion": (package(forbidden=["uwv.verzekeringsbericht/inkomstenverhoudingen"]), "inkomen asks for"),
    "the forbidden number asked": (
        package(receiver="bsn_gerechtigd", items=[{**HOME, "bsn": True}, INCOME]),
        "burgerservicenummer, which is forbidden",
    ),
    "a forbidden field in everything": (
        package(items=[{**HOME, "whole": {"everything": True}}, INCOME]),
        "persoon asks for gem.brp/nationaliteiten",
    ),
}


@pytest.mark.parametrize(("source", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_package_that_contradicts_itself_or_the_catalogue_is_refused(source: dict[str, Any], said: str) -> None:
    with pytest.raises(CatalogueError, match=said):
        parse_life_event({**EVENT, "packages": [source]}, CATALOGUE, "x.yaml")


def test_a_life_event_needs_a_name_that_a_registration_may_have_and_a_package() -> None:
    for changed, said in (({"id": "Verhuizen!"}, "small letters"), ({"packages": []}, "at least one package")):
        with pytest.raises(CatalogueError, match=said):
            parse_life_event({**EVENT, **changed}, CATALOGUE, "x.yaml")


def test_all_faults_of_a_file_are_told_at_once() -> None:
    with pytest.raises(CatalogueError, match=r"schoenmaat.*leads to nothing"):
        parse_life_event({**EVENT, "packages": [item(summary={"claims": ["schoenmaat"]}) | {"forbidden": ["x.y"]}]}, CATALOGUE, "x.yaml")


def test_a_life_event_or_package_in_two_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", EVENT)
    write(tmp_path, "b.yaml", {**EVENT, "id": "anders"})
    with pytest.raises(CatalogueError, match=r"verhuizen\.aanvraag stands there twice"):
        load_life_events(tmp_path)
    write(tmp_path, "b.yaml", EVENT)
    load_life_events.cache_clear()
    with pytest.raises(CatalogueError, match="verhuizen stands in two files"):
        load_life_events(tmp_path)


def test_an_unknown_package_is_an_error_that_lists_what_there_is() -> None:
    with pytest.raises(CatalogueError) as caught:
        load_life_events().package("verhuizen.aanvraag")
    assert "hypotheek.aanvraag" in caught.value.remedy


def shipped(package_id: str) -> Package:
    return load_life_events().package(package_id)


def test_the_three_life_events_are_there_with_their_phases() -> None:
    assert {event.id: [found.phase for found in event.packages] for event in load_life_events().events.values()} == {
        "schuldhulp": ["aanmelding", "intake", "plan_van_aanpak"],
        "hypotheek": ["aanvraag"],
        "huur": ["bezichtiging", "na_bezichtiging", "contract", "toewijzing"],
    }


def test_who_signs_up_or_comes_to_look_is_asked_nothing_certified() -> None:
    assert [found.id for found in load_life_events().packages if not found.items] == [
        "huurwoning.vrije_sector.bezichtiging",
        "schuldhulp.aanmelding",
    ]


def test_only_debt_help_may_have_the_number() -> None:
    assert {found.event for found in load_life_events().packages if found.may_ask_bsn} == {"schuldhulp"}
    assert {found.event for found in load_life_events().packages for asked in found.items if asked.bsn} == {"schuldhulp"}


@pytest.mark.suite("shared")
def test_what_the_dictionary_asks_and_no_source_has_yet_is_an_own_paper(shared_folder: Path) -> None:
    dictionary = str(yaml.safe_load((shared_folder / "spec" / "dictionary.yaml").read_text("utf-8"))["packages"])
    later = {found.id: {paper.later_from for paper in found.own_papers if paper.later_from} for found in load_life_events().packages}
    assert {name: names for name, names in later.items() if names} == {
        "schuldhulp.plan_van_aanpak": {"tsl.toeslagen", "svb.uitkering", "bd.inkomensverklaring"},
        "hypotheek.aanvraag": {"svb.uitkering", "bd.inkomensverklaring"},
        "huurwoning.sociaal": {"bd.inkomensverklaring", "verh.verhuurdersverklaring"},
    }
    assert all(name in dictionary for names in later.values() for name in names)


def test_income_for_a_plan_comes_from_one_of_four_sources() -> None:
    group = [asked for asked in shipped("schuldhulp.plan_van_aanpak").items if asked.one_of == "inkomen"]
    assert {name for asked in group for name in asked.datasets} == {
        "uwv.verzekeringsbericht",
        "uwv.uitkeringsspecificatie",
        "gem.bijstand",
        "duo.studiefinanciering",
    }
    assert {asked.need for asked in group} == {Need.REQUIRED}


def test_staff_are_never_spoken_to_as_if_they_were_the_person() -> None:
    titles = [item.staff_title or item.title for package in load_life_events().packages for item in package.items]
    words = {word.strip(".,") for title in titles for word in f"{title.nl} {title.en}".lower().split()}
    assert words.isdisjoint({"u", "uw", "you", "your"})


def test_two_people_can_answer_where_the_household_counts_and_nowhere_without_being_told() -> None:
    found = {package.id: package.household.value for package in load_life_events().packages if package.household.value != "none"}
    assert found == {
        "hypotheek.aanvraag": "optional",
        "huurwoning.vrije_sector.contract": "optional",
        "huurwoning.sociaal": "asked",
        "schuldhulp.intake": "optional",
        "schuldhulp.plan_van_aanpak": "optional",
    }
