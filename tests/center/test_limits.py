"""Whose request is counted: the address that asked, or the one a proxy of ours names."""

from __future__ import annotations

import pytest

LONGEST_WAIT = 70  # requests; more than any limit lets through at once
NEVER = "/ABCDEFGHIJKLMNOP"


def _answers(world, said: list[str]) -> set[int]:
    """What so many requests for the public page are answered, all from one machine, each naming somebody else."""
    client = world.app.test_client()
    return {client.get(NEVER, headers={"X-Forwarded-For": words}).status_code for words in said}


def test_without_a_proxy_nobody_names_himself_another_address(make_world) -> None:
    answers = _answers(make_world(), [f"203.0.113.{n}" for n in range(LONGEST_WAIT)])
    assert answers == {404, 429}


def test_behind_a_proxy_each_is_counted_for_himself(make_world) -> None:
    world = make_world(trusted_proxies=1)
    assert _answers(world, [f"203.0.113.{n}" for n in range(LONGEST_WAIT)]) == {404}
    assert _answers(world, ["203.0.113.250"] * LONGEST_WAIT) == {404, 429}


@pytest.mark.parametrize("proxies", [1, 2])
def test_only_what_our_own_proxies_wrote_is_believed(make_world, proxies: int) -> None:
    world = make_world(trusted_proxies=proxies)
    behind = ", ".join(["198.51.100.7", *["10.0.0.2"] * (proxies - 1)])
    assert _answers(world, [f"203.0.113.{n}, {behind}" for n in range(LONGEST_WAIT)]) == {404, 429}


def test_the_name_a_tablet_signs_is_not_taken_from_a_header(make_world) -> None:
    world = make_world(trusted_proxies=1, allowed_hosts=("localhost",))
    answer = world.app.test_client().get("/healthz", headers={"X-Forwarded-Host": "elsewhere.example"})
    assert answer.status_code == 200
