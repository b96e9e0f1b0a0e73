"""The HTTP interface: one table of routes, one file a feature.

Importing this package imports no pydantic and no feature: it happens at the
start of every lab.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clean import (
    CleanHandler,
    CleanPolicyHandler,
    CleanUndoHandler,
    StripOnSaveHandler,
)
from .doctor import (
    BundleHandler,
    CheckHandler,
    DoctorHandler,
    FixHandler,
    LogsHandler,
    UndoHandler,
)
from .explain import ExplainHandler
from .history import ComparisonHandler, TrendHandler
from .info import InfoHandler, UnknownHandler
from .repositories import (
    BackupsHandler,
    CancelHandler,
    CheckoutHandler,
    DifferenceHandler,
    InspectHandler,
    OperationHandler,
    PruneBackupsHandler,
    RefsHandler,
    RemoveBackupHandler,
    RemoveHandler,
    RepositoriesHandler,
    ResetHandler,
    RestoreHandler,
    UpdatesHandler,
)
from .runs import (
    CopiesHandler,
    NotebooksHandler,
    ReportHandler,
    RunHandler,
    RunsHandler,
    StopHandler,
)
from .services import (
    BroadcastsHandler,
    HistoryHandler,
    QueryHandler,
    QuotaHandler,
    RefreshHandler,
    ServicesHandler,
)

if TYPE_CHECKING:
    from .base import HealthHandler

__all__ = ["ROUTES"]

_REPOSITORY = r"/rsp-health/repositories/(?P<repo_id>[a-z0-9][a-z0-9-]{0,63})"
_RUN = r"/rsp-health/runs/(?P<run_id>[0-9A-Za-z][0-9A-Za-z-]{0,63})"
_CHECK = r"(?P<check>[a-z][a-z0-9_.:-]{0,63})"

#: Pattern -> handler, tried in this order. Ids only, never paths or URLs.
ROUTES: list[tuple[str, type[HealthHandler]]] = [
    (r"/rsp-health/info", InfoHandler),
    (r"/rsp-health/services", ServicesHandler),
    (r"/rsp-health/services/history", HistoryHandler),
    (r"/rsp-health/services/refresh", RefreshHandler),
    (r"/rsp-health/services/query", QueryHandler),
    (r"/rsp-health/doctor", DoctorHandler),
    (r"/rsp-health/doctor/explain", ExplainHandler),
    (rf"/rsp-health/doctor/checks/{_CHECK}", CheckHandler),
    (rf"/rsp-health/doctor/fixes/{_CHECK}", FixHandler),
    (r"/rsp-health/doctor/undo", UndoHandler),
    (r"/rsp-health/doctor/logs", LogsHandler),
    (r"/rsp-health/doctor/bundle", BundleHandler),
    (r"/rsp-health/quota", QuotaHandler),
    (r"/rsp-health/broadcasts", BroadcastsHandler),
    (r"/rsp-health/repositories", RepositoriesHandler),
    (rf"{_REPOSITORY}/inspect", InspectHandler),
    (rf"{_REPOSITORY}/difference", DifferenceHandler),
    (rf"{_REPOSITORY}/checkout", CheckoutHandler),
    (rf"{_REPOSITORY}/restore", RestoreHandler),
    (rf"{_REPOSITORY}/remove", RemoveHandler),
    (rf"{_REPOSITORY}/reset", ResetHandler),
    (rf"{_REPOSITORY}/refs", RefsHandler),
    (rf"{_REPOSITORY}/updates", UpdatesHandler),
    (rf"{_REPOSITORY}/backups", BackupsHandler),
    (rf"{_REPOSITORY}/backups/remove", RemoveBackupHandler),
    (rf"{_REPOSITORY}/backups/prune", PruneBackupsHandler),
    (rf"{_REPOSITORY}/operation", OperationHandler),
    (rf"{_REPOSITORY}/cancel", CancelHandler),
    (r"/rsp-health/notebooks", NotebooksHandler),
    (r"/rsp-health/runs", RunsHandler),
    (_RUN, RunHandler),
    (rf"{_RUN}/stop", StopHandler),
    (rf"{_RUN}/copies", CopiesHandler),
    (rf"{_RUN}/report", ReportHandler),
    (r"/rsp-health/comparison", ComparisonHandler),
    (r"/rsp-health/trend", TrendHandler),
    (r"/rsp-health/clean", CleanHandler),
    (r"/rsp-health/clean/policy", CleanPolicyHandler),
    (r"/rsp-health/clean/undo", CleanUndoHandler),
    (r"/rsp-health/clean/on-save", StripOnSaveHandler),
    (r"/rsp-health(?:/.*)?", UnknownHandler),
]
