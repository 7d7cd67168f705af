"""Dossiers as a receiver of the exercise seals them."""

import functools
from datetime import timedelta
from typing import Any

from blauweknop.checking.check_document import check_document
from blauweknop.checking.trust import Trust
from blauweknop.document.pdf_file import PdfFile, read_file
from blauweknop.document.typesetting import Typesetter
from blauweknop.domain.verdict import Verdict
from blauweknop.standards.pades import cms_size_limit, prepare_seal
from blauweknop.verifier.asking.answers import CheckedItem
from blauweknop.verifier.dossier.dossier import Dossier
from blauweknop.verifier.dossier.letter import AboutDossier
from blauweknop.verifier.dossier.ports import DossierSealer
from blauweknop.verifier.dossier.sealed import seal_dossier
from tests.unit.checking import credentials as c
from tests.unit.checking import exercise_documents as x
from tests.unit.verifier.dossier.dossier_world import made_dossier, payments, piece, study_debt, wages

COLOUR = "#0b4a8f"


@functools.cache
def typesetter() -> Typesetter:
    return Typesetter()


def sealer() -> DossierSealer:
    signer = x.exercise().receiver
    template = prepare_seal(signer, x.exercise().crls)
    return DossierSealer(
        lay_out=typesetter().typeset,
        printable=typesetter().printable,
        seal=lambda digest: template.seal(digest, x.time_stamps(x.NOW)),
        seal_size=cms_size_limit(signer, x.exercise().crls),
        legal_name="OEFENING Gemeente Den Haag",
        check_url=x.CHECK_URL,
        exercise=True,
    )


def about(**changes: Any) -> AboutDossier:
    usual: dict[str, Any] = {
        "receiver": "OEFENING Schuldhulp Den Haag",
        "purpose": "Zien wat u moet betalen, om samen een plan te maken.",
        "ground": "Een taak van de overheid: Wet gemeentelijke schuldhulpverlening",
        "asked_at": x.NOW - timedelta(days=3),
        "made_at": x.NOW,
        "check_url": x.CHECK_URL,
        "exercise": True,
        "reference": "zaak 4711",
    }
    return AboutDossier(**(usual | changes))


def of_wallet(**changes: Any) -> CheckedItem:
    """With what it came in: a credential that another can check again."""
    return study_debt(original=c.presented(), **changes)


def rich(family: str, **changes: Any) -> Dossier:
    document = piece("woning", "gem.woz", ("1", "Gemeente"), {"data": {"wozObjecten": []}}, original=c.of_document())
    return made_dossier(payments(family), of_wallet(), wages(), document, **changes)


def sealed(dossier: Dossier, *, language: str = "nl", with_papers: bool = False, **changes: Any) -> bytes:
    return seal_dossier(dossier, about(**changes), sealer(), language, colour=COLOUR, with_papers=with_papers)


def read(pdf: bytes) -> PdfFile:
    return read_file(pdf)


def checked(pdf: bytes, trust: Trust | None = None) -> Verdict:
    return check_document(pdf, trust=trust or x.trust(), at=x.NOW, catalogue=x.catalogue())
