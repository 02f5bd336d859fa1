"""A card for every row of the gate's table, with fresh keys: the morning self-test, and what outsiders check us by.

Writes trust.json, pack/, one sheet NAME.pdf a case, answers.json, and marks.json, by which a self-test knows a sheet from the
text it read: each answer with the SHA-256 of the text and the holder's name. The keys that signed are made for this and thrown
away.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from honorcard import roc
from honorcard.card import cose, signing
from honorcard.card.keyring import KeyRing
from honorcard.card.number import number
from honorcard.card.pack import CAP_FLOOR, CardStatus, LiveCard, Pack, build
from honorcard.card.portrait import drawn_portrait
from honorcard.card.sheet import CardFace, render
from honorcard.card.thumbnail import thumbnail_webp
from honorcard.card.token import CLAIM_EXP, DEFAULT_PREFIX, TAIPEI, parse
from honorcard.card.verdict import Code, Interval, decide
from honorcard.durable import write_durably
from honorcard.jurisdiction import TAIPEI as RULES

ANSWERS, MARKS, TOGETHER = "answers.json", "marks.json", "sheets.pdf"
FOREIGN_PREFIX = "HTTPS://HC.EXAMPLE/"
_OLD_FIRST, _FIRST, _MAX = (
    100_000,
    101_000,
    101_050,
)  # issue numbers: of the withdrawn key, of its successor, the watermark


@dataclass(frozen=True)
class _Sample:
    file: str
    code: Code
    name: str
    seq: int
    listed: bool
    until: date
    birth: date
    identity: str


class _Issuer:
    """Keys and the cards they signed, in memory but for a folder that is thrown away."""

    def __init__(self, folder: Path, at: datetime, prefix: str = DEFAULT_PREFIX) -> None:
        self.at = at
        started = at - timedelta(days=400)
        self.ring = (
            KeyRing.create(folder, at=started) if prefix is None else KeyRing.create(folder, at=started, prefix=prefix)
        )

    def card(self, seq: int, until: date, *, kid: int | None = None, secret: bytes | None = None) -> tuple[str, bytes]:
        """Text and secret of a fresh card."""
        secret = secret or signing.new_secret()
        if kid is None:
            kid, key = self.ring.card_key(seq)
        else:
            key = self.ring.p256(kid)
        return signing.sign(self.ring.trust.prefix, signing.new_lookup(), seq, secret, until, kid, key), secret


def write_samples(directory: Path | str, *, at: datetime, as_one: bool = False) -> list[dict[str, str]]:
    """Write the samples as of that moment and return what answers.json says. ProblemError `fonts_missing`.

    Each answer is checked by the gate's own table before it is written. `as_one`: all sheets in sheets.pdf, four a page,
    instead of a file each.
    """
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    today = at.astimezone(TAIPEI).date()
    answers: list[dict[str, str]] = []
    with tempfile.TemporaryDirectory(prefix="honorcard-samples-") as folder:
        ours = _Issuer(Path(folder) / "ours", at)
        retired = ours.ring.current("card").kid
        ours.ring.rotate("card", at=at - timedelta(days=200), first_seq=_FIRST)
        others = {
            "forged": _Issuer(Path(folder) / "forger", at),
            "foreign": _Issuer(Path(folder) / "foreign", at, FOREIGN_PREFIX),
        }
        others["forged"].ring.rotate("card", at=at - timedelta(days=200), first_seq=_FIRST)
        faces: dict[str, CardFace] = {}
        live: list[LiveCard] = []
        samples = list(_samples(today))
        for place, sample in enumerate(samples):
            issuer = others.get(sample.file, ours)
            kid = ours.ring.current("practice").kid if sample.file == "practice" else None
            text, secret = issuer.card(sample.seq, sample.until, kid=kid)
            photo = drawn_portrait(place + 1)
            if sample.listed:
                small = b"" if sample.code == "photo_missing" else thumbnail_webp(photo)
                status: CardStatus = "suspended" if sample.code == "suspended" else "live"
                live.append(LiveCard(sample.seq, secret, sample.name, sample.until, status, small))
            if sample.file == "tampered":
                text = _lengthened(text)
            faces[sample.file] = CardFace(
                sample.name,
                number(roc.roc_year(today), 3_000 + place),
                sample.until,
                sample.birth,
                sample.identity,
                photo,
                text,
                practice=sample.file == "practice",
            )
        ours.ring.withdraw(retired, at=at)
        trust = ours.ring.trust
        pack_key = ours.ring.current("pack", at - timedelta(days=300))
        build(
            directory / "pack",
            live,
            version=1,
            as_of=at,
            max_seq=_MAX,
            kid=pack_key.kid,
            key=ours.ring.p256(pack_key.kid),
            name="samples",
            trust=trust,
        )
    pack = Pack.open(directory / "pack", trust)
    for sample in samples:
        face = faces[sample.file]
        got = decide(face.qr_text, trust, pack, Interval.at(at))
        if got.code != sample.code:
            raise AssertionError(f"sample {sample.file} is answered {got.code}")
        file = f"{sample.file}.pdf"
        if not as_one:
            write_durably(directory / file, render([face], RULES, created=at.astimezone(TAIPEI)))
        answers.append({"file": file, "verdict": got.verdict, "code": got.code})
    if as_one:
        together = [faces[sample.file] for sample in samples]
        write_durably(directory / TOGETHER, render(together, RULES, created=at.astimezone(TAIPEI), paper="a4-four"))
    marks = [
        {**answer, "holder": faces[sample.file].name, "sha256": text_mark(faces[sample.file].qr_text)}
        for answer, sample in zip(answers, samples, strict=True)
    ]
    write_durably(directory / "trust.json", trust.document().encode())
    write_durably(directory / MARKS, (json.dumps(marks, indent=1, ensure_ascii=False) + "\n").encode())
    write_durably(directory / ANSWERS, (json.dumps(answers, indent=1) + "\n").encode())
    return answers


def text_mark(text: str) -> str:
    """By which marks.json knows the text of a sheet's code."""
    return hashlib.sha256(text.encode()).hexdigest()


