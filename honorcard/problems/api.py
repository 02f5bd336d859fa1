"""The API for other city systems: keys, fields, rate."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "api_key_missing",
        401,
        "這個請求沒有金鑰。請在 Authorization 標頭帶 Bearer 和金鑰。",
        "This request bears no key. Send it in the Authorization header, after Bearer.",
    ),
    Problem(
        "api_key_wrong",
        401,
        "這把金鑰不能用：不認得、過期或已註銷。請向系統管理員要一把新的。",
        "This key is not good: unknown, over or revoked. Ask the administrator for a new one.",
    ),
    Problem(
        "api_address",
        403,
        "這把金鑰不能從這個網路位址使用。請向系統管理員確認。",
        "This key may not be used from this address. Ask the administrator.",
    ),
    Problem(
        "api_scope",
        403,
        "這把金鑰沒有 {scope} 的權限。請向系統管理員要一把有的。",
        "This key has no scope {scope}. Ask the administrator for one that has.",
    ),
    Problem(
        "api_too_many",
        429,
        "這一分鐘問得太多了。請照 Retry-After 的秒數等一下。",
        "Too many requests this minute. Wait for the seconds of Retry-After.",
    ),
    Problem(
        "api_body",
        400,
        "內容不是可以讀的 JSON 物件。請檢查後再送。",
        "The body is not a JSON object that can be read. Check it, then send again.",
    ),
    Problem(
        "api_media_type",
        415,
        "內容要是 application/json。請改標頭後再送。",
        "The body must be application/json. Change the header, then send again.",
    ),
    Problem(
        "api_field",
        422,
        "{field} 不對或不認得，什麼都沒有改。請照文件修正後再送。",
        "{field} is wrong or not known, and nothing was changed. Correct it by the document, then send again.",
    ),
    Problem(
        "api_card_unknown",
        404,
        "沒有這個卡號，或不在這把金鑰的單位裡。",
        "There is no card of that number, or it is outside this key's units.",
    ),
    Problem(
        "api_person_unknown",
        404,
        "找不到這個人，或不在這把金鑰的單位裡。",
        "There is no such person here, or outside this key's units.",
    ),
    Problem(
        "api_case_unknown",
        404,
        "沒有這個收件編號，或不在這把金鑰的單位裡。",
        "There is no such receipt number, or it is outside this key's units.",
    ),
    Problem(
        "api_cursor",
        410,
        "中心還原過，這個位置不能接著用了。請不帶 cursor 從頭再取一次。",
        "The center was restored and this place no longer holds. Begin again, without a cursor.",
    ),
    Problem(
        "api_row_number",
        422,
        "證號的檢查碼不對，這一筆沒有收。請對證件。",
        "The identity number's check digit is wrong; this row was not taken. Compare it with the document.",
    ),
    Problem(
        "api_row_name",
        422,
        "姓名和這裡登記的不一樣，這一筆沒有收。請對姓名和證號。",
        "The name is not the one known here; this row was not taken. Check name and number.",
    ),
    Problem(
        "api_row_unit",
        422,
        "沒有這個單位代碼，或不在這把金鑰的單位裡，這一筆沒有收。",
        "There is no unit of that code, or it is outside this key's units; this row was not taken.",
    ),
    Problem(
        "api_row_days",
        422,
        "日期不對：開始要在結束以前，結束不能在今天以後，時數不能超過那些天。這一筆沒有收。",
        "The days are wrong: the first must not be after the last, the last not after today, and the hours must fit. This row was "
        "not taken.",
    ),
    Problem(
        "api_again_differs",
        422,
        "這個 Idempotency-Key 用過了，內容不一樣，什麼都沒有改。請換一個再送。",
        "This Idempotency-Key was used for another body, and nothing was changed. Take another one, then send again.",
    ),
    Problem(
        "api_key_name",
        422,
        "請寫這把金鑰給哪個系統用，還沒有用過的名稱。",
        "Say which system the key is for, by a name that is not in use.",
    ),
    Problem("api_key_scopes", 422, "請勾選這把金鑰能做什麼。", "Tick what the key may do."),
    Problem(
        "api_key_until",
        422,
        "到期日要在明天到 {days} 天以內。請改日期。",
        "The last day must be between tomorrow and {days} days from now. Change it.",
    ),
    Problem(
        "api_key_networks",
        422,
        "第 {line} 行不是網路位址，例如 203.0.113.7 或 203.0.113.0/24。請改正。",
        "Line {line} is no network address such as 203.0.113.7 or 203.0.113.0/24. Correct it.",
    ),
    Problem(
        "api_key_rate",
        422,
        "每分鐘次數要在 1 到 {most} 之間。請改數字。",
        "Requests a minute must be between 1 and {most}. Change the number.",
    ),
)
