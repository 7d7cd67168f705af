"""The XML of a trusted list: from hostile bytes to the one element that its signer signed.

XML gives an attacker more room than any other form: entities that name files, sizes that explode, and signatures over one element while
another is read. So in steps (TS 119 612 clause 5.7.1 and annex B; EN 319 132-1 baseline B-B; PROTOCOL 5.2):

1. at most 16 MiB of UTF-8, without document type, entities or CDATA; not deep, not broad                   (malformed)
2. the root is a list, with exactly one signature in it, its last child, and no part of a list inside that;
   no two elements with one identifier                                                                      (malformed)
3. one reference with an empty URI, so over the whole list, enveloped and then exclusively canonical, one over
   the signed properties, at most one over the key; no other transformation or algorithm                    (signature)
4. signxml finds all digests and the signature right with a certificate that the caller pinned, and the
   signed properties name that certificate                                                                  (signer, signature)

What is given back are the bytes that signxml digested: comments are gone, so no text is split, and nothing that was not signed is there.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidCertificate, SignXMLException
from signxml.xades.xades import XAdESSignatureConfiguration, XAdESVerifier

from blauweknop.domain.errors import BlauweKnopError
from blauweknop.standards.x509 import strong_key

__all__ = ["TSL", "EuListProblemCode", "EuListRefused", "signed_list"]

EuListProblemCode = Literal["malformed", "signature", "signer", "rollback"]

TSL = "{http://uri.etsi.org/02231/v2#}"
_ROOT = f"{TSL}TrustServiceStatusList"
_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
_XADES = "{http://uri.etsi.org/01903/v1.3.2#}"
_METHODS = frozenset(
    {
        SignatureMethod.RSA_SHA256,
        SignatureMethod.RSA_SHA384,
        SignatureMethod.RSA_SHA512,
        SignatureMethod.SHA256_RSA_MGF1,
        SignatureMethod.SHA384_RSA_MGF1,
        SignatureMethod.SHA512_RSA_MGF1,
        SignatureMethod.ECDSA_SHA256,
        SignatureMethod.ECDSA_SHA384,
        SignatureMethod.ECDSA_SHA512,
    }
)
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA384, DigestAlgorithm.SHA512})
_IDENTIFIERS = frozenset({"Id", "ID", "id", "{http://www.w3.org/XML/1998/namespace}id"})
_MAX_BYTES = 16 * 1024 * 1024
_MAX_DEPTH = 64
_MAX_ELEMENTS = 400_000
_MAX_PINNED = 20


class EuListRefused(BlauweKnopError):
    """A list that must not be used; `code` says why."""

    def __init__(self, code: EuListProblemCode, message: str) -> None:
        super().__init__(message)
        self.code: EuListProblemCode = code


def signed_list(data: bytes, *, pinned: Sequence[x509.Certificate], at: datetime) -> bytes:
    """The list in canonical form, as it was signed by one of the pinned certificates, valid at the aware moment `at`.

    Raises: EuListRefused (malformed, signature, signer).
    """
    root = _parsed(data)
    signature = _only_signature(root)
    _require_plain_references(root, signature)
    return _verified(data, signature, pinned, at)


def _malformed(message: str) -> EuListRefused:
    return EuListRefused("malformed", f"trusted list: {message}")


_DECLARATION = re.compile(r"<\?xml[^>]*?encoding\s*=\s*[\"']([^\"']*)[\"']")


def _parsed(data: bytes) -> etree._Element:
    # 1
    if len(data) > _MAX_BYTES:
        raise _malformed(f"expected at most {_MAX_BYTES} bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _malformed("expected UTF-8") from error
    declared = _DECLARATION.match(text)
    if declared is not None and declared[1].upper() not in ("UTF-8", "US-ASCII"):
        raise _malformed("expected UTF-8")
    if re.search(r"<!(?!--)", text):
        raise _malformed("expected no document type, no entities and no CDATA")
    try:
        root = etree.fromstring(data, parser=_parser())
    except etree.XMLSyntaxError as error:
        raise _malformed("expected well-formed XML that is not too deep") from error
    info = root.getroottree().docinfo
    if info.internalDTD is not None or info.externalDTD is not None:
        raise _malformed("expected no document type")
    _require_bounded(root)
    return root


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, attribute_defaults=False, huge_tree=False
    )


def _require_bounded(root: etree._Element) -> None:
    seen: set[str] = set()
    count, depth = 0, 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "end":
            continue
        count += 1
        if depth > _MAX_DEPTH or count > _MAX_ELEMENTS:
            raise _malformed("expected fewer elements, less deep")
        for name, value in element.attrib.items():
            if name in _IDENTIFIERS:
                if value in seen:
                    raise _malformed("expected each identifier once")
                seen.add(str(value))
    if any(isinstance(node, etree._Entity) for node in root.iter(etree.Entity)):
        raise _malformed("expected no entities")


def _only_signature(root: etree._Element) -> etree._Element:
    # 2
    if root.tag != _ROOT:
        raise _malformed("expected a list of trust services as the root")
    signatures = list(root.iter(f"{_DS}Signature"))
    if len(signatures) != 1 or signatures[0].getparent() is not root or root[-1] is not signatures[0]:
        raise EuListRefused("signature", "expected one signature, as the last part of the list")
    if any(True for _ in signatures[0].iter(f"{TSL}*")) or sum(1 for _ in root.iter(root.tag)) != 1:
        raise EuListRefused("signature", "expected one list, and no part of it inside its signature")
    return signatures[0]


def _require_plain_references(root: etree._Element, signature: etree._Element) -> None:
    # 3
    information = signature.findall(f"{_DS}SignedInfo")
    methods = information[0].findall(f"{_DS}CanonicalizationMethod") if len(information) == 1 else []
    if [one.get("Algorithm") for one in methods] != [_EXCLUSIVE] or len(methods[0]):
        raise EuListRefused("signature", "expected exclusive canonicalisation")
    found: list[str] = []
    for reference in information[0].findall(f"{_DS}Reference"):
        transforms = reference.findall(f"{_DS}Transforms/*")
        allowed = ([_ENVELOPED, _EXCLUSIVE],) if reference.get("URI") == "" else ([_EXCLUSIVE], [])
        if [one.get("Algorithm") for one in transforms] not in allowed or any(
            one.tag != f"{_DS}Transform" or len(one) for one in transforms
        ):
            raise EuListRefused("signature", "expected only enveloped and exclusively canonical references")
        found.append(_referred(root, signature, reference))
    if sorted(found) not in (["list", "properties"], ["key", "list", "properties"]):
        raise EuListRefused("signature", "expected references to the list, the signed properties, and nothing else")


def _referred(root: etree._Element, signature: etree._Element, reference: etree._Element) -> str:
    place = reference.get("URI")
    if place == "":
        return "list"
    # Identifiers are unique, and only these two elements of the signature itself may be meant.
    properties = signature.findall(f"{_DS}Object/{_XADES}QualifyingProperties/{_XADES}SignedProperties")
    keys = signature.findall(f"{_DS}KeyInfo")
    for name, elements in (("properties", properties), ("key", keys)):
        if len(elements) == 1 and elements[0].get("Id") and place == f"#{elements[0].get('Id')}":
            if name == "properties" and reference.get("Type") != _SIGNED_PROPERTIES:
                break
            return name
    return "other"


def _verified(data: bytes, signature: etree._Element, pinned: Sequence[x509.Certificate], at: datetime) -> bytes:
    # 4
    problem: SignXMLException | None = None
    for certificate in _candidates(signature, pinned):
        configuration = XAdESSignatureConfiguration(
            location="./", expect_references=True, signature_methods=_METHODS, digest_algorithms=_DIGESTS, verification_time=at
        )
        try:
            results = XAdESVerifier().verify(data, x509_cert=certificate, expect_config=configuration, parser=_parser())
        except InvalidCertificate as error:
            raise EuListRefused("signer", "expected the certificate of the signer to be valid now") from error
        except (SignXMLException, etree.LxmlError, ValueError, TypeError, AttributeError, KeyError) as error:
            problem = error if isinstance(error, SignXMLException) else SignXMLException(str(error))
            continue
        lists = [result.signed_data for result in results if result.signed_xml is not None and result.signed_xml.tag == _ROOT]
        if len(lists) == 1:
            signed: bytes = lists[0]
            return signed
    if problem is None:
        raise EuListRefused("signer", "expected a list that is signed with a pinned certificate")
    raise EuListRefused("signature", "expected a signature that fits the list and the pinned certificate") from problem


def _candidates(signature: etree._Element, pinned: Sequence[x509.Certificate]) -> list[x509.Certificate]:
    """The pinned certificates with a strong key that the signature claims; all of them when it claims none."""
    named = {"".join((element.text or "").split()) for element in signature.findall(f"{_DS}KeyInfo/{_DS}X509Data/{_DS}X509Certificate")}
    strong = [certificate for certificate in pinned[:_MAX_PINNED] if strong_key(certificate)]
    if not named:
        return strong
    return [certificate for certificate in strong if _base64(certificate) in named]


def _base64(certificate: x509.Certificate) -> str:
    lines = certificate.public_bytes(Encoding.PEM).decode("ascii").splitlines()
    return "".join(lines[1:-1])
