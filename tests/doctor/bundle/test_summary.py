from __future__ import annotations

from typing import TYPE_CHECKING

from rsp_health.doctor.bundle.summary import MOST, summary
from rsp_health.doctor.models import Evidence, fault, ok
from rsp_health.doctor.report import make_report

if TYPE_CHECKING:
    from ..conftest import Lab


def test_it_says_what_is_wrong_and_what_was_ruled_out(lab: Lab) -> None:
    seen = Evidence(source="statvfs", value="0 bytes are free", age_s=12.0)
    broken = fault("It is full.", seen, whose="your_lab", next_step="Tidy.")
    lab.variables["IMAGE_DESCRIPTION"] = "Weekly 2026_45"
    report = make_report(
        [
            broken.model_copy(update={"check": "home.space"}),
            ok("Well.", seen).model_copy(update={"check": "token"}),
        ],
        "data.example.org",
    )

    text = summary(report, lab.context(), [])

    assert "It is full." in text
    assert "Advised: Tidy." in text
    assert "- statvfs: 0 bytes are free (12 s ago)" in text
    assert "## Ruled out\n\n- ✓ token: Well." in text
    assert "- image\\_description: Weekly 2026\\_45" in text or (
        "- image_description: Weekly 2026\\_45" in text
    )


def test_it_is_no_markup_and_fits_a_post(lab: Lab) -> None:
    seen = Evidence(source="<b>x</b>", value="*y* [z](http://e) " * 400)
    broken = fault("a\n# b", seen, whose="your_lab", next_step="c")
    report = make_report(
        [broken.model_copy(update={"check": "home.space"})] * 30, None
    )

    text = summary(report, lab.context(), [])

    assert len(text) <= MOST
    assert "<b>" not in text.replace("\\<b", "")
    assert "\n# b" not in text
