"""The problem catalogue: every sentence that tells a person something went wrong, in zh-Hant and English.

One entry a problem: a code, the HTTP status it travels under (RFC 9457), and two sentences that say what happened and what to do
next. Details are named placeholders. What is not here: how a problem is rendered (each app's pages module does that, once).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Problem:
    """One kind of trouble: its code, HTTP status and both sentences (with `{named}` details)."""

    code: str
    status: int
    zh: str
    en: str


class ProblemError(Exception):
    """A problem of the catalogue, raised with its details; never carries an identity number or a name."""

    def __init__(self, code: str, **details: Any) -> None:
        self.problem = CATALOGUE[code]
        self.details: Mapping[str, Any] = details
        super().__init__(code)

    @property
    def code(self) -> str:
        """The catalogue code."""
        return self.problem.code

    def sentence(self, language: Language) -> str:
        """The sentence for a person, details filled in."""
        return sentence(self.problem.code, language, self.details)

    def document(self, language: Language) -> dict[str, Any]:
        """The RFC 9457 problem document (`type`, `title`, `status`, plus the details as members)."""
        return {
            "type": f"urn:honorcard:problem:{self.code}",
            "title": self.sentence(language),
            "status": self.problem.status,
            **self.details,
        }


def sentence(code: str, language: Language, details: Mapping[str, Any] | None = None) -> str:
    """The sentence of a catalogue code in one language; unknown details stay as written in the sentence."""
    problem = CATALOGUE[code]
    template = problem.zh if language == "zh" else problem.en
    return template.format_map(_Kept(details or {}))


class _Kept(dict[str, Any]):
    """Leaves `{name}` standing when the detail is missing, so that a sentence never fails to appear."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


_ENTRIES: tuple[Problem, ...] = (
    # --- general (pages, requests) ---
    Problem("not_found", 404, "找不到這個頁面。請回首頁再試一次。", "This page does not exist. Go back to the start page."),
    Problem("not_allowed", 403, "您的帳號不能做這件事。請換一個帳號登入。", "Your account may not do this. Sign in with another account."),
    Problem("form_expired", 400, "這一頁放太久了。請重新整理後再送一次，資料都還在。", "This page was open too long. Reload it and send again; nothing is lost."),
    Problem("wrong_host", 400, "這個網址不是這台機器的。請用畫面上的網址打開。", "This address is not this machine's. Open it by the address shown on its screen."),
    Problem("went_wrong", 500, "機器出了一點狀況，資料都還在。請再試一次；還是不行就請找工作人員。", "Something went wrong; nothing is lost. Try again, or call the staff."),
    Problem("disk_full", 507, "這台機器的儲存空間滿了，剛才那一步沒有存進去。請找工作人員清出空間後再按一次。", "This machine's storage is full and the last step was not saved. Ask the staff to free some space, then press again."),
    Problem("too_large", 413, "檔案太大了（上限 {limit_mb} MB）。請用相機重拍，或換一個小一點的檔案。", "The file is too large (limit {limit_mb} MB). Take the photo again or choose a smaller file."),
    # --- rules (identity numbers, dates, hours) ---
    # --- pictures (scanner) ---
    # --- card (token, pack, sheet, slip) ---
    # --- sync (transport, intake, enrolment) ---
    # --- kiosk ---
    # --- center ---
)

CATALOGUE: dict[str, Problem] = {entry.code: entry for entry in _ENTRIES}
