"""The sentences of reasons and notes: for each code, title, text and remedy, in zh-Hant and English.

Placeholders are the details of the reason, days already in words, half hours as hours; wording fills them in.
"""

from __future__ import annotations

Words = tuple[str, str, str]

CATEGORY_NAMES: dict[str, tuple[str, str]] = {
    "ordinary": ("一般志工", "ordinary volunteers"),
    "civil_defence": ("民防", "civil defence"),
    "volunteer_police": ("義勇警察", "volunteer police"),
    "volunteer_traffic_police": ("義勇交通警察", "volunteer traffic police"),
    "volunteer_fire": ("義勇消防", "volunteer fire service"),
    "neighbourhood_watch": ("守望相助", "neighbourhood watch under civil defence"),
    "mountain_police": ("山地義勇警察", "mountain volunteer police"),
    "disaster_relief_group": ("災害防救團體", "disaster relief groups"),
    "disaster_relief_organisation": ("災害防救志願組織", "disaster relief volunteer organisations"),
}

TRAINING_NAMES: dict[str, tuple[str, str]] = {
    "basic": ("基礎訓練", "basic training"),
    "special": ("特殊訓練", "special training"),
}

_SEE_THE_BOOK_ZH = "請看紀錄冊再輸入一次。"
_SEE_THE_BOOK_EN = "Look at the record book and type it again."

