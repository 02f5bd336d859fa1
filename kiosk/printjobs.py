"""A card on its way through the printer: one thread a job, its steps in the store, and the center told when it is done.

A card is printed once; another time needs a reason, which stays in the job's row. A job that was under way when the
machine stopped is not known to be done: the screen says so and offers to print again.
"""

from __future__ import annotations

import logging
import threading
from typing import Literal

from flask import Flask
from sqlite_utils import Database

from honorcard.card.cases import REPRINTS
from honorcard.problems import ProblemError
from kiosk import out_of_order, printer_notes, printers, submitting
from kiosk.printers import Trouble
from kiosk.store import Store, cards
from kiosk.store.cards import Job
from sync import wire
from sync.ids import uuid7
from web.clock import Now

log = logging.getLogger("honorcard.print")

_REMEMBERED = 50  # ends of jobs, for their pages
REASONS = tuple(code for code, _, _ in REPRINTS)  # why a card is printed again


class PrintRoom:
    """The jobs this process is following."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._threads: dict[str, threading.Thread] = {}
        self._ended: dict[str, printers.Printed] = {}
        self._lock = threading.Lock()

    def start(self, application_id: str, pdf: bytes, number: str, *, reason: str = "", by_staff: bool = True) -> str:
        """Begins to print and answers the job's id; a second press while it prints answers the job under way.

        Only what came out counts: after a failure the right to print is what it was. A printer that is out of order prints again
        when staff says so. ProblemError `printer_not_set`, `reprint_needs_reason`, `reprints_spent`, `printer_out_of_order`.
        """
        settings = self._app.config["SETTINGS"]
        if not settings.printer_uri:
            raise ProblemError("printer_not_set")
        store: Store = self._app.extensions["store"]
        job_id = uuid7()
        now_ms = self._now_ms()
        job = Job(
            job_id=job_id, application_id=application_id, printer=settings.printer_uri, printer_job=None,
            state="sending", trouble="", reason=reason, started_ms=now_ms, changed_ms=now_ms,
        )  # fmt: skip
        thread = threading.Thread(target=self._run, args=(job, pdf, number), name="print", daemon=True)
        with self._lock, store.write() as db:
            self._bury(db)
            running = cards.running_job(db, application_id)
            if running is not None:
                return running.job_id
            before = cards.times_printed(db, application_id)
            if before and reason not in REASONS:
                raise ProblemError("reprint_needs_reason")
            if not by_staff and before > settings.reprints_by_slip:
                raise ProblemError("reprints_spent", times=before)
            cards.add_job(db, job)
            if by_staff:
                out_of_order.clear(db)
            elif out_of_order.look(db):
                raise ProblemError("printer_out_of_order")
            self._threads[job_id] = thread
        thread.start()
        return job_id

    def look(self, job_id: str) -> Job | None:
        """The job as it stands."""
        store: Store = self._app.extensions["store"]
        with self._lock, store.write() as db:
            self._bury(db)
            return cards.find_job(db, job_id)

    def ended(self, job_id: str) -> printers.Printed | None:
        """How a job ended that this process followed: which paper it went on."""
        return self._ended.get(job_id)

    def wait(self, job_id: str, seconds: float) -> None:
        """Until the job has ended; for tests and an orderly stop."""
        thread = self._threads.get(job_id)
        if thread is not None:
            thread.join(seconds)

    def taken_as_pdf(self, application_id: str, number: str, *, reason: str = "") -> None:
        """A person printed the PDF and says so: noted like a job, and the center is told.

        ProblemError `reprint_needs_reason`, as on the printer.
        """
        now_ms = self._now_ms()
        job = Job(
            job_id=uuid7(), application_id=application_id, printer="pdf", printer_job=None,
            state="completed", trouble="", reason=reason, started_ms=now_ms, changed_ms=now_ms,
        )  # fmt: skip
        store: Store = self._app.extensions["store"]
        with store.write() as db:
            first = not cards.times_printed(db, application_id)
            if not first and reason not in REASONS:
                raise ProblemError("reprint_needs_reason")
            cards.add_job(db, job)
            self._tell_center(db, application_id, number, "pdf", "" if first else reason)

    def gave_digital(self, application_id: str, number: str) -> None:
        """The address of the card's digital form is shown to its holder: the center is told, who writes it down (R48)."""
        store: Store = self._app.extensions["store"]
        with store.write() as db:
            self._tell_center(db, application_id, number, "digital", "")

    def _run(self, job: Job, pdf: bytes, number: str) -> None:
        store: Store = self._app.extensions["store"]

        def tell(printer_job: int | None, trouble: Trouble) -> None:
            with store.write() as db:
                cards.move_job(
                    db, job.job_id, "printing", now_ms=self._now_ms(), trouble=trouble, printer_job=printer_job
                )

        try:
            # the job's name at the printer says nothing about a person
            deadline = float(self._app.config["PRINTER_DEADLINE_S"])
            stock = self._app.config["SETTINGS"].print_paper != "a4"
            outcome = printers.send(job.printer, pdf, f"honorcard {job.job_id[-8:]}", deadline, tell, stock)
        except Exception as error:  # a printer may answer anything; the person must not wait for ever
            log.error("print job %s ended by %s", job.job_id, type(error).__name__)
            outcome = printers.Printed(False, "lost_track")
        self._ended = {**dict(list(self._ended.items())[-_REMEMBERED:]), job.job_id: outcome}
        try:
            self._note_end(store, job, number, outcome)
        except Exception as error:  # a full disk: the row stays under way, and whoever looks next buries it
            log.error("the end of print job %s is not noted: %s", job.job_id, type(error).__name__)
        finally:
            with self._lock:
                self._threads.pop(job.job_id, None)
            printer_notes.note(self._app, job.printer, printers.Seen(outcome.done, outcome.trouble))
            store.close()

    def _note_end(self, store: Store, job: Job, number: str, outcome: printers.Printed) -> None:
        with store.write() as db:
            told = not job.reason and bool(cards.printed(db, job.application_id))
            cards.move_job(
                db,
                job.job_id,
                "completed" if outcome.done else "failed",
                now_ms=self._now_ms(),
                trouble=outcome.trouble,
                printer_job=outcome.printer_job,
            )
            out_of_order.note(db, outcome.done, outcome.trouble)
            if outcome.done and not told:  # told: somebody took the PDF while the printer worked on it
                self._tell_center(db, job.application_id, number, "ipp", job.reason)

    def _tell_center(
        self, db: Database, application_id: str, number: str, how: Literal["ipp", "pdf", "digital"], reason: str
    ) -> None:
        """`card.print_ack` into the outbox, in the transaction that notes the print; with the reason of a further one."""
        ack = wire.PrintAck(application_id=application_id, number=number, how=how, reason=reason)
        submitting.acknowledge_print(db, ack)

    def _bury(self, db: Database) -> None:
        """Jobs that no thread follows any more: nobody knows whether they came out."""
        for job in cards.running_jobs(db):
            if job.job_id not in self._threads:
                cards.move_job(db, job.job_id, "failed", now_ms=self._now_ms(), trouble="lost_track")
                out_of_order.note(db, False, "lost_track")

    def _now_ms(self) -> int:
        now: Now = self._app.config["NOW"]
        return int(now().timestamp() * 1000)


def room(app: Flask) -> PrintRoom:
    """The app's print room."""
    held: PrintRoom = app.extensions.setdefault("print_room", PrintRoom(app))
    return held
