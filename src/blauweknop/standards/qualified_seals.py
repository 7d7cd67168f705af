"""Whether a certificate says that it is a qualified one for electronic seals (EN 319 412-5 clauses 4.2.1 and 4.2.3)."""

from cryptography import x509

from blauweknop.standards import der
from blauweknop.standards.der import Fields, MalformedDer

__all__ = ["is_qualified_for_seals"]

_STATEMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
_COMPLIANCE = "0.4.0.1862.1.1"
_TYPE = "0.4.0.1862.1.6"
_SEAL = "0.4.0.1862.1.6.2"


def is_qualified_for_seals(certificate: x509.Certificate) -> bool:
    """Its own statements say so; whether its authority may say it, is for the trusted list."""
    try:
        value = certificate.extensions.get_extension_for_oid(_STATEMENTS).value
        encoded = value.value if isinstance(value, x509.UnrecognizedExtension) else b""
        said = dict(_statement(element) for element in der.parse(encoded).children())
    except (x509.ExtensionNotFound, MalformedDer):
        return False
    return _COMPLIANCE in said and _SEAL in said.get(_TYPE, ())


def _statement(element: der.Element) -> tuple[str, tuple[str, ...]]:
    """Its identifier, and for the type of certificate the types."""
    fields = Fields(element, "a statement")
    kind = der.read_object_identifier(fields.take(der.OBJECT_IDENTIFIER, "an identifier"))
    if kind != _TYPE:
        return kind, ()
    types = fields.take(der.SEQUENCE, "the types").children()
    return kind, tuple(der.read_object_identifier(one) for one in types)
