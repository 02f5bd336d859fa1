"""What is practised in a training, task by task, in both languages; shared by the practice room and the center's page about it.

The order is the order of the questions, so that each task leads into the next. What is not here: how far somebody is
(kiosk.practising), the record books to photograph (practice_book).
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from honorcard.problems import Language

TaskCode = Literal["person", "headshot", "book_photos", "hours", "verdict", "submit", "progress", "verify"]
CODES: tuple[TaskCode, ...] = get_args(TaskCode)
EASE = (1, 2, 3)  # hard, some places unclear, easy
LONGEST_WORDS = 500
LONGEST_SESSION = 40


class Task(NamedTuple):
    """A task: its name, and one line of how it is done."""

    code: TaskCode
    zh: str
    en: str
    how_zh: str
    how_en: str

    def name(self, language: Language) -> str:
        """The task's name."""
        return self.zh if language == "zh" else self.en

    def how(self, language: Language) -> str:
        """How it is done, in one line."""
        return self.how_zh if language == "zh" else self.how_en


TASKS: tuple[Task, ...] = (
    Task(
        "person", "建立一位志工", "Register a volunteer", "選「第一次申請」，照練習紀錄冊的封面填身分證號、姓名、生日。",
        "Choose First card, then type the number, name and birth date from the cover of your practice book.",
    ),
    Task(
        "headshot", "拍大頭照", "Take the headshot", "拍紀錄冊最後一頁的畫像，不必拍自己。",
        "Photograph the drawing on the last page of the book; it need not be you.",
    ),
    Task(
        "book_photos", "拍攝紀錄冊", "Photograph the record book", "先拍封面，再一頁一頁拍內頁。",
        "The cover first, then the pages, one after another.",
    ),
    Task(
        "hours", "填紀錄冊的時數", "Enter the hours", "照內頁填服務的起訖日期和時數。",
        "Enter the first day, the last day and the hours as the pages say.",
    ),
    Task(
        "verdict", "看規則結果", "Read the result", "看看可不可以申請、還缺什麼。", "See whether it passes, and what is missing.",
    ),
    Task("submit", "送出", "Submit", "看過同意書、核對一次，再送出。", "Read the notice, check the answers, then submit."),
    Task(
        "progress", "查詢進度", "Check the progress", "打開您的收據，讓另一台掃它的 QR 碼；只有一支手機，按收據下面的按鈕。",
        "Open your slip and let another device scan its QR code. With one phone, press the button below the slip.",
    ),
    Task(
        "verify", "驗證卡片", "Check the card", "打開您的練習卡，讓另一台掃，會出現「練習卡」。",
        "Open your practice card and let another device scan it: it answers Practice card.",
    ),
)  # fmt: skip

EASE_WORDS: dict[int, tuple[str, str]] = {
    1: ("很多地方不懂", "Much was unclear"),
    2: ("有些地方不懂", "Some places were unclear"),
    3: ("都懂了", "All was clear"),
}


def task(code: str) -> Task | None:
    """The task of that code; None for a code that a newer program may know."""
    return next((one for one in TASKS if one.code == code), None)


def ease_words(ease: int, language: Language) -> str:
    """How it went, in words."""
    zh, en = EASE_WORDS[ease]
    return zh if language == "zh" else en
