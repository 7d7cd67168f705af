"""The population register of the exercise over HTTP: POST personen as in Haal Centraal BRP bevragen 2.7, one register per municipality."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import msgspec
from litestar import Router, post
from litestar.exceptions import HTTPException, NotFoundException
from litestar.params import FromPath, JSONBody

__all__ = ["BRP_PATH", "brp_router"]

BRP_PATH = "/exercise/brp"
_ALWAYS_GIVEN = ("opschortingBijhouding", "geheimhoudingPersoonsgegevens", "inOnderzoek")
_BAD_REQUEST = 400


class PersonQuery(msgspec.Struct, forbid_unknown_fields=True):
    """The only question the exercise answers."""

    type: str
    burgerservicenummer: Annotated[list[str], msgspec.Meta(min_length=1, max_length=20)]
    fields: Annotated[list[str], msgspec.Meta(min_length=1, max_length=130)]


def brp_router(folder: Path) -> Router:
    """Serves `brp-<municipality>.json` of `folder` under /exercise/brp/<municipality>/personen."""

    @post(
        "/{municipality:str}/personen",
        status_code=200,
        sync_to_thread=True,
        opt={"exclude_from_csrf": True},
        include_in_schema=False,
    )
    def people(municipality: FromPath[str], data: JSONBody[PersonQuery]) -> dict[str, object]:
        if data.type != "RaadpleegMetBurgerservicenummer":
            raise HTTPException(status_code=_BAD_REQUEST, detail="type must be RaadpleegMetBurgerservicenummer")
        path = folder / f"brp-{municipality}.json"
        if not municipality.isalnum() or not path.is_file():
            raise NotFoundException
        register = _register(path, path.stat().st_mtime_ns)
        groups = {name.partition(".")[0] for name in data.fields} | set(_ALWAYS_GIVEN)
        found = [register[bsn] for bsn in data.burgerservicenummer if bsn in register]
        people = [{key: value for key, value in person.items() if key in groups} for person in found]
        return {"type": data.type, "personen": people}

    return Router(BRP_PATH, route_handlers=[people])


@lru_cache(maxsize=8)
def _register(path: Path, _changed: int) -> dict[str, dict[str, object]]:
    read: dict[str, dict[str, object]] = json.loads(path.read_text("utf-8"))
    return read
