"""What was written after the first signature of a foreign file, and may be there: proofs, and further signatures that nobody sees.

A signature covers its own revision; what comes later is shown as well. So after the first signature a revision may only hold
(PROTOCOL 7.5 item 3; ISO 32000-2, 12.8.2.2; EN 319 142-1, 5.4):

1. the catalog as before, but for /DSS, /Extensions, /Metadata, and one or more fields at the end of its form;
2. the form, its list of fields, a page and its list of annotations as before, but for those new fields at the end;
3. new signature fields without size, so that no page changes, with their signatures;
4. certificates, revocation lists and answers below /DSS, and descriptions of the file that nothing on a page uses.

An object that is written anew must be one of these in all that refers to it, or it could be a page by another name.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from types import MappingProxyType

from blauweknop.document.foreign.graph import State, catalog_of, dictionary_of, items_of, references_in, resolve
from blauweknop.document.foreign.revisions import ForeignFile, ForeignRevision
from blauweknop.document.foreign.signatures import ForeignSignature
from blauweknop.document.pdf_syntax import MalformedPdf, PdfDictionary, PdfObject, Reference, Stream
from blauweknop.document.pdf_writing import write_object

__all__ = ["require_only_proofs_after"]

Users = dict[int, set[int]]

_STORE_KEYS = frozenset({"Type", "Certs", "CRLs", "OCSPs", "VRI"})
_PROOF_KEYS = frozenset({"Type", "Cert", "CRL", "OCSP", "TU", "TS"})
_PROOF_STREAM = frozenset({"Length", "Filter", "DecodeParms", "Type", "Subtype"})
_FIELD_KEYS = frozenset({"Type", "Subtype", "FT", "T", "TU", "V", "Rect", "F", "P", "Lock", "SV", "AP", "MK", "DA", "Ff"})
_CONTAINERS = ("XRef", "ObjStm")


def require_only_proofs_after(file: ForeignFile, signatures: tuple[ForeignSignature, ...]) -> None:
    """Raises: MalformedPdf (revision_after_seal) for anything else after the first signature."""
    first = signatures[0].revision
    before = file.state(first)
    users: Users = {}
    _note_users(users, before)
    for place in range(first + 1, len(file.revisions)):
        revision, after = file.revisions[place], file.state(place)
        try:
            step = _Step(before, after, file.revisions[place - 1].trailer, revision, users)
            _check(step, [one for one in signatures if one.revision == place])
        except MalformedPdf as error:
            raise _refusal(f"after a signature: {error}") from error
        before = after


def _refusal(message: str) -> MalformedPdf:
    return MalformedPdf("revision_after_seal", message)


class _Step:
    """One revision after a signature, beside the state before it; `explained` are its objects that were found to be in order."""

    def __init__(self, before: State, after: State, earlier: PdfDictionary, revision: ForeignRevision, users: Users) -> None:
        self.before, self.after, self.written = before, after, revision.objects
        self.removed, self.trailer, self.earlier = revision.removed, revision.trailer, earlier
        self.old_catalog, self.catalog = catalog_of(before, earlier), catalog_of(after, revision.trailer)
        self.explained = {number for number, value in revision.objects.items() if _is_container(value)}
        self.missing = {number for number in revision.objects if number not in before and number in users}
        self._users = users
        _note_users(users, revision.objects)

    @property
    def root(self) -> int:
        root = self.trailer.get("Root")
        return root.number if isinstance(root, Reference) else 0

    def explain(self, value: PdfObject, *, users: Set[int]) -> None:
        """The object behind this reference is in order, when nothing but these uses it, before or after."""
        if not isinstance(value, Reference) or value.number not in self.written:
            return
        if not self._users.get(value.number, set()) <= users | {value.number}:
            raise _refusal("an object that was written is used for something else as well")
        self.explained.add(value.number)


def _note_users(users: Users, objects: Mapping[int, PdfObject]) -> None:
    """Note by object which objects refer to it; what no longer does so stays noted, tables and other containers do not count."""
    for number, value in objects.items():
        if not _is_container(value):
            for used in references_in(value):
                users.setdefault(used, set()).add(number)


def _check(step: _Step, signatures: Sequence[ForeignSignature]) -> None:
    if step.removed or step.trailer.get("Root") != step.earlier.get("Root"):
        raise _refusal("objects were taken away, or another catalog took the place of the one before")
    if step.missing:
        raise _refusal("an object was added that was missing under the signature")
    fields = {one.field_number for one in signatures}
    # 1
    _require_same(step.old_catalog, step.catalog, but={"DSS", "Extensions", "Metadata", "AcroForm"})
    step.explained.add(step.root)
    # 2
    _check_form(step, fields)
    _check_pages(step, fields)
    # 3
    for one in signatures:
        _check_new_field(step, one)
    # 4
    _check_store(step)
    _check_descriptions(step)
    if step.written.keys() - step.explained:
        raise _refusal("objects were written that are neither proofs nor signatures")


def _check_form(step: _Step, fields: Set[int]) -> None:
    old, new = (dictionary_of(state, catalog.get("AcroForm"), "the form") for state, catalog in _both(step))
    _require_same(old, new, but={"Fields", "SigFlags"}, added={"DR", "DA"})
    _require_grown(step, old.get("Fields"), new.get("Fields"), fields)
    written = step.catalog.get("AcroForm")
    step.explain(written, users={step.root})
    step.explain(new.get("Fields"), users={written.number if isinstance(written, Reference) else step.root})


def _both(step: _Step) -> tuple[tuple[State, PdfDictionary], tuple[State, PdfDictionary]]:
    return (step.before, step.old_catalog), (step.after, step.catalog)


def _check_pages(step: _Step, fields: Set[int]) -> None:
    for number, page in step.after.items():
        old = step.before.get(number)
        if not isinstance(page, MappingProxyType) or not isinstance(old, MappingProxyType) or old.get("Type") != "Page":
            continue
        listed = page.get("Annots")
        if number not in step.written and not (isinstance(listed, Reference) and listed.number in step.written):
            continue
        _require_same(old, page, but={"Annots"})
        _require_grown(step, old.get("Annots"), listed, fields)
        step.explained |= {number} & step.written.keys()
        step.explain(listed, users={number})


def _require_grown(step: _Step, old: PdfObject, new: PdfObject, fields: Set[int]) -> None:
    """The new list begins with the old one, and what was added are the new signatures."""
    first, second = items_of(step.before, old, "a list"), items_of(step.after, new, "a list")
    if not _same(first, second[: len(first)]):
        raise _refusal("a list of fields or annotations changed")
    if not all(isinstance(item, Reference) and item.number in fields for item in second[len(first) :]):
        raise _refusal("a field or an annotation was added that is no signature")


def _check_new_field(step: _Step, signature: ForeignSignature) -> None:
    entries = step.written.get(signature.field_number)
    if signature.field_number in step.before or not isinstance(entries, MappingProxyType):
        raise _refusal("a signature was put in a field that was there before")
    if not entries.keys() <= _FIELD_KEYS or entries.get("FT") != "Sig" or not _without_size(step.after, entries.get("Rect", (0, 0, 0, 0))):
        raise _refusal("the field of a later signature can be seen, or is more than a signature")
    step.explained |= {signature.field_number, signature.number}
    below = [entries.get(key) for key in ("AP", "Lock", "SV", "MK")]
    signed = step.written.get(signature.number)
    if isinstance(signed, MappingProxyType):
        below += [signed.get("Reference"), signed.get("Prop_Build")]
    _explain_new(step, below)


def _without_size(state: State, rectangle: PdfObject) -> bool:
    match resolve(state, rectangle):
        case (int() | float() as left, int() | float() as low, int() | float() as right, int() | float() as high):
            return left == right and low == high
    return False


def _explain_new(step: _Step, values: Sequence[PdfObject]) -> None:
    """New objects below these are in order; none of before can be written anew by way of them."""
    waiting = [number for value in values for number in references_in(value)]
    while waiting:
        number = waiting.pop()
        if number in step.written and number not in step.before and number not in step.explained:
            step.explained.add(number)
            waiting.extend(references_in(step.written[number]))


def _check_store(step: _Step) -> None:
    stored = step.catalog.get("DSS")
    if stored is None:
        if "DSS" in step.old_catalog:
            raise _refusal("the store of proofs went away")
        return
    store = dictionary_of(step.after, stored, "the store of proofs")
    inside = {part for part in (stored, *_parts_of_store(step.after, store)) if isinstance(part, Reference)}
    numbers = {part.number for part in inside}
    for part in inside:
        if part.number in step.before and isinstance(step.written.get(part.number), Stream):
            raise _refusal("a proof was written anew")
        step.explain(part, users=numbers | {step.root})


def _parts_of_store(state: State, store: PdfDictionary) -> Iterator[PdfObject]:
    """All below /DSS, each of the form it must have (ISO 32000-2, 12.8.4.3); a list that is named again is not looked at again."""
    if not store.keys() <= _STORE_KEYS:
        raise _refusal("the store of proofs holds something else")
    lists = [store.get(key) for key in ("Certs", "CRLs", "OCSPs")]
    if "VRI" in store:
        yield store["VRI"]
        for one in dictionary_of(state, store["VRI"], "the proofs of signatures").values():
            yield one
            entries = dictionary_of(state, one, "the proofs of a signature")
            if not entries.keys() <= _PROOF_KEYS:
                raise _refusal("the store of proofs holds something else")
            lists += [entries.get(key) for key in ("Cert", "CRL", "OCSP")]
            if "TS" in entries:
                lists.append((entries["TS"],))
    seen: set[Reference] = set()
    for listed in lists:
        if not isinstance(listed, Reference):
            yield from _proofs(state, listed)
        elif listed not in seen:
            seen.add(listed)
            yield from _proofs(state, listed)


def _proofs(state: State, listed: PdfObject) -> Iterator[PdfObject]:
    yield listed
    for item in items_of(state, listed, "a list of proofs"):
        proof = resolve(state, item)
        if not isinstance(item, Reference) or not isinstance(proof, Stream) or not proof.dictionary.keys() <= _PROOF_STREAM:
            raise _refusal("the store of proofs holds something else")
        yield item
        yield proof.dictionary.get("Length")


def _check_descriptions(step: _Step) -> None:
    about = step.trailer.get("Info")
    if isinstance(about, Reference) and about.number in step.written:
        if not _is_plain(step.written[about.number]) or not _is_plain(step.before.get(about.number, MappingProxyType({}))):
            raise _refusal("the information about the file is something else as well")
        step.explain(about, users=frozenset())
    metadata = step.catalog.get("Metadata")
    if isinstance(metadata, Reference) and metadata.number in step.written:
        described = step.written[metadata.number]
        if not isinstance(described, Stream) or described.dictionary.get("Subtype") != "XML":
            raise _refusal("the description of the file is something else as well")
        step.explain(metadata, users={step.root})


def _is_plain(value: PdfObject) -> bool:
    return isinstance(value, MappingProxyType) and "Type" not in value and all(isinstance(item, bytes | str) for item in value.values())


def _is_container(value: PdfObject) -> bool:
    return isinstance(value, Stream) and value.dictionary.get("Type") in _CONTAINERS


def _require_same(old: PdfDictionary, new: PdfDictionary, *, but: Set[str], added: Set[str] = frozenset()) -> None:
    for key in (old.keys() | new.keys()) - but:
        if key in new and key in added and key not in old:
            continue
        if key not in old or key not in new or not _same(old[key], new[key]):
            raise _refusal("something that was signed was written anew with another content")


def _same(one: PdfObject, other: PdfObject) -> bool:
    # As bytes: for Python 1, 1.0 and true are equal, for a reader of PDF they are not.
    return write_object(one) == write_object(other)
