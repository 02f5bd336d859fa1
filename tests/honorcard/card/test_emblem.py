"""The watermark: what can be one, and that nothing else gets as far as a sheet."""

from __future__ import annotations

import pytest

from honorcard.card import emblem
from honorcard.jurisdiction import TAIPEI, overridden
from honorcard.problems import ProblemError

SQUARE = "M0 0H10V10H0Z"


@pytest.mark.parametrize(
    "path",
    [
        "feathers",
        SQUARE,
        "m0,0 l10,0 0,10z",
        "M10 80 C 40 10, 65 10, 95 80 S 150 150, 180 80",
        "M10 80 Q 52.5 10, 95 80 T 180 80",
        "M10 50 A40 40 0 1 0 90 50 A40 40 0 1 0 10 50 Z",
    ],
)
def test_a_path_is_drawn_with_every_command_of_svg(path: str) -> None:
    assert emblem.is_emblem(path)
    assert overridden(TAIPEI, {"emblem": path}).emblem == path
    drawn = emblem.drawing(path, 20, 20, 10, "0 0 0 RG")
    assert drawn.count("q ") == drawn.split().count("Q"), "every state that is saved is restored"


@pytest.mark.parametrize(
    "path", ["", "eagle", "M0 0", "M0 0 L10 0", "M0 0 L1e999 5 5 5Z", 7, None, "M0 0" + "L9 9" * 1_500]
)
def test_what_cannot_be_drawn_is_refused_by_the_name_of_its_setting(path: object) -> None:
    assert not emblem.is_emblem(path)
    with pytest.raises(ProblemError, match="rules_setting_wrong") as caught:
        overridden(TAIPEI, {"emblem": path})
    assert caught.value.details["setting"] == "emblem"


def test_it_keeps_to_its_circle_whatever_its_own_units() -> None:
    for path in (SQUARE, "M1000 1000H4000V2000H1000Z", "M-1 -1H1V1H-1Z"):
        drawn = emblem.drawing(path, 50, 30, 10, "0 0 0 RG")
        matrix = [float(number) for number in drawn.split(" cm ")[0].split()[1:]]
        scale, (left, top, right, bottom) = matrix[0], emblem._path(path)[1]
        for x, y in ((left, top), (right, bottom)):
            assert ((x * scale + matrix[4] - 50) ** 2 + (y * scale + matrix[5] - 30) ** 2) ** 0.5 == pytest.approx(
                10, abs=0.02
            )
