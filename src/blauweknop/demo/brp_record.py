"""A made-up person as the population register gives it: the shape of "Personen" of Haal Centraal BRP bevragen 2.7."""

from datetime import date

from blauweknop.adapters.sources.code_tables import described
from blauweknop.demo.people_facts import Address, Partner, Person
from blauweknop.domain.dates import PartialDate

__all__ = ["brp_record"]

_GENDERS = {"M": "man", "V": "vrouw", "O": "onbekend"}
_NAME_USE = {"E": "eigen geslachtsnaam", "P": "geslachtsnaam partner", "V": "geslachtsnaam partner voor eigen geslachtsnaam"}
_UNIONS = {"H": "huwelijk", "P": "geregistreerd partnerschap"}
_REASONS = {"O": "overlijden", "E": "emigratie"}


def brp_record(person: Person) -> dict[str, object]:
    """All groups of one person; groups without a value are left out, as the standard does."""
    record: dict[str, object] = {
        "burgerservicenummer": person.bsn.digits,
        "naam": _name(person),
        "adressering": {"aanschrijfwijze": {"naam": _written(person)}},
        "geboorte": {
            "datum": person.birth.as_json(),
            "plaats": _place(person),
            "land": {"code": person.birth_country, "omschrijving": described("landen.csv", person.birth_country)},
        },
        "geslacht": {"code": person.gender, "omschrijving": _GENDERS[person.gender]},
        "nationaliteiten": [_nationality(code, person) for code in person.nationalities],
        "verblijfplaats": _residence(person.address, person.under_investigation),
        "gemeenteVanInschrijving": {
            "code": person.address.municipality,
            "omschrijving": described("gemeenten.csv", person.address.municipality),
        },
        "datumInschrijvingInGemeente": person.registered.as_json(),
        "geheimhoudingPersoonsgegevens": True if person.secrecy else None,
        "indicatieCurateleRegister": True if person.guardianship else None,
        "partners": [_partner(person.partner)] if person.partner and person.partner.until is None else [],
        "kinderen": [{"geboorte": {"datum": born.as_json()}} for born in person.children],
    }
    if person.suspension:
        reason, since = person.suspension.reason, _whole(person.suspension.since)
        record["opschortingBijhouding"] = {"reden": {"code": reason, "omschrijving": _REASONS[reason]}, "datum": since}
        if reason == "O":
            record["overlijden"] = {"datum": since}
    return {key: value for key, value in record.items() if value not in (None, [], {})}


def _name(person: Person) -> dict[str, object]:
    initials = "".join(f"{part[0]}." for part in person.given_name.split())
    name = {
        "voornamen": person.given_name,
        "voorletters": initials,
        "voorvoegsel": person.prefix,
        "geslachtsnaam": person.family_name,
        "volledigeNaam": person.name,
        "aanduidingNaamgebruik": {"code": person.name_use, "omschrijving": _NAME_USE[person.name_use]},
    }
    return {key: value for key, value in name.items() if value}


def _written(person: Person) -> str:
    initials = "".join(f"{part[0]}." for part in person.given_name.split())
    return f"{initials} {person.surname}".strip()


def _place(person: Person) -> dict[str, str]:
    if person.birth_place.isdigit():
        return {"code": person.birth_place, "omschrijving": described("gemeenten.csv", person.birth_place)}
    return {"omschrijving": person.birth_place}


def _nationality(code: str, person: Person) -> dict[str, object]:
    return {
        "type": "Nationaliteit",
        "nationaliteit": {"code": code, "omschrijving": described("nationaliteiten.csv", code)},
        "datumIngangGeldigheid": person.birth.as_json(),
    }


def _residence(address: Address, under_investigation: bool) -> dict[str, object]:
    residence: dict[str, object] = {"type": address.kind, "datumVan": address.since.as_json()}
    match address.kind:
        case "VerblijfplaatsBuitenland":
            land = {"code": address.country, "omschrijving": described("landen.csv", address.country)}
            residence["verblijfadres"] = {"land": land}
            return residence
        case "Locatie":
            inside: dict[str, object] = {"locatiebeschrijving": address.description}
        case _:
            inside = {
                "officieleStraatnaam": address.street,
                "korteStraatnaam": address.street,
                "huisnummer": address.number,
                "huisletter": address.letter,
                "huisnummertoevoeging": address.addition,
                "postcode": address.postcode,
                "woonplaats": address.town,
            }
    if under_investigation:
        inside["inOnderzoek"] = {"officieleStraatnaam": True, "huisnummer": True, "postcode": True, "woonplaats": True}
        residence["inOnderzoek"] = {"type": True, "datumVan": True}
    residence["verblijfadres"] = {key: value for key, value in inside.items() if value}
    postal = address.postal_only
    residence["functieAdres"] = {"code": "B" if postal else "W", "omschrijving": "briefadres" if postal else "woonadres"}
    return residence


def _partner(partner: Partner) -> dict[str, object]:
    name = {"voornamen": partner.given_name, "voorvoegsel": partner.prefix, "geslachtsnaam": partner.family_name}
    return {
        "soortVerbintenis": {"code": partner.kind, "omschrijving": _UNIONS[partner.kind]},
        "naam": {key: value for key, value in name.items() if value},
        "aangaanHuwelijkPartnerschap": {"datum": _whole(partner.since)},
    }


def _whole(day: date) -> dict[str, str | int | bool]:
    return PartialDate(day.year, day.month, day.day).as_json()
