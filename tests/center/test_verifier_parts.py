"""What the verifier's page is made of, run in the browser itself: strict CBOR, trust, manifest, deltas, the time as an interval."""

from __future__ import annotations

import base64
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from center import verifier_files
from honorcard.card import cose
from honorcard.card.manifest import BUCKETS, MANIFEST, PHOTOS, SignedCount, bucket_of
from honorcard.card.pack import LiveCard, build
from honorcard.card.signed_jump import DaySeen, jump, noted
from honorcard.card.token import TAIPEI
from honorcard.card.verdict import COLOUR
from honorcard.card.words import words
from honorcard.problems import Language
from sync import clock
from tests.center.verifying import run
from tests.vectors import make_delta, make_token
from web.assets import STATIC

DELTAS = json.loads(make_delta.FILE.read_text(encoding="utf-8"))
DOCUMENT = json.loads((Path(__file__).parents[1] / "vectors" / "token.json").read_text(encoding="utf-8"))
OTHER_ROOT = base64.b64encode(cose.public_bytes(make_token.key(98).public_key())).decode()


def base64_of(content: bytes) -> str:
    """As it goes into the page."""
    return base64.b64encode(content).decode()


def test_what_is_deterministic_is_read(gate_page: Page) -> None:
    right = [
        "00", "17", "1818", "1903e8", "1a00010000", "1b0000000100000000", "20", "3903e7", "40", "43010203", "60", "63e7ac91", "80",
        "830182020304", "a0", "a201020304", "a2616101626162f5", "f4", "f6", "a1046568656c6c6f", "1b001fffffffffffff",
        "3b001ffffffffffffe",
    ]  # fmt: skip
    for one in right:
        cose.decode(bytes.fromhex(one))
    assert _decoded(gate_page, right) == [True] * len(right)


def test_what_is_not_deterministic_is_refused_as_python_refuses_it(gate_page: Page) -> None:
    wrong = [
        "", "1800", "1900ff", "1a0000ffff", "1b00000000ffffffff", "5f42010243030405ff", "9f01ff", "bf6101f5ff", "a201020102",
        "a203040102", "a262616102616101", "0000", "61ff", "63eda080", "ff", "1c", "5803010203", "7803616263", "83", "4301",
        "5b7fffffffffffffff", "9b7fffffffffffffff", "d2818101", "f8ff", "f7", "81" * 40 + "00",
    ]  # fmt: skip
    for one in wrong[:-4]:  # Python reads the last four; nothing that we sign holds such
        with pytest.raises(cose.CoseError):
            cose.decode(bytes.fromhex(one))
    assert _decoded(gate_page, wrong) == [False] * len(wrong)


def _decoded(gate_page: Page, hexes: list[str]) -> list[bool]:
    return run(gate_page, """
      const { decode } = await load('cbor');
      return asked.map(one => {
        try { decode(Uint8Array.from(one.match(/../g) || [], pair => parseInt(pair, 16))); return true; } catch { return false; }
      });""", hexes)  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda trust: {**trust, "format": "VHC2-trust"}, "trust_unreadable"),
        (lambda trust: {**trust, "signed": "not base64"}, "trust_unreadable"),
        (lambda trust: {**trust, "prefix": "HTTPS://HC.EXAMPLE/"}, "trust_unsigned"),
        (lambda trust: {**trust, "root": OTHER_ROOT}, "trust_unsigned"),
    ],
)  # fmt: skip
def test_a_spoiled_trust_list_is_not_believed(gate_page: Page, spoil, code: str) -> None:
    assert _trusted(gate_page, spoil(DOCUMENT["trust"]), None) == code


def test_another_root_than_the_one_met_first_is_not_believed(gate_page: Page) -> None:
    assert _trusted(gate_page, DOCUMENT["trust"], OTHER_ROOT) == "trust_unsigned"
    assert _trusted(gate_page, DOCUMENT["trust"], DOCUMENT["trust"]["root"]) == 3


