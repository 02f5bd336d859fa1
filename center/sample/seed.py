"""What an empty center is filled with for the demo: a unit, an account for each role, applications in every state.

Everything goes through the functions of the center itself, at moments of the past: intake, both reviews, issue and
revocation, so that histories, tokens, sheets and the pack are real.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

from sqlalchemy import Connection

from center import decisions, ending, issue, keyring, packing
from center.sample import again, gallery
from center.sample import office as kept_here
from center.sample.people import Person
from center.sample.places import PLACES
from center.sample.sending import send_in
from center.sample.service import UNIT
from center.settings import Settings
from center.store import Store, accounts, cases, devices, feed, venues
from center.store.accounts import Account
from honorcard import review
from honorcard.card.keyring import KeyRing
from honorcard.card.token import SEQ_FIRST
from sync.device import DeviceKeys
from sync.ids import uuid7
from web.clock import TAIPEI

UNIT_CODE = "A1001"
DISTRICT = "大同區"
TABLET = f"{UNIT} 2 號機"

_PEOPLE = (
    ("unit_officer", "officer", "江佩珊"), ("first_reviewer", "first", "沈怡君"),
    ("second_reviewer", "second", "羅建宏"),
    ("administrator", "admin", "葉思齊"), ("auditor", "auditor", "宋明德"), ("venue", "venue", "北門入口"),
)  # fmt: skip
_RETURNS = (
    (("page_glare",), ("page-2",), ""),
    (("hours_differ",), (), "第 3 頁的時數合計和填寫的不同，請再核對一次。"),
    (("headshot_unfit", "page_blurred"), ("headshot", "page-1"), "大頭照請脫帽，正面拍攝。"),
)  # fmt: skip


@dataclass(frozen=True)
class SampleAccount:
    """An account of the demo with its password, which nobody else has."""

    role: str
    name: str
    password: str


@dataclass(frozen=True)
class Seeded:
    """What was made: the unit, the accounts, and the numbers of the cards by plan (valid, expired, revoked)."""

    unit_id: str
    accounts: tuple[SampleAccount, ...]
    cards: Mapping[str, str]


def make_keys(settings: Settings, now: datetime) -> None:
    """The issuer's keys with a history: the card that has expired was signed by a key that another has followed."""
    long_ago = now - timedelta(days=1_200)  # before the card that has expired meanwhile was issued
    ring = KeyRing.create(settings.keys_dir / keyring.FOLDER, at=long_ago, prefix=settings.card_prefix)
    ring.rotate("card", at=now, starts=now - timedelta(days=330), first_seq=SEQ_FIRST + 1)
    for use in ("practice", "pack", "sealing"):
        ring.rotate(use, at=now, starts=now - timedelta(days=1))


