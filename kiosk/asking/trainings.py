"""The trainings' question: whether basic and special training were completed, when, in which field (A16, R61, R62).

Whether it is asked is the city's setting: under `enforce` everybody is, under `warn` whoever wishes answers. A day nobody knows
is left empty; then the record book's day of issue stands in (§2.5).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from flask_babel import gettext
from msgspec.structs import replace

from honorcard import roc
from kiosk.asking.forms import Reading, Trouble, day_of
from kiosk.drafting import Answers
from sync.wire import Training

MOST_SPECIAL = 8
LONGEST_WORDS = 60
# fields of service as the central authorities divide them; others are typed
SERVICE_FIELDS = (
    "衛生福利",
    "文化",
    "教育",
    "環境保護",
    "體育",
    "農業",
    "警政",
    "消防",
    "交通",
    "法務",
    "勞動",
    "經濟",
    "客家事務",
    "原住民族事務",
)


def read(answers: Answers, typed: Mapping[str, str], today: date) -> Reading:
    """The field of service and the trainings; an answer without any training says that there is none."""
    troubles: list[Trouble] = []
    found = []
    for kind in ("basic", "special"):
        if typed.get(f"{kind}_done") not in ("yes", "no"):
            label = gettext("基礎訓練") if kind == "basic" else gettext("特殊訓練")
            troubles.append(Trouble(f"{kind}_done-yes", label, "training_not_said"))
    if typed.get("basic_done") == "yes":
        found.append(_one("basic", typed, "", today, troubles))
    if typed.get("special_done") == "yes":
        places = [at for at in range(1, special_count(typed) + 1) if at == 1 or not _is_empty(typed, at)]
        found += [_one("special", typed, f"-{at}", today, troubles) for at in places]
    field = _words(typed, "service_field")
    trainings = tuple(training for training in found if training is not None)
    return Reading(replace(answers, service_field=field, trainings=None if troubles else trainings), tuple(troubles))


def _one(kind: str, typed: Mapping[str, str], place: str, today: date, troubles: list[Trouble]) -> Training | None:
    day, completed_on = f"{kind}_day{place}", None
    before = len(troubles)
    if typed.get(day, "").strip():
        completed_on = day_of(typed, day, gettext("完訓日"), troubles, latest=today)
    if len(troubles) > before:
        return None
    return Training(
        kind="basic" if kind == "basic" else "special",
        completed_on=completed_on,
        field=_words(typed, f"{kind}_field{place}"),
        certificate=_words(typed, f"{kind}_certificate{place}"),
    )


def special_count(typed: Mapping[str, str]) -> int:
    """How many special trainings the fields make up, an empty one included."""
    places = [
        int(place)
        for name in typed
        for stem, _, place in [name.removesuffix("_sure").partition("-")]
        if stem in ("special_day", "special_field", "special_certificate") and place.isdigit()
    ]
    return min(MOST_SPECIAL, max([1, *places]))


def with_further(typed: Mapping[str, str]) -> dict[str, str]:
    """The fields with one special training more."""
    at = special_count(typed) + 1
    return dict(typed) if at > MOST_SPECIAL else {**typed, f"special_day-{at}": ""}


def _is_empty(typed: Mapping[str, str], at: int) -> bool:
    return not any(typed.get(f"special_{name}-{at}", "").strip() for name in ("day", "field", "certificate"))


def _words(typed: Mapping[str, str], name: str) -> str:
    return typed.get(name, "").strip()[:LONGEST_WORDS]


def typed_from(answers: Answers) -> dict[str, str]:
    """The fields filled in from trainings that were not typed here: a returned case."""
    if answers.trainings is None:
        return {"service_field": answers.service_field} if answers.service_field else {}
    typed = {"service_field": answers.service_field, "basic_done": "no", "special_done": "no"}
    specials = 0
    for training in answers.trainings:
        place = ""
        if training.kind == "special":
            specials += 1
            place = f"-{specials}"
        typed[f"{training.kind}_done"] = "yes"
        typed[f"{training.kind}_day{place}"] = roc.dotted(training.completed_on) if training.completed_on else ""
        typed[f"{training.kind}_field{place}"] = training.field
        typed[f"{training.kind}_certificate{place}"] = training.certificate
    return typed
