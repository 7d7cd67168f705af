"""A file of a dossier on its way out, and what each handler of these pages gets."""

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from blauweknop.verifier.dossier.ports import DossierServices

__all__ = ["Services", "a_file"]

Services = NamedDependency[SkipValidation[DossierServices]]


def a_file(content: bytes, name: str, media_type: str) -> Response[bytes]:
    """To be saved, and kept by no browser."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
