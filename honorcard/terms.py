"""The terms of the rules that people meet on the screen, each with its explanation in plain words, in both languages.

Names are the glossary's. What is not here: how a rule is applied (eligibility, service_record), sentences about a case.
"""

from __future__ import annotations

from dataclasses import dataclass

from honorcard.problems import Language


@dataclass(frozen=True)
class Term:
    """A term and what it means. source: the rule it stands in, empty for a word of our own."""

    zh: str
    en: str
    zh_meaning: str
    en_meaning: str
    source: str

    def name(self, language: Language) -> str:
        """The term itself."""
        return self.en if language == "en" else self.zh

    def meaning(self, language: Language) -> str:
        """What it means, in one or two short sentences."""
        return self.en_meaning if language == "en" else self.zh_meaning


TERMS: dict[str, Term] = {
    "record_book": Term(
        "紀錄冊", "record book",
        "記服務時數的小冊子。完成訓練後，由您服務的單位發給您。",
        "The booklet in which your service hours are written. The unit you serve gives it to you after training.", "R1",
    ),
    "unit": Term(
        "運用單位", "unit",
        "安排志工服務的單位，例如醫院、學校、圖書館。",
        "The organisation that volunteers serve at, such as a hospital, a school or a library.", "R26",
    ),
    "counted_hours": Term(
        "採計時數", "counted hours",
        "算進下一張卡的時數。換發時，上一張卡用過的時數不再算。",
        "The hours that count towards the next card. Hours used for the last card are not counted again.", "R6",
    ),
    "renewal": Term(
        "換發", "renewal",
        "舊卡快到期時申請下一張卡。從到期那個月的 1 日起可以申請。",
        "Applying for the next card when the old one runs out: from the first day of the month in which it ends.", "R20",
    ),
    "reprint": Term(
        "補印", "reprint",
        "卡片弄丟或壞了，再印一張一樣的。號碼和期限都不變。",
        "A lost or damaged card, printed again as it was: same number, same last day.", "R39",
    ),
    "first_review": Term(
        "初審", "first review",
        "志推中心看資料齊不齊、時數夠不夠。",
        "The volunteer center looks whether everything is there and the hours suffice.", "R28",
    ),
    "second_review": Term(
        "複審", "second review",
        "社會局再看一次，通過就發卡。",
        "The social affairs department looks once more; when it agrees, the card is issued.", "R29",
    ),
    "receipt": Term(
        "收據", "slip",
        "送件時拿到的那張紙，上面有 QR 碼。查進度、印卡都用它。",
        "The paper you were given when the application was sent. Its QR code shows progress and prints the card.", "",
    ),
    "paper_card": Term(
        "紙本卡", "paper card",
        "印在紙上、剪好黏好的榮譽卡。有些地方只收這一種。",
        "The honor card on paper, cut and glued. Some places take no other.", "R48",
    ),
    "digital_card": Term(
        "數位卡", "digital card",
        "手機上的榮譽卡，和紙本卡是同一張。不是每個地方都收。",
        "The honor card on your telephone; the same card as on paper. Not every place takes it.", "R48",
    ),
    "certificate": Term(
        "憑證", "certificate",
        "主機的證件。手機用它認出：連到的真的是這台主機。",
        "The host's proof of identity. By it your phone knows that it speaks to this very machine.", "",
    ),
    "trusting": Term(
        "信任", "trusting",
        "告訴手機：這張證件可以相信。只對這個地方的網路有用，不影響別的網站；用完可以移除。",
        "Telling your phone to believe that proof. It counts on this local network alone, for no other site, and can be removed.",
        "",
    ),
    "encrypted_page": Term(
        "加密的網頁", "encrypted page",
        "網址開頭是 https。路上的人看不到您打的字和相片。",
        "A page whose address begins with https. Nobody on the way can read what you type or send.", "",
    ),
}  # fmt: skip
