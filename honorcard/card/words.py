"""What the gate says for each code: a word, a sentence, and what to do next, in zh-Hant and English.

Short, to the staff member who holds the device, in the voice of the look: what it is, then what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

from honorcard.card.verdict import Code
from honorcard.problems import Language


@dataclass(frozen=True)
class GateWords:
    """The three lines of a gate's screen."""

    word: str
    sentence: str
    next_step: str


_ZH: dict[Code, GateWords] = {
    "not_a_card": GateWords("無效", "這不是榮譽卡的條碼。", "請對準榮譽卡上的 QR 碼，再掃一次。"),
    "foreign": GateWords("無效", "這不是本市的榮譽卡。", "請查看卡面的發給單位，依貴場館的規定辦理。"),
    "practice": GateWords("練習卡", "這是練習卡，不能入場。", "練習時，掃到這裡就成功了。要入場，請出示正式的卡。"),
    "bad_signature": GateWords(
        "無效", "卡片不是真的，或條碼被改過。", "請再掃一次。還是一樣，請用一般票價入場，並通知主管。"
    ),
    "key_withdrawn": GateWords(
        "無效", "這張卡的簽章已經停用，名單上也沒有這張卡。", "請用一般票價入場。有疑問，請洽原申請單位換發新卡。"
    ),
    "expired": GateWords("無效", "這張卡已經過期。", "請用一般票價入場，或出示新卡。要換發，請洽原申請單位。"),
    "suspended": GateWords("無效", "這張卡暫停使用。", "請用一般票價入場。有疑問，請洽原申請單位。"),
    "list_damaged": GateWords(
        "請確認",
        "卡片是真的，但這台機器的名單壞了，看不到相片。",
        "請按「更新名單」。沒有網路，請看身分證，姓名要和卡片相同。",
    ),
    "revoked_or_replaced": GateWords(
        "無效", "這張卡已經註銷，或已經換發新卡。", "請用一般票價入場，或出示新卡。有疑問，請洽原申請單位。"
    ),
    "newer_than_list": GateWords(
        "請確認",
        "卡片是真的，但比名單新，這裡還看不到相片。",
        "有網路，請按「連線查詢」。沒有網路，請看身分證，姓名要和卡片相同。",
    ),
    "suspected_forgery": GateWords(
        "無效", "這張卡的編號還沒有發出，可能是偽卡。", "請用一般票價入場，記下時間，並通知主管。"
    ),
    "date_unknown": GateWords(
        "請確認",
        "這台機器的時間不準，無法確認卡片過期沒有。",
        "有網路，請按「連線對時」。沒有網路，請看卡面的有效期限，並核對本人相貌。",
    ),
    "list_stale": GateWords("請確認", "名單太久沒有更新。", "請按「更新名單」。沒有網路，請看身分證，並核對本人相貌。"),
    "photo_missing": GateWords(
        "請確認", "卡片有效，但這台機器沒有相片。", "請看身分證，姓名要和畫面相同，並核對卡面相片。"
    ),
    "valid": GateWords("有效", "請核對本人相貌。", "相符，請進。不符，請用一般票價入場。"),
}

_EN: dict[Code, GateWords] = {
    "not_a_card": GateWords(
        "Not valid", "This is not the code of an honor card.", "Hold the QR code of the honor card to the camera again."
    ),
    "foreign": GateWords(
        "Not valid",
        "This card was not issued by this city.",
        "Look at the issuer on the card and follow your venue's rules.",
    ),
    "practice": GateWords(
        "Practice card",
        "This is a practice card. It does not give entry.",
        "In training, this is the right answer. For entry, ask for the real card.",
    ),
    "bad_signature": GateWords(
        "Not valid",
        "The card is not genuine, or its code was changed.",
        "Scan it once more. If nothing changes, charge the usual fee and tell your supervisor.",
    ),
    "key_withdrawn": GateWords(
        "Not valid",
        "The signature of this card is withdrawn, and the card is not on the list.",
        "Charge the usual fee. The holder can ask the unit that applied for a new card.",
    ),
    "expired": GateWords(
        "Not valid",
        "This card has expired.",
        "Charge the usual fee, or ask for the new card. The holder renews through the unit that applied.",
    ),
    "suspended": GateWords(
        "Not valid",
        "This card is suspended.",
        "Charge the usual fee. The holder can ask the unit that applied for it.",
    ),
    "list_damaged": GateWords(
        "Please check",
        "The card is genuine, but this device's list is damaged and shows no photo.",
        "Press “Update list”. With no connection, look at an identity card: the name must match the honor card.",
    ),
    "revoked_or_replaced": GateWords(
        "Not valid",
        "This card was cancelled or replaced.",
        "Charge the usual fee, or ask for the new card. The holder can ask the unit that applied for it.",
    ),
    "newer_than_list": GateWords(
        "Please check",
        "The card is genuine but newer than the list: no photo here yet.",
        "With a connection, press “Look up online”. With none, look at an identity card: the name must match.",
    ),
    "suspected_forgery": GateWords(
        "Not valid",
        "No card of this number has been issued. It may be a forgery.",
        "Charge the usual fee, note the time and tell your supervisor.",
    ),
    "date_unknown": GateWords(
        "Please check",
        "This device's clock is not sure, so it cannot tell whether the card has expired.",
        "With a connection, press “Check the time”. With none, read the date on the card and compare the face.",
    ),
    "list_stale": GateWords(
        "Please check",
        "The list has not been updated for too long.",
        "Press “Update list”. With no connection, look at an identity card and compare the face.",
    ),
    "photo_missing": GateWords(
        "Please check",
        "The card is valid, but this device has no photo.",
        "Look at an identity card: the name must match the screen. Compare the photo on the card.",
    ),
    "valid": GateWords("Valid", "Compare the face.", "If it matches, let the holder in. If not, charge the usual fee."),
}


def words(code: Code, language: Language) -> GateWords:
    """The word, sentence and next step of a code in one language."""
    return (_ZH if language == "zh" else _EN)[code]
