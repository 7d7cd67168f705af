"""Four viewers that people have, each of another maker: poppler (Linux desktops), MuPDF (e-readers), PDFium (Chrome), pdf.js (Firefox).

A test marks the suites of the viewers that it calls: `poppler`, `mupdf`, `chromium` and `pdfjs`; PDFium comes with the test packages.
"""

import os
import re
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zlib import decompress

import numpy as np
import pypdfium2
import zxingcpp
from playwright.sync_api import Browser, ConsoleMessage, Error, Route

from tests.interop.page_pictures import Picture
from tests.suites import pdfjs_folder

__all__ = ["VIEWERS", "Rendering", "Viewer", "codes_on", "render"]

Viewer = Literal["poppler", "mupdf", "pdfium", "pdfjs"]
VIEWERS: tuple[Viewer, ...] = ("poppler", "mupdf", "pdfium", "pdfjs")
_SECONDS = 120
_PLACE = "https://viewer.invalid"  # no request leaves the browser: each is answered below
_OF_THE_BUILD = "warning: ICC support is not available"  # MuPDF of Debian, of any file with an output intent, as PDF/A must have
_TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".pdf": "application/pdf"}
_QR_CODES = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PDFJS_SCRIPT = """
async ({ place, scale }) => {
  const pdfjs = await import(`${place}/build/pdf.min.mjs`);
  pdfjs.GlobalWorkerOptions.workerSrc = `${place}/build/pdf.worker.min.mjs`;
  const file = await pdfjs.getDocument({
    url: `${place}/document.pdf`,
    standardFontDataUrl: `${place}/standard_fonts/`,
    wasmUrl: `${place}/wasm/`,
    iccUrl: `${place}/iccs/`,
  }).promise;
  const packed = async (bytes) => {
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
    const small = new Uint8Array(await new Response(stream).arrayBuffer());
    return btoa(Array.from(small, (byte) => String.fromCharCode(byte)).join(""));
  };
  const pages = [];
  for (let number = 1; number <= file.numPages; number += 1) {
    const page = await file.getPage(number);
    const viewport = page.getViewport({ scale });
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(viewport.width);
    canvas.height = Math.round(viewport.height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    await page.render({ canvas: null, canvasContext: context, viewport }).promise;
    const drawn = context.getImageData(0, 0, canvas.width, canvas.height);
    pages.push({ width: drawn.width, height: drawn.height, colours: await packed(drawn.data) });
  }
  return pages;
}
"""


@dataclass(frozen=True, slots=True)
class Rendering:
    """The pages of a document as one viewer draws them, and what it said meanwhile."""

    pages: tuple[Picture, ...]
    complaints: tuple[str, ...]


def render(pdf: Path, viewer: Viewer, *, dpi: int = 150, browser: Browser | None = None) -> Rendering:
    """Draw every page; `dpi` is dots per inch. pdf.js needs a browser to run in.

    A viewer that cannot open the file gives no pages and says so in its complaints.
    """
    match viewer:
        case "poppler":
            return _drawn_by("pdftoppm", "-r", str(dpi), str(pdf), "{folder}/page")
        case "mupdf":
            return _drawn_by("mutool", "draw", "-q", "-r", str(dpi), "-F", "ppm", "-o", "{folder}/page-%d.ppm", str(pdf))
        case "pdfium":
            return _pdfium(pdf, dpi)
        case "pdfjs":
            assert browser is not None, "pdf.js runs in a browser"
            return _pdfjs(pdf, dpi, browser)


def codes_on(page: Picture) -> tuple[str, ...]:
    """The text of each QR code on a page."""
    return tuple(code.text for code in zxingcpp.read_barcodes(np.ascontiguousarray(page), formats=_QR_CODES))


def _drawn_by(*command: str) -> Rendering:
    """The pages that a program writes into a folder as PPM files with their numbers in the names."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [word.replace("{folder}", folder) for word in command],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
        )
        files = sorted(Path(folder).glob("*.ppm"), key=lambda file: int(re.findall(r"\d+", file.stem)[-1]))
        pages = tuple(_read_ppm(file.read_bytes()) for file in files)
    complaints = [line for line in done.stderr.splitlines() if line and line != _OF_THE_BUILD]
    if done.returncode and not complaints:
        complaints.append(f"exit code {done.returncode}")
    return Rendering(pages, tuple(complaints))


def _read_ppm(content: bytes) -> Picture:
    header = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", content)
    assert header is not None, "expected a PPM file of eight bits a colour"
    width, height = int(header[1]), int(header[2])
    return np.frombuffer(content, np.uint8, offset=header.end()).reshape(height, width, 3)


def _pdfium(pdf: Path, dpi: int) -> Rendering:
    try:
        file = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        return Rendering((), (str(error),))
    try:
        file.init_forms()  # else the field of the seal is not drawn
        return Rendering(tuple(page.render(scale=dpi / 72, rev_byteorder=True).to_numpy().copy()[..., :3] for page in file), ())
    finally:
        file.close()


def _pdfjs(pdf: Path, dpi: int, browser: Browser) -> Rendering:
    said: list[str] = []
    page = browser.new_page()
    page.on("console", lambda message: said.extend(_complaint(message)))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route("**/*", lambda route: _answer(route, pdf, said))
    try:
        page.goto(f"{_PLACE}/")
        drawn = page.evaluate(_PDFJS_SCRIPT, {"place": _PLACE, "scale": dpi / 72})
    except Error as error:
        said.append(str(error))
        return Rendering((), tuple(said))
    finally:
        page.close()
    return Rendering(_pictures(drawn), tuple(said))


def _complaint(message: ConsoleMessage) -> tuple[str, ...]:
    return (message.text,) if message.type in {"warning", "error", "assert"} else ()


def _answer(route: Route, pdf: Path, said: list[str]) -> None:
    """Give the browser the file it asks for, from the package of pdf.js or the document itself."""
    folder = pdfjs_folder()
    assert folder is not None, "mark the test suite('pdfjs')"
    asked = urlsplit(route.request.url).path
    if asked == "/":
        route.fulfill(body="<!doctype html><title>pdf.js</title>", content_type="text/html")
        return
    file = pdf if asked == "/document.pdf" else folder / asked.lstrip("/")
    if not file.is_file():
        said.append(f"asked for {asked}")
        route.fulfill(status=404)
        return
    route.fulfill(body=file.read_bytes(), content_type=_TYPES.get(file.suffix, "application/octet-stream"))


def _pictures(drawn: Sequence[dict[str, Any]]) -> tuple[Picture, ...]:
    return tuple(
        np.frombuffer(decompress(b64decode(page["colours"])), np.uint8).reshape(page["height"], page["width"], 4)[..., :3] for page in drawn
    )
