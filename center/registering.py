"""A unit registers itself (R26), and an administrator lets it in.

Whoever registers is told the same whether the code or the mail address is known here or not: what becomes of it is seen by the
administrator alone. What is not here: what approving opens (store.registrations).
"""

from __future__ import annotations

import re
import secrets
import unicodedata

from flask import Blueprint, Response, current_app, flash, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext

from center import auditing, current, mail
from center.guard import me, right_required, who
from center.limits import Limit
from center.pages import page, see_other
from center.store import account_log, accounts, audit, registrations
from honorcard import roles
from honorcard.mails import address_is_right, needs_utf8
from honorcard.problems import ProblemError
from web.clock import now_ms
from web.languages import language

bp = Blueprint("registering", __name__)

# a person fills in one form; an office behind one address may have several
BURST, PER_MINUTE = 8, 0.2
PROOF_BYTES = 32
LONGEST = {"unit_name": 100, "unit_code": 32, "district": 40, "person": 100, "mail": 64, "phone": 30}
MAY_LACK = {"district"}
_CODE = re.compile(r"[\w-]{2,32}\Z")
_PHONE = re.compile(r"[0-9+#*()/ -]{6,30}\Z")


@bp.record_once
def _begin(state: BlueprintSetupState) -> None:
    state.app.extensions["registration_limit"] = Limit("register", burst=BURST, per_minute=PER_MINUTE)


@bp.app_context_processor
def _waiting() -> dict[str, int]:
    """For the menu of the administrator: how many units wait."""
    account = who()
    if account is None or not roles.may(account.role, "manage"):
        return {"to_approve": 0}
    with current.store().read() as conn:
        return {"to_approve": registrations.count_waiting(conn)}


@bp.get("/register")
def ask() -> Response:
    """The form, for anybody."""
    return _form({}, {})


@bp.post("/register")
def register() -> Response:
    """Keeps what was written for an administrator; the answer is the same whoever is known here already."""
    typed = {name: _typed(name) for name in LONGEST}
    wrong = _wrong(typed)
    password, again = request.form.get("password", "")[:1000], request.form.get("again", "")[:1000]
    hashed = ""
    try:
        if password != again:
            raise ProblemError("password_not_twice")
        hashed = accounts.hash_password(password, typed["mail"])
    except ProblemError as problem:
        wrong["password"] = problem.sentence(language())
    if wrong:
        return _form(typed, wrong)
    limit: Limit = current_app.extensions["registration_limit"]
    if not limit.allows(request.remote_addr):
        raise ProblemError("slow_down")
    proof, at_ms = secrets.token_urlsafe(PROOF_BYTES), now_ms()
    with current.store().write() as conn:
        registration_id = registrations.add(conn, **typed, password_hash=hashed, proof=proof, now_ms=at_ms)
        audit.note(
            conn, "registration_asked", actor="nobody", now_ms=at_ms, entity_kind="registration", entity=registration_id,
            unit_id="", fields=[("code", "", typed["unit_code"]), ("name", "", typed["unit_name"])],
        )  # fmt: skip
        path = f"/register/confirm/{proof}"
        mail.put(conn, "address_proof", typed["mail"], {"path": path}, about=registration_id, now_ms=at_ms)
    return page("center/registered.html", "main", mail=typed["mail"], by_mail=bool(current.settings().smtp_host))


@bp.get("/register/confirm/<string(length=43):proof>")
def ask_proof(proof: str) -> Response:
    """Where the letter leads: a button, since mail servers open links by themselves."""
    return _proof_page(proof)


@bp.post("/register/confirm/<string(length=43):proof>")
def confirm(proof: str) -> Response:
    """Whoever reads the address has confirmed it; the administrator sees so."""
    with current.store().write() as conn:
        found = registrations.of_proof(conn, proof)
        if found is not None:
            registrations.prove(conn, found.registration_id, now_ms())
            audit.note(
                conn, "registration_proved", actor="nobody", now_ms=now_ms(), entity_kind="registration",
                entity=found.registration_id, unit_id="",
            )  # fmt: skip
    return _proof_page(proof)


@bp.get("/registrations")
@right_required("manage")
def listing() -> Response:
    """Units that wait, the oldest first, each with what approving it would open; then the last ones decided."""
    auditing.saw("registrations_seen", "list", "registrations")
    return _list()


