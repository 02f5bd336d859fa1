"""D-1: killed at every named place of the crash table, started again on the same files (sync.md B.11).

Each run: the folders as they were, both processes, what a person does there, the death of the one that was told to die, its
new start; then both books are compared. K14 (update of the app) has no code here yet; S7 (restore) is D-8's.
There is no signing service that could be down (S8): the keys lie in a folder, which is away for a while.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from PIL import Image

from sync import clock, outbox
from sync.device import DeviceAuth, DeviceKeys
from sync.wire import PROTO, Push, encode
from tests.faults.books import Harm, books, reckon, talk
from tests.faults.lanes import in_lanes, quick_folder
from tests.faults.lines import Line, pick
from tests.faults.plant import Browser, NeverEnded, Plant, Process, furnish, plant, preload, submit_all, until

IN_TESTS = ("K4", "K8", "K10", "S2")
ABSENT = ("K14", "S7")
LANES = 4


@dataclass
class Scene:
    """One run of one place."""

    at: Plant
    rng: random.Random
    drafts: list[str]
    acknowledged: list[str] = field(default_factory=list)
    harm: Harm = field(default_factory=Harm)
    card: str = ""  # the application that waits for its second review

    def dies(self, process: Process, does: Callable[[], object] | None = None) -> None:
        """The process is dead after this; what a person did meanwhile got no answer."""
        if does is not None:
            try:
                does()
            except httpx.HTTPError:
                pass
            else:
                self.harm.say("stuck", "an answer came from a process that should have died before it")
        process.join()

    def open(self) -> Browser:
        """A person at the kiosk."""
        return Browser(self.at.kiosk_url).unlock()


def run(full: bool, seed: int) -> Line:
    """The places, each with several seeds."""
    each = pick(full, plan=100, smoke=1, few=1)
    places = list(PLACES)[: pick(full, plan=23, smoke=23, few=0)] or IN_TESTS
    turns = [(name, turn) for turn in range(each) for name in places]
    preload()
    harm = in_lanes(turns, lambda some: _lane(some, full, seed), LANES if full else 1)
    words = [f"{len(places)} places of 23; absent: {' '.join(ABSENT)}", *harm.words]
    return Line("D-1", harm.runs, harm.lost, harm.doubled, harm.stuck, seed, "; ".join(words))


def _lane(turns: Sequence[tuple[str, int]], full: bool, seed: int) -> Harm:
    harm = Harm()
    with quick_folder("d01-") as made, plant(Path(made) / "plant") as at:
        stages = _stages(at, Path(made), reviewed=any(PLACES[name][0] == "reviewed" for name, _ in turns))
        at.opens = full
        for name, turn in turns:
            stage, act = PLACES[name]
            rng = random.Random(f"{seed} {name} {turn}")
            at.copy_from(Path(made) / stage)
            scene = Scene(at, rng, stages[stage], card=stages["reviewed"][0] if stage == "reviewed" else "")
            scene.acknowledged = list(stages["waiting"]) if stage != "drafts" else []
            try:
                act(scene, name)
                scene.harm.add(reckon(at, scene.acknowledged, scene.drafts))
            except (NeverEnded, httpx.HTTPError, AssertionError) as error:
                scene.harm.say("stuck", f"{type(error).__name__} {error}")
            at.stop()
            talk(f"{name} turn {turn}", scene.harm, at)
            harm.add(scene.harm, f"{name} turn {turn}")
            harm.runs += 1
    return harm


def _stages(at: Plant, folder: Path, *, reviewed: bool) -> dict[str, list[str]]:
    """Folders to begin from, and the applications in them: both submitted, without a list of cards; two drafts, and a list,
    whose 256 files would else be fetched in every run; both submitted; one of them reviewed once.
    """
    drafts = furnish(at, drafts=[2, 1], weight=150_000)
    bare = folder / "bare"
    at.put_away(bare)
    submit_all(at, drafts)
    at.put_away(folder / "unlisted")
    at.copy_from(bare)
    at.start_center()
    at.start_kiosk()
    until(lambda: (at.kiosk_dir / "pack" / "manifest.cose").exists(), what="the list on the tablet")
    at.put_away(folder / "drafts")
    submit_all(at, drafts)
    at.put_away(folder / "waiting")
    stages = {"drafts": drafts, "unlisted": drafts, "waiting": drafts}
    if not reviewed:
        return stages
    at.start_center()
    kiosk = at.start_kiosk()
    with books(at) as both:
        until(both.at_rest, what="the queue")
        kiosk.kill()  # what the reviews tell the tablet waits for it
        until(lambda: both.state_there(drafts[0]) == "first_review", what="the first review")
    assert Browser(at.center_url).sign_in("first").approve(drafts[0]).status_code == 303
    at.put_away(folder / "reviewed")
    return stages | {"reviewed": drafts}


# --- what is done at each place ---


def _typing(scene: Scene, name: str) -> None:
    """A name is changed; the draft keeps the old or the new one, whole."""
    at, one = scene.at, scene.drafts[0]
    at.start_center()
    kiosk = at.start_kiosk(name)
    person = scene.open()
    form = {"name": "王大明", "birth": "059.05.17", "email": ""}
    scene.dies(kiosk, lambda: person.send(f"/apply/{one}/person", on=f"/apply/{one}/person", **form))
    at.start_kiosk()
    page = scene.open().see(f"/apply/{one}/check")
    if "王大明" not in page and "王小明" not in page:
        scene.harm.say("lost", "what was typed before")


def _photographing(scene: Scene, name: str) -> None:
    """A page is taken: not there after the death, and can be taken again."""
    at, one = scene.at, scene.drafts[1]
    at.start_center()
    kiosk = at.start_kiosk(name)
    person, shot = scene.open(), _page()

    def take(who: Browser) -> httpx.Response:
        return who.send(f"/apply/{one}/take/page", on=f"/apply/{one}/take/page", files={"photo": ("p.jpg", shot)})

    scene.dies(kiosk, lambda: take(person))
    at.start_kiosk()
    if take(scene.open()).status_code not in (200, 303):
        scene.harm.say("stuck", "the page cannot be taken again")


def _page() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1000, 800), (120, 120, 120)).save(out, "JPEG")
    return out.getvalue()


def _submitting(scene: Scene, name: str) -> None:
    """Saved or not; afterwards a second press saves it, once."""
    at, one = scene.at, scene.rng.choice(scene.drafts)
    at.start_center()
    kiosk = at.start_kiosk(name)
    person = scene.open()
    scene.dies(kiosk, lambda: person.send(f"/apply/{one}/submit", on=f"/apply/{one}/check"))
    at.start_kiosk()
    with books(at) as both:
        saved = bool(both.state_here(one))
    if saved != (name == "K5"):
        scene.harm.say("lost", f"submitted: {saved}")
    again = scene.open()
    answer = again.send(f"/apply/{one}/submit", on="/" if saved else f"/apply/{one}/check")
    if answer.status_code != 303:
        scene.harm.say("stuck", f"the second press was answered {answer.status_code}")
    scene.acknowledged.append(one)


def _sending(scene: Scene, name: str) -> None:
    """The tablet dies while it brings what waits, at the first, second or third time it comes by."""
    at = scene.at
    at.start_center()
    passings = 3 if name in ("K9", "K10") else 1
    kiosk = at.start_kiosk(f"{name}:{scene.rng.randint(1, passings)}", wait=False)
    kiosk.join()
    at.start_kiosk()


def _pack(scene: Scene, name: str) -> None:
    """The tablet dies between two files of the list; the list it had is used, then the new one."""
    at = scene.at
    at.start_center()
    until(lambda: (at.center_dir / "pack" / "manifest.cose").exists(), what="a list")
    at.start_kiosk(name, wait=False).join()
    if (at.kiosk_dir / "pack" / "manifest.cose").exists():
        scene.harm.say("lost", "half a list is in use")
    at.start_kiosk()
    until(lambda: (at.kiosk_dir / "pack" / "manifest.cose").exists(), what="the list on the tablet")


def _pin(scene: Scene, name: str) -> None:
    """Cutting the power after a wrong PIN gains nothing: five tries are free, each counts, then one waits."""
    at = scene.at
    at.start_center()
    for _ in range(5):
        kiosk = at.start_kiosk(name)
        person = Browser(at.kiosk_url)
        scene.dies(kiosk, lambda who=person: who.send("/unlock", on="/unlock", pin="111111"))
    at.start_kiosk()
    if Browser(at.kiosk_url).send("/unlock", on="/unlock", pin="204680").status_code == 303:
        scene.harm.say("lost", "tries that were never counted")


def _receiving(scene: Scene, name: str) -> None:
    """The center dies while it takes in what a tablet brings."""
    at = scene.at
    center = at.start_center(f"{name}:{scene.rng.randint(1, 3) if name == 'S3' else 1}")
    at.start_kiosk()
    center.join()
    at.start_center()


def _issuing(scene: Scene, name: str) -> None:
    """The center dies round the second approval: a whole card, or none and the case as it was; in the end one."""
    at, one = scene.at, scene.card
    if name == "S6":  # the first list is not to count
        quiet = at.start_center()
        until(lambda: (at.center_dir / "pack" / "manifest.cose").exists(), what="a list")
        quiet.kill()
    center = at.start_center(name)
    second = Browser(at.center_url).sign_in("second")
    if name == "S6":  # the approval is answered; the list is made beside it
        second.approve(one)
        center.join()
    else:
        scene.dies(center, lambda: second.approve(one))
    at.start_center()
    with books(at) as both:
        cards = both.there("SELECT count(*) FROM card WHERE application_id = ?", one)[0][0]
        if (both.state_there(one) == "issued") != (cards == 1) or cards != (name != "S4"):
            scene.harm.say("lost", f"{cards} cards, the case is {both.state_there(one)}")
    if not cards:
        Browser(at.center_url).sign_in("second").approve(one)
    at.start_kiosk()
    with books(at) as both:
        until(
            lambda: both.state_here(one) == "issued" and bool(both.here("SELECT 1 FROM card")), what="the card's sheet"
        )
        _one_card(scene, both)
        until(
            lambda: both.there("SELECT count(*) FROM feed WHERE kind = 'pack.manifest'")[0][0] >= 1,
            what="a list with it",
        )


def _one_card(scene: Scene, both) -> None:
    cards = both.there("SELECT seq, status FROM card WHERE application_id = ?", scene.card)
    if len(cards) != 1 or cards[0][1] != "live":
        scene.harm.say("doubled" if len(cards) > 1 else "lost", f"cards: {cards}")
    if both.there("SELECT count(*) FROM feed WHERE kind = 'card.issued' AND entity_id = ?", scene.card) != [(1,)]:
        scene.harm.say("doubled", "the card was told more than once, or never")


def _keys_away(scene: Scene, name: str) -> None:
    """The second approval while nobody can sign: the case waits as it was, and is issued once the keys are there again."""
    at, one = scene.at, scene.card
    keys, away = at.center_dir / "keys" / "issuer", at.folder / "away"
    center = at.start_center()
    second = Browser(at.center_url).sign_in("second")
    keys.rename(away)
    answer = second.approve(one)
    with books(at) as both:
        cards = both.there("SELECT count(*) FROM card WHERE application_id = ?", one)[0][0]
        if (both.state_there(one) == "issued") != (cards == 1):
            scene.harm.say("lost", f"{cards} cards, the case is {both.state_there(one)}, answered {answer.status_code}")
    center.kill()
    if keys.exists():
        scene.harm.say("lost", "keys were made anew")
        return
    away.rename(keys)
    at.start_center()
    if not cards:
        Browser(at.center_url).sign_in("second").approve(one)
    at.start_kiosk()
    with books(at) as both:
        until(lambda: both.state_here(one) == "issued", what="the card")
        _one_card(scene, both)


def _two_at_once(scene: Scene, name: str) -> None:
    """Two processes of the center get the same batch; the one that has it first dies in the middle."""
    at = scene.at
    first = at.start_center(name)
    push = _batch(at)
    with _line(at) as http:
        scene.dies(first, lambda: http.post("/v1/ops", content=push))
        at.start_center()
        answers = [http.post("/v1/ops", content=push).json() for _ in range(2)]
    told = [[result["status"] for result in answer["results"]] for answer in answers]
    if told != [["applied"] * 2, ["duplicate"] * 2]:
        scene.harm.say("doubled", f"answers: {told}")
    at.start_kiosk()


def _batch(at: Plant) -> bytes:
    with books(at) as both:
        with both._kiosk.read() as db:
            ops, _ = outbox.take(db, clock.read().mono_ms)
            epoch = outbox.dev_epoch(db)
        ((device_id,),) = both.there("SELECT device_id FROM device")
    return encode(Push(proto=PROTO, device_id=device_id, dev_epoch=epoch, ops=tuple(ops)))


def _line(at: Plant) -> httpx.Client:
    """The tablet's own signed line."""
    with books(at) as both:
        ((device_id,),) = both.there("SELECT device_id FROM device")
    keys = DeviceKeys.load(at.kiosk_dir / "keys")
    auth = DeviceAuth(keys, device_id, lambda: clock.read().wall_ms)
    headers = {"Content-Type": "application/json"}
    return httpx.Client(base_url=at.center_url, auth=auth, timeout=30, trust_env=False, headers=headers)


PLACES: dict[str, tuple[str, Callable[[Scene, str], None]]] = {
    "K1": ("drafts", _typing),
    "K2": ("drafts", _photographing),
    "K3": ("drafts", _submitting),
    "K4": ("drafts", _submitting),
    "K5": ("drafts", _submitting),
    "K6": ("waiting", _sending),
    "K7": ("waiting", _sending),
    "K8": ("waiting", _sending),
    "K9": ("waiting", _sending),
    "K10": ("waiting", _sending),
    "K11": ("reviewed", _sending),
    "K12": ("unlisted", _pack),
    "K13": ("drafts", _pin),
    "S1": ("waiting", _receiving),
    "S2": ("waiting", _receiving),
    "S3": ("waiting", _receiving),
    "S4": ("reviewed", _issuing),
    "S5": ("reviewed", _issuing),
    "S6": ("reviewed", _issuing),
    "S8": ("reviewed", _keys_away),
    "S9": ("waiting", _two_at_once),
}
