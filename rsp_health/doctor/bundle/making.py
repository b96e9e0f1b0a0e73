"""Makes a bundle: redacts each file, looks again, and writes what passed."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ... import __version__
from ...errors import BadInputError, ConflictError, EnvironmentFailureError
from ...files import fsync_directory, rename_noreplace, to_user_error
from ...redaction import Redactor
from ...wire import utc_now
from ..evidence.patience import within
from .anonymous import Anonymous
from .material import pieces
from .models import BundleDocument, BundleEntry, Manifest, Omission
from .scan import leak_in

if TYPE_CHECKING:
    from pathlib import Path

    from .material import Material, Piece
    from .models import Flavour

__all__ = ["Bundle", "make_bundle", "write_bundle"]

_MANIFEST = "manifest.json"
_SUMMARY = "summary.md"
_PIECE_S = 3.0
_PIECE_CHARACTERS = 2_000_000
#: What stands where something was taken out.
_LABEL = re.compile(r"\[[a-z][a-z' ]{1,40}(?: \d+)?\]")


@dataclass(slots=True)
class Bundle:
    """A bundle that is finished, and not written yet."""

    flavour: Flavour
    files: dict[str, bytes] = field(default_factory=dict)
    entries: list[BundleEntry] = field(default_factory=list)
    omissions: list[Omission] = field(default_factory=list)
    data: bytes = b""

    def told(
        self, path: Path | None = None, *, with_texts: bool = False
    ) -> BundleDocument:
        """Return what is in it.

        Parameters
        ----------
        path
            Where it was written.
        with_texts
            Whether the files themselves are told.
        """
        texts = {name: data.decode() for name, data in self.files.items()}
        return BundleDocument(
            flavour=self.flavour,
            path=None if path is None else str(path),
            size_bytes=len(self.data),
            files=sorted(self.entries, key=lambda entry: entry.name),
            omissions=self.omissions,
            summary=texts.get(_SUMMARY, ""),
            texts=texts if with_texts else {},
        )


def make_bundle(material: Material, flavour: Flavour) -> Bundle:
    """Return a bundle without anything secret.

    Parameters
    ----------
    material
        What was found.
    flavour
        For whom it is.

    Raises
    ------
    rsp_health.errors.EnvironmentFailureError
        Raised if not even the list of its files is free of secrets.
    """
    secrets = material.context.environment.secrets()
    maker = _Maker(material, flavour, frozenset(secrets))
    return maker.make()


class _Maker:
    def __init__(
        self, material: Material, flavour: Flavour, secrets: frozenset[str]
    ) -> None:
        self._material = material
        self._secrets = secrets
        self._redactor = Redactor(secrets)
        self._anonymous = (
            Anonymous(material.context) if flavour == "public" else None
        )
        self._bundle = Bundle(flavour)

    def make(self) -> Bundle:
        bundle = self._bundle
        for piece in pieces(self._material):
            self._add(piece)
        # What is finished is looked at as it stands in the archive.
        while True:
            self._put_manifest()
            bundle.data = _zipped(bundle.files)
            leaks = self._leaks(bundle.data)
            if not leaks:
                return bundle
            if _MANIFEST in leaks:
                raise EnvironmentFailureError(
                    "The bundle was not made: the list of its files cannot "
                    "be told without a secret.",
                    hint="Copy what you want to tell from `rsp-health "
                    "doctor`, and read it before you send it.",
                    code="bundle_leaks",
                )
            for name, why in leaks.items():
                self._drop(name, why)

    def _add(self, piece: Piece) -> None:
        try:
            text = within(_PIECE_S, piece.make)
        except TimeoutError:
            self._omit(piece.name, "it could not be read in time")
            return
        except Exception as exc:  # noqa: BLE001 - its text may hold anything
            self._omit(
                piece.name, f"it could not be read ({type(exc).__name__})"
            )
            return
        if not text:
            self._omit(piece.name, "there is nothing to tell")
            return
        if len(text) > _PIECE_CHARACTERS:
            self._omit(piece.name, "it is too large")
            return
        try:
            clean = self._clean(piece.name, text)
        except Exception:  # noqa: BLE001 - a redactor that fails lets nothing out
            self._omit(piece.name, "what takes secrets out of it failed")
            return
        redactions = len(_LABEL.findall(clean)) - len(_LABEL.findall(text))
        self._put(piece.name, piece.about, clean, max(0, redactions))

    def _clean(self, name: str, text: str) -> str:
        if name.endswith(".json"):
            value = self._redactor.value(json.loads(text))
            text = json.dumps(value, indent=1, ensure_ascii=False) + "\n"
        else:
            text = self._redactor.text(text)
        if self._anonymous is not None:
            text = self._anonymous.text(text)
        return text

    def _put(self, name: str, about: str, text: str, count: int) -> None:
        data = text.encode("utf-8", "replace")
        self._bundle.files[name] = data
        self._bundle.entries.append(
            BundleEntry(
                name=name,
                about=about,
                size_bytes=len(data),
                sha256=hashlib.sha256(data).hexdigest(),
                redactions=count,
            )
        )

    def _omit(self, name: str, reason: str) -> None:
        self._bundle.omissions.append(Omission(name=name, reason=reason))

    def _drop(self, name: str, why: str) -> None:
        self._bundle.files.pop(name)
        self._forget(name)
        self._omit(name, why)

    def _forget(self, name: str) -> None:
        entries = self._bundle.entries
        self._bundle.entries = [e for e in entries if e.name != name]

    def _put_manifest(self) -> None:
        self._forget(_MANIFEST)
        bundle = self._bundle
        manifest = Manifest(
            made_at=utc_now(),
            made_by=f"rsp-health {__version__}",
            flavour=bundle.flavour,
            files=sorted(bundle.entries, key=lambda entry: entry.name),
            omissions=bundle.omissions,
        )
        text = manifest.model_dump_json(indent=1) + "\n"
        self._put(_MANIFEST, "this list, with the files' sums", text, 0)

    def _leaks(self, data: bytes) -> dict[str, str]:
        """Return the files of an archive that must not leave, and why."""
        found = {}
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                try:
                    why = leak_in(archive.read(name), self._secrets)
                except Exception:  # noqa: BLE001 - not looked at: not given away
                    why = "it could not be looked at again"
                if why:
                    found[name] = why
        return found


def write_bundle(bundle: Bundle, path: Path) -> BundleDocument:
    """Write a bundle where nothing is yet, readable by its user alone.

    Parameters
    ----------
    bundle
        The bundle.
    path
        The file to be.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised with code ``inside_git`` if it would lie in a git tree.
    rsp_health.errors.ConflictError
        Raised if there is something already.
    rsp_health.errors.EnvironmentFailureError
        Raised if it cannot be written.
    """
    path = path.absolute()
    for folder in path.resolve().parents:
        if os.path.lexists(folder / ".git"):
            raise BadInputError(
                f"{path} would lie in the git repository {folder}.",
                hint="Choose a folder outside of it: what is in a bundle is "
                "not for a repository.",
                code="inside_git",
            )
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        descriptor = os.open(part, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(bundle.data)
                file.flush()
                os.fsync(file.fileno())
            rename_noreplace(part, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                part.unlink()
        fsync_directory(path.parent)
    except FileExistsError as exc:
        raise ConflictError(
            f"There is something at {path} already.",
            hint="Choose another name.",
            code="exists",
        ) from exc
    except OSError as exc:
        raise to_user_error(exc, f"write {path.name}") from exc
    return bundle.told(path)


def _zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o600 << 16
            archive.writestr(info, files[name])
    return target.getvalue()
