"""Talking to an IPP printer: what it says of itself, and one job followed until the printer says completed.

A print is done only when the state read back is 9 (an accepted job may still be thrown away: stack.md 5). The order
is Validate-Job, Print-Job, then asking until 7, 8 or 9, with a deadline after which the job is taken back, so that
nothing comes out later unasked. What is not here: which card is printed and what is remembered of it
(kiosk.printjobs), the words and what the header shows (kiosk.printer_notes), pages (kiosk.printing).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

Trouble = Literal[
    "", "no_paper", "jam", "door", "no_ink", "paused", "stopped", "unreachable", "not_a_printer", "no_pdf", "no_a4",
    "refused", "taken_back", "too_long", "lost_track", "busy",
]  # fmt: skip

A4 = "iso_a4_210x297mm"
PDF = "application/pdf"
ASK_EVERY_S = 0.5
REQUEST_S = 8
TAKE_BACK_S = 3.0

CANCELED, ABORTED, COMPLETED = 7, 8, 9
STOPPED_PRINTER = 5
FIRST_ERROR = 0x0200  # statuses below mean success
NOT_SUPPORTED = 0x040B  # client-error-attributes-or-values-not-supported
NOT_PRINTABLE = 0x040A  # client-error-document-format-not-supported
BUSY = (0x0505, 0x0507)  # server-error-temporary-error, -busy: some printers hold one job at a time

# IPP keywords (RFC 8011 5.4.12, PWG 5100.9) by what a person has to do about them
_REASONS: tuple[tuple[Trouble, tuple[str, ...]], ...] = (
    ("no_paper", ("media-empty", "media-needed", "input-tray-missing", "input-media-tray-empty")),
    ("jam", ("media-jam", "media-path-jam", "input-media-tray-jam", "output-media-tray-jam")),
    ("door", ("cover-open", "door-open", "interlock-open")),
    ("no_ink", ("toner-empty", "marker-supply-empty", "marker-supply-missing", "developer-empty")),
    ("paused", ("paused", "moving-to-paused", "hold-new-jobs")),
    ("unreachable", ("offline", "shutdown", "connecting-to-device", "timed-out")),
)


@dataclass(frozen=True)
class Seen:
    """What a printer says of itself: ready or its trouble, its name, and what it takes."""

    ready: bool
    trouble: Trouble
    name: str = ""
    takes_pdf: bool = True
    takes_a4: bool = True
    unscaled: bool = False
    one_sided: bool = False


@dataclass(frozen=True)
class Printed:
    """How a job ended: done or not, why not, and the printer's number for it."""

    done: bool
    trouble: Trouble = ""
    printer_job: int | None = None


Tell = Callable[[int | None, Trouble], None]


def is_address(uri: str) -> bool:
    """Whether this can be a printer's address: ipp:// or ipps://, a host, nothing secret in it."""
    try:
        parts = urlsplit(uri)
        return parts.scheme in ("ipp", "ipps") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        return False


def send(uri: str, pdf: bytes, name: str, deadline_s: float, tell: Tell) -> Printed:
    """Prints a PDF on A4 without scaling and waits for its end; `tell` hears the printer's job number and each new
    trouble.

    Blocks for at most `deadline_s` and the few seconds of taking the job back. Never raises for what a printer does.
    """
    return asyncio.run(_send(uri, pdf, name, deadline_s, tell))


def look(uri: str) -> Seen:
    """What the printer says of itself now; at most a few seconds. Never raises for what a printer does."""
    return asyncio.run(_look(uri))


async def _look(uri: str) -> Seen:
    from pyipp.exceptions import IPPConnectionError, IPPError

    if not is_address(uri):
        return Seen(False, "not_a_printer")
    printer = _open(uri)
    try:
        return await _ask(printer)
    except (IPPConnectionError, TimeoutError, OSError):
        return Seen(False, "unreachable")
    except (IPPError, _Refused):
        return Seen(False, "not_a_printer")
    finally:
        await printer.close()


async def _send(uri: str, pdf: bytes, name: str, deadline_s: float, tell: Tell) -> Printed:
    from pyipp.enums import IppOperation
    from pyipp.exceptions import IPPConnectionError, IPPError

    until = time.monotonic() + deadline_s
    printer = _open(uri)
    try:
        try:
            seen = await _ask(printer)
            if not seen.takes_pdf or not seen.takes_a4:
                return Printed(False, "no_pdf" if not seen.takes_pdf else "no_a4")
            message = _message(seen, name)
            await _call(printer, IppOperation.VALIDATE_JOB, message)
        except (IPPConnectionError, TimeoutError, OSError):
            return Printed(False, "unreachable")
        except (IPPError, _Refused) as error:
            return Printed(False, _refusal(error))
        try:
            answer = await _hand_over(printer, {**message, "data": pdf}, until, tell)
        except (IPPConnectionError, TimeoutError, OSError):
            return Printed(False, "lost_track")  # the document may have arrived although the answer did not
        except (IPPError, _Refused) as error:
            return Printed(False, _refusal(error))
        job = int(_first(answer, "jobs").get("job-id", 0))
        tell(job, "")
        return await _follow(printer, job, until, tell)
    finally:
        await printer.close()