def _samples(today: date) -> Iterator[_Sample]:
    far = roc.years_after(today, 3) - timedelta(days=40)
    base = _Sample("", "valid", "林秀琴", _FIRST, True, far, date(1958, 8, 16), "A223456781")
    yield replace(base, file="valid")
    yield replace(base, file="valid_rare_name", name="王𡍼名", seq=_FIRST + 1, identity="A123456789")
    yield replace(base, file="valid_indigenous_name", name="夏曼‧藍波安", seq=_FIRST + 2, identity="I100000003")
    yield replace(base, file="valid_latin_name", name="NGUYEN THI HOA", seq=_FIRST + 3, identity="F870123456")
    yield replace(base, file="last_day", name="張美玲", seq=_FIRST + 4, until=today)
    yield replace(base, file="expired", code="expired", name="陳文雄", seq=_FIRST + 5, until=today - timedelta(days=1))
    yield replace(base, file="suspended", code="suspended", name="黃淑芬", seq=_FIRST + 6)
    yield replace(base, file="revoked", code="revoked_or_replaced", name="李志明", seq=_FIRST + 7, listed=False)
    yield replace(base, file="replaced", code="revoked_or_replaced", name="吳建國", seq=_FIRST + 8, listed=False)
    yield replace(base, file="replacement", name="吳建國", seq=_FIRST + 9)
    yield replace(base, file="photo_missing", code="photo_missing", name="歐陽菲菲", seq=_FIRST + 10)
    yield replace(base, file="newer_than_list", code="newer_than_list", name="游錫堃", seq=_MAX + 1, listed=False)
    beyond = _MAX + CAP_FLOOR + 1
    yield replace(base, file="beyond_cap", code="suspected_forgery", name="周大同", seq=beyond, listed=False)
    yield replace(base, file="forged", code="bad_signature", name="賴冒用", seq=_FIRST + 11, listed=False)
    yield replace(base, file="tampered", code="bad_signature", name="許改期", seq=_FIRST + 12)
    yield replace(base, file="foreign", code="foreign", name="何外地", seq=_FIRST + 13, listed=False)
    yield replace(base, file="withdrawn_key_listed", name="謝李陳美玉", seq=_OLD_FIRST + 1)
    yield replace(
        base, file="withdrawn_key_unlisted", code="key_withdrawn", name="鄭舊鑰", seq=_OLD_FIRST + 2, listed=False
    )
    yield replace(base, file="practice", code="practice", name="練習生", seq=_FIRST + 14, listed=False)


def _lengthened(text: str) -> str:
    """The card with another year on it and the signature it had."""
    token = parse(text)
    payload = cose.decode(token.envelope.payload)
    payload[CLAIM_EXP] += 365 * 86_400
    raw = cose.encode([token.envelope.protected, {}, cose.encode(payload), token.signature])
    return f"{text.partition('#')[0]}#{int.from_bytes(bytes([1]) + raw, 'big')}"
