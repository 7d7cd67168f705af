"""What the demo says on the screen: where to look, and three commands to try, in Dutch and in English."""

import shlex
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from blauweknop.catalogue.texts import sentence
from blauweknop.demo.scheme import DemoScheme
from blauweknop.demo.sources import holder_base

__all__ = ["both", "commands_after_play", "commands_to_try", "ready_lines"]

_EXAMPLE = "duo.studieschuld"
_PROGRAM = "blauweknop"


def both(key: str, **values: object) -> str:
    """A sentence in both languages, on one line."""
    return " / ".join(sentence(key, language, **values) for language in ("nl", "en"))


def ready_lines(scheme: DemoScheme, base_url: str) -> Iterator[str]:
    """Where everything is."""
    yield from (sentence("demo.ready", language, address=base_url) for language in ("nl", "en"))
    places = [(source.path, source.identity.name) for source in scheme.settings.sources.values()]
    places += [("/controle", both("demo.place.check")), ("/register/schemas", both("demo.place.register"))]
    places.append(("/v1/openapi.json", both("demo.place.api")))
    for path, name in places:
        yield f"  {base_url}{path:<18} {name}"
    yield f"  {holder_base(base_url)}{'/mijn':<18} {both('demo.place.holder')}"


def commands_to_try(folder: Path) -> Iterator[str]:
    """Make a document, check it, and read its data; `folder` as the user named it."""
    yield both("demo.try")
    yield _command("seal", folder / "examples" / f"{_EXAMPLE}.json", "--dataset", _EXAMPLE, "-o", "studieschuld.pdf")
    yield _command("verify", "studieschuld.pdf", *_trust(folder))
    yield _command("extract", "studieschuld.pdf", *_trust(folder))


def commands_after_play(scheme: DemoScheme, folder: Path) -> Iterator[str]:
    """The same, with a document that the journeys brought home."""
    made = sorted(path.name for path in scheme.documents.glob(f"*{_EXAMPLE.replace('.', '-')}*.pdf"))
    yield both("demo.once.left", folder=folder)
    if made:
        yield both("demo.once.try")
        document = folder / "documents" / made[0]
        yield _command("verify", document, *_trust(folder))
        yield _command("extract", document, *_trust(folder))
        yield _command("seal", folder / "examples" / f"{_EXAMPLE}.json", "--dataset", _EXAMPLE, "-o", "studieschuld.pdf")


def _trust(folder: Path) -> Sequence[str | Path]:
    return ("--trust-list", folder / "trust-list.json", "--trust-anchor", folder / "trust-anchor.pem")


def _command(*words: str | Path) -> str:
    return f"  {shlex.join([_program(), *map(str, words)])}"


def _program() -> str:
    """As the user can type it: with its folder when it is not on the path."""
    called = sys.argv[0]
    found = shutil.which(_PROGRAM)
    if Path(called).name != _PROGRAM or (found is not None and Path(found).resolve() == Path(called).resolve()):
        return _PROGRAM
    return called
