"""Notebooks that leave things open: twenty-five kinds, held in four ways."""

from __future__ import annotations

import importlib.util

from tests.faults.runner.cases import notebook

__all__ = ["BOOKS", "KINDS", "LEFT_OUT"]

#: What opens something and returns it; what stands in it is written at its
#: end only. Everything happens in the notebook's own folder.
_KINDS: dict[str, str] = {
    "text": "f = open('out.txt', 'w'); f.write('text\\n' * 9); return f",
    "binary": "f = open('out.bin', 'wb'); f.write(b'\\0\\1' * 99); return f",
    "gzip": (
        "import gzip\n"
        "f = gzip.GzipFile('out.gz', 'wb', mtime=0)\n"
        "f.write(b'text' * 999); return f"
    ),
    "gzip-text": (
        "import gzip, io\n"
        "f = io.TextIOWrapper(gzip.GzipFile('out.gz', 'wb', mtime=0))\n"
        "f.write('text' * 999); return f"
    ),
    "bz2": "import bz2\nf = bz2.open('o.bz2', 'w'); f.write(b'x'); return f",
    "xz": "import lzma\nf = lzma.open('o.xz', 'w'); f.write(b'x'); return f",
    "zip": (
        "import zipfile\n"
        "f = zipfile.ZipFile('out.zip', 'w')\n"
        "f.writestr(zipfile.ZipInfo('entry'), 'text'); return f"
    ),
    "zip-entry": (
        "import zipfile\n"
        "f = zipfile.ZipFile('out.zip', 'w', zipfile.ZIP_DEFLATED)\n"
        "e = f.open(zipfile.ZipInfo('entry'), 'w')\n"
        "e.write(b'text' * 99); return f, e"
    ),
    "tar": (
        "import io, tarfile\n"
        "f = tarfile.open('out.tar', 'w')\n"
        "f.addfile(tarfile.TarInfo('entry'), io.BytesIO()); return f"
    ),
    "shelve": (
        "import dbm.dumb, shelve\n"
        "s = shelve.Shelf(dbm.dumb.open('out', 'n'), writeback=True)\n"
        "s['a'] = [1]; s['a'].append(2); return s"
    ),
    "sqlite": (
        "import sqlite3\n"
        "c = sqlite3.connect('out.db')\n"
        "c.execute('pragma cache_size=1')\n"
        "c.execute('create table t (x)'); c.commit()\n"
        "c.executemany('insert into t values (?)', [('y' * 999,)] * 99)\n"
        "return c"
    ),
    "sqlite-wal": (
        "import sqlite3\n"
        "c = sqlite3.connect('out.db')\n"
        "c.execute('pragma journal_mode=wal')\n"
        "c.execute('create table t (x)'); c.commit(); return c"
    ),
    "temporary-file": (
        "import tempfile\n"
        "f = tempfile.NamedTemporaryFile('w', dir='.', prefix='scratch-')\n"
        "f.write('text'); return f"
    ),
    "temporary-file-kept": (
        "import tempfile\n"
        "f = tempfile.NamedTemporaryFile(\n"
        "    'w', dir='.', prefix='scratch-', delete=False)\n"
        "f.write('text'); return f"
    ),
    "temporary-folder": (
        "import tempfile\n"
        "f = tempfile.TemporaryDirectory(dir='.', prefix='scratch-')\n"
        "open(f.name + '/file', 'w').write('text'); return f"
    ),
    "atexit": (
        "import atexit\n"
        "f = open('out.txt', 'w')\n"
        "atexit.register(lambda: f.write('at exit')); return f"
    ),
    "finalize": (
        "import os, weakref\n"
        "class Thing: pass\n"
        "it = Thing()\n"
        "path = os.path.abspath('finalized')\n"
        "weakref.finalize(it, lambda: open(path, 'w').write('x'))\n"
        "return it"
    ),
    "callback": (
        "import os, weakref\n"
        "class Thing: pass\n"
        "it = Thing()\n"
        "write = os.open('out.txt', os.O_CREAT | os.O_WRONLY)\n"
        "put = os.write\n"
        "r = weakref.ref(it, lambda _: put(write, b'gone'))\n"
        "return [r, it]"
    ),
    "del": (
        "import os\n"
        "write = os.open('out.txt', os.O_CREAT | os.O_WRONLY)\n"
        "put = os.write\n"
        "class Thing:\n"
        "    __slots__ = ()\n"
        "    def __del__(self): put(write, b'deleted')\n"
        "return Thing()"
    ),
    "thread": (
        "import threading, time\n"
        "f = open('out.txt', 'w')\n"
        "def late(): time.sleep(0.2); f.write('late')\n"
        "t = threading.Thread(target=late); t.start(); return t"
    ),
    "subprocess": (
        "import subprocess\n"
        "p = subprocess.Popen(['tee', 'out.txt'], stdin=subprocess.PIPE,\n"
        "    stdout=subprocess.DEVNULL, text=True)\n"
        "p.stdin.write('text' * 99); p.stdin.flush()\n"
        "return p"
    ),
    "logging": (
        "import logging, logging.handlers\n"
        "to = logging.FileHandler('log')\n"
        "h = logging.handlers.MemoryHandler(99, target=to)\n"
        "log = logging.getLogger('mine'); log.addHandler(h)\n"
        "log.warning('noted'); return log"
    ),
    "stack": (
        "import contextlib\n"
        "@contextlib.contextmanager\n"
        "def opened():\n"
        "    f = open('out.txt', 'w')\n"
        "    try: yield f\n"
        "    finally: f.write('closed'); f.close()\n"
        "m = opened(); m.__enter__(); return m"
    ),
    "elsewhere": (
        "import os\n"
        "os.mkdir('sub'); os.chdir('sub')\n"
        "os.environ['TMPDIR'] = os.getcwd()\n"
        "f = open('out.txt', 'w'); f.write(os.environ['TMPDIR'][-3:])\n"
        "os.chdir('/'); return f"
    ),
    "module": (
        "import io, sys, types\n"
        "sys.modules['mine'] = mine = types.ModuleType('mine')\n"
        "mine.f = open('out.txt', 'w'); mine.f.write('text')\n"
        "del sys.modules['mine']; return mine"
    ),
}
#: The same for packages that not every Python has.
_MORE: dict[str, tuple[str, str]] = {
    "parquet": (
        "pyarrow",
        (
            "import pyarrow as pa, pyarrow.parquet as pq\n"
            "t = pa.table({'x': list(range(99))})\n"
            "w = pq.ParquetWriter('out.parquet', t.schema)\n"
            "w.write_table(t); return w"
        ),
    ),
    "hdf5": (
        "h5py",
        (
            "import h5py\n"
            "f = h5py.File('out.h5', 'w', track_order=False)\n"
            "f['x'] = list(range(99)); return f"
        ),
    ),
    "memmap": (
        "numpy",
        (
            "import numpy as np\n"
            "m = np.memmap('out.npy', dtype='i4', mode='w+', shape=99)\n"
            "m[:] = 7; return m"
        ),
    ),
}
LEFT_OUT = [
    kind
    for kind, (package, _) in _MORE.items()
    if importlib.util.find_spec(package) is None
]
KINDS = _KINDS | {
    kind: code for kind, (_, code) in _MORE.items() if kind not in LEFT_OUT
}
#: Who holds it when the notebook ends, and how that is.
_HOLDERS: dict[str, list[str]] = {
    "name": ["kept = make()", "1"],
    "cycle": [
        "class Node: pass\nnode = Node(); node.me = node; node.it = make()"
    ],
    "generator": [
        (
            "def holding():\n    it = make()\n    yield it\n"
            "held = holding(); _ = next(held)"
        )
    ],
    "shown": ["[make()]", "1 / 0"],
}


def _book(code: str, cells: list[str]) -> bytes:
    body = "".join(f"    {line}\n" for line in code.splitlines())
    return notebook(f"def make():\n{body}", *cells)


#: Notebooks by name; a folder each, so that nothing is another one's.
BOOKS: dict[str, bytes] = {
    f"{kind}-{holder}": _book(code, cells)
    for kind, code in KINDS.items()
    for holder, cells in _HOLDERS.items()
}