def _trusted(gate_page: Page, trust: dict[str, Any], root: str | None) -> Any:
    return run(gate_page, """
      const { readTrust } = await load('trust');
      try { return (await readTrust(asked[0], asked[1] && bytes(asked[1]))).version; } catch (error) { return error.code; }""",
      [trust, root])  # fmt: skip


def test_a_manifest_by_a_key_of_another_use_or_withdrawn_is_refused(gate_page: Page) -> None:
    signed = base64.b64decode(DOCUMENT["pack"]["manifest"])
    payload = cose.parse(signed).payload
    by = {
        "pack": signed,
        "card": cose.sign(payload, make_token.CARD, b"VHC1-pack", make_token.key(make_token.CARD)),
        "context": cose.sign(payload, make_token.PACK, b"VHC1-keys", make_token.key(make_token.PACK)),
        "forged": cose.sign(payload, make_token.PACK, b"VHC1-pack", make_token.key(50)),
        "cut": signed[:-1],
    }
    body = cose.decode(payload)
    by["slot"] = cose.sign(
        cose.encode({**body, "slot": 1024}), make_token.PACK, b"VHC1-pack", make_token.key(make_token.PACK)
    )
    told = run(gate_page, """
      const { readTrust } = await load('trust'), { readManifest } = await load('pack');
      const trust = await readTrust(asked.trust), out = {};
      for (const [name, raw] of Object.entries(asked.by)) {
        try { out[name] = (await readManifest(bytes(raw), trust)).version; } catch (error) { out[name] = error.code; }
      }
      return out;""", {"trust": DOCUMENT["trust"], "by": {name: base64_of(raw) for name, raw in by.items()}})  # fmt: skip
    assert told == {
        "pack": 12, "card": "pack_unsigned", "context": "pack_unsigned", "forged": "pack_unsigned", "cut": "pack_unreadable",
        "slot": "pack_unreadable",
    }  # fmt: skip


# --- what changed since ---


def test_every_case_of_the_shared_deltas_is_applied_or_refused_as_python_does(gate_page: Page) -> None:
    cases = [
        {
            "told": {"from": case["from"], "to": case["to"]},
            "buckets": case["buckets"],
            "raw": base64_of(make_delta.told_again(case["delta"])),
            "old": {number: base64_of(b"".join(map(make_delta.record, it))) for number, it in case["old"].items()},
        }
        for case in DELTAS["cases"]
    ]
    told = run(gate_page, """
      const { apply, read } = await load('delta');
      return Promise.all(asked.cases.map(async one => {
        try {
          const made = Object.fromEntries(Object.entries(one.old).map(([number, content]) => [number, bytes(content)]));
          for (const part of read(bytes(one.raw), one.told, one.buckets, asked.size)) {
            made[part.bucket] = apply(made[part.bucket], part, asked.size);
          }
          return Object.fromEntries(await Promise.all(Object.entries(made).map(async ([number, it]) => [number, await sha(it)])));
        } catch { return null; }
      }));""", {"cases": cases, "size": DELTAS["record"]})  # fmt: skip
    wanted = [case["new"] and {number: it["sha256"] for number, it in case["new"].items()} for case in DELTAS["cases"]]
    assert dict(zip([case["name"] for case in DELTAS["cases"]], told, strict=True)) == dict(
        zip([case["name"] for case in DELTAS["cases"]], wanted, strict=True)
    )


def test_a_chain_has_no_gap(gate_page: Page) -> None:
    steps = [{"from": n, "to": n + 1, "size": 1, "name": "x"} for n in (4, 5, 7)]
    told = run(gate_page, """
      const { chain } = await load('delta');
      const froms = way => way && way.map(one => one.from);
      return asked.ways.map(([from, to]) => froms(chain(asked.steps, from, to)));""",
      {"steps": steps, "ways": [[4, 6], [4, 5], [5, 8], [4, 4], [8, 4], [7, 8]]})  # fmt: skip
    assert told == [[4, 5], [4], None, [], None, [7]]


