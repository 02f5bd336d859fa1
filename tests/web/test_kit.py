"""What every page of both apps promises: content policy, page or fragment, languages, problems in words."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Blueprint, Flask, Response
from htmx_flask import Htmx

from honorcard.problems import CATALOGUE, ProblemError
from web import policy
from web.app import build
from web.languages import kept_together
from web.pages import page, see_other

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Flask:
    (tmp_path / "problem.html").write_text("<main id=main>{% block main %}<p>{{ sentence }}</p>{% endblock %}</main>")
    (tmp_path / "room.html").write_text(
        "<html><nav>whole</nav>{% block room %}<p id=room>{{ icon('good') }}{{ what }} {{ _('字放大') }}</p>{% endblock %}</html>"
    )
    monkeypatch.setattr("web.app.TEMPLATES", tmp_path)
    app = build(
        "probe", secret_key=b"x" * 32, htmx=Htmx(), problem_template="problem.html", allowed_hosts=frozenset({"localhost"}),
        camera=True, max_body=1000, session_cookie="probe", now_is=lambda: NOW,
    )  # fmt: skip
    bp = Blueprint("room", __name__)

    @bp.get("/room")
    def show():
        return page("room.html", "room", what="<b>")

    @bp.post("/room")
    def change():
        return see_other("/room")

    @bp.get("/trouble")
    def trouble():
        raise ProblemError("not_allowed")

    @bp.get("/v1/trouble")
    def program_trouble():
        raise ProblemError("too_large", limit_mb=3)

    @bp.get("/full")
    def full():
        raise OSError(28, "No space left on device")

    @bp.get("/broken")
    def broken():
        raise RuntimeError("A123456789 must not be logged")

    @bp.get("/paper")
    def paper():
        return Response(b"%PDF-", mimetype="application/pdf")

    app.register_blueprint(bp)
    return app


def test_every_answer_carries_the_content_policy(app: Flask) -> None:
    client = app.test_client()
    for path in ("/room", "/nowhere", "/trouble"):
        header = client.get(path).headers["Content-Security-Policy"]
        assert header == policy.POLICY
        assert "unsafe" not in header and "script-src 'self'" in header and "default-src 'none'" in header


def test_the_reader_of_codes_alone_may_run_webassembly(app: Flask) -> None:
    client = app.test_client()
    assert client.get(policy.CODES_WORKER).headers["Content-Security-Policy"] == policy.CODES_POLICY
    for path in ("/static/js/codes-in-frame.js", "/static/vendor/zxing-reader.js", "/static/js/codes-worker.js/"):
        assert client.get(path).headers["Content-Security-Policy"] == policy.POLICY, path


def test_a_paper_may_be_shown_over_a_page_of_ours_and_over_nobody_elses(app: Flask) -> None:
    header = app.test_client().get("/paper").headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in header and "frame-ancestors 'none'" in policy.POLICY
    assert header.replace("frame-ancestors 'self'", "frame-ancestors 'none'") == policy.POLICY


def test_htmx_gets_the_block_and_a_browser_the_page(app: Flask) -> None:
    client = app.test_client()
    whole = client.get("/room")
    part = client.get("/room", headers={"HX-Request": "true"})
    boosted = client.get("/room", headers={"HX-Request": "true", "HX-Boosted": "true"})
    restored = client.get("/room", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"whole" in whole.data and b"whole" in boosted.data and b"whole" in restored.data
    assert part.data.startswith(b"<p id=room>") and b"whole" not in part.data
    assert b"&lt;b&gt;" in part.data and b"<svg" in part.data
    assert "HX-Request" in part.headers["Vary"]


def test_a_form_without_its_token_is_refused_in_words(app: Flask) -> None:
    answer = app.test_client().post("/room")
    assert answer.status_code == 400
    assert CATALOGUE["form_expired"].zh in answer.get_data(as_text=True)


def test_a_foreign_host_name_is_refused(app: Flask) -> None:
    assert app.test_client().get("/room", headers={"Host": "evil.example"}).status_code == 421
    assert app.test_client().get("/room", headers={"Host": "localhost:8100"}).status_code == 200


def test_a_write_from_another_site_is_refused(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/room", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert client.post("/room", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 303


def test_problems_are_pages_for_people_and_documents_for_programs(app: Flask) -> None:
    client = app.test_client()
    page_ = client.get("/trouble")
    assert page_.status_code == 403 and CATALOGUE["not_allowed"].zh in page_.get_data(as_text=True)
    document = client.get("/v1/trouble")
    assert document.status_code == 413 and document.mimetype == "application/problem+json"
    assert document.get_json()["type"] == "urn:honorcard:problem:too_large" and "3 MB" in document.get_json()["title"]


def test_a_full_disk_has_its_sentence(app: Flask) -> None:
    answer = app.test_client().get("/full")
    assert answer.status_code == 507 and CATALOGUE["disk_full"].zh in answer.get_data(as_text=True)


def test_the_unforeseen_is_a_sentence_and_the_log_quotes_nobody(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500 and CATALOGUE["went_wrong"].zh in answer.get_data(as_text=True)
    assert "RuntimeError" in caplog.text and "A123456789" not in caplog.text


def test_the_language_is_remembered(app: Flask) -> None:
    client = app.test_client()
    assert "字放大" in client.get("/room").get_data(as_text=True)
    client.get("/room?language=en")
    assert CATALOGUE["not_found"].en.encode() in client.get("/nowhere").data
    client.get("/room?language=zh")
    assert CATALOGUE["not_found"].zh in client.get("/nowhere").get_data(as_text=True)
    assert client.get("/room?language=xx").status_code == 200


def test_every_problem_speaks_both_languages() -> None:
    for problem in CATALOGUE.values():
        assert problem.zh and problem.en and problem.zh != problem.en, problem.code
        assert 400 <= problem.status < 600, problem.code
        assert any("\u4e00" <= c <= "\u9fff" for c in problem.zh), problem.code
        assert sum(c.isascii() for c in problem.en) > len(problem.en) * 0.8, problem.code  # may quote 字 and 號


def test_figures_stay_with_their_units_and_nothing_else_gets_through() -> None:
    assert kept_together("時數還差 11.5 小時") == '時數還差 <span class="whole">11.5 小時</span>'
    assert (
        kept_together("收到了，請留著收據。")
        == '<span class="clause">收到了，</span><span class="clause">請留著收據。</span>'
    )
    assert kept_together("12 月 14 日起") == '<span class="whole">12 月 14 日</span>起'
    assert kept_together("from 14 December") == 'from <span class="whole">14 December</span>'
    assert kept_together("<b>") == "&lt;b&gt;"
