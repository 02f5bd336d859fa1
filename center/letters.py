"""沒有收的資料: what tablets could not bring, until the administrator has seen to each: look at it once more, or say how it
was dealt with. What is not here: what a decision writes (second_try), what tablets report (stuck).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from flask import Blueprint, Response, flash, request
from flask_babel import gettext

from center import auditing, current, keyring, second_try, unit_filter
from center.guard import me, right_required, who
from center.pages import page, see_other
from center.store import refused
from center.store.refused import Letter
from honorcard import roles
from honorcard.problems import CATALOGUE, ProblemError, sentence
from honorcard.typed import read_json
from sync.seal import SealError, open_sealed
from sync.wire import OpResult
from web.clock import now
from web.errors import answer
from web.languages import language

bp = Blueprint("letters", __name__)


class _Said(msgspec.Struct):
    """What every body about a person says, whatever its schema."""

    name: str = ""
    receipt: str = ""


@bp.app_context_processor
def _waiting() -> dict[str, Any]:
    """For the menu of the administrator: how many wait."""
    account = who()
    if account is None or not roles.may(account.role, "manage"):
        return {"to_settle": 0}
    with current.store().read() as conn:
        return {"to_settle": refused.count_waiting(conn)}


@bp.get("/tablets/letters")
@right_required("manage")
def show() -> Response:
    """Those that wait, the oldest first; then the last ones that were seen to."""
    auditing.saw("letters_seen", "list", "letters")
    return _page()


@bp.post("/tablets/letters/<string(length=36):op_id>/again")
@right_required("manage")
def again(op_id: str) -> Response:
    """Looks at it once more, and says at once what came of it."""
    result = second_try.again(current.store(), current.settings(), op_id, me().account_id, now())
    if result.status not in ("applied", "duplicate", "conflict"):
        return _page(said=gettext("還是沒有收。%(why)s", why=_why(result)), status=409)
    flash(gettext("收下了，平板下次連線就知道"))
    return see_other("/tablets/letters")


@bp.post("/tablets/letters/<string(length=36):op_id>/settle")
@right_required("manage")
def settle(op_id: str) -> Response:
    """It was dealt with otherwise; the tablet hears so."""
    text = request.form.get("text", "").strip()[:1000]
    second_try.settle(current.store(), op_id, me().account_id, text, now())
    flash(gettext("記下了，平板下次連線就知道"))
    return see_other("/tablets/letters")


@bp.errorhandler(ProblemError)
def _say_on_the_list(problem: ProblemError) -> Response:
    account = who()
    if request.method == "POST" and account is not None and roles.may(account.role, "manage"):
        return _page(said=problem.sentence(language()), status=problem.problem.status)
    return answer(problem, "center/problem.html")


def _page(*, said: str = "", status: int = 200) -> Response:
    with current.store().read() as conn:
        everything = refused.waiting(conn)
        counts = Counter(one.unit_id for one in everything if one.unit_id)
        chosen = unit_filter.read(conn, me(), request.args.get("unit", ""), counts)
        waiting = [one for one in everything if chosen.unit_id in (None, one.unit_id)]
        settled = [one for one in refused.settled(conn) if chosen.unit_id in (None, one.unit_id)]
    keys = keyring.sealing_privates(current.settings())
    return page(
        "center/letters.html", "main", status=status, said=said, letters=[(one, *_whose(one, keys)) for one in waiting],
        settled=settled, why=_why, kind_words=_kind_words, tried=request.view_args or {}, typed=request.form,
        chosen=chosen,
    )  # fmt: skip


def _whose(letter: Letter, keys: list[X25519PrivateKey]) -> tuple[str, str]:
    """Name and receipt, from the case or from the sealed body; empty where neither tells."""
    found = _Said(name=letter.name, receipt=letter.receipt)
    if letter.op is not None and not (found.name and found.receipt):
        for key in keys:
            try:
                inside = read_json(open_sealed(letter.op.body, key, "body"), _Said)
            except (SealError, msgspec.DecodeError, UnicodeDecodeError):
                continue
            found = _Said(found.name or inside.name[:100], found.receipt or inside.receipt[:16])
            break
    return found.name, found.receipt


def _why(one: Letter | OpResult) -> str:
    """Why an operation was not taken, in a sentence for the administrator: the catalogue's own speak to the tablet's people."""
    here = {
        "op_malformed": gettext("中心打不開這筆資料。請收件單位更新平板的程式，再重新送件。"),
        "op_damaged": gettext("這筆資料在平板的磁碟上壞了，送不來。請收件單位重新送件。"),
        "op_never_taken": gettext("平板送了 20 次，中心都沒處理成。請按「再試一次」；還是不行，請找工程人員看紀錄檔。"),
    }
    if one.code in here:
        return str(here[one.code])
    code, details = one.code or "", dict(one.details or {})
    words = sentence(code, language(), details) if code in CATALOGUE else ""
    return words or str(gettext("這一版的中心說不出原因，請找工程人員看紀錄檔。"))


def _kind_words(kind: str) -> str:
    return str(
        {
            "application.submit": gettext("申請"),
            "application.amend": gettext("補正"),
            "application.reissue": gettext("補發或更正"),
            "application.withdraw": gettext("撤回"),
            "card.print_ack": gettext("卡片印好的紀錄"),
        }.get(kind, gettext("平板的紀錄"))
    )