def test_a_photograph_lies_in_a_layer_of_its_own_or_is_not_on_this_device(gate_page: Page, tmp_path: Path) -> None:
    trust = make_token.trust_of()
    card = LiveCard(101_001, make_token.secret(1), "林秀琴", make_token.FAR, photo=b"RIFF photo", layer="63000")
    pack = build(
        tmp_path, [card], version=1, as_of=make_token.AT, max_seq=101_050, kid=make_token.PACK,
        key=make_token.key(make_token.PACK), min_records=0, photo_layers=("63000",),
    )  # fmt: skip
    assert pack.photo_layers
    asked = {
        "trust": json.loads(trust.document()),
        "manifest": base64_of((tmp_path / MANIFEST).read_bytes()),
        "text": make_token.text(1, 101_001),
        "at": make_token.AT.isoformat(),
        "files": {
            path.name: base64_of(path.read_bytes())
            for folder in (BUCKETS, PHOTOS)
            for path in (tmp_path / folder).iterdir()
        },
        "photos": [path.name for path in (tmp_path / PHOTOS).iterdir()],
    }
    assert run(gate_page, """
      const { readTrust } = await load('trust'), { Pack, readManifest } = await load('pack'), { decide } = await load('verdict');
      const trust = await readTrust(asked.trust), manifest = await readManifest(bytes(asked.manifest), trust), out = [];
      for (const lacking of [[], asked.photos]) {
        const bucket = async name => name in asked.files && !lacking.includes(name) ? bytes(asked.files[name]) : null;
        const got = await decide(asked.text, trust, new Pack(manifest, bucket), { lo: ms(asked.at), hi: ms(asked.at) });
        out.push([got.code, got.name, got.photo && String.fromCharCode(...got.photo)]);
      }
      return out;""", asked) == [["valid", "林秀琴", "RIFF photo"], ["photo_missing", "林秀琴", None]]  # fmt: skip


@pytest.mark.parametrize(("path", "language", "quoted"), [("/gate/", "zh", "「(.+?)」"), ("/gate/en", "en", "“(.+?)”")])
def test_a_button_that_the_words_name_is_on_the_page(
    gate_page: Page, path: str, language: Language, quoted: str
) -> None:
    page = run(gate_page, "return (await fetch(asked)).text();", path)
    named = {label for code in COLOUR for label in re.findall(quoted, words(code, language).next_step)}
    assert len(named) == 3
    assert [label for label in named if f"{label}</button>" not in page] == []