REASON_TEXTS: dict[str, tuple[Words, Words]] = {
    # why it is not a pass
    "no_record_book": (
        ("還沒有紀錄冊", "申請榮譽卡要有志願服務紀錄冊。", "請先向服務的單位申請紀錄冊。"),
        ("No record book", "An honor card needs a volunteer record book.", "Ask your unit for a record book first."),
    ),
    "window_not_open": (
        ("還沒到換發的月份", "換發從卡片到期的那個月 1 日開始，是 {opens}。", "請在 {opens}或之後申請。"),
        (
            "Too early to renew",
            "Renewal opens on day 1 of the month in which the card expires: {opens}.",
            "Apply on {opens} or later.",
        ),
    ),
    "tenure_short": (
        (
            "服務年資還不夠",
            "服務要到 {needs}才滿年資，還差 {days_short} 天（從最近一次服務算起）。",
            "請繼續服務，紀錄冊上有 {needs}或之後的紀錄再申請。",
        ),
        (
            "Not enough years of service",
            "The years are full on {needs}. Days still to go from the latest entry: {days_short}.",
            "Go on serving, and apply once the book has an entry dated {needs} or later.",
        ),
    ),
    "tenure_none": (
        ("沒有年資", "沒有一筆紀錄可以採計。", "請補上採計期間內的服務紀錄。"),
        ("No years of service", "No entry counts.", "Add entries from within the counting period."),
    ),
    "hours_short": (
        (
            "時數不夠",
            "採計 {hours} 小時，要滿 {hours_needed} 小時，還差 {hours_short} 小時。",
            "請繼續服務，時數滿了再申請。",
        ),
        (
            "Not enough hours",
            "Hours that count: {hours}. Needed: {hours_needed}. Still missing: {hours_short}.",
            "Go on serving, and apply when the hours are complete.",
        ),
    ),
    "not_recent": (
        ("最近沒有服務紀錄", "最近一次服務要在 {cutoff}或之後。", "有服務過就補上紀錄；還沒有，請再服務一次再申請。"),
        (
            "No recent service",
            "The latest entry must be dated {cutoff} or later.",
            "Add the latest entries, or apply after serving again.",
        ),
    ),
    "training_missing": (
        ("沒有完訓紀錄", "基礎訓練和特殊訓練都要完成，還少{missing}。", "請補上結業證書。"),
        (
            "Training not shown",
            "Basic and special training must both be complete; still missing: {missing}.",
            "Add the certificates.",
        ),
    ),
    "excluded_category": (
        (
            "不在這裡申請",
            "{category}的榮譽卡由警察或消防單位以紙本受理。",
            "請向所屬的警察或消防單位申請；一般單位的服務仍可在這裡申請。",
        ),
        (
            "Not applied for here",
            "Honor cards for {category} are handled on paper by the police or fire service.",
            "Apply there; service with an ordinary unit can still be applied for here.",
        ),
    ),
    # what keeps it from being judged
    "malformed": (
        ("資料不齊", "申請日、服務起訖日和時數都要有。", "請補齊後再送一次。"),
        (
            "Something is missing",
            "The date of application, first and last day of service and the hours are all needed.",
            "Fill them in and send again.",
        ),
    ),
    "bad_category": (
        ("類別不對", "沒有這一種志工類別。", "請從清單選一種。"),
        ("Unknown category", "There is no such category.", "Choose one from the list."),
    ),
    "bad_hours": (
        ("時數不對", "時數要是 0 以上，以 0.5 小時為單位。", _SEE_THE_BOOK_ZH),
        ("Hours cannot be read", "Hours are 0 or more, in steps of 0.5.", _SEE_THE_BOOK_EN),
    ),
    "bad_date": (
        ("日期不對", "有一個日期看不懂。", _SEE_THE_BOOK_ZH),
        ("A date cannot be read", "One of the dates is not a day of the calendar.", _SEE_THE_BOOK_EN),
    ),
    "start_after_last": (
        ("起訖日顛倒", "開始日 {first} 在結束日 {last} 之後。", _SEE_THE_BOOK_ZH),
        ("Ends before it begins", "The first day, {first}, lies after the last, {last}.", _SEE_THE_BOOK_EN),
    ),
    "last_after_application": (
        ("服務日在申請日之後", "最近一次服務 {last} 在申請日 {applied_on} 之後。", _SEE_THE_BOOK_ZH),
        (
            "Service after the application",
            "The latest service, {last}, lies after the application, {applied_on}.",
            _SEE_THE_BOOK_EN,
        ),
    ),
    # notes for the reviewer
    "straddles_floor": (
        ("有紀錄跨過採計起日", "第 {rows} 筆從採計起日 {floor} 之前開始，整筆不採計。", "請單位把這筆分成前後兩筆。"),
        (
            "An entry reaches over the first counted day",
            "Begun before {floor}, and so not counted at all: row {rows}.",
            "Ask the unit to split it in two, one part before that day and one from it on.",
        ),
    ),
    "straddles_counted": (
        (
            "有紀錄跨過上次採計的末日",
            "第 {rows} 筆跨過 {counted_until}，這裡整筆採計。",
            "請看其中是否有上次用過的時數。",
        ),
        (
            "An entry reaches over the end of the last count",
            "Reaching over {counted_until}, all hours counted here: row {rows}.",
            "Check whether some of them were used for the earlier card.",
        ),
    ),
    "rows_alike": (
        ("有幾筆完全一樣", "第 {rows} 筆的日期、時數和內容都一樣，這裡都採計。", "請看是否同一筆登錄了兩次。"),
        (
            "Some entries are the same",
            "Same days, hours and content, all of them counted here: rows {rows}.",
            "Check whether one entry was typed twice.",
        ),
    ),
    "excluded_rows": (
        (
            "有不採計的類別",
            "{rows} 筆共 {hours} 小時屬於民防、義警、義消等，不採計。",
            "這些時數請向所屬的警察或消防單位申請。",
        ),
        (
            "Some entries do not count",
            "Civil defence, police or fire auxiliaries and the like: entries {rows}, hours {hours}.",
            "Apply for those hours with the police or fire service.",
        ),
    ),
    "lapsed_since": (
        (
            "送件後才過了期限",
            "最近一次服務 {last}，送件時在期限內，到今天已早於 {cutoff}。",
            "以送件日為準，不因此退件。",
        ),
        (
            "Recent service has lapsed since",
            "The latest service, {last}, was recent on the day of submission; by now it lies before {cutoff}.",
            "The day of submission decides: this is no reason to refuse.",
        ),
    ),
    "pages_missing": (
        ("中間少了幾頁", "相片裡沒有{pages}。", "請看是否漏拍；空白頁可以不拍。"),
        (
            "Some pages are missing",
            "Not among the photographs: {pages}.",
            "Check whether they were forgotten; blank pages may be.",
        ),
    ),
    "printout_unfit": (
        (
            "列印的日期不對",
            "全國系統列印要在 {since}或之後，不能晚於申請日：{pages}。",
            "請看列印上的日期，或改拍紀錄冊。",
        ),
        (
            "A print-out bears the wrong date",
            "Print-outs count from {since} on and no later than the application: {pages}.",
            "Look at the date on them, or photograph the record book.",
        ),
    ),
    "page_unknown": (
        ("頁碼不對", "紀錄冊沒有這樣的頁碼：{pages}。", "請看相片上的頁碼。"),
        ("A page number is wrong", "No record book has such a page: {pages}.", "Look at the number on the photograph."),
    ),
    "long_gap": (
        ("中間很久沒有紀錄", "{after}到 {before}之間沒有服務紀錄。", "請看紀錄冊是否漏頁。"),
        ("A long gap", "There is no service between {after} and {before}.", "Check whether a page is missing."),
    ),
    "before_act": (
        ("日期早於志願服務法", "服務從 {first}開始，早於 {earliest}施行的志願服務法。", "請核對民國年和西元年。"),
        (
            "Earlier than the Act",
            "Service begins on {first}, before the Volunteer Service Act of {earliest}.",
            "Check whether ROC and Gregorian years were mixed up.",
        ),
    ),
    "hours_implausible": (
        ("時數比天數還多", "採計 {hours} 小時，總數或其中一筆超過那幾天全部的時間。", "請核對時數和起訖日。"),
        (
            "More hours than days",
            "Hours that count: {hours}. The sum, or one row of it, is more than those days have.",
            "Check hours and dates.",
        ),
    ),
    "training_not_shown": (
        ("沒有完訓紀錄", "還沒有{missing}的完訓紀錄。", "請看紀錄冊的訓練頁。"),
        ("Training not shown", "There is no record of {missing}.", "See the training pages."),
    ),
    "training_deemed": (
        ("特殊訓練免附證書", "已領紀錄冊的衛生福利類志工，視為完成該類特殊訓練。", "這一項不必補件。"),
        (
            "Special training taken as complete",
            "A volunteer in health and welfare who holds a record book is taken to have that field's special training.",
            "Nothing needs to be added.",
        ),
    ),
    "served_before_training": (
        ("完訓前就有服務", "完訓日是 {completed_on}，之前也有服務紀錄。", "請看完訓前的時數是否採計。"),
        (
            "Service before training",
            "Training was completed on {completed_on}; some service is earlier.",
            "Check whether those hours count.",
        ),
    ),
}
