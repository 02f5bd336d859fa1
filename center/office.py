"""The administrator's office: units, accounts and tablets, listed and added.
A tablet is let in with a one-time code, shown once. What is not here: enrolment itself (enrolment), cards (cards).
"""

from __future__ import annotations

from collections import Counter

from flask import Blueprint, Response, current_app, flash, request
from flask_babel import gettext

from center import auditing, current, keyring, unit_filter
from center.devices import PROFILES, new_code
from center.guard import me, right_required
from center.pages import page, see_other
from center.store import account_log, accounts, devices, feed
from honorcard.problems import ProblemError
from sync.device import fingerprint, public_key_problem
from web.clock import TAIPEI, now, now_ms
from web.languages import said_date

bp = Blueprint("office", __name__)


@bp.get("/units")
@right_required("manage")
def units() -> Response:
    """All utilisation units."""
    with current.store().read() as conn:
        rows = accounts.units(conn)
    return page("center/office.html", "main", shown="units", units=rows, keys_due=_keys_due())


@bp.post("/units")
@right_required("manage")
def add_unit() -> Response:
    """Adds a unit. ProblemError `unit_code_taken`."""
    name, code = _filled("name", 100), _filled("code", 32)
    with current.store().write() as conn:
        if accounts.code_is_taken(conn, code):
            raise ProblemError("unit_code_taken", unit_code=code)
        district = request.form.get("district", "").strip()[:40]
        unit_id = accounts.add_unit(conn, name, code, district)
        fields = [("name", "", name), ("code", "", code), ("district", "", district)]
        auditing.did(conn, "unit_added", "unit", unit_id, fields)
    flash(gettext("已新增單位 %(name)s", name=name))
    return see_other("/units")


@bp.get("/accounts")
@right_required("manage")
def people() -> Response:
    """All accounts with their roles; no secrets."""
    with current.store().read() as conn:
        theirs = accounts.units_of_all(conn)
        chosen = unit_filter.read(conn, me(), request.args.get("unit", ""), accounts.count_by_unit(conn))
        rows, known = accounts.everyone(conn, chosen.unit_id), accounts.units(conn)
    return page(
        "center/office.html", "main", shown="accounts", accounts=rows, units=known, roles=accounts.ROLES,
        keys_due=_keys_due(), chosen=chosen, theirs=theirs, must_have=current.settings().second_factor,
    )  # fmt: skip


@bp.post("/accounts")
@right_required("manage")
def add_account() -> Response:
    """Adds an account. ProblemError `account_name_taken`, `password_short`, `office_field_missing` (an officer's
    unit).
    """
    name, person, role = _filled("name", 64), _filled("person", 100), _filled("role", 32)
    unit_id = request.form.get("unit_id") if role == "unit_officer" else None
    if role not in accounts.ROLES:
        raise ProblemError("office_field_missing")
    with current.store().write() as conn:
        if role == "unit_officer" and unit_id not in {unit.unit_id for unit in accounts.units(conn)}:
            raise ProblemError("office_field_missing")
        if accounts.name_is_taken(conn, name):
            raise ProblemError("account_name_taken")
        account_id = accounts.add(conn, name, person, role, unit_id, request.form.get("password", "")[:1000])
        fields = [("name", "", accounts.sign_in_name(name)), ("role", "", role), ("unit", "", unit_id or "")]
        account_log.note(conn, account_id, actor=me().account_id, what="added", now_ms=now_ms(), fields=fields)
    flash(gettext("已新增帳號 %(name)s", name=accounts.sign_in_name(name)))
    return see_other("/accounts")


@bp.post("/accounts/<account_id>/<any(open, close):what>")
@right_required("manage")
def set_active(account_id: str, what: str) -> Response:
    """Closes or opens an account; nobody closes the own one."""
    if account_id == me().account_id:
        raise ProblemError("not_allowed")
    with current.store().write() as conn:
        found = accounts.find(conn, account_id)
        if found is None:
            raise ProblemError("not_found")
        accounts.set_active(conn, account_id, what == "open")
        account_log.note(
            conn, account_id, actor=me().account_id, what="opened" if what == "open" else "closed", now_ms=now_ms(),
            fields=[("active", str(found.active), str(what == "open"))],
        )  # fmt: skip
    said = gettext("帳號 %(name)s 已恢復", name=found.name)
    flash(said if what == "open" else gettext("帳號 %(name)s 已停用", name=found.name))
    return see_other("/accounts")


@bp.get("/tablets")
@right_required("manage")
def tablets() -> Response:
    """All enrolled tablets, when they were last seen, and alarms."""
    return _tablets(None)