def test_a_day_of_unusually_many_signatures_is_the_same_in_python(gate_page: Page) -> None:
    by, first = random.Random(20261122), datetime(2026, 8, 1, 3, tzinfo=TAIPEI)
    runs = []
    for _ in range(60):
        day, entries, run_of = 0.0, by.randrange(20_000), []
        usual, often = by.choice((0, 14, 150, 900)), by.choice((0.1, 1.0, 5.0))
        for _ in range(by.randrange(40)):
            day += often * by.uniform(0.2, 2.0)
            last_day = by.choice((usual, usual, usual, by.randrange(5_000)))
            entries += round(last_day * min(often, 1.0)) - (entries // 2 if by.random() < 0.02 else 0)
            run_of.append((first + timedelta(days=day), SignedCount(entries, last_day, bytes(32))))
        runs.append(run_of)
    wanted = []
    for run_of in runs:
        seen: tuple[DaySeen, ...] = ()
        found = []
        for as_of, count in run_of:
            seen = noted(seen, as_of, count)
            told = jump(seen)
            found.append(told and [told.day.isoformat(), told.signed, told.usual])
        wanted.append(found)
    asked = [[[at.isoformat(), count.entries, count.last_day] for at, count in run_of] for run_of in runs]
    got = run(gate_page, """
      const { jump, noted } = await load('signed');
      return asked.map(lists => {
        let seen = [];
        return lists.map(([at, entries, lastDay]) => {
          seen = noted(seen, ms(at), { entries, lastDay });
          const found = jump(seen);
          return found && [found.day, found.signed, found.usual];
        });
      });""", asked)  # fmt: skip
    assert got == wanted
    flat = [one for found in wanted for one in found]
    assert len([one for one in flat if one]) > 20 and None in flat


# --- the time ---


HOUR = 3_600_000
NOW = int(datetime(2026, 11, 22, 4, 0, tzinfo=TAIPEI).timestamp() * 1000)


def _believed(gate_page: Page, steps: list[list[Any]]) -> list[tuple[int, int | None]]:
    """Runs steps on the page's clock; every `believe` gives (lo, hi) relative to NOW."""
    asked = [[what, NOW + wall, mono, NOW + it if isinstance(it, int) else it] for what, wall, mono, it in steps]
    told = run(
        gate_page,
        """
      const clock = await load('clock'), out = [];
      let known = null;
      for (const [what, wall, mono, more] of asked) {
        const reading = { wall, mono };
        if (what === 'begin') known = clock.begin(more, 0, reading);
        if (what === 'list') known = clock.heardOf(known, more, reading);
        if (what === 'server') known = clock.heardNow(known, more, reading, { wall, mono: mono + 100 });
        if (what === 'believe') { const { lo, hi } = clock.believe(known, reading); out.push([lo, hi]); }
      }
      return out;""",
        asked,
    )
    return [(lo - NOW, None if hi is None else hi - NOW) for lo, hi in told]


def test_a_list_gives_a_beginning_and_a_plausible_wall_clock_an_end(gate_page: Page) -> None:
    begun = ["begin", 0, 0, None], ["list", 0, 0, -5 * 24 * HOUR]
    assert _believed(gate_page, [*begun, ["believe", 0, 0, None]]) == [(-5 * 24 * HOUR, 0)]
    assert _believed(gate_page, [*begun, ["believe", 30 * 24 * HOUR, 1000, None]]) == [
        (-5 * 24 * HOUR + 1000, 30 * 24 * HOUR)
    ]
    assert (
        _believed(gate_page, [*begun, ["believe", 41 * 24 * HOUR, 0, None]])[0][1] is None
    )  # beyond 45 days of the list
    assert _believed(gate_page, [*begun, ["believe", -6 * 24 * HOUR, 0, None]])[0][1] is None  # set back


def test_the_centers_time_counts_on_and_sleep_is_not_mistaken_for_no_time(gate_page: Page) -> None:
    heard = ["begin", -2 * HOUR, 0, None], ["server", -2 * HOUR, 0, 0]  # a wall clock two hours slow
    after = [["believe", -2 * HOUR + 60_000, 60_100, None]]
    assert _believed(gate_page, [*heard, *after]) == [(60_000, 60_100)]
    slept = [["believe", 6 * HOUR, 60_100, None]]  # eight hours of sleep that the page's own clock did not count
    assert _believed(gate_page, [*heard, *slept]) == [(60_000, 8 * HOUR + 100)]
    back = [["believe", -9 * HOUR, 60_100, None]]  # somebody set it back: no telling
    assert _believed(gate_page, [*heard, *back]) == [(60_000, None)]


def test_a_slow_clock_that_was_heard_to_be_slow_still_serves_the_next_morning(gate_page: Page) -> None:
    kept = {"floor": NOW, "slow": 2 * HOUR}
    assert _believed(gate_page, [["begin", 0, 0, kept], ["believe", 8 * HOUR, 0, None]]) == [(0, 10 * HOUR)]
    assert _believed(gate_page, [["begin", 0, 0, kept], ["believe", -2 * HOUR - 60_000, 0, None]]) == [(0, 5 * 60_000)]


def test_the_page_believes_a_clock_for_as_long_as_a_tablet_does(gate_page: Page) -> None:
    assert run(gate_page, "return (await load('clock')).WALL_TRUSTED_MS", None) == clock.WALL_TRUSTED_FOR_MS
    assert gate_page.locator("body").get_attribute("data-built") == str(clock.BUILT_MS)


# --- what it is made of ---


def test_nothing_newer_than_es2020_is_written(gate_page: Page) -> None:
    newer = re.compile(
        r"\?\?=|\|\|=|&&=|\.at\(|replaceAll|Object\.hasOwn|structuredClone|\bstatic \{|#\w+\s*[=(;]|\.any\("
        r"|findLast|\.groupBy|WeakRef"
        r"|toSorted|toReversed|Array\.fromAsync|withResolvers|\d_\d+n\b"
    )
    files = gate_page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).pathname)")
    ours = sorted(name.partition("/js/")[2] for name in files if "/js/" in name)
    assert "verifier/main.js" in ours
    late = {
        name: newer.findall((STATIC / "js" / name).read_text(encoding="utf-8")) for name in [*ours, "verifier/sw.js"]
    }
    top = [
        name
        for name in ours
        if re.search(r"^(?:const .*= )?await ", (STATIC / "js" / name).read_text(encoding="utf-8"), re.M)
    ]
    assert {name: found for name, found in late.items() if found} == {}
    assert top == [], "a module that waits before it runs"


