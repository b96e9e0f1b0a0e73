"""Documents that ask a parser for too much."""

from __future__ import annotations

import datetime as dt
import os
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from rsp_health.errors import BadDocumentError, UnreadableFileError
from rsp_health.files import (
    compose_yaml,
    load_json,
    load_toml,
    load_yaml,
    parse_json,
    parse_toml,
    parse_yaml,
    read_json,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALIASES = "a0: &a0 [x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGES = "a0: &a0 {k: 1}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n"
    for n in range(1, 12)
)
DEEP = 20_000

BAD_YAML: list[tuple[str | bytes, str]] = [
    (ALIASES, "repeat too much"),
    (MERGES, "repeat too much"),
    ("&a [*a]", "holds itself"),
    ("&a {b: *a}", "holds itself"),
    ("a: &a {<<: *a}", "holds itself"),
    ("[" * DEEP, "nested too deeply"),
    ("{a: " * DEEP, "nested too deeply"),
    ("- " * DEEP + "x", "nested too deeply"),
    ("? " * DEEP + "x", "nested too deeply"),
    ("[" * 200 + "]" * 200, "nested too deeply"),
    ("[" + "a," * 50_000 + "]", "too many values"),
    ("a: " + "9" * 5000, "too long"),
    ("a: 0x" + "f" * 5000, "too long"),
    ("a: " + "1:" * 5000 + "1", "too long"),
    ("a: " + "9" * 400 + ".0", "too long"),
    ('!!int "0x"', "not what its tag"),
    ("!!float x", "not what its tag"),
    ("a: 2026-02-30", "not what its tag"),
    ("!!timestamp x", "not what its tag"),
    ("a: !!python/object/apply:os.system [ls]", "constructor"),
    ("a: !\x1b[31m b", "special characters"),
    ('a: !<%1b[31m> "x"', "constructor"),
    ("a: *none", "undefined alias"),
    ("a: [1, 2", "expected"),
    ("a\n---\nb", "another document"),
    ("\t", "cannot start any token"),
    ("? {a: b}\n: 1", "unhashable"),
    (b"\xff\xfea\0", "UTF-8"),
    (b"a: \xe9", "UTF-8"),
    ("a: " + "x" * 200_000, "larger than"),
]


@pytest.mark.parametrize(("data", "reason"), BAD_YAML)
def test_bad_yaml(data: str | bytes, reason: str) -> None:
    raw = data.encode() if isinstance(data, str) else data
    for parse in (parse_yaml, compose_yaml):
        with pytest.raises(BadDocumentError) as caught:
            parse(raw, "/tree/mobu.yaml")
        assert reason in caught.value.reason
        assert caught.value.message.startswith("/tree/mobu.yaml cannot be")
        assert caught.value.message.isprintable()
        assert len(caught.value.message) < 400


def test_the_line_of_bad_yaml() -> None:
    with pytest.raises(BadDocumentError) as caught:
        parse_yaml(b"a: 1\nb: 2\nc: *none\n", "x")
    assert caught.value.line == 3
    assert "(line 3)" in caught.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "a: [1, 2.5, true, null, 2026-02-28, .inf]\n",
        "\ufeffa: é\n",
        "base: &b {x: 1, y: 2}\nc: {<<: *b, y: 3}\nd: [*b, *b]\n",
        "a: &x [1]\nb: *x\nc: *x\n",
        "[" * 50 + "]" * 50,
        "- " + "\n- ".join(f"name {n}" for n in range(3000)),
        "!!set {a, b}",
        "!!binary aGk=",
        "a: 123456789012345678901234567890\n",
    ],
)
def test_good_yaml_is_what_a_safe_loader_says(text: str) -> None:
    assert parse_yaml(text.encode(), "x") == yaml.safe_load(text)