class _Refused(Exception):
    """The printer said no, with an IPP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"0x{status:04x}")
        self.status = status


async def _call(printer: Any, operation: Any, message: dict[str, Any]) -> Mapping[str, Any]:
    """One operation and its answer, parsed. _Refused for a status that is no success; pyipp's IPPError for the rest."""
    from pyipp.exceptions import IPPParseError
    from pyipp.parser import parse

    body = await printer.raw(operation, message)
    try:
        answer: Mapping[str, Any] = parse(body)
        status = int(answer["status-code"])
    except Exception as error:  # whatever a printer may send instead of IPP
        raise IPPParseError from error
    if status >= FIRST_ERROR:
        raise _Refused(status)
    return answer


async def _hand_over(printer: Any, message: dict[str, Any], until: float, tell: Tell) -> Mapping[str, Any]:
    """Print-Job; a printer that is busy with another job is asked again until the deadline."""
    from pyipp.enums import IppOperation

    told = False
    while True:
        try:
            return await _call(printer, IppOperation.PRINT_JOB, message)
        except _Refused as refused:
            if refused.status not in BUSY or time.monotonic() >= until:
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
    with suppress(IPPError, _Refused, TimeoutError, OSError):  # what came of it is asked below
        await _call(printer, IppOperation.CANCEL_JOB, {"operation-attributes-tag": {"job-id": job}})
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
        facts = _first(await _call(printer, IppOperation.GET_JOB_ATTRIBUTES, asked), "jobs")
        state = int(facts.get("job-state", 0))
        if state in (CANCELED, ABORTED, COMPLETED):
            return state, ""
        # a job that does not get on makes even a mild report the reason: `media-empty-report` is all some printers say
        seen = await _ask(printer, waiting=True)
    except (IPPError, _Refused, TimeoutError, OSError):
        return None, ""
    return state, _worst(_words(facts.get("job-state-reasons")), waiting=True) or seen.trouble


async def _ask(printer: Any, *, waiting: bool = False) -> Seen:
    from pyipp.enums import IppOperation

    wanted = [
        "printer-state", "printer-state-reasons", "printer-is-accepting-jobs", "printer-name", "printer-make-and-model",
        "document-format-supported", "media-supported", "print-scaling-supported", "sides-supported",
    ]  # fmt: skip
    message = {"operation-attributes-tag": {"requested-attributes": wanted}}
    facts = _first(await _call(printer, IppOperation.GET_PRINTER_ATTRIBUTES, message), "printers")
    stopped = int(facts.get("printer-state", 3)) == STOPPED_PRINTER
    trouble = _worst(_words(facts.get("printer-state-reasons")), waiting=waiting or stopped)
    if stopped and not trouble:
        trouble = "stopped"
    formats, media = _words(facts.get("document-format-supported")), _words(facts.get("media-supported"))
    takes_pdf, takes_a4 = not formats or PDF in formats, not media or A4 in media
    if not trouble and (not takes_pdf or not takes_a4):
        trouble = "no_pdf" if not takes_pdf else "no_a4"
    return Seen(
        ready=not trouble,
        trouble=trouble,
        name=str(facts.get("printer-make-and-model") or facts.get("printer-name") or ""),
        takes_pdf=takes_pdf,
        takes_a4=takes_a4,
        unscaled="none" in _words(facts.get("print-scaling-supported")),
        one_sided="one-sided" in _words(facts.get("sides-supported")),
    )


def _open(uri: str) -> Any:
    from pyipp import IPP
    from pyipp.enums import IppTag
    from pyipp.tags import ATTRIBUTE_TAG_MAP

    # pyipp leaves out, without a word, what its table does not list; and RFC 8011 5.2.11 has `media` as a keyword first
    ATTRIBUTE_TAG_MAP.setdefault("print-scaling", IppTag.KEYWORD)
    ATTRIBUTE_TAG_MAP["media"] = IppTag.KEYWORD
    return IPP(uri, request_timeout=REQUEST_S)


def _message(seen: Seen, name: str) -> dict[str, Any]:
    job: dict[str, Any] = {"media": A4}
    if seen.unscaled:
        job["print-scaling"] = "none"
    if seen.one_sided:
        job["sides"] = "one-sided"
    operation = {"job-name": name, "ipp-attribute-fidelity": True, "document-format": PDF}
    return {"operation-attributes-tag": operation, "job-attributes-tag": job}


def _refusal(error: Exception) -> Trouble:
    status = error.status if isinstance(error, _Refused) else 0
    if status in BUSY:
        return "busy"
    return {NOT_SUPPORTED: "no_a4", NOT_PRINTABLE: "no_pdf"}.get(status, "refused")  # type: ignore[return-value]


def _worst(reasons: list[str], *, waiting: bool) -> Trouble:
    """What a person must do something about; warnings and reports count only while something waits for it."""
    named: set[str] = set()
    for reason in reasons:
        for ending in ("-error", "-warning", "-report"):
            if reason.endswith(ending):
                if ending == "-error" or waiting:
                    named.add(reason.removesuffix(ending))
                break
        else:
            named.add(reason)
    for trouble, keywords in _REASONS:
        if named.intersection(keywords):
            return trouble
    return ""


def _words(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(word) for word in value] if isinstance(value, (list, tuple, set)) else [str(value)]


def _first(answer: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
    held = answer.get(kind) or [{}]
    first: Mapping[str, Any] = held[0]
    return first
