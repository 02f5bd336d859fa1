"""Import: a file is chosen, tried, shown line by line, corrected, written, and taken back. The city's administrator alone (R60).

What is not here: the work itself (running), and export (exporting).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Response, flash, request
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from center import auditing, current
from center.exchange import headings, running, words
from center.exchange.fields import FIELDS, KINDS, Kind
from center.guard import me, right_required
from center.pages import page, see_other
from center.store import exchange
from center.store.exchange import BUSY, OUTCOMES, Batch
from honorcard import identity
from honorcard.problems import ProblemError
from web import tables_out
from web.clock import now, now_ms
from web.errors import answer
from web.languages import language

bp = Blueprint("exchange_import", __name__)

PAGE = 50
_ERROR_LINES = 1000
_FILTERS = {"all": OUTCOMES, "refused": ("refused",), "new": ("new",), "changed": ("changed",), "same": ("same",)}


@bp.get("/exchange")
@right_required("exchange")
def start() -> Response:
    """Where a list is chosen, and the newest imports."""
    return _start()


@bp.post("/exchange")
@right_required("exchange")
def send() -> Response | AnyResponse:
    """Takes a file in and goes on to its dry run. ProblemError `roster_…` for one that cannot be a list."""
    kind = _kind(request.form.get("kind", ""))
    file = request.files.get("list")
    data = file.read(running.LIMITS.file_bytes + 1) if file is not None and file.filename else b""
    try:
        if file is None or not file.filename:
            raise ProblemError("roster_file_missing")
        batch_id = running.begin(current.store(), current.settings(), kind, data, by=me().account_id, now_ms=now_ms())
    except ProblemError as problem:
        return _start(problem, kind)
    if len(data) <= running.AT_ONCE_BYTES:
        running.work(current.store(), current.settings(), batch_id, now())
    return see_other(f"/exchange/import/{batch_id}")


@bp.get("/exchange/sample/<any(units, volunteers, hours, training, cards):kind>.<any(csv, xlsx):form>")
@right_required("exchange")
def sample(kind: str, form: str) -> AnyResponse:
    """A list as it should look."""
    columns = FIELDS[_kind(kind)]
    rows = [[one.zh for one in columns], [one.sample for one in columns]]
    name = f"honorcard-{kind}-sample"
    if form == "xlsx":
        content = tables_out.xlsx_bytes(words.brought(kind), rows, [16] * len(columns))
        return _file(content, f"{name}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    return _file(tables_out.csv_bytes(rows), f"{name}.csv", "text/csv; charset=utf-8")


@bp.get("/exchange/import/<string(length=36):batch_id>")
@right_required("exchange")
def show(batch_id: str) -> Response:
    """How an import stands; once it was tried, what it would change, line by line."""
    batch = _batch(batch_id)
    auditing.saw("exchange_seen", "exchange", batch_id)
    return _show(batch)


@bp.get("/exchange/import/<string(length=36):batch_id>/errors.csv")
@right_required("exchange")
def errors(batch_id: str) -> AnyResponse:
    """The lines that cannot be taken, as they stood, each with its reasons: to be mended and sent again."""
    batch = _batch(batch_id)
    auditing.saw("exchange_errors", "exchange", batch_id, every=True)
    return _file(
        tables_out.csv_bytes(_error_rows(batch)), "honorcard-import-errors.csv", "text/csv; charset=utf-8"
    )  # fmt: skip


@bp.get("/exchange/import/<string(length=36):batch_id>/columns")
@right_required("exchange")
def columns(batch_id: str) -> Response:
    """Which column of the file is which."""
    return _columns(_batch(batch_id))


@bp.post("/exchange/import/<string(length=36):batch_id>/columns")
@right_required("exchange")
def choose(batch_id: str) -> Response | AnyResponse:
    """Takes the columns as chosen, remembers them for the kind, and tries the file again."""
    batch = _batch(batch_id)
    kind = _kind(batch.kind)
    titles = batch.head["titles"]
    at: dict[str, int] = {}
    try:
        for one in FIELDS[kind]:
            said = request.form.get(f"at-{one.code}", "")
            if said.isascii() and said.isdigit() and int(said) < len(titles):
                if int(said) in at.values():
                    raise ProblemError("exchange_column_twice", column=titles[int(said)] or said)
                at[one.code] = int(said)
        lacking = headings.missing(kind, at)
        if lacking:
            raise ProblemError(
                "exchange_columns", columns=_labels(kind, lacking, "、"), columns_en=_labels(kind, lacking, ", ")
            )
    except ProblemError as problem:
        return _columns(batch, problem)
    remembered = {headings.folded(title): "" for title in titles if title} | {
        headings.folded(titles[place]): code for code, place in at.items() if titles[place]
    }
    account = me()
    with current.store().write() as conn:
        before = exchange.columns(conn, "in", kind) or {}
        exchange.set_columns(conn, "in", kind, before | remembered, by=account.account_id, now_ms=now_ms())
        values = {"state": "reading", "done": 0, "moved": 0, "head": {**batch.head, "at": at}}
        if batch.state not in ("columns", "ready") or not exchange.change(
            conn, batch_id, if_state=batch.state, **values
        ):
            raise ProblemError("exchange_not_now")
        auditing.did(conn, "exchange_columns", "exchange", batch_id, [("kind", "", kind)])
    _work_on_small(batch)
    return see_other(f"/exchange/import/{batch_id}")


@bp.post("/exchange/import/<string(length=36):batch_id>/write")
@right_required("exchange")
def write(batch_id: str) -> Response | AnyResponse:
    """Writes what the dry run showed, all of it or nothing."""
    batch = _batch(batch_id)
    if batch.state == "ready" and not batch.writes:
        raise ProblemError("exchange_nothing")
    _set_out(batch, "ready", "importing", "imported_by")
    if batch.writes <= running.AT_ONCE_LINES:
        running.work(current.store(), current.settings(), batch_id, now())
    return see_other(f"/exchange/import/{batch_id}")


@bp.post("/exchange/import/<string(length=36):batch_id>/undo")
@right_required("exchange")
def undo(batch_id: str) -> Response | AnyResponse:
    """Takes back what an import wrote, but for what something depends on since."""
    batch = _batch(batch_id)
    _set_out(batch, "imported", "undoing", "undone_by")
    if batch.writes <= running.AT_ONCE_LINES:
        running.work(current.store(), current.settings(), batch_id, now())
    return see_other(f"/exchange/import/{batch_id}")


@bp.post("/exchange/import/<string(length=36):batch_id>/drop")
@right_required("exchange")
def drop(batch_id: str) -> Response | AnyResponse:
    """Gives an import up before anything was written."""
    batch = _batch(batch_id)
    with current.store().write() as conn:
        found = exchange.find(conn, batch_id)
        if found is None or found.state not in ("reading", "columns", "broken", "ready"):
            raise ProblemError("exchange_not_now")
        exchange.drop(conn, batch_id, now_ms())
        exchange.log(conn, "drop", batch.kind, me().account_id, now_ms(), batch_id=batch_id)
    flash(gettext("已放棄，什麼都沒有寫入"))
    return see_other("/exchange")


@bp.errorhandler(ProblemError)
def _say(problem: ProblemError) -> Response:
    """What could not be done with an import, above how it stands."""
    batch_id = (request.view_args or {}).get("batch_id")
    if batch_id and problem.code in ("exchange_busy", "exchange_not_now", "exchange_nothing"):
        return _show(_batch(batch_id), problem)
    return answer(problem, "center/problem.html")


def _start(problem: ProblemError | None = None, kind: str = "") -> Response:
    with current.store().read() as conn:
        batches = exchange.recent(conn)
    return page(
        "center/exchange.html", "main", status=problem.problem.status if problem else 200, problem=problem, kind=kind,
        kinds=words.kinds(), batches=batches, words=words, fields=FIELDS, most_rows=f"{running.MOST_ROWS:,}",
        most_mb=running.LIMITS.file_bytes // 2**20,
    )  # fmt: skip


def _show(batch: Batch, problem: ProblemError | None = None) -> Response:
    asked = request.args.get("show", "")
    default = "refused" if batch.counts.get("refused") and batch.state == "ready" else "all"
    shown = asked if asked in (*_FILTERS, "kept") else "kept" if batch.state == "undone" and batch.kept else default
    above, below = _number("after"), _number("before")
    outcomes = _FILTERS.get(shown, OUTCOMES)
    with current.store().read() as conn:
        before = exchange.imported_before(conn, batch) if batch.state == "ready" else None
        lines = exchange.lines(
            conn, batch.batch_id, outcomes, above=above or 0, below=below, limit=PAGE + 1, kept=shown == "kept"
        )
    more = len(lines) > PAGE
    lines = lines[-PAGE:] if below is not None else lines[:PAGE]
    return page(
        "center/exchange_batch.html", "main", status=problem.problem.status if problem else 200, problem=problem,
        batch=batch, before=before, lines=lines, words=words, shown=shown, is_busy=batch.state in BUSY, who_of=_who,
        previous=lines[0].line if lines and (above or (below is not None and more)) else None,
        further=lines[-1].line if lines and (more or below is not None) else None,
        why_broken=_why_broken(batch), mask=identity.mask,
    )  # fmt: skip


def _columns(batch: Batch, problem: ProblemError | None = None) -> Response:
    if batch.state not in ("columns", "ready"):
        raise ProblemError("exchange_not_now")
    at = batch.head.get("at", {})
    if problem is not None:
        at = {code.removeprefix("at-"): int(said) for code, said in request.form.items() if said.isdigit()}
    lacking = [words.label(batch.kind, code) for code in headings.missing(_kind(batch.kind), batch.head.get("at", {}))]
    return page(
        "center/exchange_columns.html", "main", status=problem.problem.status if problem else 200, problem=problem,
        batch=batch, fields=FIELDS[_kind(batch.kind)], at=at, titles=batch.head["titles"], lacking=lacking, words=words,
    )  # fmt: skip


def _set_out(batch: Batch, before: str, after: str, who: str) -> None:
    """Something is begun with a batch, by whoever pressed. ProblemError `exchange_busy`, `exchange_not_now`."""
    with current.store().write() as conn:
        head = {**batch.head, who: me().account_id}
        if not exchange.change(conn, batch.batch_id, if_state=before, state=after, head=head):
            raise ProblemError("exchange_busy" if batch.state in BUSY else "exchange_not_now")
        fields = [("kind", "", batch.kind), ("state", before, after)]
        auditing.did(conn, "exchange_set_out", "exchange", batch.batch_id, fields)


def _work_on_small(batch: Batch) -> None:
    if sum(batch.counts.values()) <= running.AT_ONCE_LINES and batch.file_bytes <= running.AT_ONCE_BYTES:
        running.work(current.store(), current.settings(), batch.batch_id, now())


def _error_rows(batch: Batch) -> Iterable[list[str]]:
    """The headings of the file with two more, then its refused lines."""
    titles = list(batch.head.get("titles", []))
    yield [gettext("列"), gettext("原因"), *titles]
    above = 0
    while True:
        with current.store().read() as conn:
            part = exchange.lines(conn, batch.batch_id, ("refused",), above=above, limit=_ERROR_LINES)
        if not part:
            return
        above = part[-1].line
        for one in part:
            reasons = [
                f"{place} {column}：{sentence}".strip()
                for place, column, _, sentence in words.troubles(batch.kind, one)
            ]
            yield [str(one.line), "\n".join(reasons), *one.cells]


def _who(entry: dict[str, Any]) -> str:
    """Whose line it is, as a list shows people."""
    if "number" not in entry:
        return str(entry.get("code", ""))
    return f"{entry.get('name', '')} {identity.mask(entry['number'])}".strip()


def _why_broken(batch: Batch) -> str:
    if not batch.problem:
        return ""
    from honorcard.problems import sentence

    return sentence(batch.problem["code"], language(), batch.problem["details"])


def _labels(kind: Kind, codes: Iterable[str], between: str) -> str:
    wanted = set(codes)
    return between.join(one.zh if between == "、" else one.en for one in FIELDS[kind] if one.code in wanted)


def _number(name: str) -> int | None:
    said = request.args.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else None


def _kind(said: str) -> Kind:
    found = next((kind for kind in KINDS if kind == said), None)
    if found is None:
        raise ProblemError("office_field_missing")
    return found


def _batch(batch_id: str) -> Batch:
    with current.store().read() as conn:
        found = exchange.find(conn, batch_id)
    if found is None or found.state == "dropped":
        raise ProblemError("exchange_gone")
    return found


def _file(content: bytes, name: str, mimetype: str) -> AnyResponse:
    made = AnyResponse(content, content_type=mimetype)
    made.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    made.headers["Cache-Control"] = "private, no-store"
    return made
