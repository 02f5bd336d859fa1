"""A printer asked how it is, and one job followed until the printer says completed.

A print is done only when the state read back is 9 (an accepted job may still be thrown away). The order is: how it is and
what paper lies in it, Validate-Job for that paper, Print-Job, then asking until 7, 8 or 9, with a deadline after which the job
is taken back, so that nothing comes out later unasked. Card stock that the printer refuses after all gives way to A4. What is
not here: the protocol (ipp), the choice of paper (printer_media), keywords (printer_reasons), sentences (printer_notes),
which card is printed and what is remembered of it (printjobs).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from honorcard.card import sheet_paper
from honorcard.card.sheet import Paper
from kiosk import ipp, printer_media
from kiosk.ipp import Refused, is_address
from kiosk.printer_media import Choice, Loaded
from kiosk.printer_reasons import Trouble, worst

__all__ = ["Printed", "Seen", "Tell", "Trouble", "is_address", "look", "send"]

PDF = "application/pdf"
ASK_EVERY_S = 0.5
TAKE_BACK_S = 3.0

STOPPED_JOB, CANCELED, ABORTED, COMPLETED = 6, 7, 8, 9
STOPPED_PRINTER = 5
_OTHER_PAPER = (ipp.NOT_SUPPORTED, ipp.CONFLICTING)  # what a printer says of paper that it does not take


@dataclass(frozen=True)
class Seen:
    """What a printer says of itself: ready or its trouble, its name, what it takes, and the papers in it."""

    ready: bool
    trouble: Trouble
    name: str = ""
    takes_pdf: bool = True
    takes_a4: bool = True
    unscaled: bool = False
    sides: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    loaded: tuple[Loaded, ...] = ()


@dataclass(frozen=True)
class Printed:
    """How a job ended: done or not, why not, the printer's number for it, the paper it was made for.

    `refused_stock`: card stock was in the printer, and it would not take the sheet on it.
    """

    done: bool
    trouble: Trouble = ""
    printer_job: int | None = None
    paper: Paper | None = None
    refused_stock: bool = False


Tell = Callable[[int | None, Trouble], None]


def send(uri: str, pdf: bytes, name: str, deadline_s: float, tell: Tell, stock: bool = True) -> Printed:
    """Prints a card's sheet without scaling, on card stock that lies ready (`stock`) or on A4, and waits for its end.

    `tell` hears the printer's job number and each new trouble. Blocks for at most `deadline_s` and the few seconds of taking
    the job back. Never raises for what a printer does.
    """
    return asyncio.run(_send(uri, pdf, name, deadline_s, tell, stock))


def look(uri: str) -> Seen:
    """What the printer says of itself now; at most a few seconds. Never raises for what a printer does."""
    return asyncio.run(_look(uri))


async def _look(uri: str) -> Seen:
    from pyipp.exceptions import IPPConnectionError, IPPError

    if not is_address(uri):
        return Seen(False, "not_a_printer")
    printer = ipp.open_printer(uri)
    try:
        return await _ask(printer)
    except (IPPConnectionError, TimeoutError, OSError):
        return Seen(False, "unreachable")
    except (IPPError, Refused):
        return Seen(False, "not_a_printer")
    finally:
        await printer.close()


async def _send(uri: str, pdf: bytes, name: str, deadline_s: float, tell: Tell, stock: bool) -> Printed:
    from pyipp.exceptions import IPPConnectionError, IPPError

    until = time.monotonic() + deadline_s
    printer = ipp.open_printer(uri)
    try:
        try:
            seen = await _ask(printer)
        except (IPPConnectionError, TimeoutError, OSError):
            return Printed(False, "unreachable")
        except (IPPError, Refused) as error:
            return Printed(False, _refusal(error))
        form = sheet_paper.orientation_of(pdf)
        papers = printer_media.choices(
            seen.loaded, list(seen.media), fits=form is not None, upright=form == "portrait", stock=stock
        )
        if not seen.takes_pdf or not papers:
            return Printed(False, "no_a4" if seen.takes_pdf else "no_pdf")
        for choice in papers[:-1]:
            outcome = await _try(printer, seen, choice, pdf, name, until, tell)
            if outcome is not None:
                return outcome
        last = await _try(printer, seen, papers[-1], pdf, name, until, tell, last=True)
        assert last is not None
        return replace(last, refused_stock=len(papers) > 1)
    finally:
        await printer.close()


async def _try(
    printer: Any, seen: Seen, choice: Choice, pdf: bytes, name: str, until: float, tell: Tell, *, last: bool = False
) -> Printed | None:
    """One paper, from Validate-Job to the job's end; None when the printer does not take it and there is another to try."""
    from pyipp.enums import IppOperation
    from pyipp.exceptions import IPPConnectionError, IPPError

    message = _message(seen, choice, name)
    document = sheet_paper.on_paper(pdf, choice.paper)
    try:
        await ipp.call(printer, IppOperation.VALIDATE_JOB, message)
    except (IPPConnectionError, TimeoutError, OSError):
        return Printed(False, "unreachable")
    except (IPPError, Refused) as error:
        return None if _is_about_paper(error) and not last else Printed(False, _refusal(error))
    try:
        answer = await _hand_over(printer, {**message, "data": document}, until, tell)
    except (IPPConnectionError, TimeoutError, OSError):
        return Printed(False, "lost_track")  # the document may have arrived although the answer did not
    except (IPPError, Refused) as error:
        return None if _is_about_paper(error) and not last else Printed(False, _refusal(error))
    job = int(ipp.first(answer, "jobs").get("job-id", 0))
    tell(job, "")
    return replace(await _follow(printer, job, until, tell), paper=choice.paper)