def seed(
    store: Store, settings: Settings, people: tuple[Person, ...], pictures: Path, *, now: datetime,
    done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Seeded:  # fmt: skip
    """Fills the empty center. `pictures`: everybody's photographs (gallery.draw_all); `done` hears of each person."""
    now_ms = int(now.timestamp() * 1000)
    with store.write() as conn:
        feed.begin_epoch(conn)
        unit_id = accounts.add_unit(conn, UNIT, UNIT_CODE, DISTRICT)
        venues.add(conn, PLACES, now_ms)
        known = {
            role: (accounts.add(conn, name, person, role, _unit_of(role, unit_id), password), name, password)
            for role, name, person in _PEOPLE
            for password in [_password(name)]
        }
        tablet = _add_tablet(conn, unit_id, now_ms)
        staff = {role: _found(accounts.find(conn, account_id)) for role, (account_id, _, _) in known.items()}
    office = Office(store, settings, staff, tablet, now)
    numbers: dict[str, str] = {}
    sent = sorted((person for person in people if person.plan != "tablet"), key=lambda person: person.submitted_on)
    for count, person in enumerate(sent, start=1):
        number = office.handle(person, gallery.of(person, pictures), seq=count)
        if number:
            numbers[person.plan] = number
        done(count, len(sent))
    office.bring_cards({person.plan: person for person in sent}, numbers, pictures)
    known_as = numbers.get("expired") or numbers.get("valid")
    if known_as:
        with store.write() as conn:
            kept_here.keep(conn, known_as, unit_id, staff["unit_officer"].account_id, now)
    packing.rebuild(store, settings, now=now)
    listed = tuple(SampleAccount(role, name, password) for role, (_, name, password) in known.items())
    return Seeded(unit_id, listed, numbers)


class Office:
    """Both reviewers at work: brings one application after the other to the state it was planned to have."""

    def __init__(
        self, store: Store, settings: Settings, staff: Mapping[str, Account], tablet: str, now: datetime
    ) -> None:
        self._store = store
        self._settings = settings
        self._first, self._second = staff["first_reviewer"], staff["second_reviewer"]
        self._officer = staff["unit_officer"]
        self._tablet = tablet
        self._now = now
        self._returned = 0

    def handle(self, person: Person, photographs: tuple[gallery.Photograph, ...], *, seq: int) -> str:
        """Takes the application in and moves it on; gives the card's number when one was issued, else an empty text."""
        arrived = min(datetime.combine(person.submitted_on, time(9, 5 + seq), TAIPEI), self._now)
        case = send_in(
            self._store, self._settings, self._tablet, person, photographs,
            seq=seq, moment=arrived, is_complete=person.plan != "incomplete",
        )  # fmt: skip
        match person.plan:
            case "second_review":
                self._approve(case, arrived)
            case "returned":
                self._return(case, arrived)
            case "refused":
                self._approve(case, arrived, text="服務紀錄已核對，條件是否符合請複審認定。")
                self._refuse(case, arrived, person)
            case "withdrawn":
                self._withdraw(case, arrived)
            case "valid" | "expired" | "revoked":
                self._approve(case, arrived)
                return self._issue(case, arrived, person)
        return ""

    def bring_cards(self, people: Mapping[str, Person], numbers: Mapping[str, str], pictures: Path) -> None:
        """Cases about cards: a lost one of another issuer waits for its second review; where a card was issued here, a name
        to be corrected waits for its first.
        """
        store, settings, day = self._store, self._settings, timedelta(days=1)
        if "valid" in numbers:
            again.correct_name(
                store,
                settings,
                self._tablet,
                people["valid"],
                pictures,
                number=numbers["valid"],
                moment=self._now - day,
            )
        lost = again.replace_lost(store, settings, self._tablet, pictures, moment=self._now - 3 * day)
        self._approve(lost, self._now - 3 * day)

    def _approve(self, case: str, arrived: datetime, text: str = "") -> None:
        decisions.approve(
            self._store, self._settings, case, self._first, rev=self._rev(case), text=text, now=self._later(arrived, 1)
        )

    def _return(self, case: str, arrived: datetime) -> None:
        reasons, slots, text = _RETURNS[self._returned % len(_RETURNS)]
        self._returned += 1
        decisions.send_back(
            self._store, self._settings, case, self._first,
            rev=self._rev(case), reasons=reasons, slots=slots, text=text, now=self._later(arrived, 1),
        )  # fmt: skip

    def _refuse(self, case: str, arrived: datetime, person: Person) -> None:
        short = "hours_short" if person.half_hours < 600 else "tenure_short"
        decisions.refuse(
            self._store, self._settings, case, self._second,
            rev=self._rev(case), reasons=[short], text="", now=self._later(arrived, 3),
        )  # fmt: skip

    def _withdraw(self, case_id: str, arrived: datetime) -> None:
        moment_ms = int(self._later(arrived, 1).timestamp() * 1000)
        with self._store.write() as conn:
            case = decisions.seen(conn, case_id, None)
            to = review.move(case.state, "withdraw", "unit_officer", self._officer.account_id)  # type: ignore[arg-type]
            rev = cases.move(conn, case, state=to, now_ms=moment_ms)
            cases.record(
                conn,
                case_id,
                actor=self._officer.account_id,
                what="withdrawn",
                rev=rev,
                now_ms=moment_ms,
                text="志工改由服務的另一單位提出。",
            )
            decisions.tell_state(conn, case, to, rev, moment_ms)

    def _issue(self, case: str, arrived: datetime, person: Person) -> str:
        number = issue.issue(
            self._store, self._settings, case, self._second.account_id, now=self._later(arrived, 3), rev=self._rev(case)
        )
        if person.plan == "revoked":
            ending.end_card(
                self._store, self._settings, number, "revoked", "志工陳報卡片遭他人冒用。", self._second.account_id,
                now=self._now - timedelta(days=30),
            )  # fmt: skip
        return number

    def _rev(self, case_id: str) -> int:
        with self._store.read() as conn:
            return decisions.seen(conn, case_id, None).rev

    def _later(self, moment: datetime, days: int) -> datetime:
        return min(moment + timedelta(days=days, minutes=40), self._now)


def _add_tablet(conn: Connection, unit_id: str, now_ms: int) -> str:
    """A tablet that the seeded applications came from; its private keys are thrown away, so nobody can speak for it."""
    keys, device_id = DeviceKeys.generate(), uuid7()
    devices.add(
        conn, device_id=device_id, unit_id=unit_id, name=TABLET, profile="staff",
        sign_key=keys.sign_public, seal_key=keys.seal_public, at_ms=now_ms,
    )  # fmt: skip
    return device_id


def _unit_of(role: str, unit_id: str) -> str | None:
    return unit_id if role == "unit_officer" else None


def _password(name: str) -> str:
    return f"{name}-{secrets.randbelow(9000) + 1000}"


def _found(account: Account | None) -> Account:
    if account is None:
        raise LookupError("the account was just added")
    return account
