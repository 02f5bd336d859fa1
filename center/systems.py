"""Other city systems and their keys: made by the administrator, shown once, revoked; and what each was used for (R33, R64).

Who may read the history may see the uses. What is not here: what a key opens (center.api).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, flash, request
from flask_babel import gettext

from center import auditing, current
from center.api import keys
from center.api.declared import OPERATIONS, SCOPES
from center.guard import me, right_required
from center.pages import page, see_other
from center.store import accounts, api_keys
from honorcard import roc
from honorcard.problems import ProblemError
from web.clock import TAIPEI, now_ms, today
from web.errors import answer
from web.languages import language

bp = Blueprint("systems", __name__)

PAGE = 100
LONGEST_NAME = 60
USUAL_DAYS = 365


@bp.get("/systems")
@right_required("manage")
def listing() -> Response:
    """All keys, and the form for a new one."""
    return _list()


@bp.post("/systems")
@right_required("manage")
def add() -> Response:
    """Makes a key; its text stands on this answer only. ProblemError `api_key_name` and those beside it."""
    form = request.form
    name = " ".join(form.get("name", "").split())[:LONGEST_NAME]
    scopes = [scope for scope in form.getlist("scope") if scope in SCOPES]
    last_day, networks = _last_day(form.get("until", "")), _networks(form.get("networks", ""))
    rate = form.get("per_minute", "").strip() or str(keys.PER_MINUTE)
    if not rate.isascii() or not rate.isdigit() or not 1 <= int(rate[:9]) <= keys.MOST_PER_MINUTE:
        raise ProblemError("api_key_rate", most=keys.MOST_PER_MINUTE)
    if not scopes:
        raise ProblemError("api_key_scopes")
    token = keys.new_token()
    with current.store().write() as conn:
        if not name or api_keys.name_is_taken(conn, name):
            raise ProblemError("api_key_name")
        known = {unit.unit_id for unit in accounts.units(conn)}
        units = [unit for unit in form.getlist("unit_id") if unit in known]
        if len(units) != len([unit for unit in form.getlist("unit_id") if unit]):
            raise ProblemError("office_field_missing")  # never a key for all because its unit is unknown
        key_id = api_keys.add(
            conn, name=name, token_sha256=keys.digest(token), scopes=scopes, units=units, networks=networks,
            per_minute=int(rate), by=me().account_id, now_ms=now_ms(), expires_ms=_end_ms(last_day),
        )  # fmt: skip
        fields = [
            ("name", "", name), ("scopes", "", " ".join(scopes)), ("units", "", " ".join(units)),
            ("networks", "", " ".join(networks)), ("last_day", "", last_day.isoformat()),
        ]  # fmt: skip
        auditing.did(conn, "api_key_made", "api_key", key_id, [field for field in fields if field[2]])
    return _list(fresh=(name, token))


@bp.post("/systems/<string(length=36):key_id>/revoke")
@right_required("manage")
def revoke(key_id: str) -> Response:
    """Ends a key at once."""
    with current.store().write() as conn:
        name = api_keys.revoke(conn, key_id, me().account_id, now_ms())
        if name is None:
            raise ProblemError("not_found")
        auditing.did(conn, "api_key_revoked", "api_key", key_id, [("name", name, "")])
    flash(gettext("已註銷 %(name)s 的金鑰", name=name))
    return see_other("/systems")


@bp.get("/systems/uses")
@right_required("read_history")
def uses() -> Response:
    """What the keys were used for, newest first; `?below=` goes on, `?key=` is one key's."""
    auditing.saw("api_uses_seen", "list", "systems")
    below, key_id = request.args.get("below", type=int), request.args.get("key", "")[:36]
    with current.store().read() as conn:
        found = api_keys.uses(conn, below=below, key_id=key_id, limit=PAGE + 1)
    more = found[PAGE - 1].use_id if len(found) > PAGE else None
    return page(
        "center/system_uses.html",
        "main",
        uses=found[:PAGE],
        more=more,
        key_id=key_id,
        purposes=_purposes(),
        done=_done(),
    )


@bp.errorhandler(ProblemError)
def _say_above_the_form(problem: ProblemError) -> Response:
    """What kept a key from being made, with what was typed still in the fields."""
    if request.endpoint != "systems.add" or not (
        problem.code.startswith("api_key") or problem.code == "office_field_missing"
    ):
        return answer(problem, "center/problem.html")
    return _list(sentence=problem.sentence(language()), status=problem.problem.status)


def _list(*, fresh: tuple[str, str] | None = None, sentence: str = "", status: int = 200) -> Response:
    with current.store().read() as conn:
        every, units = api_keys.everything(conn), accounts.units(conn)
    at = 0 if language() == "zh" else 1
    typed = None if fresh else request.form
    return page(
        "center/systems.html", "main", status=status, keys=every, units=units, fresh=fresh, sentence=sentence, typed=typed,
        names={unit.unit_id: unit.name for unit in units}, scopes={scope: words[at] for scope, words in SCOPES.items()},
        at_ms=now_ms(), usual_rate=keys.PER_MINUTE, usual_until=roc.dotted(today() + timedelta(days=USUAL_DAYS)),
        most_rate=keys.MOST_PER_MINUTE,
        last_days={key.key_id: datetime.fromtimestamp((key.expires_ms - 1) / 1000, TAIPEI).date() for key in every},
    )  # fmt: skip


def _last_day(typed: str) -> date:
    """The last day of a key, in any spelling of a day. ProblemError `api_key_until`."""
    day = roc.read(typed).date
    if day is None or not 1 <= (day - today()).days <= keys.LONGEST_DAYS:
        raise ProblemError("api_key_until", days=keys.LONGEST_DAYS)
    return day


def _end_ms(day: date) -> int:
    return int(datetime.combine(day + timedelta(days=1), time(), TAIPEI).timestamp() * 1000)


def _networks(text: str) -> list[str]:
    found = []
    for number, line in enumerate(text[:4000].splitlines(), 1):
        if not line.strip():
            continue
        one = keys.network(line)
        if one is None:
            raise ProblemError("api_key_networks", line=number)
        found.append(one)
    return found


def _done() -> dict[str, str]:
    """Each operation in words."""
    at = 0 if language() == "zh" else 1
    return {one.name: one.summary[at] for one in OPERATIONS}


def _purposes() -> dict[str, str]:
    return {
        "care_station": gettext("照顧關懷據點"), "training_check": gettext("核對訓練"), "award": gettext("獎勵"),
        "card_service": gettext("卡片服務"),
    }  # fmt: skip
