"""What an office enters about volunteers: service, training, insurance, names; and performance certificates."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "entry_date_unreadable",
        422,
        "有一個日期看不出來。請寫成 115.05.01 這樣。",
        "One of the dates cannot be read. Write it like 2026-05-01 or 115.05.01.",
    ),
    Problem(
        "entry_days_reversed",
        422,
        "結束日比開始日早。請再看一次兩個日期。",
        "The last day lies before the first. Look at both dates again.",
    ),
    Problem(
        "entry_day_ahead",
        422,
        "日期還沒到。等到那天以後再登錄。",
        "That day has not come yet. Enter it when it has.",
    ),
    Problem(
        "entry_hours_wrong",
        422,
        "時數看不出來。請以 0.5 小時為單位，例如 12.5。",
        "The hours cannot be read. Write them in steps of half an hour, for example 12.5.",
    ),
    Problem(
        "entry_hours_too_many",
        422,
        "{days} 天最多 {most} 小時，時數太多。請再看一次日期和時數。",
        "{days} days have {most} hours at most. Look at the dates and the hours again.",
    ),
    Problem("entry_unit_missing", 422, "請選單位。", "Choose the unit."),
    Problem("entry_choice_missing", 422, "請從清單選一項，再送一次。", "Choose one of the list, and send it again."),
    Problem(
        "entry_text_too_long",
        422,
        "字太多，最多 {most} 字。請寫短一點。",
        "That is too long: {most} characters at most. Please shorten it.",
    ),
    Problem(
        "entry_there_already",
        409,
        "同樣的一筆已經登錄過了。真的服務了兩次，請在內容寫出不同的地方。",
        "The same entry is there already. If it was served twice, say in the content what differs.",
    ),
    Problem("entry_why_missing", 422, "作廢要寫原因。請寫一句話再送。", "Say in a sentence why the entry is void."),
    Problem(
        "entry_gone",
        409,
        "這一筆不在了，或已經作廢。請看最新的清單。",
        "This entry is gone or void already. Look at the list as it is now.",
    ),
    Problem("insurer_missing", 422, "請寫保險公司。", "Name the insurer."),
    Problem("certificate_file_missing", 422, "請選證書的照片。", "Choose a picture of the certificate."),
    Problem(
        "english_name_needed",
        422,
        "英文證明書要有英文姓名。請先到這位志工的「登錄與修改」填英文姓名。",
        "A certificate in English needs the English name. Enter it first under “Enter and change” on this volunteer's page.",
    ),
    Problem(
        "performance_nothing",
        422,
        "這段期間沒有服務紀錄，不能開證明。請換一段期間。",
        "There is no service in these days to certify. Choose other days.",
    ),
    Problem(
        "performance_number_unknown",
        422,
        "這位志工的完整證號不在系統裡，只能遮蔽。請選「遮蔽證號」。",
        "The whole identity number of this volunteer is not here. Choose the masked number.",
    ),
)
