"""The page for whoever looks after this machine: what needs a person, how each part stands and a test of it, the copy, the
rescue file on a stick, diagnostics. Handing settings to another machine is kiosk.care_settings, updates kiosk.care_updates.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app, jsonify, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import care_checks, care_export, care_updates, current, guard, pins, rescuing, upkeep
from kiosk.pages import page, see_other
from kiosk.store import alarms, keys, syncing
from web.clock import now, now_ms

bp = Blueprint("care", __name__)
bp.record_once(lambda state: care_updates.watch(state.app))


@bp.get("/staff/care")
@guard.staff_only
def show() -> Response:
    """Everything at a glance."""
    return _page()


@bp.post("/staff/care/seen")
@guard.staff_only
def seen() -> AnyResponse:
    """Somebody has looked at the alarms."""
    with current.line_store().write() as db:
        alarms.look(db, now_ms())
    return see_other("/staff/care")


@bp.get("/staff/care/rescue.hcrescue")
@guard.staff_only
def rescue() -> Response:
    """Everything sealed that is here, as one file to carry. ProblemError `device_not_enrolled`, `rescue_nothing`."""
    made = rescuing.prepare(current.line_store(), current.settings().machine, now())
    answer = Response(made.pieces(), mimetype="application/octet-stream")
    answer.headers["Content-Length"] = str(made.size)
    answer.headers["Content-Disposition"] = f'attachment; filename="{rescuing.file_name(now())}"'
    return answer


@bp.post("/staff/care/test/<thing>")
@guard.staff_only
def test(thing: str) -> Response:
    """Tries one part now."""
    named = next((one for one in care_checks.TRIED if one == thing), None)
    if named is None:
        raise ProblemError("not_found")
    return _page(tried=care_checks.try_out(named, current.line_store(), current.settings().machine, now()))


@bp.get("/staff/care/diagnostics.json")
@guard.staff_only
def diagnostics() -> Response:
    """How this machine stands, as one file for whoever helps from afar. Nothing in it is about a person."""
    moment = now()
    answer = Response(
        care_export.document(current.line_store(), current.settings().machine, moment), mimetype="application/json"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{moment:%Y%m%d-%H%M}-diagnostics.json"'
    return answer


@bp.post("/staff/care/update/back")
@guard.staff_only
def take_back() -> AnyResponse:
    """The version before this one is wanted back; `honorcard update` sees to it once nobody uses the machine."""
    care_updates.want_back(current.settings().machine.data_dir)
    return see_other("/staff/care")


@bp.get("/in-use")
def in_use() -> Response:
    """For `honorcard update`, which waits for an idle moment. No PIN: it says nothing of what is done here."""
    return jsonify(care_updates.in_use(current_app._get_current_object()))  # type: ignore[attr-defined]


@bp.post("/staff/care/passphrase")
@guard.staff_only
def change_passphrase() -> Response | AnyResponse:
    """Wraps the same data key under another passphrase."""
    path = current.settings().machine.key_file
    if not keys.is_wrapped(path):
        raise ProblemError("not_found")
    new = request.form.get("new", "")
    problem = keys.problem_with(new)
    if problem is None and new != request.form.get("again", ""):
        problem = ProblemError("passphrase_differs")
    if problem is None and keys.open_with(path, request.form.get("old", ""), pins.boot_clock):
        problem = ProblemError("passphrase_wrong")
    if problem is not None:
        return _page(problem=problem, status=problem.problem.status)
    keys.wrap(path, new)
    return _page(changed=True)


def words(alarm: alarms.Alarm) -> str:
    """What an alarm means, and what to do."""
    said: dict[str, str] = {
        "op_damaged": gettext(
            "第 %(what)s 筆資料在這台機器的磁碟上壞了，沒有送出。請打電話給志推中心，說收據號碼。", what=alarm.what
        ),
        "blob_missing": gettext("有一張待送的相片不見了。請看送件匣哪一件相片沒到齊，請本人再拍一次。"),
        "blob_damaged": gettext("有一張待送的相片壞了。請看送件匣哪一件相片沒到齊，請本人再拍一次。"),
        "database_set_aside": gettext(
            "資料庫壞過，舊檔收在 set-aside 資料夾（%(what)s），完好的已經救回。請換掉這台機器的磁碟。", what=alarm.what
        ),
        "copy_failed": gettext("昨天的備份沒有做成。請看備份用的記憶卡還在不在、滿了沒有。"),
    }
    return said.get(alarm.kind, alarm.kind)


def names() -> dict[care_checks.Thing, str]:
    """What people call each part."""
    return {
        "printer": gettext("印表機"),
        "clock": gettext("時鐘"),
        "disk": gettext("磁碟"),
        "battery": gettext("電池"),
        "program": gettext("程式和資料庫"),
        "queue": gettext("待送"),
        "sync": gettext("和志推中心的連線"),
        "list": gettext("驗卡名單"),
    }


def _page(
    *,
    problem: ProblemError | None = None,
    changed: bool = False,
    tried: care_checks.Check | None = None,
    status: int = 200,
) -> Response:
    settings, store = current.settings().machine, current.line_store()
    with store.read() as db:
        standing, enrolled = alarms.standing(db), syncing.membership(db) is not None
    try:
        made = rescuing.prepare(store, settings, now())
    except (ProblemError, OSError):
        made = None
    found = [tried if tried and tried.thing == one.thing else one for one in care_checks.checks(store, settings, now())]
    return page(
        "kiosk/care.html", "main", alarms=[(alarm, words(alarm)) for alarm in standing], checks=found, names=names(),
        tried=tried.thing if tried else "", can_try=care_checks.TRIED, update=care_updates.look(settings.data_dir),
        copied_ms=upkeep.copied_ms(store), copies=bool(settings.copy_dir), rescue=made,
        wrapped=keys.is_wrapped(settings.key_file), problem=problem, changed=changed, status=status,
        now_ms=now_ms(), enrolled=enrolled,
    )  # fmt: skip