BAD_TOML: list[tuple[str | bytes, str]] = [
    ("a = " + "[" * DEEP, "nested too deeply"),
    ("a = " + "{a=" * DEEP, "nested too deeply"),
    ("a = " + "[" * 150 + "]" * 150, "nested too deeply"),
    ("a = " + "9" * 5000, "not a number"),
    ("a = " + "9" * 100, "40 digits"),
    ("a = 0x" + "f" * 5000, "40 digits"),
    ("a = 2026-02-30", "not TOML"),
    ("a = ", "not TOML"),
    ("x = 1\na.b" + ".c" * 20_000 + " = 1", "too many parts"),
    ("[a" + " . 'c'" * 20_000 + "]", "too many parts"),
    ("a = {b" + '."c"' * 20_000 + " = 1}", "too many parts"),
    ("a = 1\na = 2", "not TOML"),
    ("a = '\x00'", "not TOML"),
    (b"a = '\xff'", "UTF-8"),
    ("a = '" + "x" * 600_000 + "'", "larger than"),
]


@pytest.mark.parametrize(("data", "reason"), BAD_TOML)
def test_bad_toml(data: str | bytes, reason: str) -> None:
    raw = data.encode() if isinstance(data, str) else data
    with pytest.raises(BadDocumentError) as caught:
        parse_toml(raw, "/tree/pyproject.toml")
    assert reason in caught.value.reason
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 400


def test_good_toml() -> None:
    text = (
        "# a.b.c\nversion = '1.2.3'\nwhen = 2026-01-01\n"
        f"floats = [{', '.join(['1.5'] * 500)}]\n"
        f"text = '{'a.' * 60}'\n[a.b.\"c.d\"]\nx = {{y.z = 1}}\n"
    )
    found = parse_toml(text.encode(), "x")
    assert found["when"] == dt.date(2026, 1, 1)
    assert found["a"]["b"]["c.d"] == {"x": {"y": {"z": 1}}}


def test_a_long_word_takes_no_time_of_its_square() -> None:
    # With backtracking, each of these would take minutes.
    for text in ("a." * 60_000, "'." * 60_000, '"a.' * 40_000, "a ." * 40_000):
        with pytest.raises(BadDocumentError):
            parse_toml(text.encode(), "x")


BAD_JSON: list[tuple[str | bytes, str]] = [
    ("[" * 100_000, "nested too deeply"),
    ('{"a":' * 100_000, "nested too deeply"),
    ("[" * 200 + "]" * 200, "nested too deeply"),
    ("9" * 5000, "40 digits"),
    ("-" + "9" * 50, "40 digits"),
    ("1e999", "too large"),
    ("[NaN]", "NaN is not a number"),
    ("-Infinity", "-Infinity is not a number"),
    ("", "expecting value"),
    ('{"a": 1', "expecting"),
    ("{'a': 1}", "expecting"),
    ("1 2", "extra data"),
    ('"\x00"', "control character"),
    (b'"\xff"', "UTF-8"),
    ("[" + "[]," * 300_000 + "[]]", "too many values"),
    ('{"a": 1}'.encode("utf-16"), "UTF-8"),
]


@pytest.mark.parametrize(("data", "reason"), BAD_JSON)
def test_bad_json(data: str | bytes, reason: str) -> None:
    raw = data.encode() if isinstance(data, str) else data
    with pytest.raises(BadDocumentError) as caught:
        parse_json(raw, "record.json")
    assert reason in caught.value.reason


def test_good_json() -> None:
    text = '\ufeff{"a": [1, -2.5e3, true, null, "é", ' + "9" * 40 + "]}"
    assert parse_json(text.encode(), "x")["a"][5] == int("9" * 40)
    for scalar in ("1.5", '"a"', "null", "3"):
        assert not isinstance(parse_json(scalar.encode(), "x"), list)
    assert parse_json(b"[" * 100 + b"]" * 100, "x")


@pytest.mark.parametrize("load", [load_yaml, load_toml, load_json])
def test_files_are_read_safely(
    tmp_path: Path, load: Callable[..., Any]
) -> None:
    path = tmp_path / "file"
    os.mkfifo(path)
    with pytest.raises(UnreadableFileError, match="regular"):
        load(path)
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(UnreadableFileError, match="outside"):
        load(path, inside=tmp_path)


def test_our_own_json_is_none_if_it_cannot_be_used(tmp_path: Path) -> None:
    path = tmp_path / "file"
    assert read_json(path) is None
    for data in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"9" * 5000):
        path.write_bytes(data)
        assert read_json(path) is None
    path.unlink()
    os.mkfifo(path)
    assert read_json(path) is None
