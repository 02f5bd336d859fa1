"""Identity numbers, names, dates, hours, the record book."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "id_length",
        422,
        "身分證或統一證號是 10 個字。請看著證件再輸入一次；護照號碼請先選「護照」。",
        "An ID number has 10 characters. Look at the document and type it again; for a passport, choose “passport” first.",
    ),
    Problem(
        "id_characters",
        422,
        "證號是 1 個英文字母加 9 個數字（舊式統一證號是 2 個字母）。請看著證件再輸入一次。",
        "An ID number is 1 letter and 9 digits (2 letters on older resident numbers). Look at the document and type it again.",
    ),
    Problem(
        "id_check_digit",
        422,
        "號碼不對，請看證件再輸入一次。",
        "The number does not add up. Look at the document and type it again.",
    ),
    Problem(
        "passport_length",
        422,
        "護照號碼是 5 到 20 個字。請看著護照再輸入一次。",
        "A passport number has 5 to 20 characters. Look at the passport and type it again.",
    ),
    Problem(
        "passport_characters",
        422,
        "護照號碼只有英文字母和數字。請看著護照再輸入一次。",
        "A passport number has letters and digits only. Look at the passport and type it again.",
    ),
    Problem(
        "passport_nationality_missing",
        422,
        "用護照號碼申請，還要選國籍。請選護照上的國籍。",
        "A passport number needs its nationality. Choose the one printed in the passport.",
    ),
    Problem(
        "date_unreadable",
        422,
        "看不懂這個日期。請輸入年、月、日，例如 108.06.02。",
        "This date cannot be read. Type year, month and day, for example 108.06.02 (2019-06-02 works too).",
    ),
    Problem(
        "date_no_such_day",
        422,
        "曆上沒有這一天。請看月份和日期再輸入一次。",
        "There is no such day in the calendar. Check the month and the day and type it again.",
    ),
    Problem(
        "date_year_out_of_range",
        422,
        "年份不對。請輸入民國年（例如 108）或西元年（例如 2019）。",
        "The year is out of range. Type an ROC year (such as 108) or a Gregorian year (such as 2019).",
    ),
    Problem(
        "date_before_roc",
        422,
        "民國前的日期不能用在這裡。請看證件再輸入一次。",
        "Dates before the ROC calendar (1912) cannot be used here. Look at the document and type it again.",
    ),
    Problem(
        "date_short_year",
        422,
        "您輸入的是民國 {roc_year} 年（西元 {year} 年）嗎？是就繼續；不是請輸入完整的年份。",
        "Did you mean ROC year {roc_year} (which is {year})? If so, go on; if not, type the full year.",
    ),
    Problem(
        "date_in_future",
        422,
        "{day} 還沒有到。請看紀錄冊再輸入一次。",
        "{day} is still to come. Look at the record book and type it again.",
    ),
    Problem(
        "hours_unreadable",
        422,
        "看不懂這個時數。請輸入數字，例如 300.5。",
        "These hours cannot be read. Type a number, for example 300.5.",
    ),
    Problem(
        "hours_step",
        422,
        "時數以 0.5 小時為一單位。請輸入整數或 .5，不足半小時的不計。",
        "Hours are counted in steps of 0.5. Type a whole number or one ending in .5; less than half an hour is dropped.",
    ),
    Problem(
        "hours_range",
        422,
        "時數要在 0 到 100,000 之間。請看紀錄冊再輸入一次。",
        "Hours must lie between 0 and 100,000. Look at the record book and type them again.",
    ),
    Problem(
        "name_empty",
        422,
        "還沒有姓名。請輸入證件上的姓名。",
        "The name is missing. Type it as on the document.",
    ),
    Problem(
        "name_over_limit",
        422,
        "姓名最多 50 個字。請照證件上的寫法輸入。",
        "A name has at most 50 characters. Type it as on the document.",
    ),
    Problem(
        "name_characters",
        422,
        "姓名裡有看不見的符號或換行。請刪掉後重新輸入。",
        "The name contains invisible characters or a line break. Delete it and type it again.",
    ),
    Problem(
        "name_private_use",
        422,
        "姓名裡有自造字，別的機器看不到。請改用全字庫查到的字。",
        "The name has a custom-made character that other machines cannot show. Use the standard character from CNS 11643.",
    ),
    Problem(
        "book_number_missing",
        422,
        "還沒有紀錄冊號碼。請看封面上的「字第　號」，兩格都填。",
        "The record book number is missing. Look at the cover (字第…號) and fill in both parts.",
    ),
    Problem(
        "book_number_too_long",
        422,
        "紀錄冊的字和號最多各 30 個字。請看封面再輸入一次。",
        "Each part of the record book number has at most 30 characters. Look at the cover and type it again.",
    ),
    Problem(
        "printout_too_early",
        422,
        "這張列印的日期早於 115.01.01，還不能代替紀錄冊。請拍紀錄冊內頁。",
        "This print-out is dated before 1 January 2026 and cannot stand for the record book. Photograph the book's pages.",
    ),
    Problem(
        "printout_from_future",
        422,
        "列印日期還沒有到。請看列印上的日期再輸入一次。",
        "The print-out is dated in the future. Read its date again and type it once more.",
    ),
    Problem(
        "evidence_place",
        422,
        "沒有這一本或這一頁。請看紀錄冊的頁碼再輸入一次。",
        "There is no such book or page. Read the page number in the record book and type it again.",
    ),
    Problem(
        "jurisdiction_unknown",
        422,
        "沒有「{jurisdiction}」這個縣市的設定。請管理員檢查設定。",
        "There are no settings for “{jurisdiction}”. Ask the administrator to check the configuration.",
    ),
    Problem(
        "rules_setting_wrong",
        422,
        "規則設定「{setting}」的值不對。請管理員檢查設定。",
        "The rule setting “{setting}” has an unusable value. Ask the administrator to check the configuration.",
    ),
    Problem(
        "review_move_impossible",
        409,
        "案件現在是「{state_words}」，不能做這一步。請重新整理，看目前的狀態。",
        "The case is in the state “{state}”, where “{action}” is not possible. Reload to see where it stands.",
    ),
    Problem(
        "review_wrong_role",
        403,
        "這一步不是您的角色能做的。請交給負責的同仁。",
        "This step is not your role's to take. Pass it to the colleague in charge.",
    ),
    Problem(
        "review_same_person",
        403,
        "初審和複審要由不同的人做。這件是您初審的，請交給另一位複審。",
        "First and second review are for two different people. You did the first; leave the second to a colleague.",
    ),
    Problem(
        "review_first_unknown",
        409,
        "這件沒有初審紀錄，不能複審。請先退回初審。",
        "This case has no first review on record. It has to pass the first review before the second.",
    ),
    Problem(
        "card_number_malformed",
        422,
        "卡號是 8 個數字：民國年 3 碼加流水號 5 碼。請看卡片再輸入一次。",
        "A card number has 8 digits: 3 for the ROC year, 5 for the serial. Look at the card and type it again.",
    ),
    Problem(
        "card_numbers_spent",
        409,
        "民國 {roc_year} 年的卡號已經用完（99,999 號）。請通知系統管理員。",
        "The card numbers of ROC year {roc_year} are used up (99,999). Tell the administrator.",
    ),
    Problem(
        "card_over",
        409,
        "這張卡 {valid_until} 已經到期，不能補印、補發或更正。請改辦換發。",
        "This card ended on {valid_until}: it cannot be printed again, reissued or corrected. Apply for a renewal.",
    ),
    Problem(
        "card_suspended",
        409,
        "這張卡停用中，不能補印或更正。請先問社會局。",
        "This card is suspended and cannot be printed again or corrected. Ask the Department of Social Welfare first.",
    ),
    Problem(
        "exchange_city_only",
        403,
        "榮譽卡資料只能由縣市政府匯入或匯出。請交給社會局承辦。",
        "Only the city government imports or exports honor-card data. Pass it to the Department of Social Welfare.",
    ),
    Problem(
        "self_application_closed",
        403,
        "目前由服務的單位代為申請。請把紀錄冊交給單位承辦人。",
        "Applications are made by your unit. Hand your record book to its officer.",
    ),
)
