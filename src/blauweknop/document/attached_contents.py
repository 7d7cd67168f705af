"""Bytes for attachments of a typeset letter: the layout takes text only, and a paper of a person is a PDF or a picture."""

import hashlib
import zlib
from collections.abc import Mapping

from blauweknop.document.pdf_file import PdfFile
from blauweknop.document.pdf_syntax import MalformedPdf, Name, PdfObject, Reference, Stream, dictionary

__all__ = ["attached_contents"]


def attached_contents(file: PdfFile, contents: Mapping[str, bytes]) -> dict[int, PdfObject]:
    """The objects of these attachments, by their names, with these bytes in them.

    Raises: MalformedPdf when the letter has no such attachment.
    """
    places = dict(_places(file)) if contents else {}
    changed: dict[int, PdfObject] = {}
    for name, content in contents.items():
        if name not in places:
            raise MalformedPdf("attachments", "the letter does not have the attachment that bytes were given for")
        number = places[name].number
        old = file.stream(places[name], "the bytes of an attachment")
        entries = {key: value for key, value in old.dictionary.items() if key not in ("Filter", "DecodeParms", "Length")}
        parameters = file.dictionary(old.dictionary.get("Params"), "the size of an attachment")
        told = {**parameters, "Size": len(content)}
        if "CheckSum" in parameters:
            told["CheckSum"] = hashlib.md5(content, usedforsecurity=False).digest()  # ISO 32000-1, 7.11.4
        changed[number] = Stream(dictionary({**entries, "Params": dictionary(told), "Filter": Name("FlateDecode")}), zlib.compress(content))
    return changed


def _places(file: PdfFile) -> list[tuple[str, Reference]]:
    """Each attachment with the object that holds its bytes."""
    found = []
    for reference in file.array(file.root.get("AF", ()), "the associated files"):
        specification = file.dictionary(reference, "an attachment")
        name, stream = specification.get("F"), file.dictionary(specification.get("EF"), "the bytes of an attachment").get("F")
        if isinstance(name, bytes) and isinstance(stream, Reference):
            found.append((name.decode("latin-1"), stream))
    return found
