"""An IPP printer, followed to the end: real `ippeveprinter`, real trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from kiosk import printers
from tests.printing_fixture import Surroundings, surroundings

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
    printer = room.printer("hungry", command="sleep 0.2")
    printer.load(0)
    refill = threading.Timer(2.0, printer.load, (250,))
    refill.start()
    outcome, heard = sent(printer.uri)
    refill.join()
    assert [trouble for _, trouble in heard][:2] == ["", "no_paper"]
    assert outcome.done


def test_an_empty_tray_that_stays_empty_takes_the_job_back(room):
    printer = room.printer("starved", command="sleep 0.2")
    printer.load(0)
    outcome, _ = sent(printer.uri, 1.5)
    assert (outcome.done, outcome.trouble) == (False, "no_paper")
    printer.load(250)
    time.sleep(1.5)
    assert printers.send(printer.uri, PDF, "again", 20.0, lambda job, trouble: None).done


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
        (["something-new-error"], True, ""),
        (["media-empty-report"], True, "no_paper"),
        (["something-new-error"], False, ""),
    ],
)
def test_reasons_become_what_a_person_must_do(reasons, waiting, trouble):
    assert printers._worst(reasons, waiting=waiting) == trouble
