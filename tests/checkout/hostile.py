"""Repositories and folders made to run a command or to write elsewhere.

Each of `REPOSITORIES` fills an upstream, each of `FOLDERS` what stands at the
checkout's place. Where a command could be named, it is the payload: a program
that leaves a mark.
"""

from __future__ import annotations

import os
import socket
import subprocess
import unicodedata
from typing import TYPE_CHECKING

from tests.faults.checkout.homes import git, make_upstream, notebook

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

type Maker = Callable[[Path, str], None]

ODD_NAMES = [
    "line\nbreak.ipynb",
    "tab\tand\rreturn.ipynb",
    "\x1b[31mred\x1b[0m\x07.ipynb",
    "\N{RIGHT-TO-LEFT OVERRIDE}bnypi.exe.ipynb",
    "<img src=x onerror=alert(1)>.ipynb",
    "';$(touch pwned)`touch pwned`.ipynb",
    '"quoted" \\backslash.ipynb',
    "-rf",
    "--upload-pack=touch pwned",
    ":(glob)x",
    "...",
    " leading and trailing ",
    "n" * 255,
    "\N{PILE OF POO}.ipynb",
    "zero\u200bwidth.ipynb",
]


def commit(folder: Path) -> None:
    """Commit everything, whatever git thinks of it."""
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", "hostile")


def mktree(folder: Path, *entries: tuple[str, str, str]) -> str:
    """Make a tree object that git itself would not make."""
    text = "".join(
        f"{mode} {'tree' if mode == '040000' else 'blob'} {sha}\t{name}\0"
        for mode, sha, name in entries
    )
    done = subprocess.run(
        ["git", "mktree", "-z", "--missing"],
        cwd=folder,
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def blob(folder: Path, text: str) -> str:
    """Store a blob, and return its name."""
    done = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"],
        cwd=folder,
        input=text.encode(),
        capture_output=True,
        check=True,
    )
    return done.stdout.decode().strip()


def point_main_at(folder: Path, tree: str) -> None:
    """Make a tree the content of the branch."""
    sha = git(folder, "commit-tree", tree, "-m", "hostile")
    git(folder, "update-ref", "refs/heads/main", sha)


# Upstream repositories


def hooks_in_tree(folder: Path, payload: str) -> None:
    for place in ("hooks", ".githooks", ".husky"):
        (folder / place).mkdir()
        for name in ("post-checkout", "post-merge", "pre-commit"):
            hook = folder / place / name
            hook.write_text(f"#!/bin/sh\n{payload}\n")
            hook.chmod(0o755)
    (folder / ".gitconfig").write_text("[core]\n\thooksPath = .githooks\n")
    commit(folder)


def filter_attribute(folder: Path, payload: str) -> None:
    (folder / ".gitattributes").write_text(
        "* filter=evil diff=evil merge=evil\n"
    )
    (folder / ".gitconfig").write_text(
        f'[filter "evil"]\n\tclean = {payload}\n\tsmudge = {payload}\n'
    )
    commit(folder)


def lfs_pointer(folder: Path, payload: str) -> None:
    (folder / ".gitattributes").write_text("*.fits filter=lfs diff=lfs\n")
    (folder / ".lfsconfig").write_text(
        f"[lfs]\n\turl = ext::{payload}\n"
        f'[lfs "customtransfer.x"]\n\tpath = {payload}\n'
    )
    (folder / "image.fits").write_text(
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{'0' * 64}\nsize 1\n"
    )
    commit(folder)


def link_to_etc(folder: Path, payload: str) -> None:
    (folder / "escape").symlink_to("/etc")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "up").symlink_to("../../../..")
    commit(folder)


def link_and_folder(folder: Path, payload: str) -> None:
    """Write through a link that the same tree holds."""
    inner = mktree(folder, ("100644", blob(folder, "x"), "written"))
    target = blob(folder, "../../../outside")
    tree = mktree(folder, ("120000", target, "a"), ("040000", inner, "a"))
    point_main_at(folder, tree)


def link_as_attributes(folder: Path, payload: str) -> None:
    (folder / ".gitattributes").symlink_to("/etc/passwd")
    (folder / ".gitignore").unlink()
    (folder / ".gitignore").symlink_to("/etc/passwd")
    commit(folder)


