"""What is taken out, what stays, and at what cost."""

from __future__ import annotations

import html
import json
import random
import urllib.parse
from base64 import b64encode
from typing import Any
from uuid import UUID

import pytest

from rsp_health.redaction import Redactor
from rsp_health.redaction import redactor as redactor_module
from rsp_health.redaction.terminal import one_line, without_ansi
from rsp_health.redaction.views import views
from tests.faults.secrets import prose
from tests.faults.secrets.kinds import KINDS
from tests.faults.secrets.oracle import leaks
from tests.faults.secrets.ways import FORMS

OURS = "gt-8Bqf7mEzEUCxPLrWmS4YUQ.h1iKLM2o3p4q5r6s7tABCQ"
OTHER = "gt-9Bqf7mEzEUCxPLrWmS4YUR.i1jKLM2o3p4q5r6s7tABCR"
PASSWORD = "p@ss/w0rd&x9"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor([OURS, PASSWORD, "0123456789abcdef" * 2])


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_kind_in_each_form(kind: Any, form: str) -> None:
    names = {"S": kind.printed, "base64": __import__("base64")}
    names |= {"html": html, "json": json, "urllib": urllib}
    text = str(eval(FORMS[form], names))  # noqa: S307 - our own expressions
    assert leaks((kind,), {"text": text}), "the oracle is blind"
    ours = [k.secret for k in KINDS if k.variable or k.file]
    assert leaks((kind,), {"text": Redactor(ours).text(text)}) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x={OURS}", "x=[secret]"),
        (f"x={OTHER}", "x=[token]"),
        (f"\x1b[32m{OURS}\x1b[0m", "\x1b[32m[secret]\x1b[0m"),
        (f"{OURS[:20]}…", "[secret]…"),
        (f"…{OURS[-20:]}", "…[secret]"),
        (" ".join(OURS), "[secret]"),
        ("0123456789ABCDEF" * 2, "[secret]"),
        (
            "https://ann:hunter2@example.com/x",
            "https://ann:[secret]@example.com/x",
        ),
        ("Bearer abcdefghijklmnop1234", "Bearer [token]"),
        ("Basic dXNlcjpwYXNz", "Basic [token]"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def", "[token]"),
        ("a?token=ab12cd34&x=1", "a?token=[secret]&x=1"),
        ("ghp_" + "aB3d" * 9 + "ghp_" + "aB3d" * 9, "[token][token]"),
        ("6768705f" + "61423364" * 9 + "Traceback", "[secret]"),
        ("ann.lee@lsst.org", "[e-mail]"),
        ("ann.lee@lsst.orgTraceback", "[e-mail]Traceback"),
        ("ann.lee@lsst.org: not known", "[e-mail]: not known"),
        ("ann@lsst.org:lsst/x.git", None),
        ("weights@flux.compute", None),
        ("see ...ann.lee@lsst.org", "see ...[e-mail]"),
        ("git@github.com:lsst/x.git", None),
        ("jd@slac.stanford.edu jane@mpe.de", "[e-mail] [e-mail]"),
        ("(jane@esa.int), JANE@MPE.DE", "([e-mail]), [e-mail]"),
        ("can@metu.edu.tr; x@fit.com", "[e-mail]; x@fit.com"),
        ("sk-" + "aB3d" * 12, "[token]"),
        ("X_sk-proj-" + "aB3d_" + "aB3d" * 30, "X_[token]"),
        ("sk-or-v1-" + "0f3b1c2d" * 8, "[token]"),
        ("dask-" + "aB3d" * 12, None),
        ("hf_" + "aBcd" * 8 + "e1hf_" + "aBcd" * 8 + "e1", "[token]"),
        ("npm_" + "aB3d" * 9 + " pypi-AgEI" + "aB3d" * 12, "[token] [token]"),
        (
            "DB_PWD=hunter2 PASSWORD=/x7y8/z",
            "DB_PWD=[secret] PASSWORD=[secret]",
        ),
        ("".join(f"\\{ord(char):o}" for char in OURS), "[secret]"),
        ("password='correct horse'", "password='[secret]'"),
        ("password='xuQEs!aB3dE5fG7'", "password='[secret]'"),
        ("password='Xylophone9'", "password='[secret]'"),
        ("password='xxxxxxxx'", None),
        ("password='x'", None),
        ("password=hunter2", "password=[secret]"),
        ("password=args.password", None),
        ("password=decrypt2024(key)", None),
        ("get-something-done", None),
        ("a gt-short b", None),
        ("weight-gt-" + "A" * 22, None),
        ("sha256:" + "0123456789abcdef" * 4, "sha256:[secret]"),
        ("sha256:" + "f123456789abcde0" * 4, None),
    ],
)
def test_a_text(redactor: Redactor, text: str, expected: str | None) -> None:
    assert redactor.text(text) == (text if expected is None else expected)


