"""The demo's first start: the center with its sample data, the kiosk enrolled there with two applications of its own.

Each half is noted when it is whole; a start that was broken off makes the missing half anew. What is not here: the
processes (demo, children), what is known of a demo that stands (demo_state).
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

import center.settings
import center.store
import kiosk.settings
import kiosk.store
from center import decisions, devices
from center.sample import gallery, samplecards, seed
from center.sample.people import everyone
from center.store import accounts, intake
from commands.demo_drafts import submit_as_typed
from commands.demo_state import CARDS, Account, Demo, keep
from commands.progress import Progress
from kiosk import create_app, enrolment, pins
from kiosk.store import data_key
from kiosk.worker import SyncWorker
from web.clock import TAIPEI

PICTURES = "pictures"
PIN = "246810"  # of the sample kiosk alone; on screen at every start
KIOSK_NAME = "北門文化館 1 號機"
EVENT = "北門志工日"
_PATIENCE_S = 12.0  # for the center to look at the photographs of the kiosk's own applications


def make_center(folder: Path, progress: Progress) -> Demo:
    """Draws the sample people, makes the keys and seeds a new center."""
    now = datetime.now(TAIPEI)
    for part in ("center", "kiosk", CARDS):
        shutil.rmtree(folder / part, ignore_errors=True)
    people = everyone(now.date())
    pictures = folder / PICTURES
    words = "畫三十位志工的相片與紀錄冊", "Drawing thirty volunteers and their record books"
    gallery.draw_all(people, pictures, lambda done: progress.count(*words, done, len(people)))
    settings = center.settings.Settings(data_dir=folder / "center")
    center.settings.save(settings)
    progress.say("產生簽章金鑰", "Making the signing keys")
    seed.make_keys(settings, now)
    store = center.store.Store(settings.url)
    store.create()
    counted = "收件、初審、複審、發卡", "Intake, first review, second review, cards"
    made = seed.seed(
        store, settings, people, pictures, now=now, done=lambda done, total: progress.count(*counted, done, total)
    )
    forger = next(person for person in people if person.plan == "second_review")
    samplecards.write(store, settings, made.cards, forger, pictures, folder / CARDS, now=now)
    store.engine.dispose()
    known = tuple(Account(role=it.role, name=it.name, password=it.password) for it in made.accounts)
    return keep(folder, Demo(accounts=known, unit_id=made.unit_id, pin=PIN, made_on=now.date().isoformat()))


def make_kiosk(folder: Path, demo: Demo, center_url: str, progress: Progress) -> Demo:
    """Enrols a new kiosk at the running center, sets its PIN, and submits two applications there."""
    progress.say("登錄服務站，送出兩件申請", "Enrolling the kiosk and submitting two applications there")
    shutil.rmtree(folder / "kiosk", ignore_errors=True)
    settings = kiosk.settings.Settings(
        data_dir=folder / "kiosk", center_url=center_url, station=KIOSK_NAME, event=EVENT
    )
    kiosk.settings.save(settings)
    store = kiosk.store.Store(settings.database, data_key(settings.key_file))
    there = center.store.Store(center.settings.load(folder / "center").url)
    code = devices.new_code(there, demo.unit_id, KIOSK_NAME, "staff", datetime.now(TAIPEI))
    enrolment.enrol(settings, store, center_url, code, KIOSK_NAME)
    pins.set_pin(store, demo.pin)
    _submit_some(folder, kiosk.settings.load(settings.data_dir), store, there)
    store.close()
    there.engine.dispose()
    return keep(folder, msgspec.structs.replace(demo, has_kiosk=True))


def _submit_some(
    folder: Path, settings: kiosk.settings.Settings, store: kiosk.store.Store, there: center.store.Store
) -> None:
    """Through the kiosk's own path; the first reviewer sends one back, so that the tray shows both."""
    now = datetime.now(TAIPEI)
    mine = [person for person in everyone(now.date()) if person.plan == "tablet"]
    sent = [submit_as_typed(store, settings, person, folder / PICTURES, now) for person in mine]
    worker = SyncWorker(create_app(settings))
    worker.step()
    if not _all_arrived(there, sent):
        return  # a slow machine: they arrive while the demo runs, and nothing has been sent back yet
    with there.read() as conn:
        reviewer = next(account for account in accounts.everyone(conn) if account.role == "first_reviewer")
        rev = decisions.seen(conn, sent[0], None).rev
    decisions.send_back(
        there, center.settings.load(folder / "center"), sent[0], reviewer,
        rev=rev, reasons=["page_glare"], slots=["page-2"], text="", now=datetime.now(TAIPEI),
    )  # fmt: skip
    worker.step()


def _all_arrived(there: center.store.Store, applications: Sequence[str]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with there.read() as conn:
            found = [intake.standing(conn, application) for application in applications]
        if all(standing is not None and standing.state == "first_review" for standing in found):
            return True
        time.sleep(0.2)
    return False
