"""Make a certified document smaller: the values that its holder keeps, in a new document that needs no key of the source.

1. Of the credential inside only the disclosures stay that are kept, and those that hold them (RFC 9901, section 7).
2. What it then shows becomes `gegevens.json`, with what was left out counted under `reduced`.
3. The letter is composed from that, and laid out as PDF/A-3a and PDF/UA-1, with both inside and the revocation lists beside them.

Who calls has checked the document first. What is made here proves itself: see `checking.reduced_steps`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from blauweknop.catalogue.schema import schema_uri
from blauweknop.catalogue.texts import sentence
from blauweknop.document.attachment import Attachment
from blauweknop.document.certified import CREDENTIAL_NAME, DATA_NAME
from blauweknop.document.content import IN_INVESTIGATION, Content
from blauweknop.document.kept_paths import KeptPath, kept_places
from blauweknop.document.lay_out import LayOut
from blauweknop.document.letter import compose_letter
from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_parts import embedded_files
from blauweknop.document.pdf_revisions import SecurityStore
from blauweknop.document.pdf_seal import read_seal
from blauweknop.document.reduction import LISTS_NAME, MOST_LISTS, REDUCED, read_lists, reduction_content, write_lists
from blauweknop.domain.dataset import Dataset
from blauweknop.standards.disclosures import Place
from blauweknop.standards.pades import parse_cms
from blauweknop.standards.sd_jwt_vc import disclose
from blauweknop.standards.strict_json import canonical_json
from blauweknop.standards.undisclosed import Inventory, take_inventory

__all__ = ["Reduced", "TrustedInput", "lay_out_reduced", "read_trusted", "reduce_credential"]

_REGISTERED = frozenset({"iss", "iat", "nbf", "exp", "vct"})
_NEUTRAL = "#25476a"
"""The house style of the source stays with the source: what a holder makes has a colour of its own."""


@dataclass(frozen=True, slots=True)
class TrustedInput:
    """Of a document that passed the check: its credential and the revocation lists (DER) it brings."""

    credential: str = field(repr=False)
    revocation: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reduced:
    """A credential with less in it, and the `gegevens.json` that says the same."""

    credential: str = field(repr=False)
    content: Content = field(repr=False)


def read_trusted(file: PdfFile) -> TrustedInput:
    """What a reduction needs of a document that passed the check, sealed or itself reduced.

    Raises:
        MalformedPdf, KeyError, CmsProblem, MalformedValue: the bytes are not those that were checked.
    """
    attached = embedded_files(file)
    lists = read_lists(attached[LISTS_NAME].content) if LISTS_NAME in attached else _lists_of_sealed(file)
    return TrustedInput(attached[CREDENTIAL_NAME].content.decode("ascii"), lists)


def _lists_of_sealed(file: PdfFile) -> tuple[bytes, ...]:
    """Those in the seal, and the fresher ones that were added later."""
    added = [crl for later in file.later if isinstance(later, SecurityStore) for crl in later.crls]
    return tuple(dict.fromkeys((*parse_cms(read_seal(file).cms).crls, *added)))[-MOST_LISTS:]


def reduce_credential(credential: str, keep: Sequence[KeptPath], dataset: Dataset, *, made_at: datetime) -> Reduced:
    """Steps 1 and 2. `made_at` is when, in whole seconds for all who read it.

    Raises:
        UnknownPath: a path to keep leads to nothing.
        SdJwtProblem: the credential is not one that was checked.
    """
    inventory = take_inventory(credential)
    kept = kept_places(keep, [item.shown for item in inventory.disclosed])
    kept |= _indications_of(kept, inventory)
    wanted = {item.original for item in inventory.disclosed if item.shown in kept}
    smaller = disclose(credential, lambda place: place in wanted)
    after = take_inventory(smaller)
    claims = {name: value for name, value in after.claims.items() if name not in _REGISTERED}
    reduced = reduction_content(made_at, after.held_back, claims)
    return Reduced(smaller, {"$schema": schema_uri(dataset), **claims, REDUCED: reduced})


def lay_out_reduced(
    reduced: Reduced, dataset: Dataset, *, revocation: Sequence[bytes], exercise: bool, made_at: datetime, lay_out: LayOut
) -> bytes:
    """Step 3. `revocation` are lists (DER) for the certificates of the credential.

    Raises:
        TypesettingFailed: nothing was made.
    """
    content, language = reduced.content, str(reduced.content["language"])
    letter = compose_letter(content, dataset, check_url=str(content["controle_url"]), exercise=exercise)
    attachments = (
        Attachment(DATA_NAME, canonical_json(content), "application/json", "data", sentence("letter.json_description", language)),
        Attachment(
            CREDENTIAL_NAME,
            reduced.credential.encode("ascii"),
            "application/dc+sd-jwt",
            "alternative",
            sentence("letter.sd_jwt_description", language),
        ),
        Attachment(
            LISTS_NAME,
            write_lists(revocation),
            "application/x-pem-file",
            "data",
            sentence("reduced.revocation_description", language),
        ),
    )
    return lay_out(letter, accent=_NEUTRAL, attachments=attachments, made_at=made_at)


def _indications_of(kept: frozenset[Place], inventory: Inventory) -> frozenset[Place]:
    """The source said of some values that it is looking into them; that goes wherever the value goes."""
    qualified = {item.shown: _qualified(item.shown) for item in inventory.disclosed if IN_INVESTIGATION in item.shown}
    return frozenset(shown for shown, about in qualified.items() if any(place[: len(about)] == about for place in kept))


def _qualified(place: Place) -> Place:
    """`naam.inOnderzoek.voornamen` is about `naam.voornamen`."""
    return tuple(step for step in place if step != IN_INVESTIGATION)
