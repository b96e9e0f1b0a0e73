"""Runs a plan in this process: its folder, its signals, its last word."""

from __future__ import annotations

import contextlib
import shutil
import signal
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from ..errors import EnvironmentFailureError
from ..redaction import Redactor
from .backends.dask import DaskBackend, prepare
from .backends.dask_connection import connect
from .backends.local import LocalBackend
from .execution.executed import ExecutedCopies
from .execution.scratch import move_to_scratch
from .planning.circumstances import circumstances
from .planning.estimates import estimate
from .processes import memory_limit_bytes
from .record.history import History
from .record.kernel_log import keep_kernel_log
from .record.run_document import reduce_lines
from .record.run_folder import RunFolder
from .record.services_seen import ServicesWitness
from .record.writer import RecordWriter, read_lines
from .run_ids import new_run_id
from .stopping import OwnerWatch, StopSwitch
from .supervisor import Supervisor
from .timings.remarks import Remarks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from types import FrameType

    from ..platform.environment import LabEnvironment
    from .backends import Backend
    from .backends.dask import Preparation
    from .kernels.factory import KernelFactory
    from .models import RunDocument, SeenServices
    from .options import RunOptions
    from .planning.call import RunCall
    from .planning.plan import RunPlan
    from .record_lines import RecordLine

__all__ = ["run_here"]


def run_here(
    plan: RunPlan,
    call: RunCall,
    *,
    data_dir: Path,
    root: Path,
    environment: LabEnvironment,
    listener: Callable[[RecordLine], None] | None = None,
    on_announced: Callable[[], None] | None = None,
    factory: KernelFactory | None = None,
    look_at_services: Callable[[], SeenServices | None] | None = None,
) -> RunDocument:
    """Run a plan and keep its record.

    Parameters
    ----------
    plan
        What to run, as the call asks for it.
    call
        How, and where to.
    data_dir
        Where ``runs/<run_id>`` is made.
    root
        What the lab shows as ``/``.
    environment
        The lab.
    listener
        Called with each line of the record.
    on_announced
        Called when the record exists.
    factory
        Makes the kernels, if one is at work already; it is closed here.
    look_at_services
        Returns how the platform is now, as `SeenServices` tells it; called in
        a thread when a notebook failed.

    Raises
    ------
    rsp_health.errors.BadInputError
        Raised if the Dask backend is asked for without an address, or an
        executed copy would replace a notebook.
    rsp_health.errors.EnvironmentFailureError
        Raised if the record cannot be written, or no scheduler answers.
    """
    history = History(data_dir)
    run_id = call.run_id or new_run_id()
    executed = ExecutedCopies(
        call.output or history.folder(run_id).executed, root=root
    )
    executed.refuse_sources(plan)
    cluster = None
    if call.options.backend == "dask":
        cluster = prepare(connect(call.options.scheduler), plan, call.options)
    stop = StopSwitch()
    limit = environment.memory_limit_bytes or memory_limit_bytes()
    options = replace(call.options, memory_limit_bytes=limit)
    estimate(plan, history.timings(), options=options, environment=environment)
    remarks = Remarks()

    def hear(line: RecordLine) -> None:
        remarks.take(line)
        if listener is not None:
            listener(line)

    try:
        folder, record = _open(data_dir, run_id, environment, hear, stop)
    except BaseException:
        if cluster is not None:
            cluster.close()
        raise
    backend = _backend(
        cluster,
        factory,
        options=options,
        folder=folder,
        record=record,
        stop=stop,
        variables=environment.variables,
    )
    supervisor = Supervisor(
        run_id=run_id,
        plan=plan,
        options=options,
        record=record,
        stop=stop,
        executed=executed,
        backend=backend,
        witness=ServicesWitness(look_at_services, record),
        circumstances=circumstances(plan, options, environment),
        remarks=remarks,
    )
    with _signals(folder, stop), _owner(call, stop):
        announced = False
        try:
            if call.scratch:
                move_to_scratch(plan, folder.scratch)
            supervisor.announce()
            announced = True
            if on_announced is not None:
                on_announced()
            # Now, not when all has ended: the times were just read.
            history.compact()
            supervisor.run()
        finally:
            record.close()
            shutil.rmtree(folder.scratch, ignore_errors=True)
            if not announced:
                backend.close()
                folder.remove()
    stop.close()
    document = _result(folder, record, run_id)
    folder.write_summary(document)
    history.prune_sometimes()
    return document


def _backend(
    cluster: Preparation | None,
    factory: KernelFactory | None,
    *,
    options: RunOptions,
    folder: RunFolder,
    record: RecordWriter,
    stop: StopSwitch,
    variables: Mapping[str, str],
) -> Backend:
    """Return what executes the notebooks: a cluster, or this machine."""
    keep_log = partial(
        keep_kernel_log, folder.kernel_log, redactor=record.redactor
    )
    if cluster is not None:
        return DaskBackend(
            prepared=cluster,
            record=record,
            stop=stop,
            keep_log=keep_log,
            jobs=options.jobs,
        )
    return LocalBackend(
        options=options,
        record=record,
        stop=stop,
        environment=variables,
        keep_log=keep_log,
        factory=factory,
    )


def _owner(
    call: RunCall, stop: StopSwitch
) -> contextlib.AbstractContextManager[object]:
    """Return what stops the run when the server that started it is gone."""
    if call.server_pid is None:
        return contextlib.nullcontext()
    return OwnerWatch(call.server_pid, stop)


def _open(
    data_dir: Path,
    run_id: str,
    environment: LabEnvironment,
    listener: Callable[[RecordLine], None],
    stop: StopSwitch,
) -> tuple[RunFolder, RecordWriter]:
    """Make the run's folder, and the record in it."""
    try:
        folder = RunFolder.create(data_dir, run_id)
        record = RecordWriter(
            folder.record,
            redactor=Redactor(environment.secrets()),
            listener=listener,
            on_heartbeat=lambda: _look_for_stop(folder, stop),
        )
    except OSError as exc:
        raise EnvironmentFailureError(
            f"The run's record in {data_dir} cannot be written: "
            f"{exc.strerror}.",
            hint="Make that folder writable, free some space, or name"
            " another folder with --data-dir.",
            code="no_record",
        ) from exc
    return folder, record


def _result(
    folder: RunFolder, record: RecordWriter, run_id: str
) -> RunDocument:
    """Read the record back: what is told of a run is what is on the disk."""
    document = reduce_lines(read_lines(folder.record)[0])
    if document is None or record.problem is not None:
        raise EnvironmentFailureError(
            f"The record of run {run_id} could not be written completely.",
            hint="Free some space in the data folder and run again.",
            code="no_record",
        )
    return document


def _look_for_stop(folder: RunFolder, stop: StopSwitch) -> None:
    """Notice a stop that was asked for on another machine."""
    if not stop.stopped and folder.stop_asked():
        stop.stop("Stopped by the user.")


@contextlib.contextmanager
def _signals(folder: RunFolder, stop: StopSwitch) -> Iterator[None]:
    """Let signals stop the run, each with its own meaning."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def handle(number: int, frame: FrameType | None) -> None:
        del frame
        if number == signal.SIGINT or folder.stop_asked():
            stop.stop("Stopped by the user.")
        elif number == signal.SIGHUP:
            stop.stop("The terminal was closed.", by_user=False)
        else:
            stop.stop("The lab or the system ended the run.", by_user=False)

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
    if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
        numbers.remove(signal.SIGHUP)  # nohup
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
