"""The page for whoever looks after this machine: what needs a person, room, the copy, and the rescue file on a stick."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from honorcard.problems import ProblemError
from kiosk import current, guard, pins, rescuing, upkeep
from kiosk.pages import page, see_other
from kiosk.store import alarms, keys
from web.clock import now, now_ms

bp = Blueprint("care", __name__)


@bp.get("/staff/care")
@guard.staff_only
def show() -> Response:
    """Everything at a glance."""
    return _page()


@bp.post("/staff/care/seen")
@guard.staff_only
def seen() -> AnyResponse:
    """Somebody has looked at the alarms."""
    with current.store().write() as db:
        alarms.look(db, now_ms())
    return see_other("/staff/care")


@bp.get("/staff/care/rescue.hcrescue")
@guard.staff_only
def rescue() -> Response:
    """Everything sealed that is here, as one file to carry. ProblemError `device_not_enrolled`, `rescue_nothing`."""
    made = rescuing.prepare(current.store(), current.settings(), now())
    answer = Response(made.pieces(), mimetype="application/octet-stream")
    answer.headers["Content-Length"] = str(made.size)
    answer.headers["Content-Disposition"] = f'attachment; filename="{rescuing.file_name(now())}"'
    return answer


@bp.post("/staff/care/passphrase")
@guard.staff_only
def change_passphrase() -> Response | AnyResponse:
    """Wraps the same data key under another passphrase."""
    path = current.settings().key_file
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


def _page(*, problem: ProblemError | None = None, changed: bool = False, status: int = 200) -> Response:
    settings = current.settings()
    room, free = upkeep.room(settings)
    with current.store().read() as db:
        standing = alarms.standing(db)
    try:
        made = rescuing.prepare(current.store(), settings, now())
    except (ProblemError, OSError):
        made = None
    return page(
        "kiosk/care.html", "main", alarms=[(alarm, words(alarm)) for alarm in standing], room=room, free_mb=free // 1_000_000,
        copied_ms=upkeep.copied_ms(current.store()), copies=bool(settings.copy_dir), rescue=made,
        wrapped=keys.is_wrapped(settings.key_file), problem=problem, changed=changed, status=status,
        now_ms=now_ms(),
    )  # fmt: skip
