"""A lab that is broken, or its healthy twin; and what is told of it.

A kind of fault is a function that gets a `Case` and prepares it: files in the
home, variables, a scenario of the platform, a notebook to run. Everything is
asked of the command, as a user would.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rsp_health.sandbox.app import SandboxServer
from tests.faults.doctor.verdicts.pythons import libraries

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["Case", "Kind", "Told", "kind"]

_ROOT = Path(__file__).parents[4]
_RSP_HEALTH = (sys.executable, "-m", "rsp_health.cli.start")
#: The launcher of the LSST kernel sources what the user wrote.
_LAUNCHER = """#!/bin/bash
setups="$HOME/notebooks/.user_setups"
[ -e "$setups" ] && . "$setups"
exec {python} -m ipykernel_launcher -f "$1"
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told first.

    Parameters
    ----------
    certainty
        ``stated``, ``possible``, or ``nothing``.
    sentence
        The cause and the next step.
    whose
        Whose problem it is.
    name
        The check or the rule.
    failures, explanations
        How many failures are told, under how many causes.
    is_fault
        Whether something is broken, and not only worth a look.
    """

    certainty: str
    sentence: str = ""
    whose: str = ""
    name: str = ""
    failures: int = 0
    explanations: int = 0
    is_fault: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of fault, and what must be told of it.

    Parameters
    ----------
    prepare
        Breaks a case, or makes its twin.
    says
        A pattern that the cause must match.
    whose
        Whose problem may be named.
    never
        A pattern that no stated cause may match.
    may_abstain
        Whether nothing can be known: only a wrong cause is wrong then.
    """

    prepare: Callable[[Case], None]
    says: str
    whose: frozenset[str]
    never: str = ""
    may_abstain: bool = False
    needs_libraries: bool = False

    def refuses(self, sentence: str) -> bool:
        """Return whether a stated cause claims what nobody can know."""
        return bool(self.never) and bool(
            re.search(self.never, sentence, re.IGNORECASE)
        )

    @property
    def name(self) -> str:
        """The name of its function, in words."""
        return self.prepare.__name__.strip("_").replace("_", " ")


def kind(
    says: str, *whose: str, **options: Any
) -> Callable[[Callable[[Case], None]], Kind]:
    """Make a kind of fault of a function."""

    def made(prepare: Callable[[Case], None]) -> Kind:
        return Kind(
            prepare=prepare, says=says, whose=frozenset(whose), **options
        )

    return made


