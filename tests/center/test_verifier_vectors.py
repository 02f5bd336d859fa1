"""The browser's half of the vectors, run in the browser itself: the same texts, lists and times, outcome by outcome; and what
no verifier may accept.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from playwright.sync_api import Page

from honorcard.card.token import DEFAULT_PREFIX
from tests.center.verifying import run
from tests.vectors import ecdsa, make_token

DOCUMENT = json.loads((Path(__file__).parents[1] / "vectors" / "token.json").read_text(encoding="utf-8"))
GRID = DOCUMENT["grid"]
JUDGE = """
  const { readTrust } = await load('trust'), { Pack, readManifest } = await load('pack'), { decide } = await load('verdict');
  const trust = await readTrust(asked.trust), buckets = asked.pack.buckets;
  const bucket = async name => name in buckets ? bytes(buckets[name]) : null;
  const packOf = async signed => new Pack(await readManifest(bytes(signed), trust), bucket);
  const told = async (text, pack, lo, hi) => {
    const got = await decide(text, trust, pack, { lo: ms(lo), hi: ms(hi) });
    return [got.verdict, got.code, got.name, got.until, got.photo ? await sha(got.photo) : null, got.age, got.note];
  };"""


def test_the_browser_answers_every_case_as_python_does(gate_page: Page) -> None:
    told = run(gate_page, JUDGE + """
      const pack = await packOf(asked.pack.manifest), out = [];
      for (const one of asked.cases) out.push(await told(one.text, pack, one.lo, one.hi));
      return out;""", DOCUMENT)  # fmt: skip
    fields = ("verdict", "code", "name", "valid_until", "photo_sha256", "list_age_days", "note")
    for case, got in zip(DOCUMENT["cases"], told, strict=True):
        assert got == [case[field] for field in fields], case["case"]


def test_the_browser_judges_wycheproofs_vectors_as_they_say(gate_page: Page) -> None:
    known = list(ecdsa.cases(ecdsa.wycheproof()))
    asked = [[point.hex(), message.hex(), signature.hex()] for _, point, message, signature, _ in known]
    held = run(gate_page, """
      const { publicKey, signatureHolds } = await load('cose');
      const raw = text => Uint8Array.from(text.match(/../g) || [], one => parseInt(one, 16));
      const judge = async ([point, message, signature]) => signatureHolds(signature, message, await publicKey(point));
      return Promise.all(asked.map(one => judge(one.map(raw))));
      """, asked)  # fmt: skip
    assert held == [expected for *_, expected in known]
    assert len(held) > 250 and any(held)


def test_the_browser_answers_every_text_at_every_time_with_every_list_as_python_does(gate_page: Page) -> None:
    told = run(gate_page, JUDGE + """
      const { grid } = asked, packs = { 'the list': await packOf(asked.pack.manifest), 'no list': null }, out = [];
      for (const [name, signed] of Object.entries(grid.manifests)) packs[name] = await packOf(signed);
      for (const row of grid.rows) {
        const [text, time, list] = row.split('|');
        const [, code, name, until, photo, age, note] = await told(grid.texts[text], packs[list], ...grid.intervals[time]);
        out.push([text, time, list, code, name, until, photo && photo.slice(0, 16), age, note].map(one => one ?? '').join('|'));
      }
      return out;""", DOCUMENT)  # fmt: skip
    assert len(told) > 1_000
    wrong = [(want, got) for want, got in zip(GRID["rows"], told, strict=True) if want != got]
    assert wrong == []


def test_tokens_say_in_the_browser_what_they_say_in_python(gate_page: Page) -> None:
    told = run(gate_page, """
      const { parse } = await load('token'), { derive } = await load('record'), { lastDay } = await load('days');
      return Promise.all(asked.tokens.map(async one => {
        const read = parse(one.text, asked.prefix), { idx } = await derive(read.secret);
        return { text: one.text, kid: read.kid, exp: read.exp, seq: read.seq, lookup: read.lookup, secret: hex(read.secret),
                 last_valid_day: lastDay(read.exp), idx: hex(idx) };
      }));""", DOCUMENT)  # fmt: skip
    wanted = [{key: value for key, value in one.items() if key != "record_key"} for one in DOCUMENT["tokens"]]
    assert told == wanted


def test_no_card_with_a_changed_bit_digit_or_half_is_accepted(gate_page: Page) -> None:
    """Every single bit of a token, each digit of its text, every length: the browser and Python refuse alike."""
    good = next(case["text"] for case in DOCUMENT["cases"] if case["case"] == "valid")
    raw = make_token.raw_of(good)
    hostile = [make_token.text_of(make_token._flip(raw, bit)) for bit in range(len(raw) * 8)]
    address, _, digits = good.partition("#")
    dice = random.Random(6)
    for place in range(0, len(digits), 3):
        other = dice.choice([one for one in "0123456789" if one != digits[place]])
        hostile.append(f"{address}#{digits[:place]}{other}{digits[place + 1 :]}")
    hostile += [good[:length] for length in range(len(DEFAULT_PREFIX) + 1, len(good), 7)]
    hostile += [good + end for end in (" ", "\n", "0", "\u0660", "\ufeff", "#", "𠮷")]
    hostile += [mark + good for mark in (" ", "\ufeff", "x")]
    codes = run(gate_page, JUDGE + """
      const pack = await packOf(asked.pack.manifest), out = [];
      for (const text of asked.hostile) out.push((await told(text, pack, asked.at, asked.at))[1]);
      return out;""", {**DOCUMENT, "hostile": hostile, "at": make_token.AT.isoformat()})  # fmt: skip
    assert set(codes) <= {"bad_signature", "not_a_card", "foreign"}
    assert codes.count("bad_signature") > 1_000
