"""One redactor for everything that is stored, shown, logged or reported.

First the literal secrets of this lab, however they are encoded; then the
shapes of well-known credentials. Who has secrets passes them in
(`rsp_health.platform.environment.LabEnvironment.secrets`).

It protects from accidents: a header that is printed, a URL in an exception,
a variable in a traceback. A notebook that wants to hide a secret from it can.
"""

from __future__ import annotations

from .redactor import Redactor

__all__ = ["Redactor"]