def link_as_modules(folder: Path, payload: str) -> None:
    tree = mktree(
        folder, ("120000", blob(folder, "/etc/passwd"), ".gitmodules")
    )
    point_main_at(folder, tree)


def submodule_with(url: str, name: str = "x", update: str = "") -> Maker:
    def make(folder: Path, payload: str) -> None:
        more = f"\tupdate = {update}\n" if update else ""
        (folder / ".gitmodules").write_text(
            f'[submodule "{name}"]\n\tpath = sub\n\turl = {url}\n{more}'.replace(
                "PAYLOAD", payload
            )
        )
        git(folder, "add", ".gitmodules")
        head = git(folder, "rev-parse", "HEAD")
        git(
            folder,
            "update-index",
            "--add",
            "--cacheinfo",
            f"160000,{head},sub",
        )
        git(folder, "commit", "-q", "-m", "hostile")

    return make


def named_in_tree(*names: str) -> Maker:
    """Nest a payload as an executable below odd folder names."""

    def make(folder: Path, payload: str) -> None:
        sha, mode = blob(folder, f"#!/bin/sh\n{payload}\n"), "100755"
        for name in reversed(names):
            sha, mode = mktree(folder, (mode, sha, name)), "040000"
        point_main_at(folder, sha)

    return make


def case_collision(folder: Path, payload: str) -> None:
    (folder / "Data").mkdir()
    (folder / "data").mkdir()
    (folder / "Data/a").write_text("1")
    (folder / "data/b").write_text("2")
    commit(folder)


def unicode_collision(folder: Path, payload: str) -> None:
    (folder / unicodedata.normalize("NFC", "é.ipynb")).write_text("1")
    (folder / unicodedata.normalize("NFD", "é.ipynb")).write_text("2")
    commit(folder)


def odd_names(folder: Path, payload: str) -> None:
    for name in ODD_NAMES:
        (folder / name).write_text(notebook("x"))
    with open(os.fsencode(folder) + b"/\xff\xfe.ipynb", "w") as stream:  # noqa: PTH123 - bytes that are no text
        stream.write("x")
    commit(folder)


def odd_refs(folder: Path, payload: str) -> None:
    head = git(folder, "rev-parse", "HEAD")
    for name in (
        "--upload-pack=touch",
        "-x",
        "$(touch)",
        "<b>bold<b>",
        "HEAD",
        "refs/heads/main",
    ):
        git(folder, "update-ref", f"refs/heads/{name}", head)
        git(folder, "update-ref", f"refs/tags/{name}", head)


def messages(folder: Path, payload: str) -> None:
    git(
        folder,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "\x1b]0;title\x07<script>alert(1)</script>",
    )


def huge_file(folder: Path, payload: str) -> None:
    with (folder / "huge.bin").open("wb") as stream:
        stream.truncate(20 * 1024 * 1024)
    commit(folder)


def deep_folders(folder: Path, payload: str) -> None:
    deep = folder.joinpath(*["d" * 100] * 20)
    deep.mkdir(parents=True)
    (deep / "x").write_text("x")
    commit(folder)


def bomb(folder: Path, payload: str) -> None:
    """Ten billion files in ten trees."""
    sha, mode = blob(folder, "x"), "100644"
    for _ in range(10):
        entries = [(mode, sha, f"f{index}") for index in range(10)]
        sha, mode = mktree(folder, *entries), "040000"
    point_main_at(folder, sha)


def damaged(folder: Path, payload: str) -> None:
    for path in (folder / ".git/objects").glob("??/*"):
        path.chmod(0o644)
        path.write_bytes(b"junk")


def hostile_upstream_settings(folder: Path, payload: str) -> None:
    config = folder / ".git/config"
    config.write_text(
        config.read_text()
        + f"[uploadpack]\n\tpackObjectsHook = {payload}\n"
        + f"[core]\n\tfsmonitor = {payload}\n\tpager = {payload}\n"
    )
    hook = folder / ".git/hooks"
    hook.mkdir(exist_ok=True)
    (hook / "post-checkout").write_text(f"#!/bin/sh\n{payload}\n")
    (hook / "post-checkout").chmod(0o755)


