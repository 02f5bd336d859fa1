"""Counters that several processes share, and the text that Prometheus reads."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from web.counting import Counters, exposition, family, sample

LINE = re.compile(
    r'[a-z_]+(\{[a-z]+="(?:[^"\\\n]|\\["\\n])*"(?:,[a-z]+="(?:[^"\\\n]|\\["\\n])*")*\})? (?:-?[0-9.e+-]+|NaN|[+-]Inf)\Z'
)
CHILD = """
import sys
from pathlib import Path
from web.counting import Counters
counted = Counters(Path(sys.argv[1]))
counted.add("n_total", 2, what="push")
counted.observe("s", 0.02)
counted.flush(now=True)
"""


def child(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", CHILD, str(folder)], check=True, cwd=Path(__file__).parents[2])


def test_what_ended_processes_counted_is_still_in_the_sum(tmp_path: Path) -> None:
    child(tmp_path)
    child(tmp_path)
    here = Counters(tmp_path)
    here.add("n_total", what="push")
    assert here.summed()['n_total{what="push"}'] == 5
    for _ in range(3):  # whoever begins takes over what ended, and each part once
        later = Counters(tmp_path)
        assert later.summed()['n_total{what="push"}'] == 5
        assert later.summed()['s_bucket{le="0.025"}'] == 2
    assert len(list(tmp_path.glob("*/*.counts"))) == 2  # this process, and those that ended


def test_two_processes_see_each_others_counts(tmp_path: Path) -> None:
    one, other = Counters(tmp_path), Counters(tmp_path)
    one.add("n_total")
    one.flush(now=True)
    other.add("n_total", 4)
    other.flush(now=True)
    assert one.summed() == other.summed() == {"n_total": 5}


def test_a_file_that_cannot_be_read_counts_for_nothing(tmp_path: Path) -> None:
    here = Counters(tmp_path)
    here.add("n_total")
    (folder,) = tmp_path.iterdir()
    (folder / "1-ff.counts").write_bytes(b'{"n_total": ')
    assert here.summed() == {"n_total": 1}


def test_a_histograms_buckets_rise_and_end_with_its_count() -> None:
    counted = Counters()
    for value in (0.001, 0.02, 0.3, 70.0):
        counted.observe("honorcard_s", value, route="/x")
    found = family(counted.summed(), "honorcard_s")
    buckets = [value for key, value in found.items() if "_bucket" in key]
    assert buckets == sorted(buckets)
    assert (buckets[0], buckets[-1]) == (1, 4)
    assert found['honorcard_s_count{route="/x"}'] == 4
    assert math.isclose(found['honorcard_s_sum{route="/x"}'], 70.321)


@given(st.text(), st.floats(allow_nan=True, allow_infinity=True))
def test_whatever_a_label_holds_the_text_can_be_read(said: str, value: float) -> None:
    text = exposition([("n_total", "counter", "Help.", dict([sample("n_total", value, what=said)]))])
    lines = text.split("\n")
    assert lines[:2] == ["# HELP n_total Help.", "# TYPE n_total counter"]
    assert LINE.match(lines[2])
    assert lines[3:] == [""]
