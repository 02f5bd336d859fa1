"""The center: sign-in, desk, issue, cards, lists."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem("not_signed_in", 401, "請先登入。", "Sign in first."),
    Problem(
        "password_short",
        422,
        "密碼至少要 {least} 個字。請換一個長一點的。",
        "A password needs at least {least} characters. Choose a longer one.",
    ),
    Problem(
        "case_unknown",
        404,
        "找不到這個案件。請回待審清單再選一次。",
        "This case does not exist. Go back to the queue and choose again.",
    ),
    Problem(
        "person_unknown",
        404,
        "找不到這位志工的履歷。請回志工清單再選一次。",
        "This volunteer's record does not exist. Go back to the list and choose again.",
    ),
    Problem(
        "case_moved_on",
        409,
        "這件剛剛有人處理過，您的決定沒有存。請重新整理，看目前的狀態。",
        "Somebody else has just moved this case, and your decision was not saved. Reload to see where it stands.",
    ),
    Problem(
        "reason_missing",
        422,
        "還沒有選原因。請至少選一個，再送出。",
        "No reason was chosen. Choose at least one, then send again.",
    ),
    Problem(
        "reason_text_missing",
        422,
        "選了「其他」，請用一句話寫清楚要改什麼，再送出。",
        "“Other” needs a sentence that says what to change. Write it, then send again.",
    ),
    Problem(
        "override_reason_missing",
        422,
        "系統判定不是全部符合。仍要核可，請寫下理由，再送出。",
        "The computed verdict is not a pass. To approve all the same, write down why, then send again.",
    ),
    Problem(
        "case_headshot_missing",
        409,
        "這件還沒有可用的大頭照，不能發卡。請退回補正。",
        "This case has no usable headshot yet, so no card can be issued. Return it for correction.",
    ),
    Problem(
        "card_live_already",
        409,
        "這個人已有有效的卡（{number}），還沒到換發期間，不能再發一張。請以「不符規定」結案。",
        "This person holds a valid card ({number}) and the renewal window is not open, so no second one can be issued. "
        "Close the case as refused.",
    ),
    Problem(
        "papers_missing",
        409,
        "補發申請表、照片或證件還沒交齊，不能核可。請退回補正。",
        "The form, photos or documents are not complete, so this cannot be approved. Return it for correction.",
    ),
    Problem(
        "old_card_day_missing",
        422,
        "這張舊卡不是這個系統發的。請看舊卡或紙本資料，填有效期限，再核可。",
        "The old card was not issued by this system. Read its last valid day off the card or the paper records, "
        "type it, then approve.",
    ),
    Problem(
        "old_card_day_far",
        422,
        "榮譽卡最多三年，不會到 {valid_until}。請再看一次舊卡的有效期限。",
        "A card is good for three years at most, so not until {valid_until}. Look at the old card's date again.",
    ),
    Problem(
        "card_status_same",
        409,
        "這張卡已經是這個狀態，沒有改。請重新整理。",
        "The card is in this state already; nothing was changed. Reload.",
    ),
    Problem(
        "card_reason_missing",
        422,
        "請選原因或寫下原因，再送出。",
        "Choose or write down the reason, then send again.",
    ),
    Problem(
        "unit_code_taken",
        409,
        "單位代碼 {unit_code} 已經有人用了。請換一個代碼。",
        "The unit code {unit_code} is taken. Choose another.",
    ),
    Problem(
        "account_name_taken",
        409,
        "這個帳號名稱已經有人用了。請換一個名稱。",
        "This sign-in name is taken. Choose another.",
    ),
    Problem(
        "office_field_missing",
        422,
        "還有欄位沒有填。請都填好，再送出。",
        "A field is still empty. Fill in all of them, then send again.",
    ),
    Problem(
        "case_photo_missing",
        404,
        "這張相片還沒有處理好。請稍候，或重新整理。",
        "This photo is not ready yet. Wait a moment or reload.",
    ),
    Problem(
        "card_unknown",
        404,
        "找不到這張卡。請看卡號再試一次。",
        "There is no such card. Check its number and try again.",
    ),
    Problem(
        "card_ended_already",
        409,
        "這張卡已經註銷或換發，不能再印，也不能再改。請看這個人最新的卡。",
        "This card was revoked or replaced: it can be neither printed nor changed. Look for the holder's newest card.",
    ),
    Problem(
        "revoke_reason_missing",
        422,
        "註銷不能復原，請寫下原因，再送出。",
        "Revoking cannot be undone. Write down the reason, then send again.",
    ),
    Problem(
        "card_sheet_missing",
        404,
        "這張卡的檔案不見了。請通知系統管理員。",
        "The file of this card is missing. Tell the administrator.",
    ),
    Problem(
        "pack_not_ready",
        404,
        "離線名單還沒有產生。請過一分鐘再試。",
        "The offline list has not been made yet. Try again in a minute.",
    ),
    Problem("slow_down", 429, "查詢太多次了。請過一分鐘再試。", "Too many requests. Try again in a minute."),
)