async def _hand_over(printer: Any, message: dict[str, Any], until: float, tell: Tell) -> Mapping[str, Any]:
    """Print-Job; a printer that is busy with another job is asked again until the deadline."""
    from pyipp.enums import IppOperation

    told = False
    while True:
        try:
            return await ipp.call(printer, IppOperation.PRINT_JOB, message)
        except Refused as refused:
            if refused.status not in ipp.BUSY or time.monotonic() >= until:
                raise
        if not told:
            tell(None, "busy")
            told = True
        await asyncio.sleep(ASK_EVERY_S)


async def _follow(printer: Any, job: int, until: float, tell: Tell) -> Printed:
    """Asks for the job's state until it has ended or the deadline has passed; then takes it back."""
    told: Trouble = ""
    trouble: Trouble = ""
    while time.monotonic() < until:
        state, reason = await _state(printer, job)
        if state == COMPLETED:
            return Printed(True, "", job)
        if state in (CANCELED, ABORTED):
            return Printed(False, reason or ("taken_back" if state == CANCELED else "refused"), job)
        trouble = reason if state is not None else "unreachable"
        if trouble != told:
            tell(job, trouble)
            told = trouble
        await asyncio.sleep(ASK_EVERY_S)
    return await _take_back(printer, job, trouble)


async def _take_back(printer: Any, job: int, trouble: Trouble) -> Printed:
    """Cancels the job. It may have been completed in the meantime; then it is."""
    from pyipp.enums import IppOperation
    from pyipp.exceptions import IPPError

    taken_back = False
    with suppress(IPPError, Refused, TimeoutError, OSError):  # what came of it is asked below
        await ipp.call(printer, IppOperation.CANCEL_JOB, {"operation-attributes-tag": {"job-id": job}})
        taken_back = True
    patience = time.monotonic() + TAKE_BACK_S
    while time.monotonic() < patience:
        state, _ = await _state(printer, job)
        if state == COMPLETED:
            return Printed(True, "", job)
        if state in (CANCELED, ABORTED):
            break
        await asyncio.sleep(ASK_EVERY_S)
    else:
        if not taken_back:
            return Printed(False, "lost_track", job)
    return Printed(False, trouble or "too_long", job)


