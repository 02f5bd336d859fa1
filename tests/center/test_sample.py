"""The sample people: faces that the face finder finds, books whose corners are known, names and numbers that hold."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import combinations, pairwise

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from center import keyring, reissues
from center.sample import gallery, pages, portraits, printouts, samplecards, seed
from center.sample.desk import on_desk
from center.sample.looks import look_for
from center.sample.people import everyone
from center.sample.service import rows_between
from center.settings import Settings
from center.store import Store, accounts, cases, metadata
from center.store.tables import application, application_photo
from honorcard import identity, names
from honorcard.card.pack import Pack
from honorcard.card.verdict import Interval, decide
from honorcard.claims import Claim
from honorcard.eligibility import judge
from honorcard.evidence import has_record, missing_pages
from honorcard.jurisdiction import TAIPEI
from honorcard.records import RecordBook, ServiceRow
from scanner import face, qr
from sync.claims import page_of
from web.clock import TAIPEI as TAIPEI_TIME


def bgr(picture: Image.Image) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[..., ::-1])


@pytest.fixture(scope="module")
def drawn() -> list[Image.Image]:
    return [portraits.draw(look_for(seed, woman=seed % 2 == 0, age=30 + seed * 3), (512, 640)) for seed in range(18)]


def test_the_face_finder_finds_exactly_one_face_on_every_portrait(drawn):
    for portrait in drawn:
        boxes = face.find(bgr(portrait))
        assert len(boxes) == 1
        x, y, w, h = boxes[0]
        assert x < 256 < x + w, "the face is in the middle"
        assert y < 304 < y + h


def test_a_person_further_from_the_camera_is_still_found():
    picture = portraits.draw(look_for(11), (1280, 720), zoom=0.66)
    (x, _y, w, h), *others = face.find(bgr(picture))
    assert not others
    assert x < 640 < x + w
    assert 100 < h < 400


def test_no_two_portraits_look_alike(drawn):
    small = [np.asarray(portrait.resize((32, 40)), dtype=float) for portrait in drawn]
    assert min(np.abs(one - other).mean() for one, other in combinations(small, 2)) > 5


def test_a_seed_draws_the_same_face_every_time():
    assert portraits.draw(4, (112, 140)).tobytes() == portraits.draw(4, (112, 140)).tobytes()


def test_the_corners_of_a_page_on_the_desk_are_where_the_page_is():
    white = Image.new("RGB", (400, 560), "white")
    photo, corners = on_desk(white, angle=9, tilt=0.1, size=(800, 600), desk=(60, 44, 30), light=0.0, shadow=0.0)
    middle = corners.mean(axis=0)
    values = np.asarray(photo, dtype=float).mean(axis=2)
    for corner in corners:
        towards = (middle - corner) / np.hypot(*(middle - corner))
        inside, outside = corner + 6 * towards, corner - 6 * towards
        assert values[int(inside[1]), int(inside[0])] > 200
        assert values[int(outside[1]), int(outside[0])] < 120
    assert corners[0][0] < corners[1][0]
    assert corners[0][1] < corners[3][1]


# --- people ---

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize("day", [TODAY, date(2028, 2, 29), date(2027, 3, 1), date(2026, 12, 31)])
def test_every_name_number_and_book_passes_the_rules_they_will_meet(day):
    for person in everyone(day):
        number = identity.read(person.identity_number, passport=person.identity_kind == "passport")
        assert number.valid and number.kind == person.identity_kind
        assert bool(person.nationality) == (person.identity_kind == "passport")
        assert names.problem(person.name) is None
        assert RecordBook(person.book_prefix, person.book_number).problem() is None
        assert all(row.start <= row.end <= person.submitted_on <= day for row in person.rows)
        assert all(row.half_hours > 0 for row in person.rows)


def test_the_thirty_are_thirty_different_people():
    people = everyone(TODAY)
    assert (
        len(people)
        == len({person.identity_number for person in people})
        == len({person.name for person in people})
        == 30
    )


def test_names_cover_the_range_that_the_household_register_knows():
    known = [person.name for person in everyone(TODAY)]
    assert any(ord(character) > 0xFFFF for name in known for character in name), "a rare character"
    assert any("‧" in name for name in known)
    assert any(name.isascii() for name in known), "Latin only"
    assert {2, 3, 4} <= {len(name) for name in known if not name.isascii()}


@pytest.mark.parametrize("day", [TODAY, date(2028, 2, 29)])
def test_each_application_passes_or_falls_short_exactly_as_planned(day):
    outcomes = Counter()
    for person in everyone(day):
        entries = tuple(ServiceRow(row.start, row.end, row.half_hours * 30) for row in person.rows)
        claim = Claim(applied_on=person.submitted_on, entries=entries, previous_valid_until=person.previous_valid_until)
        verdict = judge(claim, TAIPEI)
        outcomes[verdict.outcome] += 1
        outcomes.update(reason.code for reason in verdict.reasons)
        if person.plan in ("valid", "expired", "revoked"):
            assert verdict.passed
    assert outcomes == {"pass": 25, "fail": 5, "hours_short": 2, "tenure_short": 2, "not_recent": 1}


def test_the_hours_of_a_book_are_shared_out_without_loss():
    for half_hours in (36, 599, 600, 733):
        rows = rows_between(date(2023, 11, 5), date(2026, 10, 31), half_hours, seed=half_hours)
        assert sum(row.half_hours for row in rows) == half_hours
        assert rows[0].start == date(2023, 11, 5) and rows[-1].end == date(2026, 10, 31)
        assert all(one.end < other.start for one, other in pairwise(rows))


# --- the seeded center ---


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeded")
    settings = Settings(data_dir=folder / "center")
    now = datetime.combine(TODAY, time(15, 0), TAIPEI_TIME)
    chosen = {person.plan: person for person in everyone(TODAY)}  # one of each plan
    people = tuple(person for person in chosen.values() if person.plan != "tablet")
    gallery.draw_all(people, folder / "pictures", lambda _done: None)
    seed.make_keys(settings, now)
    store = Store(settings.url)
    metadata.create_all(store.engine)
    made = seed.seed(store, settings, people, folder / "pictures", now=now)
    samplecards.write(store, settings, made.cards, people[0], folder / "pictures", folder / "cards", now=now)
    return folder, settings, store, made, now


def test_there_is_an_application_in_every_state_and_no_photograph_too_few(seeded):
    _, _, store, _, _ = seeded
    with store.read() as conn:
        states = Counter(conn.execute(select(application.c.state)).scalars())
        missing = select(application_photo.c.application_id).where(application_photo.c.state != "opened")
        awaited = conn.execute(missing).scalars().all()
        flags = conn.execute(select(application.c.flags)).scalars().all()
    assert states == {
        "incomplete": 1, "first_review": 2, "second_review": 2, "returned": 1,
        "refused": 1, "withdrawn": 1, "issued": 3,
    }  # fmt: skip
    assert len(awaited) == 1
    assert set(flags) == {"[]"}, "nothing about a sample looks odd to intake"


def test_every_role_can_sign_in_with_the_password_it_was_given(seeded):
    _, _, store, made, now = seeded
    assert {account.role for account in made.accounts} == set(accounts.ROLES)
    for account in made.accounts:
        with store.write() as conn:
            attempt = accounts.count_attempt(conn, account.name, int(now.timestamp() * 1000))
        assert accounts.password_fits(attempt, account.password)


@pytest.mark.parametrize(
    ("name", "code"),
    [("valid", "valid"), ("expired", "expired"), ("revoked", "revoked_or_replaced"), ("forged", "bad_signature")],
)
def test_a_verifier_tells_the_sample_cards_apart(seeded, name, code):
    folder, settings, _, _, now = seeded
    picture = np.asarray(Image.open(folder / "cards" / f"{name}.png").convert("RGB"))[..., ::-1]
    (text,) = qr.decode(np.ascontiguousarray(picture))
    trust = keyring.trust(settings)
    verdict = decide(text, trust, Pack.open(settings.pack_dir, trust), Interval(now, now))
    assert verdict.code == code
    assert (folder / "cards" / f"{name}.pdf").read_bytes().startswith(b"%PDF")


def test_a_new_card_can_be_issued_for_years_to_come(seeded):
    _, settings, _, _, now = seeded
    for years in (0, 1, 2):
        keyring.card_key(settings, 100_500, now + timedelta(days=365 * years))


def test_some_bring_two_books_an_inserted_page_a_printout_and_trainings():
    people = everyone(TODAY)
    kinds = {page.kind for person in people for page in person.pages}
    assert kinds == {"book_page", "inserted_page", "printout"}
    assert {len(person.books) for person in people} == {1, 2}
    assert {person.trainings is None for person in people} == {True, False}
    for person in people:
        assert -(-len(person.rows) // pages.ROWS_A_PAGE) == len(person.pages)
        claimed = tuple(page_of(page) for page in person.pages)
        assert has_record(claimed, person.submitted_on, TAIPEI)
        assert not missing_pages(claimed)


def test_a_printout_is_drawn_with_its_day():
    person = next(person for person in everyone(TODAY) if person.pages[-1].kind == "printout")
    drawn = printouts.draw(person.name, person.rows[:12], person.pages[-1].printed_on, size=(572, 800))
    assert drawn.size == (572, 800) and len(drawn.getcolors(1 << 20)) > 20


def test_two_cases_about_cards_wait_on_the_desks(seeded):
    _, settings, store, made, now = seeded
    with store.read() as conn:
        about = {row.kind: row for row in conn.execute(select(application).where(application.c.card_seq.is_not(None)))}
        lost = conn.execute(select(application).where(application.c.kind == "reissue")).one()
        looked = {
            kind: reissues.look(conn, settings, cases.find(conn, found.application_id), now.date())
            for kind, found in (("correction", about["correction"]), ("reissue", lost))
        }
    assert (about["correction"].state, lost.state) == ("first_review", "second_review")
    assert looked["correction"].card.number == made.cards["valid"]
    assert [change.part for change in looked["correction"].changes if change.differs] == ["name"]
    assert looked["correction"].is_clean
    assert looked["reissue"].must_verify
    assert not looked["reissue"].missing
