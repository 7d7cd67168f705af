"""What a holder does with an mdoc: choose the data elements to show, and show them to one receiver (ISO/IEC 18013-5 8.3.2.1.2.2, 9.1.3)."""

from collections.abc import Callable, Sequence

from blauweknop.standards import cose
from blauweknop.standards.mdoc.parts import EMBEDDED, VERSION, MdocProblem
from blauweknop.standards.mdoc.receiving import name_of_item, read_issued
from blauweknop.standards.mdoc.security_object import read_security_object
from blauweknop.standards.mdoc.transcripts import device_authentication
from blauweknop.standards.signing import Signer
from blauweknop.standards.strict_cbor import Encoded, Tagged, Writable, write_cbor

__all__ = ["present", "select"]

_NOTHING = write_cbor({})


def select(issuer_signed: bytes, keep: Callable[[str, str], bool]) -> bytes:
    """The same IssuerSigned with only the data elements for whose namespace and name `keep` holds. The signature is not looked at.

    Raises:
        MdocProblem: not an IssuerSigned.
    """
    received = read_issued(issuer_signed)
    spaces: dict[str, Writable] = {}
    for namespace, items in received.items.items():
        kept = [Tagged(EMBEDDED, item) for item in items if keep(namespace, name_of_item(item))]
        if kept:
            spaces[namespace] = kept
    members: dict[str, Writable] = {"issuerAuth": received.issuer_auth}
    return write_cbor(members | {"nameSpaces": spaces} if spaces else members)


def present(documents: Sequence[tuple[bytes, Signer]], *, transcript: bytes) -> bytes:
    """A DeviceResponse with each IssuerSigned, signed by the key of the device that it belongs to, for the session of `transcript`.

    Raises:
        MdocProblem: not an IssuerSigned.
        UnsuitableKey: a device has no P-256 key.
    """
    shown = [_document(issuer_signed, device, transcript) for issuer_signed, device in documents]
    return write_cbor({"version": VERSION, "documents": shown, "status": 0})


def _document(issuer_signed: bytes, device: Signer, transcript: bytes) -> Writable:
    received = read_issued(issuer_signed)
    if received.message.payload is None:
        raise MdocProblem("format", "expected an issuerAuth with its payload")
    doctype = read_security_object(received.message.payload).doctype
    signature = cose.sign_cose(device_authentication(transcript, doctype, _NOTHING), device, cose.DEVICE_AUTH)
    authentication: dict[str, Writable] = {"deviceSignature": Encoded(signature)}
    device_signed: dict[str, Writable] = {"nameSpaces": Tagged(EMBEDDED, _NOTHING), "deviceAuth": authentication}
    document: dict[str, Writable] = {"docType": doctype, "issuerSigned": Encoded(issuer_signed), "deviceSigned": device_signed}
    return document
