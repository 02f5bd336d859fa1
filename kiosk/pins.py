"""The tablet's PIN: six digits or more, argon2id, and how often it may be tried (sync.md B.14-5).

Five tries are free, then each one waits 30 s, 1, 5, 15, 60 minutes; after the tenth the tablet is locked until the
recovery code that was printed at set-up is typed. A try is counted and committed before the PIN is looked at (K13),
so that cutting the power gains nothing. Waits run on the machine's monotonic clock, never on the wall clock; a
restart of the machine starts a wait from its beginning.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from honorcard.problems import ProblemError
from kiosk.store import Store
from kiosk.store import pins as records
from kiosk.store.pins import PinRecord
from sync.crash import crash_here

MIN_DIGITS = 6
MAX_DIGITS = 12
LOCKED_AT = 10
WAITS_S = {5: 30, 6: 60, 7: 300, 8: 900, 9: 3600}  # after that many failures
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RECOVERY_CHARS = 12  # 60 bits: needs no counter

_hasher = PasswordHasher(time_cost=1, memory_cost=46 * 1024, parallelism=1)

Clock = Callable[[], tuple[str, float]]


@dataclass(frozen=True)
class PinCheck:
    """What came of a try: right or not, the seconds to wait before the next, free tries left, whether the tablet is
    locked.
    """

    ok: bool
    wait_s: int = 0
    tries_left: int = 0
    locked: bool = False
    counted: bool = False


def boot_clock() -> tuple[str, float]:
    """This boot's id and the seconds since it began, time asleep included; nobody can set this clock."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return _boot_id(), time.clock_gettime(clock) if clock is not None else time.monotonic()


_process_boot = secrets.token_hex(8)


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return _process_boot  # no boot id on this system: a wait then begins anew with each start of the app


def is_set(store: Store) -> bool:
    """Whether a PIN has been chosen."""
    with store.read() as db:
        return records.find(db) is not None


def is_usable(pin: str) -> bool:
    """Whether this may be a PIN: 6 to 12 digits, full-width ones too."""
    return _digits(pin) is not None


def set_pin(store: Store, pin: str) -> str:
    """Sets the PIN, clears every counter, and answers the new recovery code (shown and printed once, kept only as a
    hash).

    Raises ProblemError `pin_too_short` for anything but 6 to 12 digits.
    """
    digits = _digits(pin)
    if digits is None:
        raise ProblemError("pin_too_short")
    code = "".join(secrets.choice(CROCKFORD) for _ in range(RECOVERY_CHARS))
    record = PinRecord(pin_hash=_hasher.hash(digits), recovery_hash=_recovery_hash(code))
    with store.write() as db:
        records.save(db, record)
    return "-".join(code[at : at + 4] for at in range(0, RECOVERY_CHARS, 4))


def status(store: Store, *, clock: Clock = boot_clock) -> PinCheck:
    """Where the counter stands, without a try."""
    with store.read() as db:
        record = records.find(db)
    if record is None:
        return PinCheck(ok=False)
    return _refused(record, _remaining(record, clock()))


def check(store: Store, pin: str, *, clock: Clock = boot_clock) -> PinCheck:
    """Tries the PIN. While a wait runs or the tablet is locked nothing is tried and nothing counted."""
    boot, now = clock()
    with store.write() as db:
        record = records.find(db)
        if record is None:
            return PinCheck(ok=False)
        left = _remaining(record, (boot, now))
        if record.locked or left > 0:
            if record.boot != boot and left > 0:
                records.save(db, msgspec.structs.replace(record, wait_s=left, at_s=now, boot=boot))
            return _refused(record, left)
        failed = record.failed + 1
        counted = msgspec.structs.replace(
            record, failed=failed, wait_s=float(WAITS_S.get(failed, 0)), at_s=now, boot=boot, locked=failed >= LOCKED_AT
        )
        records.save(db, counted)
    crash_here("K13")
    if _fits(counted.pin_hash, pin):
        with store.write() as db:
            held = records.find(db)
            if held is not None and held.pin_hash == counted.pin_hash:
                records.save(db, msgspec.structs.replace(held, failed=0, wait_s=0.0, locked=False))
        return PinCheck(ok=True, tries_left=LOCKED_AT, counted=True)
    return PinCheck(
        ok=False, wait_s=_whole(counted.wait_s), tries_left=LOCKED_AT - failed, locked=counted.locked, counted=True
    )


def recover(store: Store, code: str, new_pin: str) -> str | None:
    """With the right recovery code: sets `new_pin`, unlocks, and answers the next recovery code. None when the code
    is wrong.

    The code serves once. Raises ProblemError `pin_too_short` before the code is looked at.
    """
    if _digits(new_pin) is None:
        raise ProblemError("pin_too_short")
    with store.write() as db:
        record = records.find(db)
        fits = bool(record and record.recovery_hash) and hmac.compare_digest(
            record.recovery_hash if record else "", _recovery_hash(code)
        )
        return set_pin(store, new_pin) if fits else None


def _refused(record: PinRecord, wait_s: float) -> PinCheck:
    left = max(0, LOCKED_AT - record.failed)
    return PinCheck(ok=False, wait_s=_whole(wait_s), tries_left=left, locked=record.locked)


def _fits(pin_hash: str, pin: str) -> bool:
    try:
        return _hasher.verify(pin_hash, _digits(pin) or "-")
    except VerificationError:
        return False


def _remaining(record: PinRecord, at: tuple[str, float]) -> float:
    boot, now = at
    if record.wait_s <= 0:
        return 0.0
    if record.boot != boot:
        return record.wait_s  # another boot: nobody knows how long the machine was off, so the wait begins anew
    return max(0.0, min(record.wait_s, record.wait_s - (now - record.at_s)))


def _whole(seconds: float) -> int:
    return int(-(-seconds // 1))


def _digits(pin: str) -> str | None:
    text = unicodedata.normalize("NFKC", pin).strip()
    return text if MIN_DIGITS <= len(text) <= MAX_DIGITS and text.isascii() and text.isdigit() else None


def _recovery_hash(code: str) -> str:
    text = unicodedata.normalize("NFKC", code).upper().translate(str.maketrans("OIL", "011"))
    kept = "".join(char for char in text if char in CROCKFORD)
    return hashlib.sha256(b"recovery\0" + kept.encode()).hexdigest()
