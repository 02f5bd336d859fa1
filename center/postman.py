"""The postman: a thread that sends what is due, one letter after the other, and never holds up anything else.

claim → send → note. A crash between the server's yes and the note sends a letter again once its lease is over, under the same
Message-ID, so that the copy is known; less than that SMTP does not allow. Two processes never send one letter at once: each
claims in a transaction. A letter that is refused for good, or did not go out for days, waits for the administrator (mail_page).
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask

from center import mail_line, mail_message, photostore
from center.mail_line import LetterError, Line, ServerError, Times
from center.settings import Settings
from center.store import Store, mail
from center.store.mail import Letter
from honorcard import mails
from sync.crash import crash_here
from sync.ids import uuid7
from sync.retry import Backoff
from web.clock import Now

EVERY_S = 2.0
LEASE_MS = 10 * 60_000  # many times what one letter may take (mail_line.WHOLE_S)
AT_ONCE = 200  # letters on one connection
FIRST_MS, CAP_MS = 60_000, 3_600_000  # between two tries of one letter
LEAST_TRIES = 3  # before one is given up for its age, also after the administrator sent it again
DAY_MS = 86_400_000

Draw = Callable[[float, float], float]
log = logging.getLogger("honorcard.center.mail")


def is_on(settings: Settings) -> bool:
    """Whether this center sends mail."""
    return bool(settings.smtp_host)


@dataclass(frozen=True)
class Result:
    """What one round did. trouble: why the server could not be used, empty when it could."""

    sent: int = 0
    postponed: int = 0
    given_up: int = 0
    trouble: str = ""


def deliver(
    store: Store, settings: Settings, *, now_is: Now, holder: str = "", times: Times | None = None,
    draw: Draw = random.uniform,
) -> Result:  # fmt: skip
    """Sends what is due. Mail that is off sends nothing and keeps nothing for later. holder: who claims; another name for
    each caller. now_is: the clock, read anew for each letter.
    """
    if not is_on(settings):
        with store.read() as conn:
            waiting = mail.any_open(conn)
        if waiting:
            with store.write() as conn:
                mail.set_off(conn, _ms(now_is))
        return Result()
    return _Round(store, settings, now_is, holder or uuid7(), times, draw).run()


class _Round:
    def __init__(
        self, store: Store, settings: Settings, now_is: Now, holder: str, times: Times | None, draw: Draw
    ) -> None:
        self._store, self._settings, self._now_is = store, settings, now_is
        self._holder, self._times, self._draw = holder, times, draw
        self._sent = self._postponed = self._given_up = 0

    def run(self) -> Result:
        letter = self._claim()
        if letter is None:
            return Result()
        trouble = ""
        crash_here("M1")
        try:
            with mail_line.connect(self._settings, self._times) as line:
                for _ in range(AT_ONCE):
                    if not self._send(line, letter):
                        break
                    following = self._claim()
                    if following is None:
                        break
                    letter = following
                else:
                    self._let_go(letter)
        except ServerError as error:
            trouble = error.code
            self._failed(letter, error.code, permanent=False, due_ms=_ms(self._now_is))
        return Result(self._sent, self._postponed, self._given_up, trouble)

    def _claim(self) -> Letter | None:
        now_ms = _ms(self._now_is)
        with self._store.read() as conn:
            if not mail.is_due(conn, now_ms):
                return None
        with self._store.write() as conn:
            now_ms = _ms(self._now_is)  # it may have waited for the one writer
            return mail.claim(conn, self._holder, now_ms, now_ms + LEASE_MS)

    def _send(self, line: Line, letter: Letter) -> bool:
        """Whether the line can be used for another one."""
        try:
            sheet = self._sheet(letter)
            message = mail_message.write(self._settings, letter, sheet)
        except Exception as error:  # the class alone: a message may quote what is in a row
            log.error("letter %s cannot be written: %s", letter.mail_id, type(error).__name__)
            self._failed(letter, "mail_unwritten", permanent=isinstance(error, KeyError))
            return True
        try:
            line.send(message, mail_message.sender(self._settings).addr_spec, mails.on_the_wire(letter.address))
        except LetterError as error:
            self._failed(letter, error.code, permanent=error.permanent)
            return not error.lost
        crash_here("M2")
        with self._store.write() as conn:
            mail.settle(conn, letter.mail_id, self._holder, "sent", _ms(self._now_is))
        self._sent += 1
        return True

    def _sheet(self, letter: Letter) -> bytes | None:
        if self._settings.mail_card != "attachment" or letter.kind != "card_issued" or not letter.sheet_sha256:
            return None
        return photostore.get(self._settings, "sheet", letter.sheet_sha256)

    def _failed(self, letter: Letter, code: str, *, permanent: bool, due_ms: int | None = None) -> None:
        now_ms = _ms(self._now_is)
        old = letter.tries >= LEAST_TRIES and now_ms - letter.at_ms >= self._settings.mail_days * DAY_MS
        log.warning("letter %s did not go out: %s", letter.mail_id, code)
        with self._store.write() as conn:
            if permanent or old:
                mail.settle(conn, letter.mail_id, self._holder, "dead", now_ms, code)
                self._given_up += 1
                return
            when = due_ms if due_ms is not None else now_ms + self._pause_ms(letter.tries)
            mail.postpone(conn, letter.mail_id, self._holder, when, code)
            self._postponed += 1

    def _let_go(self, letter: Letter) -> None:
        with self._store.write() as conn:
            mail.postpone(conn, letter.mail_id, self._holder, _ms(self._now_is), letter.code)

    def _pause_ms(self, tries: int) -> int:
        """Full jitter, so that a thousand letters of one bad hour do not come back together."""
        return int(self._draw(0.0, min(CAP_MS, FIRST_MS * 2 ** min(tries, 16))))


class Postman:
    """The thread. While the server cannot be used it rests, longer from time to time (sync.retry)."""

    def __init__(self, app: Flask, every_s: float = EVERY_S) -> None:
        self._app = app
        self._every_s = every_s
        self._backoff = Backoff()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begins; a second start changes nothing."""
        if self._thread is None:
            self._stop.clear()
            self._thread = threading.Thread(target=self._run, name="center-postman", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends; a letter under way is given a moment, and left to its lease after that."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def step(self) -> float:
        """One round; gives how many seconds to rest before the next."""
        settings: Settings = self._app.config["SETTINGS"]
        store: Store = self._app.extensions["store"]
        try:
            done = deliver(store, settings, now_is=self._app.config["NOW"])
        except Exception as error:  # the class alone: a message may quote what is in a row
            log.error("mail failed: %s", type(error).__name__)
            return self._backoff.failed()
        if done.trouble:
            return self._backoff.failed()
        self._backoff.reset()
        return self._every_s

    def _run(self) -> None:
        rest = 0.0
        while not self._stop.wait(max(rest, self._every_s) if rest else 0.0):
            rest = self.step()


def _ms(now_is: Now) -> int:
    return int(now_is().timestamp() * 1000)