@bp.post("/registrations/<string(length=36):registration_id>/approve")
@right_required("manage")
def approve(registration_id: str) -> Response:
    """Opens unit and account, as far as they lack."""
    account, at_ms = me(), now_ms()
    try:
        with current.store().write() as conn:
            found, account_id = registrations.approve(conn, registration_id, account.account_id, at_ms)
            account_log.note(
                conn, account_id, actor=account.account_id, what="registered", now_ms=at_ms, text=found.unit_code,
                fields=[("code", "", found.unit_code)],
            )  # fmt: skip
            fields = [("state", "waiting", "approved"), ("code", "", found.unit_code), ("account", "", account_id)]
            auditing.did(conn, "registration_approved", "registration", registration_id, fields)
            facts = {"unit": found.unit_name, "sign_in": found.mail}
            mail.put(conn, "unit_approved", found.mail, facts, about=registration_id, now_ms=at_ms)
    except ProblemError as problem:
        return _list(problem)
    said = gettext("「%(unit)s」可以登入了，信會寄給承辦人", unit=found.unit_name)
    flash(
        said if current.settings().smtp_host else gettext("「%(unit)s」可以登入了。請通知承辦人", unit=found.unit_name)
    )
    return see_other("/registrations")


@bp.post("/registrations/<string(length=36):registration_id>/refuse")
@right_required("manage")
def refuse(registration_id: str) -> Response:
    """Refuses it with the reason, which the administrator tells the unit."""
    reason = request.form.get("reason", "").strip()[:500]
    try:
        if not reason:
            raise ProblemError("registration_reason_missing")
        with current.store().write() as conn:
            found = registrations.refuse(conn, registration_id, me().account_id, now_ms(), reason)
            fields = [("state", "waiting", "refused"), ("code", "", found.unit_code)]
            auditing.did(conn, "registration_refused", "registration", registration_id, fields)
            facts = {"unit": found.unit_name, "why": reason}
            mail.put(conn, "unit_refused", found.mail, facts, about=registration_id, now_ms=now_ms())
    except ProblemError as problem:
        return _list(problem, registration_id)
    said = gettext("「%(unit)s」的註冊退回了，原因會寄給承辦人", unit=found.unit_name)
    told = gettext("「%(unit)s」的註冊退回了。請把原因告訴承辦人", unit=found.unit_name)
    flash(said if current.settings().smtp_host else told)
    return see_other("/registrations")


def _typed(name: str) -> str:
    text = unicodedata.normalize("NFKC", request.form.get(name, "")).strip()
    return "".join(character for character in text if character.isprintable())[: LONGEST[name] + 1]


def _wrong(typed: dict[str, str]) -> dict[str, str]:
    """What is to be corrected: a sentence for each field."""
    said: dict[str, str] = {}
    for name, text in typed.items():
        if not text and name not in MAY_LACK:
            said[name] = gettext("這一欄還沒有填。")
        elif len(text) > LONGEST[name]:
            said[name] = gettext("太長了，最多 %(n)s 個字。", n=LONGEST[name])
    if "unit_code" not in said and not _CODE.match(typed["unit_code"]):
        said["unit_code"] = gettext("代碼只能有字、數字和「-」，至少 2 個字。")
    # it becomes the sign-in name and must be proved by a letter: ASCII before the @, which every mail server carries
    if "mail" not in said and (not address_is_right(typed["mail"]) or needs_utf8(typed["mail"])):
        said["mail"] = gettext("這不像電子郵件。請像 name@example.org 這樣填。")
    if "phone" not in said and not _PHONE.match(typed["phone"]):
        said["phone"] = gettext("電話請填數字，分機用「#」。")
    return said


def _form(typed: dict[str, str], wrong: dict[str, str]) -> Response:
    return page(
        "center/register.html", "main", status=422 if wrong else 200, typed=typed, longest=LONGEST,
        wrong={name: wrong[name] for name in (*LONGEST, "password") if name in wrong},
        least=accounts.PASSWORD_MIN,
    )  # fmt: skip


def _proof_page(proof: str) -> Response:
    with current.store().read() as conn:
        found = registrations.of_proof(conn, proof)
    return page("center/register_confirm.html", "main", status=200 if found else 404, found=found)


def _list(problem: ProblemError | None = None, about: str = "") -> Response:
    with current.store().read() as conn:
        waiting, decided = registrations.waiting(conn), registrations.decided(conn)
    return page(
        "center/registrations.html", "main", status=problem.problem.status if problem else 200, waiting=waiting,
        decided=decided, sentence=problem.sentence(language()) if problem else "", about=about,
    )  # fmt: skip
