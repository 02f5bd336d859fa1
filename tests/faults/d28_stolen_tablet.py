"""D-28: a tablet is stolen. Every file of its folder, from a whole day's work, is searched for the names, numbers and addresses of
the people it served and for the first bytes of any picture: nothing is found. What is planted to try the search is.
"""

from __future__ import annotations

import base64
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from center.sample.people import identity_number
from honorcard.card import signing
from tests.faults.lines import Line, pick
from tests.kiosk.applying import PERSON, Applicant
from tests.kiosk.scene import Scene, build, frame, jpeg
from tests.kiosk.test_tray import returned

# whole signatures of seven bytes and more: shorter ones turn up in good ciphertext by chance
PICTURES = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"JFIF\x00\x01\x01", b"Exif\x00\x00II", b"Exif\x00\x00MM", b"\x89PNG\r\n\x1a\n",
    b"WEBPVP8", b"%PDF-1.", b"SQLite format 3\x00",
)  # fmt: skip
SURNAMES, GIVEN = "林陳黃張李王吳劉蔡楊許鄭謝郭洪邱曾廖賴徐", "秀琴文雄美玲志明淑芬建國"
FRAME_CARDS = ("valid", "suspended", "revoked", "expired", "newer", "forged")


def run(full: bool, seed: int) -> Line:
    """So many people are served: some submitted, some left half way, some given back, some whose card came; their cards are
    held up at the gate. runs: the files that were searched.
    """
    people = pick(full, plan=60, smoke=3, few=3)
    folder = Path(tempfile.mkdtemp(prefix="hc-d28-"))
    try:
        scene, secrets = _served(folder, people, seed)
        found, files = 0, 0
        for again in range(2):  # as it runs, with what SQLite has not folded in yet; and after it was switched off
            spelled = list(needles(secrets))
            for path in everything(scene.settings.data_dir):
                files += 1
                hits = seen_in(path, spelled)
                found += len(hits)
                if hits:
                    print(f"D-28: {path.relative_to(scene.settings.data_dir)} shows {sorted(set(hits))}")
            if not again:
                scene.store.close()
        blind = _blind(folder, secrets)
    finally:
        shutil.rmtree(folder)
    return Line(
        "D-28", files, lost=found, stuck=blind, seed=seed, note=f"files searched after {people} people; lost: hits"
    )


def everything(folder: Path) -> list[Path]:
    """Every file of a tablet."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def needles(secrets: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """(what, bytes) of every text in the ways a program may write it, and of every kind of picture."""
    for text in secrets:
        for coding in ("utf-8", "utf-16-le", "big5"):
            encoded = text.encode(coding, errors="ignore")
            if len(encoded) >= 6:
                yield "text", encoded
        yield "text in base 64", base64.b64encode(text.encode())[:-4]
        yield "text in hex", text.encode().hex().encode()
    for magic in PICTURES:
        yield f"picture {magic!r}", magic


def seen_in(path: Path, spelled: Iterable[tuple[str, bytes]]) -> list[str]:
    """What of it stands in a file or in its name."""
    content = path.read_bytes() + b"\n" + path.name.encode()
    return [what for what, needle in spelled if needle in content]


def _served(folder: Path, people: int, seed: int) -> tuple[Scene, list[str]]:
    scene = build(folder)
    secrets: list[str] = []
    for n in range(people):
        name = SURNAMES[n % len(SURNAMES)] + GIVEN[n % 7] + GIVEN[(n * 5 + 3) % len(GIVEN)]
        number, email = identity_number("national", n % 2 == 0, seed + n), f"someone.{n}@example.tw"
        secrets += [name, number, number[1:], email]
        person = Applicant(scene).fill()
        person.say("identity", document="id", number=number, twin_seen="yes")
        person.say("person", **{**PERSON, "name": name, "email": email})
        if n % 4 == 1:
            continue  # left half way: a draft with its photographs
        assert person.post("submit").status_code == 303
        assert person.client.get(f"/slip/{person.id}").status_code == 200
        if n % 4 == 2:
            scene.give_back(person.id, returned(person.id, text=f"{name}的相片不清楚"))
        if n % 4 == 3:
            scene.issue(person.id, f"115{n + 1:05d}", b"%PDF-1.4\n" + name.encode() * 40, secret=signing.new_secret())
    gate = scene.client(unlocked=False)
    for card in FRAME_CARDS:
        answer = gate.post("/verify/frame", data=jpeg(frame(scene.cards.texts[card])), content_type="image/jpeg")
        assert answer.status_code == 200
        secrets.append(scene.cards.texts[card])
    return scene, secrets


def _blind(folder: Path, secrets: list[str]) -> int:
    """How many of the things that were planted the search does not see."""
    planted = [
        secrets[0].encode(),
        secrets[1].encode("utf-16-le"),
        PICTURES[0] + bytes(40),
        base64.b64encode(secrets[3].encode()),
    ]
    missed = 0
    for n, content in enumerate(planted):
        path = folder / f"planted{n}"
        path.write_bytes(bytes(100) + content + bytes(100))
        missed += not seen_in(path, needles(secrets))
    return missed
