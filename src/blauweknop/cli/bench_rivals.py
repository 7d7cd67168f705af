"""What one would use today instead: typst or WeasyPrint for the pages, pyHanko for the seal and for judging it.

Only the benchmarks come here. Neither pyHanko nor WeasyPrint is part of the product, so they are imported when they are asked for.
All make the same letter with the same two files inside, and get their time stamp from the same authority in this process.
"""

import asyncio
import html
import io
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from typing import TYPE_CHECKING

from blauweknop.cli.bench_exercise import BenchExercise, Order
from blauweknop.document import certified
from blauweknop.document.attachment import Attachment
from blauweknop.document.blocks import Block, Heading, Letter, Listing, Outcome, Panel, Paragraph, Rows, Table
from blauweknop.document.content import compose_content
from blauweknop.document.letter import compose_letter
from blauweknop.document.typesetting import qr_svg

if TYPE_CHECKING:
    from asn1crypto.tsp import TimeStampReq, TimeStampResp

__all__ = ["pyhanko_judge", "pyhanko_sealer", "unsealed_by_typst", "unsealed_by_weasyprint"]

Work = Callable[[Order], bytes]


def unsealed_by_typst(exercise: BenchExercise) -> Work:
    """Our own pages, before the seal."""

    def work(order: Order) -> bytes:
        letter, attachments = _letter(exercise, order)
        certifier = exercise.certifier
        return certifier.typesetter.typeset(letter, accent=certifier.accent, attachments=attachments, made_at=order.facts.issued_at)

    return work


def unsealed_by_weasyprint(exercise: BenchExercise) -> Work:
    """The same letter as HTML; PDF/A-3a, which excludes PDF/UA-1 in this program.

    Raises:
        ImportError: WeasyPrint is not here.
    """
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    style = weasyprint.CSS(string=_style(exercise.certifier.accent), font_config=fonts)

    def work(order: Order) -> bytes:
        letter, attachments = _letter(exercise, order)
        enclosed = [
            weasyprint.Attachment(string=file.data, name=file.name, description=file.description, relationship=file.relationship.title())
            for file in attachments
        ]
        page = weasyprint.HTML(string=_as_html(letter))
        made = page.write_pdf(stylesheets=[style], font_config=fonts, attachments=enclosed, pdf_variant="pdf/a-3a")
        return bytes(made)

    return work


