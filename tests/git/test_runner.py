"""Git, isolated: its environment, its time, its progress."""

from __future__ import annotations

import contextlib
import os
import select
import threading
from typing import TYPE_CHECKING

# GitPython asks git for its version when it is first imported: with the real
# one, whichever test of this file runs first.
import git as _  # noqa: F401
import pytest

from rsp_health.errors import EnvironmentFailureError, RSPHealthError
from rsp_health.git.runner import CancelledError, Git, Progress
from rsp_health.platform.plugins import without_plugins

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def git() -> Git:
    return Git(allowed_protocols=["file"])


def fake_git(folder: Path, script: str) -> Path:
    """Put a program named git first in a PATH."""
    folder.mkdir()
    program = folder / "git"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return folder


def test_nothing_of_our_environment_passes(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fake_git(tmp_path / "bin", "exec env -0")
    hostile = {
        "GIT_DIR": "/nowhere",
        "GIT_SSH_COMMAND": "touch /tmp/x",
        "GIT_EXEC_PATH": "/nowhere",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": "touch x",
        "GIT_CONFIG_PARAMETERS": "'core.pager=x'",
        "GIT_EXTERNAL_DIFF": "x",
        "GIT_TEMPLATE_DIR": "/nowhere",
        "GIT_TRACE2": "/tmp/trace",
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "ACCESS_TOKEN": "gt-canary",
        "JUPYTERHUB_API_TOKEN": "canary",
        "https_proxy": "http://proxy.example.org:3128",
        "SSL_CERT_FILE": "/etc/ssl/ca.pem",
    }
    for name in ("CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    for name, value in hostile.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    with without_plugins():
        output = git.run(["x"], doing="look").decode()
    seen = dict(item.split("=", 1) for item in output.split("\0") if item)
    assert seen.pop("PATH").startswith(str(folder))
    seen.pop("PWD", None)
    seen.pop("_", None)
    seen.pop("SHLVL", None)
    seen.pop("OLDPWD", None)
    assert seen == {
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_ASKPASS": "/bin/true",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CEILING_DIRECTORIES": "/",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_HTTP_LOW_SPEED_LIMIT": "1000",
        "GIT_HTTP_LOW_SPEED_TIME": "60",
        "GIT_LFS_SKIP_SMUDGE": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PROTOCOL_FROM_USER": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "HOME": "/dev/null",
        "LANG": "C.UTF-8",
        "LANGUAGE": "",
        "LC_ALL": "C.UTF-8",
        "RSP_HEALTH_GIT": "1",
        "SSH_ASKPASS": "/bin/true",
        "SSL_CERT_FILE": "/etc/ssl/ca.pem",
        "https_proxy": "http://proxy.example.org:3128",
    }


def test_values_do_not_show_in_the_argument_list(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "cat /proc/$$/cmdline"
    folder = fake_git(tmp_path / "bin", script)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("https_proxy", "http://u:canary@proxy.example.org")
    assert b"canary" not in git.run(["x"], doing="look")


def test_the_settings_that_win(git: Git, upstream: Path) -> None:
    output = git.run(
        ["config", "--list", "--show-scope", "-z"],
        doing="look",
        git_dir=upstream / ".git",
    ).decode()
    scopes = set(output.split("\0")[::2]) - {""}
    assert scopes == {"local", "command"}
    for setting in (
        "core.hookspath\n/dev/null",
        "core.fsmonitor\nfalse",
        "protocol.allow\nnever",
        "protocol.file.allow\nalways",
        "submodule.recurse\nfalse",
        "fetch.fsckobjects\ntrue",
        "credential.helper\n",
        "gc.auto\n0",
    ):
        assert setting in output


def test_cancelling_kills_the_whole_group(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pids = tmp_path / "pids"
    folder = fake_git(
        tmp_path / "bin",
        # A child that ignores the first signal, and a parent that waits.
        "(trap '' TERM; exec sleep 600) &\n"
        f"echo $$ $! > {pids}\n"
        "echo 'Receiving objects:   1% (1/100)' >&2\nwait",
    )
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    cancel = threading.Event()
    with pytest.raises(CancelledError) as caught:
        git.run(
            ["clone"],
            doing="clone",
            cancel=cancel,
            on_progress=lambda _: cancel.set(),
        )
    assert caught.value.code == "cancelled"
    for pid in pids.read_text().split():
        with contextlib.suppress(ProcessLookupError):
            descriptor = os.pidfd_open(int(pid))
            ended, _, _ = select.select([descriptor], [], [], 30)
            os.close(descriptor)
            assert ended


def test_the_time_limit(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fake_git(tmp_path / "bin", "exec sleep 600")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    with pytest.raises(EnvironmentFailureError) as caught:
        git.run(["x"], doing="list the changes", time_limit=0.3)
    assert caught.value.code == "timeout"
    assert "list the changes" in caught.value.message


def test_progress_comes_from_git(
    git: Git, upstream: Path, tmp_path: Path
) -> None:
    seen: list[Progress] = []
    git.run(
        [
            "clone",
            "--progress",
            "--no-local",
            "--",
            str(upstream),
            str(tmp_path / "clone"),
        ],
        doing="clone",
        on_progress=seen.append,
    )
    assert seen
    assert all(0 <= progress.percent <= 100 for progress in seen)
    assert seen[-1].percent == 100


def test_a_flood_of_messages_is_bounded(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = fake_git(
        tmp_path / "bin",
        "head -c 3000000 /dev/zero | tr '\\0' x >&2\n"
        "echo 'fatal: No space left on device' >&2\nexit 128",
    )
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    with pytest.raises(EnvironmentFailureError) as caught:
        git.run(["x"], doing="clone")
    assert caught.value.code == "disk_full"


@pytest.mark.parametrize(
    ("url", "allowed", "code"),
    [
        ("https://127.0.0.1:1/x", ["https"], "offline"),
        ("https://127.0.0.1:1/x", ["file"], "protocol_not_allowed"),
        ("ext::touch pwned", ["file", "https"], "protocol_not_allowed"),
        ("/nowhere/at/all", ["file"], "no_such_repository"),
    ],
)
def test_real_failures(
    url: str, allowed: list[str], code: str, tmp_path: Path
) -> None:
    git = Git(allowed_protocols=allowed)
    with pytest.raises(RSPHealthError) as caught:
        git.run(
            ["clone", "--", url, str(tmp_path / "clone")], doing="check it out"
        )
    assert caught.value.code == code
    assert caught.value.hint
    assert "check it out" in caught.value.message


def test_a_proxy_that_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://no-such-host.invalid:3128")
    with pytest.raises(EnvironmentFailureError) as caught:
        Git(allowed_protocols=["https"]).run(
            ["ls-remote", "--", "https://example.org/x"], doing="ask"
        )
    assert caught.value.code == "proxy"