async def _state(printer: Any, job: int) -> tuple[int | None, Trouble]:
    """The job's state (None when the printer does not answer) and what is the matter."""
    from pyipp.enums import IppOperation
    from pyipp.exceptions import IPPError

    asked = {"operation-attributes-tag": {"job-id": job, "requested-attributes": ["job-state", "job-state-reasons"]}}
    try:
        facts = ipp.first(await ipp.call(printer, IppOperation.GET_JOB_ATTRIBUTES, asked), "jobs")
        state = int(facts.get("job-state", 0))
        if state in (CANCELED, COMPLETED):
            return state, ""
        reasons = ipp.words(facts.get("job-state-reasons"))
        if state == ABORTED:
            return state, worst(reasons, waiting=False)
        # a job that does not get on makes even a mild report the reason: `media-empty-report` is all some printers say
        seen = await _ask(printer, waiting=True)
    except (IPPError, Refused, TimeoutError, OSError):
        return None, ""
    trouble = worst(reasons, waiting=True) or seen.trouble
    return state, "stopped" if state == STOPPED_JOB and not trouble else trouble


async def _ask(printer: Any, *, waiting: bool = False) -> Seen:
    from pyipp.enums import IppOperation

    wanted = [
        "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-name", "printer-make-and-model",
        "document-format-supported", "media-supported", "media-ready", "media-col-ready", "print-scaling-supported",
        "sides-supported",
    ]  # fmt: skip
    message = {"operation-attributes-tag": {"requested-attributes": wanted}}
    facts = ipp.first(await ipp.call(printer, IppOperation.GET_PRINTER_ATTRIBUTES, message), "printers")
    stopped = int(facts.get("printer-state", 3)) == STOPPED_PRINTER
    trouble = worst(ipp.words(facts.get("printer-state-reasons")), waiting=waiting or stopped)
    if stopped and not trouble:
        trouble = "stopped"
    formats, media = ipp.words(facts.get("document-format-supported")), ipp.words(facts.get("media-supported"))
    loaded = printer_media.loaded(facts)
    takes_pdf, takes_a4 = not formats or PDF in formats, bool(printer_media.choices((), media, fits=False))
    takes_paper = takes_a4 or bool(printer_media.choices(loaded, media, fits=True))
    if not trouble and not (takes_pdf and takes_paper):
        trouble = "no_a4" if takes_pdf else "no_pdf"
    if not trouble and facts.get("printer-is-accepting-jobs") is False:
        trouble = "paused"
    return Seen(
        ready=not trouble,
        trouble=trouble,
        name=str(facts.get("printer-make-and-model") or facts.get("printer-name") or ""),
        takes_pdf=takes_pdf,
        takes_a4=takes_a4,
        unscaled="none" in ipp.words(facts.get("print-scaling-supported")),
        sides=tuple(ipp.words(facts.get("sides-supported"))),
        media=tuple(media),
        loaded=loaded,
    )


def _message(seen: Seen, choice: Choice, name: str) -> dict[str, Any]:
    job: dict[str, Any] = {"media": choice.media}
    if seen.unscaled:
        job["print-scaling"] = "none"
    # front and back of a card of 9 by 6 cm: turned like a page of a book, where the printer can
    both = "two-sided-short-edge" if choice.paper == "two-pages" else "one-sided"
    side = next((one for one in (both, "one-sided") if one in seen.sides), None)
    if side:
        job["sides"] = side
    operation = {"job-name": name, "ipp-attribute-fidelity": True, "document-format": PDF}
    return {"operation-attributes-tag": operation, "job-attributes-tag": job}


def _is_about_paper(error: Exception) -> bool:
    return isinstance(error, Refused) and error.status in _OTHER_PAPER


def _refusal(error: Exception) -> Trouble:
    status = error.status if isinstance(error, Refused) else 0
    if status in ipp.BUSY:
        return "busy"
    return "no_a4" if status in _OTHER_PAPER else "no_pdf" if status == ipp.NOT_PRINTABLE else "refused"
