"""The zip file of a bundle: its writer, and a reader that refuses hidden bytes.

Zip archives can hide bytes: before, between and after members, in comments and extra fields, under
names that differ in their two headers. Such archives are refused, so that what was verified is all
that there is.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from adapters.evidence.faults import BadBundle
from domain.shared.problems import Problem

MOST_MEMBERS = 2_000_000
LONGEST_MEMBER = 16 * 1024 * 1024
"""Bytes of a member that is read whole: tiles have 8 KiB, entry bundles at most 16 MiB."""
LONGEST_LINE = 64 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)
_LOCAL, _CENTRAL, _END, _END64 = 30, 46, 22, 76


class BundleWriter:
    """Writes members one after the other; the same content gives the same bytes."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def write(self, name: str, content: bytes) -> None:
        """Add a member."""
        with self.member(name) as file:
            file.write(content)

    @contextmanager
    def member(self, name: str) -> Generator[IO[bytes]]:
        """Add a member whose bytes come piece by piece."""
        info = zipfile.ZipInfo(name, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self._archive.open(info, "w") as file:
            yield file


class BundleExists(Problem):
    """There is already a file where the bundle should be written."""

    file: str


@contextmanager
def writing_bundle(path: Path) -> Generator[BundleWriter]:
    """A new bundle, put in place once it is whole. Raises `BundleExists`, `OSError`."""
    if path.exists():
        raise BundleExists(file=str(path))
    fresh = path.with_name(f".{path.name}.unfinished")
    try:
        with zipfile.ZipFile(fresh, "w") as archive:
            yield BundleWriter(archive)
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)


class BundleReader:
    """The members of a bundle, by name."""

    def __init__(self, archive: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> None:
        self._archive = archive
        self.members = members

    def read(self, name: str) -> bytes:
        """All of a member. Raises `BadBundle` for one that is missing, damaged or too long."""
        info = self.members.get(name)
        if info is None:
            raise BadBundle(why=f"{name} is missing")
        if info.file_size > LONGEST_MEMBER:
            raise BadBundle(why=f"{name} has more than {LONGEST_MEMBER} bytes")
        return b"".join(self._pieces(info, LONGEST_MEMBER))

    def lines(self, name: str) -> Generator[bytes]:
        """The lines of a member without their line ends. Raises `BadBundle` as `read` does.

        Each line ends with a line feed, and none has a carriage return.
        """
        info = self.members.get(name)
        if info is None:
            raise BadBundle(why=f"{name} is missing")
        with closing(self._pieces(info, info.file_size)) as pieces:
            yield from _lines_of(name, pieces)

    def require_sound(self, name: str) -> None:
        """Read a member to its end without keeping it. Raises `BadBundle` as `read` does."""
        info = self.members[name]
        for _ in self._pieces(info, info.file_size):
            pass

    def _pieces(self, info: zipfile.ZipInfo, most: int) -> Generator[bytes]:
        read = 0
        try:
            with self._archive.open(info) as file:
                while piece := file.read(1 << 20):
                    read += len(piece)
                    if read > most:
                        raise BadBundle(why=f"{info.filename} is longer than it says")
                    yield piece
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
            raise BadBundle(why=f"{info.filename} is damaged: {error}") from None


def _lines_of(name: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    number = 0
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            number += 1
            if b"\r" in line:
                raise BadBundle(why=f"{name}:{number}: the line ends with a carriage return")
            yield line
        if len(rest) > LONGEST_LINE:
            raise BadBundle(why=f"{name}:{number + 1}: the line is too long")
    if rest:
        raise BadBundle(why=f"{name}:{number + 1}: the last line has no line end")


@contextmanager
def reading_bundle(path: Path) -> Generator[BundleReader]:
    """Open a bundle. Raises `BadBundle` for a file that is no zip, or has more than its members."""
    try:
        size = path.stat().st_size
        archive = zipfile.ZipFile(path)
    except OSError as error:
        raise BadBundle(why=f"{path} cannot be read: {error.strerror or error}") from None
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadBundle(why=f"{path} is not a readable zip archive: {error}") from None
    with archive:
        infos = archive.infolist()
        if len(infos) > MOST_MEMBERS:
            raise BadBundle(why=f"the bundle has more than {MOST_MEMBERS} members")
        _require_nothing_else(path, archive, infos, size)
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            _require_plain(info)
            if info.filename in members:
                raise BadBundle(why=f"{info.filename} is in the bundle twice")
            members[info.filename] = info
        yield BundleReader(archive, members)


def _require_plain(info: zipfile.ZipInfo) -> None:
    name = info.filename
    parts = name.split("/")
    printable = name.isascii() and name.isprintable() and info.orig_filename == name
    if not printable or not all(parts) or ".." in parts or "." in parts or "\\" in name:
        raise BadBundle(why=f"{name!r} is not the name of a member of a bundle")
    if info.flag_bits or info.comment or info.is_dir():
        raise BadBundle(why=f"{name} is encrypted, a folder, or has a comment")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise BadBundle(why=f"{name} is compressed in another way than deflate")


def _require_nothing_else(
    path: Path, archive: zipfile.ZipFile, infos: list[zipfile.ZipInfo], size: int
) -> None:
    """Members one after the other from the first byte, then their list, then the end."""
    at = central = 0
    with path.open("rb") as file:
        for info in infos:
            file.seek(info.header_offset)
            local = file.read(_LOCAL)
            name, extra = (int.from_bytes(local[i : i + 2], "little") for i in (26, 28))
            own = len(info.filename.encode())
            large = info.file_size >= 1 << 32 or info.header_offset >= 1 << 32
            if info.header_offset != at or name != own or (extra and not large):
                raise BadBundle(why=f"there are bytes beside the members, at {at}")
            if info.extra and not large:
                raise BadBundle(why=f"{info.filename} has an extra field")
            at += _LOCAL + name + extra + info.compress_size
            central += _CENTRAL + own + len(info.extra)
    many = len(infos) > 0xFFFF or at >= 1 << 32
    end = _END + (_END64 if many else 0)
    if archive.comment or archive.start_dir != at or size != at + central + end:
        raise BadBundle(why=f"there are bytes beside the members, at {at} or behind")
