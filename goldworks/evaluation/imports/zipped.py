"""Members of a zip file, also those compressed by Zstandard (method 93), which the standard library reads from Python 3.14 on."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from goldworks.errors import InputError

ZSTANDARD = 93
LARGEST_MEMBER = 2**30
LOCAL_HEADER = struct.Struct("<4s22xHH")
REMEDY = "copy it again, or export it again with the tool that wrote it; nothing was imported"


class Zipped:
    """An open zip file. Of members of one name the last one counts, as in its directory."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        self._members = {member.filename: member for member in archive.infolist()}

    @property
    def names(self) -> list[str]:
        """Names of the members."""
        return list(self._members)

    def read(self, name: str) -> bytes:
        """A member, whole. Raises `InputError` for one that is damaged, too large, or compressed in another way."""
        member = self._members[name]
        where = f"{self._path}: {name}"
        if member.file_size > LARGEST_MEMBER:
            raise InputError(f"{where}: larger than {LARGEST_MEMBER} bytes", remedy=REMEDY)
        try:
            if member.compress_type != ZSTANDARD:
                return self._archive.read(member)
            data = self._zstandard(member)
        except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, struct.error):
            raise InputError(f"{where}: damaged", remedy=REMEDY) from None
        except (NotImplementedError, RuntimeError):  # a method that zipfile does not know; encryption
            raise InputError(f"{where}: compressed or encrypted in a way that is not known", remedy=REMEDY) from None
        if len(data) != member.file_size or zlib.crc32(data) != member.CRC:
            raise InputError(f"{where}: damaged", remedy=REMEDY)
        return data

    def _zstandard(self, member: zipfile.ZipInfo) -> bytes:
        with self._path.open("rb") as file:
            file.seek(member.header_offset)
            signature, name_length, extra_length = LOCAL_HEADER.unpack(file.read(LOCAL_HEADER.size))
            if signature != b"PK\x03\x04":
                raise ValueError(signature)
            file.seek(name_length + extra_length, 1)
            packed = file.read(member.compress_size)
        with pa.CompressedInputStream(pa.BufferReader(packed), "zstd") as stream:
            return stream.read(member.file_size + 1)


@contextmanager
def open_zip(path: Path) -> Generator[Zipped]:
    """The zip file at `path`. Raises `InputError` for one that cannot be read, or is none or cut short."""
    try:
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", remedy="name the file that the tool wrote") from None
    except (zipfile.BadZipFile, ValueError, struct.error):
        raise InputError(f"{path}: not a whole zip file: its directory, at the end, is damaged", remedy=REMEDY) from None
    with archive:
        yield Zipped(path, archive)
