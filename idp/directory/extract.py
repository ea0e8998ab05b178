"""Opening an extract of the directory: plain or in a ZIP, UTF-8 or Latin-1, line by line."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from idp.directory.rows import HeaderUnknown, Layout, Row, RowRefused

_ENCRYPTED = 0x1
_LONGEST_LINE = 65_536
"""Bytes; a real line has less than 2,000."""


class Extract:
    """An open extract, whose lines are read once, in order."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        """Read the header.

        Raises:
            HeaderUnknown: the file is no extract that we can read.
        """
        self._stream = stream
        self.size = size
        """Bytes of the whole file, once unpacked."""
        header = stream.readline(_LONGEST_LINE).removeprefix(b"\xef\xbb\xbf")
        self.consumed = len(header)
        """Bytes read until now."""
        # The header has accents: what it is written in, the whole file is (domain 4.2).
        self._encoding = "utf-8"
        try:
            text = header.decode(self._encoding)
        except UnicodeDecodeError:
            self._encoding = "iso-8859-1"
            text = header.decode(self._encoding)
        self.layout = Layout(text)

    def rows(self) -> Iterator[tuple[int, Row | RowRefused]]:
        """Each line's number in the file, and its row or why it is refused."""
        number = 1
        while line := self._stream.readline(_LONGEST_LINE):
            number += 1
            self.consumed += len(line)
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                self._skip_rest_of_line()
                yield number, RowRefused("the line is too long")
            elif line.strip():
                yield number, self._read(line)

    def _read(self, line: bytes) -> Row | RowRefused:
        try:
            return self.layout.read(line.decode(self._encoding))
        except UnicodeDecodeError:
            return RowRefused("the line is not valid UTF-8")
        except RowRefused as refusal:
            return refusal

    def _skip_rest_of_line(self) -> None:
        while (more := self._stream.readline(_LONGEST_LINE)) and not more.endswith(b"\n"):
            self.consumed += len(more)


@contextmanager
def open_extract(path: Path) -> Iterator[Extract]:
    """Open a file of the directory; in a ZIP, the one that holds people and activities.

    Raises:
        HeaderUnknown: it is no extract that we can read.
        OSError: it cannot be read.
    """
    if not zipfile.is_zipfile(path):
        with path.open("rb", buffering=1 << 20) as stream:
            yield Extract(stream, path.stat().st_size)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            member = _member(archive)
            with archive.open(member) as stream:
                yield Extract(stream, member.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise HeaderUnknown(f"the ZIP cannot be unpacked: {error}") from error


def _member(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    texts = [m for m in archive.infolist() if m.filename.lower().endswith(".txt")]
    activities = [m for m in texts if "activite" in m.filename.lower()] or texts
    if len(activities) != 1 or activities[0].flag_bits & _ENCRYPTED:
        raise HeaderUnknown("the ZIP holds no single readable file of people and activities")
    return activities[0]
