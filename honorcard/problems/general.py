"""Pages and requests: what can go wrong anywhere."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "not_found", 404, "找不到這個頁面。請回首頁再試一次。", "This page does not exist. Go back to the start page."
    ),
    Problem(
        "method_unknown",
        405,
        "這個網址不收這種請求。請回首頁再試一次。",
        "This address does not take such a request. Go back to the start page.",
    ),
    Problem(
        "not_allowed",
        403,
        "您的帳號不能做這件事。請換一個帳號登入。",
        "Your account may not do this. Sign in with another account.",
    ),
    Problem(
        "form_expired",
        400,
        "這一頁放太久了。請重新整理後再送一次，資料都還在。",
        "This page was open too long. Reload it and send again; nothing is lost.",
    ),
    Problem(
        "wrong_host",
        400,
        "這個網址不是這台機器的。請用畫面上的網址打開。",
        "This address is not this machine's. Open it by the address shown on its screen.",
    ),
    Problem(
        "went_wrong",
        500,
        "機器出了一點狀況，資料都還在。請再試一次；還是不行就請找工作人員。",
        "Something went wrong; nothing is lost. Try again, or call the staff.",
    ),
    Problem(
        "disk_full",
        507,
        "這台機器的儲存空間滿了，剛才那一步沒有存進去。請找工作人員清出空間後再按一次。",
        "This machine's storage is full and the last step was not saved. Ask the staff to free some space, then press again.",
    ),
    Problem(
        "disk_trouble",
        507,
        "這台機器的磁碟寫不進去，剛才那一步沒有存。請再按一次；還是不行，請找工作人員檢查機器。",
        "This machine's disk cannot be written and the last step was not saved. Press again; if it stays so, ask the staff to"
        " check the machine.",
    ),
    Problem(
        "too_large",
        413,
        "檔案太大了（上限 {limit_mb} MB）。請換一個小一點的檔案；是相片的話，請用相機重拍。",
        "The file is too large (limit {limit_mb} MB). Choose a smaller one; if it is a photo, take it again.",
    ),
)
