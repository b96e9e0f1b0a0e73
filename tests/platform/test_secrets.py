"""Which values of the lab are secrets."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rsp_health.platform.environment import LabEnvironment

if TYPE_CHECKING:
    from pathlib import Path


def test_secrets_of_variables() -> None:
    lab = LabEnvironment(
        variables={
            "ACCESS_TOKEN": "gt-a.b",
            "JUPYTERHUB_API_TOKEN": "0123abcd",
            "DB_PASSWORD": "p w",
            "DATABASE_URL": "postgresql://ann:p%40ss1234@db/x",
            "MY_API_KEY": "key-1",
            "TOKEN_URL": "https://example.org/token",
            "SECRET_NAME": "lab",
            "PWD": "/home/ann",
            "SSH_KEY": "/etc/hosts",
            "IMAGE_DESCRIPTION": "Weekly 2026_45",
        },
        mounts=(),
    )
    assert lab.secrets() == {"gt-a.b", "0123abcd", "p@ss1234", "key-1"}


def test_ordinary_values_under_names_like_keys() -> None:
    drawn = "k7Qm2ZtR9xVb4LpW"
    lab = LabEnvironment(
        variables={
            "PARTITION_KEY": "visit_detector",
            "SORT_KEY": "ccd-visit-id",
            "PRIMARY_KEY": "diaObjectId1",
            "CATALOG_KEY": "object-table",
            "PANDA_AUTH": "oidc-iam",
            "AWS_ENDPOINT_AUTH": "anonymous-user",
            "FOO_PAT": "pattern-1",
            "JUPYTERHUB_COOKIE_OPTIONS": "{}",
            "GOOGLE_APPLICATION_CREDENTIALS": "/opt/x/butler-gcs-creds.json",
            "DEPLOY_KEY": drawn,
            "GITLAB_PAT": drawn[::-1],
            "CLIENT_SECRET": "tea-pot",
            "DB_PWD": "hunter2",
        },
        mounts=(),
    )
    assert lab.secrets() == {drawn, drawn[::-1], "tea-pot", "hunter2"}


def test_secrets_of_files(tmp_path: Path) -> None:
    folder = tmp_path / "mounts" / "secrets"
    folder.mkdir(parents=True)
    (folder / "token").write_text("gt-c.d\n")
    (folder / "db.yaml").write_text(
        "- url: postgresql://db\n  password: s3cr3t9\n"
    )
    os.mkfifo(folder / "pipe")
    passwords = tmp_path / ".pgpass"
    passwords.write_text("db:5432:*:ann:an0ther\n")
    lab = LabEnvironment(
        variables={"PGPASSFILE": str(passwords)}, mounts=(tmp_path / "mounts",)
    )
    assert lab.secrets() == {"gt-c.d", "s3cr3t9", "an0ther"}