#: Name -> how it is made, and whether it can be checked out at all.
REPOSITORIES: dict[str, tuple[Maker, bool]] = {
    "hooks in the tree": (hooks_in_tree, True),
    "filter attribute": (filter_attribute, True),
    "lfs": (lfs_pointer, True),
    "links to /etc": (link_to_etc, True),
    "link and folder of one name": (link_and_folder, False),
    "links as attributes": (link_as_attributes, True),
    "link as .gitmodules": (link_as_modules, False),
    "submodule ext": (submodule_with("ext::PAYLOAD"), True),
    "submodule local": (submodule_with("/etc"), True),
    "submodule option": (submodule_with("--upload-pack=PAYLOAD"), False),
    "submodule name": (submodule_with("./x", "../../x"), False),
    "submodule command": (
        submodule_with("./x", update="!PAYLOAD"),
        False,
    ),
    ".git in the tree": (
        named_in_tree(".git", "hooks", "post-checkout"),
        False,
    ),
    ".GIT in the tree": (
        named_in_tree(".GIT", "hooks", "post-checkout"),
        False,
    ),
    "git~1 in the tree": (named_in_tree("git~1", "config"), False),
    "zero-width .git": (named_in_tree(".g\u200cit", "config"), False),
    "dot dot": (named_in_tree("..", "outside"), False),
    "dot": (named_in_tree(".", "outside"), False),
    "case collision": (case_collision, False),
    "unicode collision": (unicode_collision, False),
    "odd names": (odd_names, True),
    "odd refs": (odd_refs, True),
    "messages": (messages, True),
    "huge file": (huge_file, True),
    "deep folders": (deep_folders, True),
    "bomb": (bomb, False),
    "damaged": (damaged, False),
    "upstream's own settings": (hostile_upstream_settings, True),
}


# Folders that stand where the checkout belongs


def configured(text: str) -> Maker:
    """Add settings to a real checkout's configuration."""

    def make(folder: Path, payload: str) -> None:
        config = folder / ".git/config"
        config.write_text(
            config.read_text() + text.replace("PAYLOAD", payload)
        )
        (folder / ".gitattributes").write_text(
            "* filter=evil diff=evil merge=evil\n"
        )
        (folder / "tap.ipynb").write_text(notebook("mine"))

    return make


def with_hooks(folder: Path, payload: str) -> None:
    hooks = folder / ".git/hooks"
    hooks.mkdir()
    for name in (
        "post-checkout",
        "pre-commit",
        "post-index-change",
        "reference-transaction",
        "fsmonitor-watchman",
    ):
        (hooks / name).write_text(f"#!/bin/sh\n{payload}\n")
        (hooks / name).chmod(0o755)


def included(folder: Path, payload: str) -> None:
    (folder / "evil.config").write_text(
        f'[core]\n\tfsmonitor = {payload}\n[filter "e"]\n\tclean={payload}\n'
    )
    configured("[include]\n\tpath = ../evil.config\n")(folder, payload)


def git_as_file(folder: Path, payload: str) -> None:
    elsewhere = folder.parent / "elsewhere.git"
    (folder / ".git").rename(elsewhere)
    (folder / ".git").write_text(f"gitdir: {elsewhere}\n")
    (elsewhere / "config").write_text(
        f"[core]\n\tworktree = /etc\n\tfsmonitor = {payload}\n"
    )


def git_as_link(folder: Path, payload: str) -> None:
    elsewhere = folder.parent / "elsewhere.git"
    (folder / ".git").rename(elsewhere)
    (folder / ".git").symlink_to(elsewhere)
    (elsewhere / "config").write_text(f"[core]\n\tfsmonitor = {payload}\n")


def alternates(folder: Path, payload: str) -> None:
    info = folder / ".git/objects/info"
    info.mkdir(exist_ok=True)
    (info / "alternates").write_text("/etc\n/nonexistent\n../../../..\n")


def nested_repository(folder: Path, payload: str) -> None:
    nested = folder / "sub"
    make_upstream(nested)
    (nested / ".git/config").write_text(
        f"[core]\n\trepositoryformatversion = 0\n\tfsmonitor = {payload}\n"
    )
    head = git(nested, "-c", "core.fsmonitor=false", "rev-parse", "HEAD")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")


def links_in_git(folder: Path, payload: str) -> None:
    for name in ("index", "HEAD", "config", "packed-refs", "rsp-health.json"):
        path = folder / ".git" / name
        path.unlink(missing_ok=True)
        path.symlink_to("/etc/passwd")


