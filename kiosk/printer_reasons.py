"""A printer's own words for what is the matter, by what a person has to do about it.

IANA's registry of `printer-state-reasons` has some 750 keywords in families (a finisher's cover, a marker's toner, a path's
jam), and vendors add theirs. They are sorted by their endings, so that a family that is new is understood as well; what is
a mere count-down (`-low`, `-almost-full`, `-near-eol`) or news (`-added`, `-closed`) is no trouble. Source: RFC 8011 5.4.12,
PWG 5100.9, PWG 5100.13. What is not here: the sentences (printer_notes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Trouble = Literal[
    "", "no_paper", "wrong_paper", "jam", "feed", "door", "no_ink", "waste_full", "tray_full", "paused", "warming", "stopped",
    "memory", "service", "attention", "unreachable", "not_a_printer", "no_pdf", "no_a4", "refused", "taken_back", "too_long",
    "lost_track", "busy",
]  # fmt: skip

_SEVERITY = re.compile(r"(?<!-feed)(?<!-storage)-(error|warning|report)\Z")  # two families' own names end in -error
# news and count-downs, whatever they are about
_NO_TROUBLE = re.compile(
    r"(none|other|unknown|.*-(low|almost-(empty|full|over)|near-(eol|limit)|life-warn|added|removed|closed|configuration-change|"
    r"resource-(added|removed)|recoverable-(failure|storage)|power-saver|turned-on|change-entry)|configuration-change|"
    r"configuration-changed|power-up|identify-printer-requested|subunit-(life-almost-over|added|removed|closed|"
    r"turned-on|resource-added|resource-removed|power-saver|near-limit|recoverable-(failure|storage))|"
    r"cups-(insecure-filter-warning|waiting-for-job-completed|remote-.*)|printer-ready-to-print)\Z"
)
# In the order in which a person sees to them: the first family that is named is said.
_SORTED: tuple[tuple[Trouble, str], ...] = (
    ("no_paper", r"media-(empty|needed)|input-media-tray-empty|media-path-input-(empty|request)|input-tray-missing|"
                 r"input-manual-input-request|material-(empty|needed)|resources-are-not-ready|job-waiting-for-media"),
    ("jam", r".*-jam"),
    ("door", r".*(cover|door|interlock|subunit)-open(ed)?|.*-opened"),
    ("wrong_paper", r"input-cannot-feed-size-selected|input-media-(size|type|weight|color|form-parts)-change|"
                    r"media-path-cannot-.*-selected"),
    ("feed", r".*feed-error|.*pick-roller-.*|input-.*(elevation|position)-failure"),
    ("waste_full", r".*waste[a-z-]*-(full|missing)"),
    ("no_ink", r"(developer|marker-supply|marker-developer|.*(toner|ink|ribbon|cartridge))-(empty|missing)"),
    ("tray_full", r"output-(area|media-tray|mailbox)-(full|select-failure)|media-path-(media-tray|output)-(full|missing)|"
                  r"output-(media-)?tray-missing|stacker-(full|missing)|(puncher|trimmer|separation-cutter|slitter)-full"),
    ("memory", r"spool-area-full|.*memory-exhausted|.*unrecoverable-storage(-error)?|.*interpreter-resource-unavailable"),
    ("no_pdf", r"cups-missing-filter"),
    ("service", r".*(-failure|-life-over|-eol|-over-temp(erature)?|-at-limit|-calibration-failed)|"
                r"marker-(cleaner|opc|fuser)-missing|.*printer-(manual|nms)-reset|wifi-not-configured"),
    ("paused", r"paused|moving-to-paused|hold-new-jobs|stopping|stopped-partly|deactivated|deleted|held-for-.*"),
    ("unreachable", r"offline|.*-offline|shutdown|connecting-to-device|timed-out|power-down|.*-turned-off"),
    ("warming", r"warming-up|.*-warming-up|.*under-temp(erature)?|resuming|starting|testing|media-drying|"
                r"marker-adjusting-print-quality|platform-cooling|power-saver|printing-calibration.*"),
    ("attention", r".*-(empty|missing|full)"),
)  # fmt: skip
_FAMILIES = tuple((trouble, re.compile(rf"(?:{pattern})\Z")) for trouble, pattern in _SORTED)


def worst(reasons: Iterable[str], *, waiting: bool) -> Trouble:
    """What a person must do something about. `waiting`: whether something waits for the printer.

    Warnings and reports count only then, and then even an error that nobody here has heard of (`attention`).
    """
    named: set[str] = set()
    strange = False
    for reason in reasons:
        severity = _SEVERITY.search(reason)
        keyword = _SEVERITY.sub("", reason)
        if severity and severity[1] != "error" and not waiting:
            continue
        if _NO_TROUBLE.match(keyword):
            continue
        named.add(keyword)
        strange = strange or (severity is not None and severity[1] == "error")
    for trouble, family in _FAMILIES:
        if any(family.match(keyword) for keyword in named):
            return trouble
    return "attention" if strange and waiting else ""
