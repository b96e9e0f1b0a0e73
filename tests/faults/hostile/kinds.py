"""What a hostile file is: it replaces an honest one."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from rsp_health.runner.record.index import with_digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

__all__ = ["KINDS", "plant", "take_back"]

type Content = bytes | Callable[[Path, bytes], None]


def _bomb(make: str) -> bytes:
    lines = ["a0: &a0 " + ("{k: 1}" if "<<" in make else "[x]")]
    lines += [
        f"a{n}: &a{n} " + make.format(", ".join([f"*a{n - 1}"] * 9))
        for n in range(1, 14)
    ]
    return "\n".join(lines).encode()


def _pipe(path: Path, _: bytes) -> None:
    os.mkfifo(path)


def _link(target: str) -> Callable[[Path, bytes], None]:
    def make(path: Path, _: bytes) -> None:
        path.symlink_to(target)

    return make


def _folder(path: Path, _: bytes) -> None:
    path.mkdir()


def _endless(path: Path, before: bytes) -> None:
    path.write_bytes(before)
    os.truncate(path, 1 << 40)


def _added(data: bytes) -> Callable[[Path, bytes], None]:
    def make(path: Path, before: bytes) -> None:
        path.write_bytes(before + data + b"\n")

    return make


def _edited(old: bytes, new: bytes) -> Callable[[Path, bytes], None]:
    def make(path: Path, before: bytes) -> None:
        path.write_bytes(before.replace(old, new))

    return make


#: Name -> the content, or what makes the file from the honest one's content.
KINDS: dict[str, Content] = {
    "pipe": _pipe,
    "zero": _link("/dev/zero"),
    "tty": _link("/dev/tty"),
    "loop": _link("loop-of-links"),
    "outside": _link("/etc/passwd"),
    "kmsg": _link("/proc/kmsg"),
    "folder": _folder,
    "endless": _endless,
    "merges": _bomb("{{<<: [{}]}}"),
    "aliases": _bomb("[{}]"),
    "itself": b"a: &a [*a]\n",
    "deep": b"[" * 100_000,
    "deep yaml": b"- " * 30_000 + b"x\n",
    "deep toml": b"a = " + b"[" * 50_000 + b"\n",
    "deep tables": b"a = " + b"{a=" * 20_000 + b"\n",
    "dotted": b"a" + b".a" * 60_000 + b" = 1  # rsp-health\n",
    "wide": b"[" + b"[]," * 400_000 + b"[]]",
    "wide yaml": b"[" + b"a," * 60_000 + b"]",
    "digits": b"a: " + b"9" * 5000 + b"\n",
    "digits toml": b"a = " + b"9" * 5000 + b"  # rsp-health\n",
    "hex": b"a = 0x" + b"f" * 60_000 + b"  # rsp-health\n",
    "tag": b'a: !!int "0x"\n',
    "python": b"!!python/object/apply:os.system [id]\n",
    "date": b"a: 2026-02-30\n",
    "date toml": b"a = 2026-02-30  # rsp-health\n",
    "utf-16": "a: 1\n".encode("utf-16"),
    "bytes": bytes(range(256)) * 100,
    "nothing": b"",
    "nul": b"\0" * 100_000,
    "quotes": b"'" * 300_000,
    "line deep": _added(b"[" * 10_000),
    "line digits": _added(b'{"kind": ' + b"9" * 5000 + b"}"),
    "line wide": _added(b"[" + b"[]," * 600_000 + b"[]]"),
    "lines": _added(b'{"kind":"x"}\n' * 300_000),
    "starts": _added(b'{"kind":"run_started","run_id":"x"}\n' * 20_000),
    "signed deep": _added(with_digest(b'{"run":' + b"[" * 10_000)),
    "signed digits": _added(with_digest(b'{"record":[' + b"9" * 5000)),
    "signed bytes": _added(with_digest(b'{"run":"' + bytes(range(128, 256)))),
    "passed": _edited(b'"failed"', b'"passed"'),
    "passwd": _edited(
        b'"executed_path": null', b'"executed_path": "/etc/passwd"'
    ),
    "state": _edited(b'"failed"', b'"\\ud800"'),
    "year": _edited(b"2026-11-20", b"99999-99-99"),
    "infinity": _edited(b"2.5", b"1e999"),
    "nan": _edited(b"2.5", b"NaN"),
    "half": _edited(b"a.ipynb", b"\\ud800.ipynb"),
}


def plant(kind: str, path: Path) -> bytes | None:
    """Put a hostile file in a place; return what was there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_bytes() if path.is_file() else None
    _clear(path)
    content = KINDS[kind]
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path, before or b"")
    return before


def take_back(path: Path, before: bytes | None) -> None:
    """Put the honest file back."""
    _clear(path)
    if before is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(before)


def _clear(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