@pytest.mark.parametrize(
    "text",
    [
        html.escape(PASSWORD),
        urllib.parse.quote(PASSWORD, safe=""),
        json.dumps(json.dumps(PASSWORD)),
        PASSWORD.encode().hex(),
        b64encode(b"me:" + PASSWORD.encode()).decode(),
    ],
)
def test_a_short_password_with_marks(redactor: Redactor, text: str) -> None:
    assert "[secret]" in redactor.text(text)
    assert "w0rd" not in redactor.text(text)


@pytest.mark.parametrize(
    "value", ["true", "lab", "12345678", "postgres", "database"]
)
def test_a_word_is_no_secret(value: str) -> None:
    text = f"The {value} of it"
    assert Redactor([value]).text(text) == text


def test_a_value_keeps_its_form(redactor: Redactor) -> None:
    value = {"a": [1, {OURS: [None, OTHER]}], "b": "x"}
    found = redactor.value(value)
    assert found == {"a": [1, {"[secret]": [None, "[token]"]}], "b": "x"}
    assert redactor.value({"a": ["x"]}) == {"a": ["x"]}


def test_a_record_keeps_its_fields() -> None:
    redactor = Redactor(["cells-path-2026", "notebookpath", OURS])
    notebooks: list[dict[str, Any]] = [
        {"path": "a.ipynb", "selected": True, "cells": []},
        {"path": "2026/b.ipynb", "notebookpath": f"x {OURS}", "cells": []},
    ]
    found = redactor.texts({"notebooks": notebooks})
    assert found["notebooks"][0] == notebooks[0]
    assert found["notebooks"][1] == {
        **notebooks[1],
        "notebookpath": "x [secret]",
    }
    fields = {"state": "passed", "reason": "2026: ok"}
    assert Redactor(["passed-reason-2026"]).texts(fields) == fields


def test_a_secret_spread_over_a_list(redactor: Redactor) -> None:
    found = redactor.value({"a": list(OURS), "b": ["x"]})
    assert found == {"a": ["[secret]"], "b": ["x"]}


def test_a_notebook_is_not_changed_in_place(redactor: Redactor) -> None:
    password = "connect(password='hunter2')"
    content = {
        "metadata": {"widgets": {"state": {OURS: OURS}}},
        "cells": [
            {
                "cell_type": "code",
                "source": f"{password}\n# {OURS}",
                "metadata": {},
                "outputs": [
                    {
                        "output_type": "display_data",
                        "data": {
                            "text/plain": password,
                            "image/png": b64encode(OURS.encode()).decode(),
                            OTHER: "x",
                        },
                        "metadata": {"k": OTHER},
                    }
                ],
            }
        ],
        "nbformat": 4,
    }
    before = json.dumps(content)
    found = redactor.notebook(content)
    assert json.dumps(content) == before
    assert found["metadata"] == {
        "widgets": {"state": {"[secret]": "[secret]"}}
    }
    (cell,) = found["cells"]
    # What is code stays: the copy is of a program.
    assert cell["source"] == f"{password}\n# [secret]"
    assert cell["outputs"][0]["data"] == {
        "text/plain": "connect(password='[secret]')",
        "image/png": "[secret]",
        "[token]": "x",
    }
    assert cell["outputs"][0]["metadata"] == {"k": "[token]"}


