"""Kinds of image files: told by their first bytes when they are read, by suffixes in folders and when written."""

from __future__ import annotations

__all__ = [
    "IMAGE_FORMATS",
    "IMAGE_SUFFIXES",
    "UNREAD_SUFFIXES",
    "WRITTEN_SUFFIXES",
    "Kind",
    "kind_of",
    "result_suffix",
]

IMAGE_FORMATS = {  # that are written, by suffix
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jif": "JPEG",
    ".jfif": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".webp": "WEBP",
}
WRITTEN_SUFFIXES = frozenset(IMAGE_FORMATS)

# Suffixes that are read but not written, and what their photos are written as.
RESULT_SUFFIXES = {".gif": ".png", ".avif": ".png", ".heic": ".png", ".heif": ".png", ".mpo": ".jpg"}
IMAGE_SUFFIXES = WRITTEN_SUFFIXES | frozenset(RESULT_SUFFIXES)

# Suffixes of images that no reader here decodes. A folder's listing names such files.
UNREAD_SUFFIXES = frozenset({".psd", ".jxl", ".jp2", ".j2k", ".jpx", ".jxr", ".exr", ".hdr", ".ico", ".svg", ".tga"})
UNREAD_SUFFIXES |= {".pcx", ".pbm", ".pgm", ".ppm", ".eps", ".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".raf"}
UNREAD_SUFFIXES |= {".rw2", ".pef", ".srw", ".xcf", ".apng", ".heics", ".avifs"}

READ_KINDS = (  # bytes, their offset, kind
    (b"\x89PNG\r\n\x1a\n", 0, "PNG"),
    (b"\xff\xd8\xff", 0, "JPEG"),
    (b"II*\0", 0, "TIFF"),
    (b"MM\0*", 0, "TIFF"),
    (b"II+\0", 0, "TIFF"),  # BigTIFF
    (b"MM\0+", 0, "TIFF"),
    (b"BM", 0, "BMP"),
    (b"GIF8", 0, "GIF"),
    (b"WEBP", 8, "WEBP"),
    (b"ftypavif", 4, "AVIF"),
    (b"ftypavis", 4, "AVIF"),
    (b"ftyphei", 4, "HEIC"),
    (b"ftyphev", 4, "HEIC"),
    (b"ftypmif1", 4, "HEIC"),  # or AVIF, which the brands behind it tell
    (b"ftypmsf1", 4, "HEIC"),
)
GENERAL_BRANDS = (b"ftypmif1", b"ftypmsf1")
OTHER_KINDS = (
    (b"8BPS", 0, "a Photoshop document"),
    (b"%PDF", 0, "a PDF document"),
    (b"%!PS", 0, "a PostScript document"),
    (b"\xff\x0a", 0, "JPEG XL"),
    (b"JXL ", 4, "JPEG XL"),
    (b"jP  ", 4, "JPEG 2000"),
    (b"\xff\x4f\xff\x51", 0, "JPEG 2000"),
    (b"II\xbc\x01", 0, "JPEG XR"),
    (b"v/1\x01", 0, "OpenEXR"),
    (b"\0\0\1\0", 0, "an icon"),
    (b"ftypcrx", 4, "a camera's raw file"),
    (b"IIU\0", 0, "a camera's raw file"),
)


class Kind(str):
    """Name of a kind of file.

    Attributes
    ----------
    is_read : bool
        True if a reader here decodes it.
    """

    is_read: bool

    def __new__(cls, name: str, is_read: bool) -> Kind:
        """Make a name that knows whether it is read."""
        made = super().__new__(cls, name)
        made.is_read = is_read
        return made


def kind_of(head: bytes) -> Kind | None:
    """Tell the kind of a file.

    Parameters
    ----------
    head : bytes
        The first 32 bytes of the file, or all.

    Returns
    -------
    Kind or None
        None for files of no known kind.
    """
    if head[4:12] in GENERAL_BRANDS and (b"avif" in head[16:] or b"avis" in head[16:]):
        return Kind("AVIF", True)
    for kinds, is_read in ((READ_KINDS, True), (OTHER_KINDS, False)):
        for magic, offset, name in kinds:
            if head[offset : offset + len(magic)] == magic:
                return Kind(name, is_read)
    return None


def result_suffix(suffix: str) -> str:
    """Return the suffix of a result beside a source's: the same, or one that is written in its stead.

    Parameters
    ----------
    suffix : str
        With its dot, in any case.

    Returns
    -------
    str
    """
    return RESULT_SUFFIXES.get(suffix.lower(), suffix)
