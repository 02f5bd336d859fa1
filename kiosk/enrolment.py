"""Enrolling this tablet at a center with a one-time code (sync.md B.14), and the signed line to it afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import get_args
from urllib.parse import urlsplit

import httpx
import msgspec

from honorcard.card.trust import Trust
from honorcard.durable import write_durably
from honorcard.problems import CATALOGUE, ProblemError
from kiosk import greeting
from kiosk.settings import UNNAMED, Profile, Settings, save
from kiosk.store import Store, syncing
from kiosk.store.syncing import Membership
from sync import wire
from sync.client import TIMEOUT, problem_code
from sync.deadline import event_hooks
from sync.device import DeviceAuth, DeviceKeys, fingerprint
from sync.wire import Enrolled

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def enrol(settings: Settings, store: Store, center_url: str, code: str, name: str) -> Enrolled:
    """Introduces this tablet; keeps its keys, the trust list and where it belongs. One that nobody has named (`UNNAMED`) is
    called from then on what the code says of where it stands: people are sent to it by that name.

    The answer's fingerprint is checked against our own, so that what both screens show stands for the same keys.
    ProblemError: `center_unreachable`, `enrol_code_wrong`, `enrol_code_expired`, `enrol_code_used`, `enrol_code_spent`,
    `enrol_too_often`.
    """
    center_url = center_url.rstrip("/")
    keys = DeviceKeys.generate()
    own_name = "" if name == UNNAMED else name
    asked = wire.Enrol(code=code, name=own_name, sign_key=keys.sign_public, seal_key=keys.seal_public)
    try:
        with httpx.Client(base_url=center_url, timeout=TIMEOUT, trust_env=not _is_loopback(center_url)) as http:
            answer = http.post("/v1/enrol", content=wire.encode(asked), headers={"Content-Type": "application/json"})
        if answer.status_code != 201:
            raise _refusal(answer)
        enrolled: Enrolled = wire.decode(Enrolled, answer.content)
        document = msgspec.json.encode(enrolled.trust)
        root = Trust.read(document).root
    except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError, ValueError) as error:
        raise ProblemError("center_unreachable") from error
    if enrolled.fingerprint != fingerprint(keys.sign_public, keys.seal_public, enrolled.center_seal_key):
        raise ProblemError("center_unreachable")
    same_center = root == _root_before(settings)
    if same_center:
        with suppress(OSError, ValueError, KeyError):  # none yet, or unreadable: what was sealed to them is lost anyway
            keys = keys.after(DeviceKeys.load(settings.key_file.parent))
    keys.save(settings.key_file.parent)
    write_durably(settings.trust_file, msgspec.json.format(document))
    with store.write() as db:
        syncing.join(
            db,
            Membership(
                device_id=enrolled.device_id,
                center_url=center_url,
                center_seal_key=enrolled.center_seal_key,
                unit=enrolled.unit,
                profile=enrolled.profile,
                card_prefix=enrolled.card_prefix,
                fingerprint=enrolled.fingerprint,
            ),
            enrolled.server_epoch,
            same_center=same_center,
        )
    profile = next((known for known in get_args(Profile) if known == enrolled.profile), settings.profile)
    rules = {**settings.rules, "self_application": enrolled.self_application}
    station = settings.station if settings.station != UNNAMED else enrolled.name or UNNAMED
    here = replace(settings, center_url=center_url, card_prefix=enrolled.card_prefix, profile=profile, rules=rules)
    save(replace(here, station=station))
    return enrolled


def line(
    settings: Settings,
    here: Membership,
    now_ms: Callable[[], int],
    correct: Callable[[int], None],
    beat: Callable[[], None] = lambda: None,
) -> httpx.Client:
    """An HTTP client that signs every request as this tablet. now_ms: the center's time as far as known; correct: told the
    center's signed time; beat: told of every sign of life.
    """
    keys = DeviceKeys.load(settings.key_file.parent)
    return httpx.Client(
        base_url=here.center_url,
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=2, keepalive_expiry=60.0),
        auth=DeviceAuth(keys, here.device_id, now_ms, correct, partial(greeting.read_time, settings)),
        event_hooks=event_hooks(beat),
        trust_env=not _is_loopback(here.center_url),
        headers={"User-Agent": "honorcard-kiosk"},
    )


class CenterClock:
    """The moment requests are signed with: the wall clock, set right by what the center last said (in memory only)."""

    def __init__(self) -> None:
        self._base: tuple[int, float] | None = None

    @property
    def is_set(self) -> bool:
        """Whether the center's time is known."""
        return self._base is not None

    def now_ms(self) -> int:
        """The moment now."""
        if self._base is not None:
            said_ms, at_s = self._base
            return said_ms + int((time.monotonic() - at_s) * 1000)
        return time.time_ns() // 1_000_000

    def correct(self, server_ms: int) -> None:
        """The center said what time it is there."""
        self._base = (server_ms, time.monotonic())


def _root_before(settings: Settings) -> bytes | None:
    """The root of the center that this tablet was enrolled at until now; it stays the same over a center's restore."""
    try:
        return Trust.load(settings.trust_file).root
    except ProblemError:
        return None


def _refusal(answer: httpx.Response) -> ProblemError:
    code = problem_code(answer)
    return ProblemError(code if code.startswith("enrol_") and code in CATALOGUE else "center_unreachable")


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in _LOOPBACK
