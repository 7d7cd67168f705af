"""Streams of other makers, unpacked within bounds: /FlateDecode with its predictors where we must read, a measure of the others.

ISO 32000-1, 7.4. A stream inside a stream inside a stream is how a small file becomes a large one, so only one packing counts.
"""

import zlib
from types import MappingProxyType

from blauweknop.document.pdf_file import FileLimits
from blauweknop.document.pdf_syntax import MalformedPdf, PdfObject, Stream

__all__ = ["Unpacker"]

_TEXT_FORMS = frozenset({"ASCIIHexDecode", "ASCII85Decode", "AHx", "A85"})
_FLATE = frozenset({"FlateDecode", "Fl"})
_PICTURES = frozenset(
    {"DCTDecode", "DCT", "JPXDecode", "CCITTFaxDecode", "CCF", "JBIG2Decode", "LZWDecode", "LZW", "RunLengthDecode", "RL"}
)
_MOST_COLUMNS = 1 << 16
_MOST_PREDICTED = 2 << 20  # bytes; tables and streams of objects, which are undone byte by byte


class Unpacker:
    """Unpacks streams and counts what came out; its state is what may still come."""

    __slots__ = ("_left", "_limits")

    def __init__(self, limits: FileLimits) -> None:
        self._limits = limits
        self._left = limits.inflated_size

    def measure(self, stream: Stream) -> None:
        """Refuse a stream that is packed twice, or grows beyond the limits. Raises: MalformedPdf (stream_filter and as `unpack`)."""
        names = [name for name in _filters(stream) if name not in _TEXT_FORMS]
        if len(names) > 1 or any(name not in _FLATE | _PICTURES for name in names):
            raise MalformedPdf("stream_filter", "a stream is packed more than once, or in an unknown way")
        if names and names[0] in _FLATE and names == _filters(stream):
            self._inflate(stream.raw)

    def unpack(self, stream: Stream) -> bytes:
        """The bytes of a stream without packing, or of one that is packed once with FlateDecode.

        Raises: MalformedPdf (stream_filter, stream_data, inflate_limit, inflate_ratio).
        """
        names = _filters(stream)
        if not names:
            return stream.raw
        if len(names) > 1 or names[0] not in _FLATE:
            raise MalformedPdf("stream_filter", "a stream that must be read is packed in another way than FlateDecode")
        parameters = _one(stream.dictionary.get("DecodeParms", stream.dictionary.get("DP")))
        return _unpredict(self._inflate(stream.raw), parameters)

    def _inflate(self, packed: bytes) -> bytes:
        most = min(self._limits.stream_size, self._left)
        unpacker = zlib.decompressobj()
        try:
            result = unpacker.decompress(packed, most + 1)
        except zlib.error as error:
            raise MalformedPdf("stream_data", "a compressed stream cannot be unpacked") from error
        if len(result) > most:
            raise MalformedPdf("inflate_limit", f"streams unpack to more than {most} bytes")
        if len(result) > self._limits.ratio_from and len(result) > self._limits.ratio * len(packed):
            raise MalformedPdf("inflate_ratio", f"a stream unpacks to more than {self._limits.ratio} times its size")
        if unpacker.unused_data.strip(b"\r\n"):
            raise MalformedPdf("stream_data", "a compressed stream has bytes after its end")
        self._left -= len(result)
        return result


def _filters(stream: Stream) -> list[str]:
    listed = stream.dictionary.get("Filter", stream.dictionary.get("F"))
    names = listed if isinstance(listed, tuple) else () if listed is None else (listed,)
    if not all(isinstance(name, str) for name in names):
        raise MalformedPdf("stream_filter", "a stream does not say how it is packed")
    return [str(name) for name in names]


def _one(value: PdfObject) -> PdfObject:
    return value[0] if isinstance(value, tuple) and len(value) == 1 else value


def _unpredict(data: bytes, parameters: PdfObject) -> bytes:
    """Undo the PNG predictors (ISO 32000-1, 7.4.4.4; RFC 2083 clause 6); tables of objects use them."""
    if parameters is None:
        return data
    if not isinstance(parameters, MappingProxyType):
        raise MalformedPdf("stream_filter", "the parameters of a stream are not a dictionary")
    predictor, columns = parameters.get("Predictor", 1), parameters.get("Columns", 1)
    plain = parameters.get("Colors", 1) == 1 and parameters.get("BitsPerComponent", 8) == 8
    if predictor == 1:
        return data
    if type(predictor) is not int or not 10 <= predictor <= 15 or type(columns) is not int or not 0 < columns <= _MOST_COLUMNS or not plain:
        raise MalformedPdf("stream_filter", "a stream that must be read has another predictor than those of PNG")
    if len(data) > _MOST_PREDICTED:
        raise MalformedPdf("inflate_limit", f"a stream with predictors unpacks to more than {_MOST_PREDICTED} bytes")
    if len(data) % (columns + 1):
        raise MalformedPdf("stream_data", "a stream ends in the middle of a row")
    rows = bytearray()
    above = bytes(columns)
    for start in range(0, len(data), columns + 1):
        above = _row(data[start], data[start + 1 : start + 1 + columns], above)
        rows += above
    return bytes(rows)


def _row(kind: int, row: bytes, above: bytes) -> bytes:
    match kind:
        case 0:
            return row
        case 2:
            return bytes((one + other) & 255 for one, other in zip(row, above, strict=True))
        case 1 | 3 | 4:
            return _row_from_left(kind, row, above)
    raise MalformedPdf("stream_data", "a row of a stream has no known predictor")


def _row_from_left(kind: int, row: bytes, above: bytes) -> bytes:
    done = bytearray()
    left = corner = 0
    for value, up in zip(row, above, strict=True):
        guess = left if kind == 1 else (left + up) // 2 if kind == 3 else _paeth(left, up, corner)
        left, corner = (value + guess) & 255, up
        done.append(left)
    return bytes(done)


def _paeth(left: int, up: int, corner: int) -> int:
    near = left + up - corner
    return min((left, up, corner), key=lambda choice: abs(near - choice))