@dataclass(kw_only=True)
class Case:
    """A lab to be prepared.

    Parameters
    ----------
    folder
        Holds all of it.
    chance
        The same for a fault and its twin.
    broken
        Whether it is the fault, or its twin.
    script
        Commands of a shell, in a mount namespace, before all others.
    seen
        What a server hands the doctor, as JSON.
    ask
        What tells, where it is not the command.
    """

    folder: Path
    chance: random.Random
    broken: bool
    variables: dict[str, str] = field(default_factory=dict)
    script: str = ""
    notebooks: list[Path] = field(default_factory=list)
    run_options: tuple[str, ...] = ()
    doctor_options: tuple[str, ...] = ()
    seen: str = ""
    ask: Callable[[], Told] | None = None
    sandbox: SandboxServer | None = None
    ends: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.home.mkdir(parents=True)
        (self.home / "notebooks").mkdir()

    def lab(self, scenario: str = "healthy") -> SandboxServer:
        """Put the lab on a platform; its twin is on a healthy one."""
        self.sandbox = SandboxServer()
        self.sandbox.start()
        self.ends.callback(self.sandbox.stop)
        self.variables |= self.sandbox.lab_environment(self.home)
        if self.broken:
            self.sandbox.set_scenario(scenario)
        return self.sandbox

    def write(self, name: str, content: str) -> Path:
        """Write a file below the home."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        return path

    def kernel(
        self, python: Path | str | None = None, name: str = "lsst"
    ) -> None:
        """Install the LSST kernel, whose launcher reads `.user_setups`."""
        folder = self.folder / "image/share/jupyter/kernels" / name
        folder.mkdir(parents=True)
        launcher = self.folder / f"image/runlab-{name}.sh"
        python = str(python or libraries() or sys.executable)
        launcher.write_text(_LAUNCHER.format(python=shlex.quote(python)))
        launcher.chmod(0o755)
        (folder / "kernel.json").write_text(
            json.dumps(
                {
                    "argv": [str(launcher), "{connection_file}"],
                    "display_name": name.upper(),
                    "language": "python",
                }
            )
        )
        self.variables["JUPYTER_PATH"] = str(folder.parents[1])

    def notebook(
        self,
        *cells: str,
        name: str = "notebooks/check.ipynb",
        kernel: str = "python3",
    ) -> Path:
        """Write a notebook, which will be run."""
        document = {
            "cells": [
                {
                    "cell_type": "code",
                    "execution_count": None,
                    "id": f"cell-{number}",
                    "metadata": {},
                    "outputs": [],
                    "source": source,
                }
                for number, source in enumerate(cells, 1)
            ],
            "metadata": {
                "kernelspec": {
                    "display_name": kernel,
                    "language": "python",
                    "name": kernel,
                }
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
        path = self.write(name, json.dumps(document))
        self.notebooks.append(path)
        return path

    def told(self) -> Told:
        """Run what is to be run, and ask the doctor."""
        if self.ask is not None:
            return self.ask()
        report = self.report()
        return _of_run(report) if self.notebooks else _of_lab(report)

    def report(self) -> dict[str, Any]:
        """Run what is to be run, and return what the doctor says."""
        if not self.notebooks:
            return self._call("doctor", *self.doctor_options)
        self._run()
        return self._call(
            "doctor", "--run", "last", *self.doctor_options, may_fail=True
        )

    def bundle(self, path: Path) -> None:
        """Run what is to be run, and make a bundle."""
        if self.notebooks:
            self._run()
        self._call(
            *("doctor", "bundle", "--public", "-o", str(path)),
            *self.doctor_options,
        )

    def _run(self) -> None:
        self._call(
            "run",
            "--all",
            *self.run_options,
            *(str(path) for path in self.notebooks),
        )

    def end(self) -> None:
        """Stop what runs."""
        self.ends.close()

    def _call(self, *words: str, may_fail: bool = False) -> dict[str, Any]:
        command = [*_RSP_HEALTH, *words, "--json"]
        if self.script:
            script = f'{self.script}\nexec "$@"'
            command = ["unshare", "-m", "sh", "-ec", script, "sh", *command]
        done = subprocess.run(
            command,
            env={
                "PATH": os.pathsep.join(
                    (str(Path(sys.executable).parent), os.environ["PATH"])
                ),
                "HOME": str(self.home),
                "LANG": "C.UTF-8",
                **self.variables,
            },
            cwd=_ROOT,
            input=self.seen,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        if "Traceback" in done.stderr:
            raise RuntimeError(f"{words}: {done.stderr[-1500:]}")
        try:
            document = json.loads(done.stdout)
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise RuntimeError(  # noqa: TRY004 - of the command, not a type
                f"{words}: exit {done.returncode}: "
                f"{done.stdout[-600:]}{done.stderr[-600:]}"
            )
        if "error" in document and not may_fail:
            raise RuntimeError(f"{words}: {document['error']}")
        return document


def _of_lab(report: dict[str, Any]) -> Told:
    verdict = report["verdict"]
    if verdict["state"] not in {"fault", "attention"}:
        return Told("nothing", verdict["sentence"])
    is_sure = not verdict["sentence"].startswith("A possible cause")
    return Told(
        "stated" if is_sure else "possible",
        f"{verdict['sentence']} {verdict['next_step']}",
        verdict["whose"],
        verdict["check"],
        explanations=1,
        is_fault=verdict["state"] == "fault",
    )


def _of_run(report: dict[str, Any]) -> Told:
    explanations = report.get("explanations", [])
    if not explanations:
        return Told("nothing", report.get("sentence", str(report)[:300]))
    first = explanations[0]
    causes = [c for c in first["causes"] if c["certainty"] != "refuted"]
    cause = causes[0] if causes else {"certainty": "nothing"}
    sentence = first["failures"][0]["error"]
    if causes:
        sentence = f"{cause['sentence']} {cause['next_step']}"
    return Told(
        certainty=cause["certainty"],
        sentence=sentence,
        whose=cause.get("whose", ""),
        name=cause.get("rule", ""),
        failures=sum(len(e["failures"]) for e in explanations),
        explanations=len(explanations),
    )