def test_the_words_are_the_rules_own(gate_page: Page) -> None:
    for language in verifier_files.LANGUAGES:
        base = gate_page.locator("body").get_attribute("data-words").rpartition("/")[0]
        told = gate_page.evaluate(
            "async address => (await fetch(address)).json()", f"{base}/{verifier_files.WORDS[language]}"
        )
        assert {code: tuple(said) for code, said in told.items()} == {
            code: (one.word, one.sentence, one.next_step) for code in told for one in [words(code, language)]
        }
        assert len(told) == 15


def test_places_of_records_are_reckoned_alike(gate_page: Page) -> None:
    dice = random.Random(1)
    places = [dice.randbytes(16) for _ in range(200)]
    for count in (256, 4096):
        told = run(gate_page, """
          const { bucketOf } = await load('pack');
          return asked[0].map(one => bucketOf(bytes(one), asked[1]));""",
                   [[base64.b64encode(one).decode() for one in places], count])  # fmt: skip
        assert told == [bucket_of(one, count) for one in places]


def test_what_a_scanner_types_is_read_as_it_is_printed(gate_page: Page) -> None:
    good = DOCUMENT["tokens"][0]["text"]
    wide = "".join(chr(ord(one) + 0xFEE0) if one != "\n" else one for one in good)
    asked = [good + "\n", wide, good.lower(), "hello"]
    told = run(gate_page, "const { asPrinted } = await load('keys'); return asked.map(asPrinted);", asked)
    assert told == [good, good, good, "hello"]


def test_a_card_that_stays_in_view_is_read_once_and_again_three_seconds_after_it_went(gate_page: Page) -> None:
    told = run(gate_page, """
      const { lately } = await load('finder'), recent = lately(), out = [], real = performance.now;
      let later = 0;
      performance.now = () => real.call(performance) + later;
      const again = async (text, wait) => { later += wait; out.push(await recent.isAgain(text)); };
      try {
        await again('one', 0);
        await recent.shown('one');
        await again('one', 60_000); // while its verdict stands, however long
        recent.over();
        for (const wait of [100, 2_900, 2_900]) await again('one', wait); // it still lies there
        await again('two', 0);
        await again('one', 3_001);
        await recent.shown('one');
        recent.forget();
        await again('one', 0);
      } finally { performance.now = real; }
      return out;""", None)  # fmt: skip
    assert told == [False, True, True, True, True, False, False, False]
