"""Whether text is UTF-8, and where it isn't."""

from __future__ import annotations

import codecs

import numpy as np
import pyarrow as pa


class UndecodableText(Exception):
    """Text that is not UTF-8, with the line of the first undecodable byte; it carries no text."""

    def __init__(self, line: int) -> None:
        self.line = line
        super().__init__(f"line {line}")


def check_utf8(text: bytes, line: int) -> None:
    """Raise UndecodableText unless the text, which begins on that line, is UTF-8."""
    offsets = pa.py_buffer(np.array([0, len(text)], np.int32))
    try:
        pa.StringArray.from_buffers(1, offsets, pa.py_buffer(text)).validate(full=True)
    except pa.ArrowInvalid:
        Utf8Parts(line).check(text, final=True)
        raise AssertionError("Arrow and Python disagree on UTF-8") from None


class Utf8Parts:
    """A text checked part by part, wherever it was cut."""

    def __init__(self, line: int) -> None:
        self.line = line
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def check(self, part: bytes, final: bool = False) -> None:
        """Raise UndecodableText where the text isn't UTF-8 up to here; `line` is where the next part begins."""
        try:
            self._decoder.decode(part, final)
        except UnicodeDecodeError as error:
            # The error's own text carries the buffer: only its position may leave.
            line = self.line + bytes(error.object[: error.start]).count(b"\n")
        else:
            self.line += part.count(b"\n")
            return
        raise UndecodableText(line)
