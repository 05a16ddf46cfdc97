"""Downloads that were asked for: the URL, size and SHA-256 are told first, and verified before a file is used."""

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path

from neocog.core.durable import storage_problem, sync_folder
from neocog.core.errors import DataProblem, StorageProblem
from neocog.core.progress import AbstractProgress

_TIMEOUT = 30.0  # seconds without an answer
_PIECE = 2**18


@dataclass(frozen=True)
class Remote:
    """A file at its official home: URL, size in bytes, SHA-256."""

    url: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """The name that it gets."""
        return self.url.rsplit("/", 1)[-1]


def download(remotes: Sequence[Remote], folder: Path, progress: AbstractProgress) -> None:
    """Fetch what is missing into a folder; a file appears there only when it is whole and verified.

    Raises:
        StorageProblem: ``download-failed`` or ``disk-full``.
        DataProblem: ``download-mismatch``: the size or the SHA-256 differs; the file is not kept.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise storage_problem(folder, problem) from problem
    for remote in remotes:
        if not (folder / remote.file).exists():
            progress.say(f"Downloading {remote.url} ({remote.size:,} bytes, SHA-256 {remote.sha256}) to {folder}")
            _fetch(remote, folder / remote.file, progress)


def _fetch(remote: Remote, path: Path, progress: AbstractProgress) -> None:
    temporary = None
    progress.start(f"Downloading {remote.file}", remote.size, "bytes")
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            digest, size = _copied(remote, file, progress)
            file.flush()
            os.fsync(file.fileno())
        if size != remote.size or digest != remote.sha256:
            raise _mismatch(remote, size, digest)
        os.replace(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as problem:
        if isinstance(problem, urllib.error.HTTPError):
            problem.close()
        raise StorageProblem(
            "download-failed",
            f"{remote.file} could not be fetched: {getattr(problem, 'reason', None) or problem}",
            where=remote.url,
            note="nothing was kept of it",
            help="fetch the file elsewhere and pass its folder with --root FOLDER",
        ) from problem
    except OSError as problem:
        raise problem if isinstance(problem, StorageProblem) else storage_problem(path, problem) from problem
    finally:
        progress.end()
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _copied(remote: Remote, file: BufferedIOBase, progress: AbstractProgress) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with urllib.request.urlopen(remote.url, timeout=_TIMEOUT) as answer:  # the URL is one of our tables
        while size <= remote.size and (piece := answer.read(_PIECE)):
            file.write(piece)
            digest.update(piece)
            size += len(piece)
            progress.advance(size)
    return digest.hexdigest(), size


def _mismatch(remote: Remote, size: int, digest: str) -> DataProblem:
    return DataProblem(
        "download-mismatch",
        f"{remote.file} is not the file that was expected",
        where=[f"{remote.url}: {size:,} bytes, SHA-256 {digest}", f"expected: {remote.size:,}, {remote.sha256}"],
        note="it was not kept",
        help="try again later, or fetch the file elsewhere and pass its folder with --root FOLDER",
    )