def test_a_picture_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []

    def seen(text: str) -> Any:
        looked_at.append(text)
        return views(text)

    monkeypatch.setattr(redactor_module, "views", seen)
    picture = b64encode(bytes(range(256)) * 999).decode()
    data = {"image/png": picture, "text/plain": f"<Figure> {OURS}"}
    outputs = [{"output_type": "display_data", "data": data, "metadata": {}}]
    cell = {"cell_type": "code", "source": "", "outputs": outputs}
    content = {"metadata": {}, "cells": [cell], "nbformat": 4}
    shown = Redactor([OURS]).notebook(content)["cells"][0]["outputs"][0]
    assert shown["data"] == {**data, "text/plain": "<Figure> [secret]"}
    data["text/plain"] = "<Figure>"
    assert Redactor([OURS]).notebook(content) == content
    assert all(picture not in text for text in looked_at)
    data["image/png"] = picture + b64encode(OURS.encode()).decode()
    shown = Redactor([OURS]).notebook(content)["cells"][0]["outputs"][0]
    assert shown["data"]["image/png"] == "[secret]"


def test_what_hides_nothing_is_not_searched(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    searched: list[str] = []
    shaped = redactor_module._shaped

    def counted(text: str, **options: bool) -> Any:
        searched.append(text)
        return shaped(text, **options)

    monkeypatch.setattr(redactor_module, "_shaped", counted)
    drawn = random.Random(3)  # noqa: S311 - the same in every run
    picture = b64encode(drawn.randbytes(300_000)).decode()
    rows = [
        f"{UUID(int=drawn.getrandbits(128))} {drawn.getrandbits(128):032x}\n"
        f"calexp_LSSTCam_DP1_v29_0_0_visit_{number}_detector_94"
        for number in range(500)
    ]
    text = "\n".join([*rows, picture, "end"])
    assert Redactor().text(text) == text
    # The text itself, and hardly any run that by chance reads like one.
    assert len(searched) < 50


def test_two_names_stay_two(redactor: Redactor) -> None:
    names = [redactor.name(f"{x}.ipynb") for x in (OURS, OTHER, "a", OURS)]
    assert names[0] == names[3]
    assert len(set(names)) == 3
    assert redactor.name(f"{OTHER[::-1]}") == OTHER[::-1]
    third = OTHER.replace("9", "7")
    assert redactor.name(f"{third}.ipynb") == "[token 2].ipynb"


def test_parts_at_a_cut(redactor: Redactor) -> None:
    text = f"a {OURS}"
    for length in range(2 + 6, len(text)):
        cut = text[:length]
        shown = redactor.text(cut[: redactor.end_of(cut)])
        assert shown in {"a ", "a [secret]", "a [secret]."}, length
    for length in range(6, len(OURS)):
        shown = redactor.tail(OURS[-length:] + " b", 4000, cut=True)
        assert shown.lstrip(".-") == "[secret] b", length
    many = "x" * 5000 + OURS + "y" * 1990
    for keep in range(1980, 2050):
        shown = redactor.tail(many, keep)
        assert len(shown) <= keep + len("[secret]")
        assert "ABCQ" not in shown


def test_ordinary_lines_survive() -> None:
    assert prose.count_changed() == 0


@pytest.mark.parametrize(
    "run",
    ["\\", "\x1b[", "\x1b]", "a.", "gt-", "<b ", "&amp;", "%25", "a@", "://a:",
     "password=", "?token=", "eyJ", "-----BEGIN PRIVATE KEY-----", "A" * 60 + "\n",
     "Authorization: ", "aws ", "\u200b", "token=" * 333 + "(",
     "pwd=" * 50 + "(", "A" * 3000 + "\n"],
)  # fmt: skip
def test_no_run_is_tried_again_and_again(redactor: Redactor, run: str) -> None:
    # Where the time grew with the square, this would take minutes.
    redactor.text(f".=:@_/ {run * (300_000 // len(run))} .=:@_-")


def test_terminal_codes_are_taken_out() -> None:
    text = "\x1b[0;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07"
    assert without_ansi(text) == "red link"
    assert one_line(f"{text}\nnext\x07") == "red link next"