def pyhanko_sealer(exercise: BenchExercise) -> Callable[[bytes], bytes]:
    """PAdES B-T with the seal key of the exercise.

    Raises:
        ImportError: pyHanko is not here.
    """
    from asn1crypto import algos, tsp
    from asn1crypto import x509 as asn1_x509
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers, timestamps
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key = exercise.seal_signer

    class BorrowedKey(signers.Signer):
        async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
            import hashlib

            return bytes(72) if dry_run else key.sign(hashlib.new(digest_algorithm, data).digest())

    class Authority(timestamps.TimeStamper):
        async def async_request_tsa_response(self, req: "TimeStampReq") -> "TimeStampResp":
            return tsp.TimeStampResp.load(exercise.authority.respond(req.dump()))

    known = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # a package without types for its constructor
    known.register_multiple([asn1_x509.Certificate.load(chain) for chain in (*key.chain, *exercise.roots)])
    signer = BorrowedKey(
        signing_cert=asn1_x509.Certificate.load(key.certificate),
        cert_registry=known,
        signature_mechanism=algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}),
        embed_roots=False,
    )
    authority = Authority()  # type: ignore[no-untyped-call]  # the constructor of pyHanko has no types
    details = signers.PdfSignatureMetadata(
        field_name="Zegel",
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        name=exercise.certifier.source.legal_name,
    )
    place = fields.SigFieldSpec("Zegel")

    def seal(pdf: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        made = asyncio.run(
            signers.async_sign_pdf(writer, details, signer, timestamper=authority, new_field_spec=place, bytes_reserved=16384)
        )
        return bytes(made.getvalue())

    return seal


def pyhanko_judge(exercise: BenchExercise) -> Callable[[bytes, datetime], bool]:
    """Whether pyHanko calls the seal good, with the revocation lists of the seal; it does not look at data or pages.

    Raises:
        ImportError: pyHanko is not here.
    """
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    roots = [Certificate.load(root) for root in exercise.roots[:1]]

    def judge(pdf: bytes, at: datetime) -> bool:
        (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        lists = [
            item.dump()
            for attribute in signature.signer_info["signed_attrs"]
            if attribute["type"].native == "adobe_revocation_info_archival"
            for archive in attribute["values"]
            for item in archive["crl"]
        ]

        def trusted() -> ValidationContext:
            return ValidationContext(trust_roots=roots, allow_fetching=False, crls=lists, revocation_mode="hard-fail", moment=at)

        status = validate_pdf_signature(signature, trusted(), trusted())
        return bool(status.bottom_line)

    return judge


def _letter(exercise: BenchExercise, order: Order) -> tuple[Letter, tuple[Attachment, ...]]:
    certifier = exercise.certifier
    content = compose_content(order.snapshot, order.selection, exercise.dataset, certifier.source, order.facts)
    letter = compose_letter(content, exercise.dataset, check_url=certifier.check_url, exercise=certifier.exercise)
    return letter, certified.attachments(content, certifier, exercise.dataset)


def _style(accent: str) -> str:
    folder = files("blauweknop.document") / "fonts"
    faces = "".join(
        f"@font-face{{font-family:Letter;font-weight:{weight};src:url(file:{folder / name})}}"
        for weight, name in (
            ("400", "AtkinsonHyperlegibleNext_400Regular.ttf"),
            ("700", "AtkinsonHyperlegibleNext_700Bold.ttf"),
        )
    )
    return f"""{faces}
@page {{ size: A4; margin: 34mm 20mm 36mm 25mm;
  @top-left {{ content: element(header); width: 100% }} @bottom-left {{ content: element(footer); width: 100% }} }}
html {{ font: 10pt/1.4 Letter }} h1 {{ font-size: 20pt }} h2 {{ font-size: 12.5pt }} h3 {{ font-size: 10.5pt }}
h1, h2, h3 {{ color: {accent} }} table {{ border-collapse: collapse; width: 100% }} caption {{ text-align: left; font-weight: bold }}
th {{ text-align: left; border-bottom: .8pt solid {accent} }} td {{ border-bottom: .3pt solid #c9d3de; padding: 1.7mm 1.4mm }}
.number {{ text-align: right }} .total td {{ font-weight: bold }} .panel {{ background: #f1f6fc; padding: 5mm }}
#header {{ position: running(header) }} #footer {{ position: running(footer); font-size: 8.5pt }} #footer svg {{ width: 19mm; float: left }}
#footer .page:after {{ content: counter(page) " / " counter(pages) }}"""


def _as_html(letter: Letter) -> str:
    say = html.escape
    footer = "<br>".join(map(say, letter.footer))
    body = "".join(map(_block_as_html, letter.blocks))
    return (
        f'<!doctype html><html lang="{letter.language}"><head><meta charset="utf-8"><title>{say(letter.title)}</title></head><body>'
        f'<div id="header"><b>{say(letter.sender)}</b> {say(letter.header)}</div>'
        f'<div id="footer">{qr_svg(letter.qr_text)}{footer}<span class="page"></span></div><h1>{say(letter.title)}</h1>{body}</body></html>'
    )


def _block_as_html(block: Block) -> str:
    say = html.escape
    match block:
        case Heading(level, words):
            return f"<h{level}>{say(words)}</h{level}>"
        case Paragraph(words):
            return f"<p>{say(words)}</p>"
        case Rows(rows):
            return f"<table>{''.join(f'<tr><td>{say(label)}<td>{say(value)}</tr>' for label, value in rows)}</table>"
        case Listing(items):
            return f"<ul>{''.join(f'<li>{say(item)}</li>' for item in items)}</ul>"
        case Panel(title, paragraphs):
            return f'<div class="panel"><h2>{say(title)}</h2>{"".join(f"<p>{say(words)}</p>" for words in paragraphs)}</div>'
        case Outcome(_, word, title, summary):
            return f'<div class="panel"><p>{say(word)}</p><h2>{say(title)}</h2><p>{say(summary)}</p></div>'
        case Table():
            return _table_as_html(block)


def _table_as_html(table: Table) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        kinds = [' class="number"' if number else "" for number in table.numbers]
        return "".join(f"<{tag}{kind}>{html.escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True))

    lines = "".join(f"<tr>{row(line, 'td')}</tr>" for line in table.rows)
    total = f'<tr class="total">{row(table.total, "td")}</tr>' if table.total else ""
    head = f"<thead><tr>{row(table.header, 'th')}</tr></thead>"
    return f"<table><caption>{html.escape(table.caption)}</caption>{head}<tbody>{lines}{total}</tbody></table>"
