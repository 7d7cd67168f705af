"""`blauweknop serve holder`: Mijn Blauwe Knop for people, or with `--local` for oneself on one's own computer."""

import gc
import os
from pathlib import Path

import typer
from litestar import Litestar

from blauweknop.adapters.holder_settings import HolderSettings, load_holder, load_own_holder
from blauweknop.assembly.holder import address_of_return, data_folder, holder_application, local_holder_application, try_holder
from blauweknop.catalogue.texts import sentence
from blauweknop.cli.configuration import CONFIGURATION_VARIABLE, find_configuration, no_configuration
from blauweknop.cli.serve import listening, serve_many, serve_one
from blauweknop.domain.errors import BlauweKnopError
from blauweknop.web.request_log import configure_logging

__all__ = ["holder_of_many", "serve_mine", "serve_people"]

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


_FACTORY = "blauweknop.cli.serve_holder:holder_of_many"


def serve_people(config: Path | None, host: str, port: int, workers: int = 1) -> int:
    """Serve until a signal; several workers are processes of their own.

    Raises:
        BlauweKnopError: the configuration, the database or the address cannot be used; said before anything is served.
    """
    path = find_configuration(config)
    if path is None:
        raise no_configuration()
    load_holder(path)
    configure_logging()
    with listening(host, port) as listener:
        if workers == 1:
            return serve_one(holder_application(path), listener, "holder")
        try_holder(path)
        return serve_many(lambda: holder_application(path), _FACTORY, path, listener, "holder", workers)


def holder_of_many() -> Litestar:
    """What each of several server processes of Mijn Blauwe Knop starts with."""
    configure_logging()
    app = holder_application(Path(os.environ[CONFIGURATION_VARIABLE]))
    gc.freeze()
    return app


def serve_mine(config: Path | None, host: str, port: int) -> int:
    """Serve this machine only, until a signal; with the trust list and the sources of a configuration file, if there is one.

    Raises:
        BlauweKnopError: another address than one of this machine, or it is taken; the folder of the user's data, or the
            configuration, cannot be used.
    """
    if host not in _THIS_MACHINE:
        raise BlauweKnopError(f"--local serves this computer only, not {host}", remedy="leave --host out")
    path = find_configuration(config)
    scheme, settings = load_own_holder(path) if path else (None, HolderSettings())
    configure_logging()
    with listening(host, port) as listener:
        base_url = f"http://localhost:{listener.getsockname()[1]}"
        folder = data_folder(os.environ)
        app = local_holder_application(folder, base_url, scheme=scheme, settings=settings)
        for language in ("nl", "en"):
            typer.echo(sentence("holder.local.ready", language, address=f"{base_url}{settings.path}", folder=folder))
            if settings.collect is not None:
                typer.echo(sentence("holder.local.collects", language, address=address_of_return(base_url, settings)))
        return serve_one(app, listener, "holder")
