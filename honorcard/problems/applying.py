"""An application at the kiosk: its questions, its photographs as they are kept, what stands in the way of sending it."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "cause_missing",
        422,
        "請選一個原因，再往下。",
        "Choose a reason to go on.",
    ),
    Problem(
        "old_identity_missing",
        422,
        "請輸入卡片上原來的證號，我們用它找到這張卡。",
        "Type the ID number as it stands on the card; the card is found by it.",
    ),
    Problem(
        "papers_incomplete",
        422,
        "文件還沒拍齊。請把每一份都拍好，再往下。",
        "The papers are not all photographed. Photograph each of them to go on.",
    ),
    Problem(
        "date_missing",
        422,
        "還沒有填日期。請輸入年、月、日，例如 108.06.02。",
        "The date is missing. Type year, month and day, for example 108.06.02 or 2019-06-02.",
    ),
    Problem(
        "birth_in_future",
        422,
        "出生日期不能在今天以後。請看證件再輸入一次。",
        "The birth date lies in the future. Look at the document and type it again.",
    ),
    Problem(
        "kind_missing",
        422,
        "還沒有選。第一次申請，還是舊卡換新卡？請按一個。",
        "Nothing chosen yet. Is it a first card or a renewal? Press one.",
    ),
    Problem(
        "identity_missing",
        422,
        "還沒有號碼。請看著證件輸入。",
        "The number is missing. Type it as on the document.",
    ),
    Problem(
        "email_wrong",
        422,
        "電子郵件的寫法不對。請看一下 @ 前後，不想填也可以留空。",
        "This is not an e-mail address. Look at both sides of the @, or leave it empty.",
    ),
    Problem(
        "hours_missing",
        422,
        "還沒有填時數。請輸入大於 0 的時數，例如 300 或 2.5。",
        "The hours are missing. Type a number above 0, for example 300 or 2.5.",
    ),
    Problem(
        "hours_more_than_time",
        422,
        "這段日期裡沒有這麼多小時。請看紀錄冊上的日期和時數。",
        "There are not so many hours between these days. Check the dates and the hours in the record book.",
    ),
    Problem(
        "start_after_last",
        422,
        "結束日早於開始日。請看紀錄冊再輸入一次。",
        "The last day is before the first. Look at the record book and type them again.",
    ),
    Problem(
        "row_month_only",
        422,
        "只寫到月，要算 {first} 到 {last}（西元 {year} 年）整個月嗎？是就繼續；不是請填起訖日。",
        "Only a month is written. Does the entry run from {first} to {last}? If so, go on; if not, type the days.",
    ),
    Problem(
        "row_short_year",
        422,
        "您輸入的是 {first} 到 {last}（西元 {year} 年起）嗎？是就繼續；不是請輸入完整的年份。",
        "Did you mean {first} to {last} (from {year})? If so, go on; if not, type the full year.",
    ),
    Problem(
        "training_not_said",
        422,
        "請選有沒有完成。不清楚哪一天完訓，日期可以不填。",
        "Choose whether it was completed. When the day is not known, leave it empty.",
    ),
    Problem(
        "rows_missing",
        422,
        "還沒有服務紀錄。請至少填一列，或改填起訖和總時數。",
        "There is no service yet. Fill in at least one row, or type the first day, last day and total hours instead.",
    ),
    Problem(
        "previous_qr_none",
        422,
        "相片裡找不到 QR 碼。請把舊卡的 QR 碼放進畫面、不要反光，再拍一次；或直接輸入有效期限。",
        "No QR code was found. Put the card's QR code in view without glare and retake, or type the date.",
    ),
    Problem(
        "previous_qr_not_card",
        422,
        "這個 QR 碼不是榮譽卡。請掃舊卡上的 QR 碼，或直接輸入有效期限並拍舊卡。",
        "This QR code is not an honor card's. Scan the one on the old card, or type the date and photograph the card.",
    ),
    Problem(
        "previous_qr_foreign",
        422,
        "這張卡不是本市發的。請輸入有效期限，並拍下這張卡。",
        "This card was issued elsewhere. Type its date and photograph the card.",
    ),
    Problem(
        "previous_qr_unsound",
        422,
        "這張卡的 QR 碼核對不過。請輸入有效期限，並拍下這張卡，由審查人員核對。",
        "This card's QR code does not check out. Type its date and photograph the card; a reviewer will compare them.",
    ),
    Problem(
        "previous_photo_missing",
        422,
        "還沒有舊卡的相片。請拍舊卡，讓審查人員核對有效期限。",
        "The old card's photo is missing. Photograph the card so that a reviewer can compare the date.",
    ),
    Problem(
        "photo_missing",
        422,
        "還沒有選相片。請拍一張，或選一個檔案。",
        "No photo was chosen. Take one or choose a file.",
    ),
    Problem(
        "photo_gone",
        404,
        "這張相片已經刪掉或換掉了。請回上一頁看目前的相片。",
        "This photo was removed or replaced. Go back to see the current ones.",
    ),
    Problem(
        "photo_damaged_here",
        409,
        "存在這台機器的這張相片讀不出來了。請重拍這一張，其他資料都還在。",
        "This photo can no longer be read from this machine. Retake it; everything else is still here.",
    ),
    Problem(
        "outline_impossible",
        422,
        "這四個點圍不出一頁。請把四個點分別拉到頁面的四個角。",
        "These four points do not enclose a page. Drag each of them to one corner of the page.",
    ),
    Problem(
        "crop_impossible",
        422,
        "框不出這個範圍。請把框移回相片裡面。",
        "This part cannot be cut out. Move the frame back into the photo.",
    ),
    Problem(
        "pages_too_many",
        422,
        "內頁最多 {limit} 張。請只留有這三年紀錄的頁。",
        "At most {limit} pages can be kept. Keep the pages with the service that counts.",
    ),
    Problem(
        "draft_gone",
        404,
        "這份申請不在這台機器上：已經送出，或已經刪除。請到送件匣查看。",
        "This application is not on this machine: it was sent or deleted. Look in the tray.",
    ),
    Problem(
        "draft_incomplete",
        409,
        "還有題目沒有答完。請把它答完再送出，填過的都還在。",
        "Some questions are still open. Answer them, then send; nothing is lost.",
    ),
    Problem(
        "not_eligible_yet",
        409,
        "條件還不符合，還不能送出。資料已存好，到那一天再按一次就可以送。",
        "The conditions are not met yet, so it cannot be sent. Everything is kept here; press again on the day shown.",
    ),
    Problem(
        "consent_missing",
        409,
        "還沒有同意。請先看用途說明，再按「我同意」。",
        "Consent is missing. Read the purpose, then press “I agree”.",
    ),
    Problem(
        "case_not_returned",
        409,
        "這件沒有要補正的地方。請到送件匣看它目前的狀態。",
        "There is nothing to correct in this case. Look in the tray to see where it stands.",
    ),
    Problem(
        "case_does_not_open",
        409,
        "這件補正資料在這台機器打不開。請到原來收件的那台機器補正。",
        "This returned case does not open on this machine. Correct it on the machine that took it.",
    ),
    Problem(
        "withdraw_too_late",
        409,
        "這一件已經有結果，或已經撤回，不能再撤回。請回送件匣看。",
        "This application is decided, or withdrawn already, so it cannot be withdrawn. See the tray.",
    ),
)
