"""The demo's first start: the center with its sample data, the kiosk enrolled there with applications of its own.

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
from center import decisions, devices, issue, packing
from center.sample import again, gallery, samplecards, seed
from center.sample.people import Person, everyone
from center.store import accounts, intake
from center.store import devices as tablets
from commands.demo_drafts import submit_as_typed
from commands.demo_state import CARDS, Account, Demo, keep
from commands.progress import Progress
from honorcard import names, roc
from honorcard.card import slip
from honorcard.card.symbol import qr_png
from kiosk import create_app, enrolment, pins
from kiosk.store import data_key
from kiosk.submitting import Submitted
from kiosk.worker import SyncWorker
from web.clock import TAIPEI

PICTURES = "pictures"
FROM_KIOSK = ("tablet", "valid")  # who applies at the sample kiosk itself
SLIP_NOTE = """

slip.pdf：在服務站選「列印卡片」，掃收據，再輸入出生日期 {birth}，就能自己印卡。
slip.pdf: choose "Print my card" at the kiosk, scan the slip and type the birth date {birth} to print the card.
"""
PIN = "246810"  # of the sample kiosk alone; on screen at every start
KIOSK_NAME = "北門文化館 1 號機"
EVENT = "北門志工日"
_PATIENCE_S = 20.0  # for the center to look at the photographs of the kiosk's own applications


def make_center(folder: Path, progress: Progress) -> Demo:
    """Draws the sample people, makes the keys and seeds a new center."""
    now = datetime.now(TAIPEI)
    for part in ("center", "kiosk", CARDS):
        shutil.rmtree(folder / part, ignore_errors=True)
    people = everyone(now.date())
    pictures = folder / PICTURES
    words = "畫三十位志工的相片與紀錄冊", "Drawing thirty volunteers and their record books"
    gallery.draw_all(people, pictures, lambda done: progress.count(*words, done, len(people)))
    settings = center.settings.Settings(data_dir=folder / "center", second_factor=())  # name and password are printed
    center.settings.save(settings)
    progress.say("產生簽章金鑰", "Making the signing keys")
    seed.make_keys(settings, now)
    store = center.store.Store(settings.url)
    store.create()
    counted = "收件、初審、複審、發卡", "Intake, first review, second review, cards"
    elsewhere = tuple(person for person in people if person.plan not in FROM_KIOSK)
    made = seed.seed(
        store, settings, elsewhere, pictures, now=now, done=lambda done, total: progress.count(*counted, done, total)
    )
    forger = next(person for person in people if person.plan == "second_review")
    samplecards.write(store, settings, made.cards, forger, pictures, folder / CARDS, now=now)
    store.engine.dispose()
    known = tuple(Account(role=it.role, name=it.name, password=it.password) for it in made.accounts)
    return keep(folder, Demo(accounts=known, unit_id=made.unit_id, pin=PIN, made_on=now.date().isoformat()))


def make_kiosk(folder: Path, demo: Demo, center_url: str, progress: Progress) -> Demo:
    """Enrols a new kiosk at the running center, sets its PIN, and submits three applications there."""
    progress.say("登錄服務站，送出三件申請", "Enrolling the kiosk and submitting three applications there")
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
    """Through the kiosk's own path. One is sent back, one waits, one is issued: the tray shows all three."""
    now = datetime.now(TAIPEI)
    mine = sorted((it for it in everyone(now.date()) if it.plan in FROM_KIOSK), key=lambda it: it.plan)
    *_, printable = mine
    sent = [submit_as_typed(store, settings, person, folder / PICTURES, now) for person in mine]
    worker = SyncWorker(create_app(settings))
    worker.step()
    if not _all_arrived(there, [submitted.application_id for submitted in sent]):
        return  # a slow machine: they arrive while the demo runs, and nothing is decided yet
    _decide(folder, there, returned=sent[0].application_id, issued=sent[-1].application_id, holder=printable)
    _write_slip(folder, settings, printable, sent[-1], now)
    worker.step()


def _decide(folder: Path, there: center.store.Store, *, returned: str, issued: str, holder: Person) -> None:
    """The reviewers send one back and issue the other, whose card joins the sample cards; its holder has a name to correct."""
    at_center = center.settings.load(folder / "center")
    with there.read() as conn:
        staff = {account.role: account for account in accounts.everyone(conn)}
        rev, first_rev = decisions.seen(conn, returned, None).rev, decisions.seen(conn, issued, None).rev
    now = datetime.now(TAIPEI)
    decisions.send_back(
        there, at_center, returned, staff["first_reviewer"],
        rev=rev, reasons=["page_glare"], slots=["page-2"], text="", now=now,
    )  # fmt: skip
    decisions.approve(there, at_center, issued, staff["first_reviewer"], rev=first_rev, text="", now=now)
    number = issue.issue(there, at_center, issued, staff["second_reviewer"].account_id, now=now)
    packing.rebuild(there, at_center, now=now)
    samplecards.write_issued(there, at_center, number, folder / CARDS / "valid")
    with there.read() as conn:
        tablet = next(device.device_id for device in tablets.everyone(conn) if device.name == seed.TABLET)
    again.correct_name(there, at_center, tablet, holder, folder / PICTURES, number=number, moment=now)


def _write_slip(
    folder: Path, settings: kiosk.settings.Settings, person: Person, sent: Submitted, now: datetime
) -> None:
    """The slip of the issued application, with which a volunteer prints the card at the kiosk."""
    paper = slip.Slip(sent.receipt, sent.slip_secret, names.mask(person.name), now, settings.station)
    (folder / CARDS / "slip.pdf").write_bytes(slip.render_slip(paper, "zh", created=now))
    code = qr_png(slip.slip_text(sent.receipt, sent.slip_secret), 12)
    (folder / CARDS / "slip.png").write_bytes(code)
    with (folder / CARDS / "README.txt").open("a", encoding="utf-8") as note:
        note.write(SLIP_NOTE.format(birth=roc.dotted(person.birth_date)))


def _all_arrived(there: center.store.Store, applications: Sequence[str]) -> bool:
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        with there.read() as conn:
            found = [intake.standing(conn, application) for application in applications]
        if all(standing is not None and standing.state == "first_review" for standing in found):
            return True
        time.sleep(0.2)
    return False
