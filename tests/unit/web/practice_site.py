"""A small site with the shared look: a form, and one page for each way in which a page can go wrong."""

from pathlib import Path
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import HTTPException, PermissionDeniedException, ServiceUnavailableException
from litestar.params import JSONBody
from litestar.response import Redirect
from litestar.testing import TestClient

from blauweknop.domain.texts import Text
from blauweknop.web.app import MOST_BODY_BYTES, web_application
from blauweknop.web.page import Portal, Visitor, WebSettings, page, see_other
from blauweknop.web.rate_limit import MemoryCounter, rate_limit
from blauweknop.web.upload import file_of_visitor

__all__ = ["SECRET_TEXT", "browser"]

SECRET_TEXT = "J. van der Jansen, 900000001"
_PORTAL = Portal(Text(nl="Bron", en="Source"), "/bron", "#12ab34")


def browser(*, secure: bool = False, exercise: bool = False) -> TestClient[Any]:
    """A client that follows no redirects and sees a 500 as a person would."""
    settings = WebSettings(csrf_secret="s" * 40, secure=secure, exercise=exercise, login_origins=("https://login.example",))
    limited = get("/bron/vaak", guards=[rate_limit("often", limit=2, window=60, counter=MemoryCounter())])(_often)
    application = web_application(
        [
            _form,
            _sent,
            _fault,
            _refused,
            _unavailable,
            _large,
            _upload,
            _uploaded,
            _document,
            _machine,
            _machine_fault,
            _visitor,
            limited,
        ],
        settings,
        portals=(_PORTAL,),
        templates={"practice": Path(__file__).parent / "practice_templates"},
    )
    base = "https://testserver.local" if secure else "http://testserver.local"
    return TestClient(application, base_url=base, raise_server_exceptions=False)


@get("/bron/formulier")
async def _form(request: Request[Any, Any, Any]) -> Response[str]:
    return page(request, "practice/form.html", portal=_PORTAL, name="", complaint="")


@post("/bron/formulier", status_code=200)
async def _sent(request: Request[Any, Any, Any]) -> Response[str] | Redirect:
    name = str((await request.form()).get("naam", ""))
    if name == "goed":
        return see_other("/bron/formulier")
    errors = [("field-naam", "Vul uw naam in")]
    return page(request, "practice/form.html", portal=_PORTAL, status_code=422, errors=errors, name=name, complaint=errors[0][1])


@get("/bron/fout")
async def _fault() -> None:
    try:
        raise KeyError(SECRET_TEXT)
    except KeyError as error:
        raise ValueError(SECRET_TEXT) from error


@get("/bron/verboden")
async def _refused() -> None:
    raise PermissionDeniedException(SECRET_TEXT)


@get("/bron/dicht")
async def _unavailable() -> None:
    raise ServiceUnavailableException(SECRET_TEXT)


@get("/bron/groot")
async def _large() -> None:
    raise HTTPException(SECRET_TEXT, status_code=413)


@post("/bron/upload", status_code=200, exclude_from_csrf=True)
async def _upload(request: Request[Any, Any, Any]) -> str:
    return str(len(await request.body()))


@post("/bron/eigen-upload", status_code=200, exclude_from_csrf=True)
async def _uploaded(request: Request[Any, Any, Any]) -> str:
    return str(len(await file_of_visitor(request, "bestand")))


@post("/bron/document", status_code=200, request_max_body_size=2 * MOST_BODY_BYTES)
async def _document(request: Request[Any, Any, Any]) -> str:
    return str(len(await (await request.form())["document"].read()))


@post("/bron/api/machine", status_code=200, exclude_from_csrf=True)
async def _machine(data: JSONBody[dict[str, int]]) -> dict[str, int]:
    return data


@get("/bron/api/fout")
async def _machine_fault() -> None:
    raise ValueError(SECRET_TEXT)


@get("/bron/ingelogd")
async def _visitor(request: Request[Any, Any, Any]) -> Response[str]:
    visitor = Visitor(name="A. de Vries", sign_out_path="/bron/uit", stay_path="/bron/formulier")
    return page(request, "practice/form.html", portal=_PORTAL, visitor=visitor, name="", complaint="")


async def _often() -> str:
    return "ja"
