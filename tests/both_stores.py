"""The same test on SQLite and on PostgreSQL: whatever center it makes keeps its rows where the parameter says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres import Cluster, cluster
from tests.sync import loopback


@pytest.fixture(scope="session")
def cluster_of_the_session() -> Iterator[Cluster]:
    """One cluster for all tests of this process, started by the first that asks."""
    with cluster() as running:
        yield running


@pytest.fixture
def store_kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`sqlite`, or `postgresql`: a new database for each folder a center is made in."""
    kind: str = getattr(request, "param", "sqlite")
    made: dict[Path, str] = {}
    if kind == "postgresql":
        running: Cluster = request.getfixturevalue("cluster_of_the_session")

        def database_of(folder: Path) -> str:
            if folder not in made:
                made[folder] = running.fresh()
            return made[folder]

        monkeypatch.setattr(loopback, "database_of", database_of)
    yield kind
    for url in made.values():
        running.drop(url)
