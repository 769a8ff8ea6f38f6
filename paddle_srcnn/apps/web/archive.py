"""An archive of files, made while it is sent, so that it takes neither memory nor room on the disk."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from paddle_srcnn.apps.web.names import distinct

__all__ = ["archived"]

CHUNK = 1 << 20  # bytes


class _Pipe(io.RawIOBase):
    """Collector of the bytes that are written to it."""

    def __init__(self) -> None:
        super().__init__()
        self._bytes = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: object) -> int:
        added = memoryview(content).cast("B")  # type: ignore[arg-type]
        self._bytes += added
        return len(added)

    def taken(self) -> bytes:
        """Return the bytes that were written since the last call."""
        content = bytes(self._bytes)
        self._bytes.clear()
        return content


def archived(files: Sequence[tuple[str, Path]]) -> Iterator[bytes]:
    """Write files to a ZIP archive, as they are: pictures are compressed already.

    Parameters
    ----------
    files : sequence of (str, Path)
        Name in the archive, and file. Equal names are numbered.

    Yields
    ------
    bytes
        The archive, part after part.
    """
    pipe = _Pipe()
    with ZipFile(pipe, "w", ZIP_STORED) as archive:
        for name, (_, path) in zip(distinct(name for name, _ in files), files, strict=True):
            info = ZipInfo(name)
            info.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as entry:
                while content := source.read(CHUNK):
                    entry.write(content)
                    yield pipe.taken()
    yield pipe.taken()
