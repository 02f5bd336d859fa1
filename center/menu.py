"""The main menu: what each role may open, in the order of its work; what is seldom wanted under a few words that open.

What is not here: who may enter a page (guard), how the menu looks (templates/center/base.html).
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext

from honorcard import roles
from honorcard.roles import Right

IN_ONE_ROW = 7  # so many stand beside each other; a menu of more is grouped
# a page that stands under another's tab
_UNDER = (
    ("/desk/case", "/desk"), ("/desk/queue", "/desk"), ("/desk/together", "/desk"), ("/registrations", "/units"),
    ("/rescue", "/tablets"),
)  # fmt: skip


@dataclass(frozen=True)
class Tab:
    """One page of the menu. here: this page, or one below it, is open."""

    address: str
    words: str
    here: bool


@dataclass(frozen=True)
class Group:
    """Tabs under one word."""

    words: str
    tabs: tuple[Tab, ...]

    @property
    def here(self) -> bool:
        """Whether the open page is one of them."""
        return any(tab.here for tab in self.tabs)


def menu(role: str, path: str) -> list[Tab | Group]:
    """The menu of a role on the page at that path: tabs, then groups; a group of one is a tab."""
    work, *groups = (
        (words, [(address, said) for rights, address, said in tabs if any(roles.may(role, one) for one in rights)])
        for words, tabs in _every(role)
    )
    # an address that two rights open stands once
    every = [address for _, tabs in (work, *groups) for address, _ in tabs]
    here = _here(path, every)
    found: list[Tab | Group] = [Tab(address, said, address in here) for address, said in work[1]]
    is_long = len(every) > IN_ONE_ROW
    for words, tabs in groups:
        made = tuple(Tab(address, said, address in here) for address, said in tabs)
        found += [Group(words, made)] if is_long and len(made) > 1 else made
    return found


def _every(role: str) -> list[tuple[str, list[tuple[tuple[Right, ...], str, str]]]]:
    return [
        ("", [
            (("verify",) if role == "venue" else (), "/venues/mine", gettext("我的場所")),
            (("first_review",), "/desk/first", gettext("初審")),
            (("second_review",), "/desk/second", gettext("複審")),
            (("first_review", "second_review"), "/decide", gettext("需要人決定")),
            (("see_records",), "/applications", gettext("申請案")),
            (("see_cards",), "/cards", gettext("榮譽卡")),
            (("see_cards",), "/reminders", gettext("快到期")),
            (("see_records",), "/people", gettext("志工")),
            (() if roles.may(role, "manage") else ("keep_records",), "/events", gettext("活動")),
        ]),
        (gettext("單位與帳號"), [
            (("manage",), "/units", gettext("運用單位")),
            (("manage",), "/accounts", gettext("帳號管理")),
            (("manage",), "/tablets", gettext("平板")),
            (("manage",), "/venues/list", gettext("優惠場所")),
            (("manage",), "/events", gettext("活動")),
        ]),
        (gettext("往來"), [
            (("exchange",), "/exchange", gettext("匯入匯出")),
            (("manage",), "/mail", gettext("郵件")),
            (("manage",), "/systems", gettext("介接")),
        ]),
        (gettext("統計與紀錄"), [
            (("statistics",), "/statistics", gettext("統計")),
            (("read_history",), "/history", gettext("操作紀錄")),
            (("audit",), "/audit", gettext("稽核紀錄")),
            (("retention",), "/retention", gettext("資料保存")),
            (("manage",), "/training", gettext("研習意見")),
            (() if roles.may(role, "exchange") else ("read_exchanges",), "/exchange/log", gettext("匯入匯出紀錄")),
        ]),
    ]  # fmt: skip


def _here(path: str, every: list[str]) -> set[str]:
    """The tabs of that page: the longest addresses that it lies under."""
    asked = next((f"{tab}{path[len(begin) :]}" for begin, tab in _UNDER if _lies_under(path, begin)), path)
    if asked != path and asked.startswith("/desk"):
        return {address for address in every if address.startswith("/desk/")}
    above = [address for address in every if _lies_under(asked, address)]
    longest = max(map(len, above), default=0)
    return {address for address in above if len(address) == longest}


def _lies_under(path: str, address: str) -> bool:
    return path == address or path.startswith(f"{address}/")
