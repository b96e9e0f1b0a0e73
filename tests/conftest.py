"""What all tests share."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# A busy machine is no failure; and examples that fail are shown whole.
_COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow],
    "print_blob": True,
}
settings.register_profile("default", settings(), **_COMMON, max_examples=100)
settings.register_profile("deep", settings(), **_COMMON, max_examples=10_000)
settings.load_profile("default")
