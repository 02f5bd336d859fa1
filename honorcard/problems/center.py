"""The center: mail, cases, what is chosen between, cards, lists."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "mail_address_wrong",
        422,
        "這不是電子郵件，所以沒有存。請寫成 name@example.gov.tw 的樣子。",
        "This is no mail address, so nothing was saved. Write it like name@example.gov.tw.",
    ),
    Problem(
        "reprint_words_missing",
        422,
        "這張卡 {days} 天內補印過 {count} 次，所以還沒有印。請寫下為什麼又要補印。",
        "This card was printed again {count} times within {days} days, so it was not printed now. Say why it is needed again.",
    ),
    Problem(
        "reminders_too_many",
        422,
        "這個月有 {count} 張卡到期，一次最多印 {limit} 封。請選一個單位再印。",
        "{count} cards run out in that month; {limit} letters are printed at once at most. Choose a unit, then print.",
    ),
    Problem(
        "mail_is_off",
        409,
        "寄信沒有開。請在設定裡填郵件伺服器（smtp_host），重新啟動再試。",
        "Mail is off. Name the mail server (smtp_host) in the settings, start again, then try.",
    ),
    Problem(
        "mail_letter_over",
        409,
        "這封信已經寄出、取消或正在寄。請重新整理再看一次。",
        "This letter was sent or cancelled, or is on its way. Reload the page and look again.",
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
        "choice_waits",
        409,
        "這件還有另一份修改等人選。請先選要用哪一份，再核可。",
        "Another version of this case waits for a choice. Choose between the two first, then approve.",
    ),
    Problem(
        "choice_made",
        409,
        "這件剛剛有人決定過，您的決定沒有存。請回清單看下一件。",
        "Somebody else has just decided this, and your choice was not saved. Go on with the list.",
    ),
    Problem(
        "choice_reason_missing",
        422,
        "請用一句話寫下為什麼這樣決定，再送出。",
        "Write down in a sentence why you decide so, then send again.",
    ),
    Problem(
        "choice_too_late",
        409,
        "這件已經決定，內容不再改。請選「用現在這一份」；要改卡片，請辦更正換發。",
        "This case is decided and its content stays. Choose what stands now; to change a card, have it corrected.",
    ),
    Problem(
        "choice_does_not_fit",
        422,
        "這樣選的話，有的服務紀錄會沒有它的內頁。請讓服務紀錄和內頁用同一份。",
        "Chosen like this, some rows would lack their page. Take the service and its pages from the same version.",
    ),
    Problem(
        "join_impossible",
        409,
        "其中一件已經有結果，不能併案。請改選「不是同一人」或「不符規定」。",
        "One of the two is decided already, so they cannot be merged. Say that they are different people, or refuse one.",
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
        "files_away",
        503,
        "放相片和卡片檔案的地方沒有回應。資料都還在，請過幾分鐘再試。",
        "The place where photos and card files lie does not answer. Nothing is lost; try again in a few minutes.",
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
    Problem(
        "audit_heads_unreadable",
        422,
        "這不是中心公布的鏈首，或內容被改過。請把當時存的檔案整個貼上。",
        "This is not a file of chain heads that the center published, or it was changed. Paste the whole file as it was kept.",
    ),
    Problem("slow_down", 429, "查詢太多次了。請過一分鐘再試。", "Too many requests. Try again in a minute."),
)