@bp.post("/tablets/code")
@right_required("manage")
def code() -> Response:
    """A one-time code that lets one tablet in within fifteen minutes; shown on this answer only."""
    unit_id, site, profile = request.form.get("unit_id") or None, _filled("site", 100), _filled("profile", 16)
    with current.store().read() as conn:
        known = unit_id is None or unit_id in {unit.unit_id for unit in accounts.units(conn)}
    if not known:
        raise ProblemError("office_field_missing")
    fresh = new_code(current.store(), unit_id, site, profile, now())
    with current.store().write() as conn:
        fields = [("site", "", site), ("profile", "", profile), ("unit", "", unit_id or "")]
        auditing.did(conn, "tablet_code", "device", "", fields)
    return _tablets(fresh, site, profile)


@bp.post("/tablets/<device_id>/disable")
@right_required("manage")
def disable(device_id: str) -> Response:
    """A tablet that is lost or given back: it hears no news and takes no data from now on; what waits on it still arrives."""
    with current.store().write() as conn:
        if devices.find(conn, device_id) is None:
            raise ProblemError("not_found")
        devices.disable(conn, device_id, int(now().timestamp() * 1000))
        auditing.did(conn, "tablet_disabled", "device", device_id)
    flash(gettext("平板已停用"))
    return see_other("/tablets")


@bp.post("/tablets/<device_id>/wipe")
@right_required("manage")
def wipe(device_id: str) -> Response:
    """A tablet that was disabled empties itself, once all that waits on it has arrived."""
    now_ms = int(now().timestamp() * 1000)
    with current.store().write() as conn:
        found = devices.find(conn, device_id)
        if found is None or found.disabled_ms is None:
            raise ProblemError("not_found")
        if device_id not in feed.asked_to_wipe(conn):
            auditing.did(conn, "tablet_wiped", "device", device_id)
            feed.append(
                conn, kind=feed.WIPE, entity_id=device_id, rev=0, device_id=device_id, body=b"{}", at_ms=now_ms
            )  # fmt: skip
    flash(gettext("下次連線時，平板先送完待送的，再清空"))
    return see_other("/tablets")


@bp.post("/tablets/<device_id>/looked")
@right_required("manage")
def looked(device_id: str) -> Response:
    """Somebody has seen to the alarm: the tablet is told news again."""
    with current.store().write() as conn:
        if devices.find(conn, device_id) is None:
            raise ProblemError("not_found")
        devices.quiet_alarm(conn, device_id)
        auditing.did(conn, "tablet_looked", "device", device_id)
    flash(gettext("平板恢復接收新消息"))
    return see_other("/tablets")


def _has_keys(tablet: devices.Device) -> bool:
    return not public_key_problem(tablet.sign_key, tablet.seal_key)


def _tablets(fresh: str | None, site: str = "", profile: str = "") -> Response:
    with current.store().read() as conn:
        everyone, known = devices.everyone(conn), accounts.units(conn)
        counts = Counter(row.unit_id for row in everyone if row.unit_id)
        chosen = unit_filter.read(conn, me(), request.args.get("unit", ""), counts)
        rows = [row for row in everyone if chosen.unit_id in (None, row.unit_id)]
        wiped = feed.asked_to_wipe(conn)
    own = keyring.sealing_public(current_app.config["SETTINGS"])
    digits = {row.device_id: fingerprint(row.sign_key, row.seal_key, own) for row in rows if _has_keys(row)}
    return page(
        "center/office.html", "main", shown="tablets", tablets=rows, units=known, profiles=PROFILES, fresh_code=fresh,
        digits=digits, wiped=wiped, keys_due=_keys_due(), chosen=chosen, fresh_site=site, fresh_profile=profile,
    )  # fmt: skip


def _keys_due() -> list[str]:
    """What is to be done about the issuer's keys, in sentences for whoever can ask the root key's holders."""
    said = []
    for due in keyring.due(current.settings(), now()):
        key = {
            "card": gettext("製卡金鑰"), "pack": gettext("名單金鑰"), "practice": gettext("練習金鑰"),
            "sealing": gettext("封存金鑰"),
        }[due.use]  # fmt: skip
        if due.what == "publish":
            day = said_date(due.by.astimezone(TAIPEI).date())
            said.append(gettext("%(key)s要在 %(day)s 以前公布下一把。請保管根金鑰的人辦理。", key=key, day=day))
        elif due.what == "over":
            said.append(gettext("%(key)s已經過期。請保管根金鑰的人馬上更換。", key=key))
        else:
            said.append(gettext("%(key)s換了新的，舊的還沒有結束。請保管根金鑰的人辦理。", key=key))
    return said


def _filled(name: str, longest: int) -> str:
    value = request.form.get(name, "").strip()[:longest]
    if not value:
        raise ProblemError("office_field_missing")
    return value