def special_files(folder: Path, payload: str) -> None:
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / ".git/pipe")
    (folder / ".git/index").unlink()
    os.mkfifo(folder / ".git/index")
    with socket.socket(socket.AF_UNIX) as made:
        here = os.getcwd()  # noqa: PTH109 - a socket's path must be short
        os.chdir(folder)
        try:
            made.bind("socket")
        finally:
            os.chdir(here)


def hostile_record(folder: Path, payload: str) -> None:
    path = folder / ".git/rsp-health.json"
    text = path.read_text()
    head = git(folder, "rev-parse", "HEAD")
    path.write_text(text.replace(head, f"{head}\\n{head} refs/heads/x"))


def hostile_record_url(folder: Path, payload: str) -> None:
    path = folder / ".git/rsp-health.json"
    lines = path.read_text().splitlines()
    for index, line in enumerate(lines):
        if '"url"' in line:
            lines[index] = f'"url": "ext::{payload}",'
    path.write_text("\n".join(lines))


def odd_local_refs(folder: Path, payload: str) -> None:
    head = git(folder, "rev-parse", "HEAD")
    refs = folder / ".git/refs/heads"
    for name in ("--output=pwned", "-x", "a;b"):
        (refs / name).write_text(head)
    (refs / "bad").write_text("--output=pwned\n")
    (folder / ".git/packed-refs").write_text(
        f"{head} refs/heads/x\x01y\n{'0' * 40} refs/heads/missing\n"
        f"--help refs/heads/option\n"
    )


def odd_files(folder: Path, payload: str) -> None:
    for name in ODD_NAMES:
        (folder / name).write_text("x")


def huge_index(folder: Path, payload: str) -> None:
    (folder / ".git/index").write_bytes(b"DIRC" + b"\xff" * 1_000_000)


FOLDERS: dict[str, Maker] = {
    "fsmonitor": configured("[core]\n\tfsmonitor = PAYLOAD\n"),
    "filter": configured(
        '[filter "evil"]\n\tclean = PAYLOAD\n\tsmudge = PAYLOAD\n'
        "\tprocess = PAYLOAD\n\trequired = true\n"
    ),
    "diff and merge": configured(
        "[diff]\n\texternal = PAYLOAD\n"
        '[diff "evil"]\n\tcommand = PAYLOAD\n\ttextconv = PAYLOAD\n'
        '[merge "evil"]\n\tdriver = PAYLOAD\n'
    ),
    "pager and editor": configured(
        "[core]\n\tpager = PAYLOAD\n\teditor = PAYLOAD\n"
        "[pager]\n\tstatus = PAYLOAD\n\tlog = PAYLOAD\n"
    ),
    "alias": configured(
        "[alias]\n\tstatus = !PAYLOAD\n\tls-files = !PAYLOAD\n"
    ),
    "transport": configured(
        "[core]\n\tsshCommand = PAYLOAD\n\tgitProxy = PAYLOAD\n"
        "[credential]\n\thelper = !PAYLOAD\n"
        '[url "ext::PAYLOAD "]\n\tinsteadOf = /\n'
        '[remote "origin"]\n\tuploadpack = PAYLOAD\n\tvcs = ext\n'
    ),
    "worktree": configured("[core]\n\tworktree = /etc\n\tbare = true\n"),
    "gpg": configured(
        "[log]\n\tshowSignature = true\n[gpg]\n\tprogram = PAYLOAD\n"
    ),
    "hooks path": configured("[core]\n\thooksPath = ../\n"),
    "partial clone": configured(
        "[core]\n\trepositoryformatversion = 1\n"
        "[extensions]\n\tpartialClone = origin\n"
        '[remote "origin"]\n\tpromisor = true\n\turl = ext::PAYLOAD\n'
    ),
    "include": included,
    "hooks": with_hooks,
    ".git as a file": git_as_file,
    ".git as a link": git_as_link,
    "alternates": alternates,
    "nested repository": nested_repository,
    "links in .git": links_in_git,
    "special files": special_files,
    "record with a newline": hostile_record,
    "record with another url": hostile_record_url,
    "odd local refs": odd_local_refs,
    "odd files": odd_files,
    "huge index": huge_index,
}
