"""The center: sign-in, desk, issue, cards, lists."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem("not_signed_in", 401, "請先登入。", "Sign in first."),
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
        "center_busy",
        503,
        "志推中心現在忙不過來。請稍後再試，資料不會不見。",
        "The center is busy right now. Try again later; nothing is lost.",
    ),
    Problem(
        "signing_paced",
        422,
        "24 小時內已發 {signed} 張卡，到了安全上限。這件留在複審，明天再核准。今天真的有這麼多件，請通知系統管理員。",
        "{signed} cards were signed within 24 hours, which is the safety limit. This case stays in second review: approve it "
        "tomorrow. If there are really so many today, tell the administrator.",
    ),
    Problem(
        "center_full",
        507,
        "志推中心的儲存空間快滿了，先不收。資料都在這台機器裡，稍後自動再送。",
        "The center is running out of storage and takes nothing more for now. Everything is kept here and sent again later.",
    ),
    Problem(
        "backup_none",
        422,
        "這個資料夾裡沒有完整的備份。請確認路徑。",
        "There is no whole backup in this folder. Check the path.",
    ),
    Problem(
        "backup_damaged",
        422,
        "備份的 {file} 壞了或少了，這份備份不能用。請換一份，並檢查磁碟。",
        "{file} of the backup is damaged or missing; this backup cannot be used. Take another one, and check the disk.",
    ),
    Problem(
        "backup_files_missing",
        422,
        "中心自己少了 {files} 個檔案，備份裡也沒有。已經備份的都留著；請檢查存放照片的地方，再備份一次。",
        "The center itself lacks {files} files, and so does the backup. What was copied is kept. "
        "Look at where the photographs lie, then back up again.",
    ),
    Problem(
        "backup_failed",
        422,
        "{tool} 沒有成功（{exit}）。請確認資料庫連得上、磁碟有空間，再試一次。",
        "{tool} failed ({exit}). Check that the database answers and the disk has room, then try again.",
    ),
    Problem(
        "backup_tool_missing",
        422,
        "這台機器沒有 {tool}。請安裝 postgresql-client，再試一次。",
        "This machine has no {tool}. Install postgresql-client, then try again.",
    ),
    Problem(
        "backup_other_store",
        422,
        "備份來自另一種資料庫。SQLite 的備份還原到 SQLite，PostgreSQL 的還原到 PostgreSQL。",
        "The backup comes from the other kind of database. Put SQLite's back into SQLite, PostgreSQL's into PostgreSQL.",
    ),
    Problem(
        "backup_keys_taken",
        422,
        "放金鑰的資料夾裡已經有東西，沒有蓋過去。請指定一個空的資料夾。",
        "The folder for the keys is not empty, and nothing was overwritten. Name an empty one.",
    ),
    Problem(
        "restore_not_empty",
        422,
        "那裡已經有資料庫，沒有蓋過去。請指定一個空的地方。",
        "There is a database already, and nothing was overwritten. Name an empty place.",
    ),
    Problem(
        "restore_keys_missing",
        422,
        "沒有發證金鑰。請用 --keys 指定當初另外保存的金鑰資料夾；沒有它，還原的資料打不開、舊卡驗不過。",
        "The issuer's keys are missing. Name the folder they were kept in with --keys: without them what is restored cannot be "
        "opened, and no card verifies.",
    ),
    Problem(
        "restore_unfinished",
        503,
        "上次的還原沒有做完。請再執行一次 honorcard restore，中心才會啟動。",
        "The last restore did not finish. Run honorcard restore once more; the center starts after that.",
    ),
    Problem(
        "schema_too_new",
        503,
        "資料庫已經由更新的版本改過，這個版本不能用。請改用新版本啟動。",
        "A newer version has changed the database and this one can no longer work with it. Start the newer version.",
    ),
    Problem(
        "schema_needs_stop",
        409,
        "資料庫的步驟 {steps} 會拿掉執行中的版本還要用的東西。請先停掉所有舊版中心，再加 --stopped 執行；"
        "或先更新到中間的版本。什麼都還沒有改。",
        "Steps {steps} of the database take away what the running version still uses. Stop every older center first and run "
        "again with --stopped, or go by way of a version in between. Nothing has been changed yet.",
    ),
    Problem(
        "schema_behind",
        503,
        "資料庫還沒有更新。請先執行 honorcard migrate，再啟動中心。",
        "The database has steps to take. Run honorcard migrate first, then start the center.",
    ),
    Problem(
        "password_short",
        422,
        "密碼至少要 {least} 個字。請換一個長一點的。",
        "A password needs at least {least} characters. Choose a longer one.",
    ),
    Problem(
        "password_common",
        422,
        "這個密碼太容易猜到。請換一個，例如連著寫幾個不相干的詞。",
        "This password is guessed too easily. Choose another, such as a few unrelated words in a row.",
    ),
    Problem(
        "password_old_wrong",
        422,
        "現在的密碼不對，密碼沒有改。請再輸入一次。",
        "The present password is wrong, and nothing was changed. Type it again.",
    ),
    Problem(
        "password_not_twice",
        422,
        "兩次輸入的新密碼不一樣。請再輸入一次。",
        "The two new passwords differ. Type them again.",
    ),
    Problem(
        "password_same",
        422,
        "新密碼和現在的一樣。請換一個。",
        "The new password is the present one. Choose another.",
    ),
    Problem(
        "factor_code_wrong",
        422,
        "這個驗證碼不對，或已經用過。請等 App 換下一組 6 位數字，再輸入。",
        "This code is wrong or was used before. Wait for the next six digits in the app, then type them.",
    ),
    Problem(
        "factor_required",
        422,
        "您的角色要用驗證碼登入，不能關掉。換手機請選「換一支手機」。",
        "Your role signs in with a code, so it stays on. For another phone choose “Use another phone”.",
    ),
    Problem(
        "registration_full",
        503,
        "等待核准的註冊太多，暫時不能再收。請過幾天再來，或打電話給志推中心。",
        "Too many registrations are waiting, and no more can be taken now. Come back in a few days, or call the center.",
    ),
    Problem(
        "registration_decided",
        409,
        "這個註冊剛剛有人處理過了。請看清單目前的樣子。",
        "Somebody has just decided on this registration. Look at the list as it stands now.",
    ),
    Problem(
        "registration_not_an_officer",
        409,
        "這個電子郵件是審查或管理人員的帳號，不能同時是承辦人。請退回，請對方用另一個信箱註冊。",
        "This e-mail address belongs to an account of another role, which cannot also be a unit's officer. Refuse it, and ask "
        "them to register with another address.",
    ),
    Problem(
        "registration_reason_missing",
        422,
        "請寫下退回的原因，單位才知道怎麼改。",
        "Write down why, so that the unit knows what to change.",
    ),
    Problem(
        "unit_last",
        422,
        "承辦人至少要有一個單位，最後一個不能移除。請先加上另一個，或停用帳號。",
        "An officer has at least one unit, and the last one stays. Add another first, or close the account.",
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
