"""An IPP printer, followed to the end: real `ippeveprinter`, real trouble."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import date, datetime
from typing import get_args

import pytest
from flask import Flask
from flask_babel import Babel
from pyipp.enums import IppOperation

from honorcard.card import sheet_paper
from honorcard.card.portrait import drawn_portrait
from honorcard.card.sheet import CardFace, render
from honorcard.jurisdiction import TAIPEI
from kiosk import ipp, printer_media, printer_notes, printers
from kiosk.printer_reasons import Trouble, worst
from tests.printing_fixture import Surroundings, surroundings, with_card_stock

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    with surroundings(tmp_path_factory.mktemp("printers")) as held:
        yield held


def sent(uri: str, deadline_s: float = 20.0):
    heard: list[tuple[int | None, str]] = []
    return printers.send(uri, PDF, "card", deadline_s, lambda job, trouble: heard.append((job, trouble))), heard


def test_a_job_is_done_when_the_printer_says_completed(room):
    printer = room.printer("good", command="sleep 1")
    outcome, heard = sent(printer.uri)
    assert (outcome.done, outcome.trouble) == (True, "")
    assert heard[0] == (outcome.printer_job, "")
    assert printer.documents() == [PDF]


def test_a_jam_is_told_while_the_job_waits_and_the_job_is_taken_back_at_the_deadline(room):
    printer = room.printer("jammed", command='echo "STATE: +media-jam-error" >&2; sleep 6')
    started = time.monotonic()
    outcome, heard = sent(printer.uri, 2.0)
    assert not outcome.done
    assert outcome.trouble in ("jam", "lost_track")
    assert (outcome.printer_job, "jam") in heard
    assert time.monotonic() - started < 8


def test_a_printer_that_takes_no_pdf_is_refused_before_anything_is_sent(room):
    printer = room.printer("photo", formats="image/jpeg")
    outcome, heard = sent(printer.uri)
    assert (outcome.done, outcome.trouble, heard) == (False, "no_pdf", [])
    assert printer.documents() == []


def test_a_job_that_the_printer_gives_up_is_not_done(room):
    printer = room.printer("broken", command="exit 1")
    outcome, _ = sent(printer.uri)
    assert not outcome.done
    assert outcome.trouble


def test_a_printer_that_is_off_is_unreachable_at_once(room):
    printer = room.printer("off")
    printer.off()
    outcome, heard = sent(printer.uri)
    assert (outcome.done, outcome.trouble, heard) == (False, "unreachable", [])


def test_an_empty_tray_is_told_and_the_job_goes_on_when_paper_is_there(room):
    printer = room.printer("hungry")
    printer.load(0)
    refill = threading.Timer(2.0, printer.load, (250,))
    refill.start()
    outcome, heard = sent(printer.uri)
    refill.join()
    assert [trouble for _, trouble in heard][:2] == ["", "no_paper"]
    assert outcome.done


def test_an_empty_tray_that_stays_empty_takes_the_job_back(room):
    printer = room.printer("starved")
    printer.load(0)
    outcome, _ = sent(printer.uri, 1.5)
    assert (outcome.done, outcome.trouble) == (False, "no_paper")
    printer.load(250)
    time.sleep(1.5)
    assert printers.send(printer.uri, PDF, "again", 20.0, lambda job, trouble: None).done


# --- which paper ---


@pytest.fixture(scope="module")
def sheet() -> bytes:
    """A real sheet, as the center makes it."""
    face = CardFace(
        "林秀琴",
        "11500001",
        date(2029, 11, 21),
        date(1958, 8, 16),
        "A223456781",
        drawn_portrait(1),
        "HTTPS://HC.TAIPEI/",
    )
    return render([face], TAIPEI, created=datetime(2026, 11, 22))


def printed_on(uri: str, sheet: bytes, stock: bool = True) -> printers.Printed:
    return printers.send(uri, sheet, "card", 20.0, lambda job, trouble: None, stock)


def test_card_stock_that_lies_ready_is_printed_on_as_it_was_made(room, sheet):
    printer = room.printer("stock")
    with with_card_stock(printer) as uri:
        assert [one.kind for one in printers.look(uri).loaded] == ["stationery", "cardstock"]
        outcome = printed_on(uri, sheet)
    assert (outcome.done, outcome.paper, outcome.refused_stock) == (True, "folded", False)
    assert printer.documents() == [sheet], "byte for byte"


def test_card_stock_that_the_printer_refuses_gives_way_to_a4(room, sheet):
    printer = room.printer("refusing")
    with with_card_stock(printer, takes_it=False) as uri:
        outcome = printed_on(uri, sheet)
    assert (outcome.done, outcome.paper, outcome.refused_stock) == (True, "a4", True)
    assert printer.documents() == [sheet_paper.on_paper(sheet, "a4")], "refused before anything was sent, then on A4"


def test_always_a4_means_a4_even_with_card_stock_in_the_printer(room, sheet):
    printer = room.printer("only-a4")
    with with_card_stock(printer) as uri:
        assert printed_on(uri, sheet, stock=False).paper == "a4"
    assert printer.documents() == [sheet_paper.on_paper(sheet, "a4")]


def test_what_is_no_sheet_of_one_card_goes_on_a4_as_it_is(room):
    printer = room.printer("plain")
    with with_card_stock(printer) as uri:
        assert printed_on(uri, PDF).paper == "a4"
    assert printer.documents() == [PDF]


A6_STOCK = {
    "media-size": {"x-dimension": 10500, "y-dimension": 14800}, "media-size-name": "iso_a6_105x148mm",
    "media-type": "cardstock",
}  # fmt: skip
TRAY = {"x-dimension": 9000, "y-dimension": 12000}


@pytest.mark.parametrize(
    ("ready", "names", "papers"),
    [
        ([A6_STOCK], None, ["folded", "a4"]),
        (A6_STOCK, None, ["folded", "a4"]),
        ([{"media-size": TRAY, "media-size-name": "om_card_90x120mm"}, A6_STOCK], None, ["card", "folded", "a4"]),
        ([{"media-size": {"x-dimension": 9000, "y-dimension": 6000}}], ["om_pvc_60x90mm"], ["two-pages", "a4"]),
        ([{**A6_STOCK, "media-type": "envelope"}], None, ["a4"]),
        ([{**A6_STOCK, "media-type": "photographic-glossy"}], None, ["a4"]),
        ([{"media-size": {"x-dimension": [8900, 21590], "y-dimension": [12700, 35560]}}], None, ["a4"]),
        (None, ["iso_a6_105x148mm", "iso_a4_210x297mm"], ["folded", "a4"]),
        (None, "om_card_3.54x4.72in", ["card", "a4"]),
        (None, ["nonsense", "x_axbmm"], ["a4"]),
        (None, None, ["a4"]),
    ],
)
def test_only_stock_of_a_cards_size_and_kind_that_lies_ready_is_chosen(ready, names, papers):
    loaded = printer_media.loaded({"media-col-ready": ready, "media-ready": names})
    assert [choice.paper for choice in printer_media.choices(loaded, [printer_media.A4], fits=True)] == papers
    assert [choice.paper for choice in printer_media.choices(loaded, [printer_media.A4], fits=False)] == ["a4"]


def test_faces_that_stand_upright_are_too_wide_for_a6():
    loaded = printer_media.loaded({"media-col-ready": [A6_STOCK]})
    assert [one.paper for one in printer_media.choices(loaded, [], fits=True, upright=True)] == ["a4"]


def test_a_printer_without_a4_may_still_have_card_stock():
    loaded = printer_media.loaded({"media-col-ready": [A6_STOCK]})
    only = printer_media.choices(loaded, ["iso_a6_105x148mm"], fits=True)
    assert [(one.media, one.paper) for one in only] == [("iso_a6_105x148mm", "folded")]
    assert printer_media.choices((), ["iso_a6_105x148mm"], fits=True) == []


# --- what befalls a job ---


def test_a_printer_that_is_unplugged_in_the_middle_is_not_called_done(room):
    printer = room.printer("unplugged", command="sleep 8")
    heard: list[tuple[int | None, str]] = []

    def tell(job: int | None, trouble: str) -> None:
        heard.append((job, trouble))
        if len(heard) == 1:
            printer.off()

    outcome = printers.send(printer.uri, PDF, "card", 2.5, tell)
    assert not outcome.done
    assert outcome.trouble in ("unreachable", "lost_track")
    assert outcome.printer_job is not None


def test_a_job_that_somebody_cancels_at_the_printer_is_said_so(room):
    printer = room.printer("cancelled", command="sleep 3")

    def tell(job: int | None, trouble: str) -> None:
        if job is not None and not trouble:
            threading.Thread(target=lambda: asyncio.run(cancel(printer.uri, job))).start()

    outcome = printers.send(printer.uri, PDF, "card", 20.0, tell)
    assert (outcome.done, outcome.trouble) == (False, "taken_back")


async def cancel(uri: str, job: int) -> None:
    other = ipp.open_printer(uri)
    try:
        await ipp.call(other, IppOperation.CANCEL_JOB, {"operation-attributes-tag": {"job-id": job}})
    finally:
        await other.close()


def test_two_kiosks_at_one_printer_take_turns(room):
    printer = room.printer("shared", command="sleep 1")
    both: list[printers.Printed] = []
    threads = [threading.Thread(target=lambda: both.append(sent(printer.uri, 40.0)[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [outcome.done for outcome in both] == [True, True]
    assert len({outcome.printer_job for outcome in both}) == 2
    assert printer.documents() == [PDF, PDF]


@pytest.mark.parametrize(
    ("address", "fits"),
    [
        ("ipp://printer.local/ipp/print", True),
        ("ipps://10.0.0.7:631/ipp/print", True),
        ("http://printer.local/", False),
        ("file:///etc/passwd", False),
        ("ipp:///ipp/print", False),
        ("ipp://user:secret@printer/", False),
        ("ipp://printer:port/", False),
        ("", False),
        ("cups:Front_Desk-2", True),
        ("cups:", False),
        ("cups:a/b", False),
    ],
)
def test_an_address_is_ipp_and_names_a_host(address, fits):
    assert printers.is_address(address) is fits


@pytest.mark.parametrize(
    ("reasons", "waiting", "trouble"),
    [
        (["none"], False, ""),
        (["media-empty-error"], True, "no_paper"),
        (["media-low-warning"], False, ""),
        (["media-empty-warning"], False, ""),
        (["media-empty-warning"], True, "no_paper"),
        (["media-needed"], False, "no_paper"),
        (["toner-low-report", "door-open-error"], False, "door"),
        (["toner-empty-error", "media-jam-error"], True, "jam"),
        (["something-new-error"], True, "attention"),
        (["media-empty-report"], True, "no_paper"),
        (["something-new-error"], False, ""),
    ],
)
def test_reasons_become_what_a_person_must_do(reasons, waiting, trouble):
    assert worst(reasons, waiting=waiting) == trouble


# IANA's families of printer-state-reasons (RFC 8011, PWG 5100.9, 5100.13, 5100.21), each with what a person does about it.
FAMILIES = {
    "no_paper": "media-empty media-needed input-tray-missing input-manual-input-request media-path-input-empty material-empty",
    "wrong_paper": "input-cannot-feed-size-selected input-media-size-change input-media-weight-change",
    "jam": "media-jam media-path-jam media-path-input-jam output-media-tray-jam stapler-jam wrapper-jam",
    "feed": "input-media-tray-feed-error media-path-output-feed-error media-path-pick-roller-missing "
            "input-tray-position-failure",
    "door": "cover-open door-open interlock-open trimmer-cover-open slitter-interlock-open subunit-opened",
    "no_ink": "toner-empty developer-empty marker-supply-missing marker-ink-empty marker-toner-cartridge-missing "
              "marker-print-ribbon-empty",
    "waste_full": "marker-waste-full marker-waste-toner-receptacle-missing",
    "tray_full": "output-area-full media-path-output-full stacker-full output-tray-missing output-mailbox-select-failure",
    "memory": "spool-area-full subunit-memory-exhausted binder-unrecoverable-storage-error interpreter-resource-unavailable",
    "service": "lamp-failure laser-at-eol opc-life-over fuser-over-temp motor-failure puncher-thermistor-failure "
               "cleaner-life-over marker-fuser-missing",
    "paused": "paused moving-to-paused hold-new-jobs stopped-partly deactivated",
    "unreachable": "shutdown timed-out connecting-to-device power-down subunit-offline",
    "warming": "fuser-under-temp imprinter-warming-up marker-adjusting-print-quality media-drying",
    "attention": "stapler-empty perforater-missing",
    "": "none other toner-low media-low marker-waste-almost-full lamp-near-eol opc-near-eol bander-life-almost-over "
        "folder-cover-closed subunit-recoverable-failure alert-removal-of-binary-change-entry power-up "
        "identify-printer-requested media-path-pick-roller-life-warn cups-waiting-for-job-completed",
}  # fmt: skip


@pytest.mark.parametrize(("trouble", "keywords"), FAMILIES.items())
def test_every_family_of_keywords_is_known_with_each_severity_and_has_its_words(trouble, keywords):
    for keyword in keywords.split():
        for severity in ("", "-error", "-warning", "-report"):
            assert worst([keyword + severity], waiting=True) == trouble, keyword + severity
    app = Flask("words")
    Babel(app, default_locale="en")
    with app.test_request_context():
        for one in get_args(Trouble):
            assert printer_notes.trouble_words(one)


def test_nothing_that_a_printer_may_say_stops_a_job_from_being_followed():
    assert worst(["", "-error", "\u2603", "media-empty-error-error"], waiting=True) in ("", "attention", "no_paper")
