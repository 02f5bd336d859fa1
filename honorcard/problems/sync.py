"""Between tablet and center: transport, intake, uploads, enrolment."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "device_not_enrolled",
        409,
        "這台機器還沒有登錄到志推中心，不能送件。請管理員用登錄碼登錄後再送，草稿都還在。",
        "This machine is not enrolled with the center yet, so nothing can be sent. Enrol it with a code; the draft is kept.",
    ),
    Problem(
        "enrol_code_wrong",
        403,
        "登錄碼不對。請看著中心畫面再輸入一次；錯太多次要請中心換一組。",
        "The enrolment code is wrong. Type it again as the center shows it; after too many tries a new one is needed.",
    ),
    Problem(
        "enrol_code_spent",
        403,
        "這組登錄碼錯了 5 次，不能再用。請中心再給一組新的。",
        "This enrolment code was typed wrong 5 times and no longer works. Ask the center for a new one.",
    ),
    Problem(
        "enrol_too_often",
        429,
        "這裡登記試了太多次。請過幾分鐘，看著中心畫面再輸入一次。",
        "Too many tries to enrol from here. Wait a few minutes, then type the code as the center shows it.",
    ),
    Problem(
        "enrol_code_expired",
        403,
        "登錄碼過期了（15 分鐘內有效）。請中心再給一組新的。",
        "The enrolment code has expired (it lasts 15 minutes). Ask the center for a new one.",
    ),
    Problem(
        "enrol_code_used",
        403,
        "登錄碼已經用過了。請中心再給一組新的。",
        "The enrolment code has been used already. Ask the center for a new one.",
    ),
    Problem(
        "enrol_malformed",
        400,
        "登記的資料不完整。請更新這台機器的程式後再試一次。",
        "The enrolment request is incomplete. Update this machine's program, then try again.",
    ),
    Problem(
        "enrol_profile_unknown",
        422,
        "沒有「{profile}」這種機器。請從 staff、public、verifier、hosted、training 選一種。",
        "There is no profile “{profile}”. Choose one of staff, public, verifier, hosted, training.",
    ),
    Problem(
        "enrol_unit_unknown",
        404,
        "沒有代碼「{unit}」的運用單位。請查看單位清單。",
        "There is no unit with the code “{unit}”. Look at the list of units.",
    ),
    Problem(
        "center_unreachable",
        503,
        "連不上志推中心。請檢查網路和網址，再試一次。",
        "The center cannot be reached. Check the network and the address, then try again.",
    ),
    Problem(
        "signature_wrong",
        401,
        "裝置的簽章不對，中心沒有採用。請管理員重新登記這台機器；資料都存在本機。",
        "The device's signature does not hold and was not accepted. Enrol this machine again; its data is kept.",
    ),
    Problem(
        "clock_skew",
        401,
        "裝置的時間和中心差太多，已改用中心的時間再試。",
        "The device's clock differs too much from the center's; it is tried again with the center's time.",
    ),
    Problem(
        "device_disabled",
        403,
        "這台裝置已被停用，資料都存在本機。請洽志推中心。",
        "This device has been disabled; its data is kept. Ask the center.",
    ),
    Problem(
        "push_malformed",
        400,
        "送來的資料格式不對。請更新這台機器的程式。",
        "The request is malformed. Update this machine's program.",
    ),
    Problem(
        "push_too_large",
        413,
        "一次送來的件數或大小超過上限（{max_ops} 件）。會自動分批再送。",
        "Too much at once (limit {max_ops} operations). It is sent again in smaller batches.",
    ),
    Problem(
        "proto_unknown",
        426,
        "這台機器的程式版本（{proto}）和中心（{known}）不合。請更新；資料都存在本機。",
        "This machine speaks version {proto}, the center {known}. Update it; its data is kept.",
    ),
    Problem(
        "tus_version",
        412,
        "上傳協定的版本不對，中心用的是 {known}。請更新這台機器的程式。",
        "The upload protocol's version is not the center's ({known}). Update this machine's program.",
    ),
    Problem(
        "upload_malformed",
        400,
        "上傳的標頭不完整或格式不對：{header}。請更新這台機器的程式。",
        "The upload's header {header} is missing or malformed. Update this machine's program.",
    ),
    Problem(
        "upload_content_type",
        415,
        "上傳的內容類型不對。請更新這台機器的程式。",
        "The upload's content type is not the protocol's. Update this machine's program.",
    ),
    Problem(
        "upload_too_large",
        413,
        "檔案超過上限（{limit} 位元組）。請重拍一張小一點的相片。",
        "The file is over the limit ({limit} bytes). Take a smaller photo.",
    ),
    Problem(
        "upload_quota",
        413,
        "這台機器還沒傳完的相片太多。請先讓其他相片傳完。",
        "This machine has too many unfinished uploads. Let the others finish first.",
    ),
    Problem(
        "upload_not_named",
        422,
        "沒有申請件提到這個檔案，所以沒有收。請先送出申請。",
        "No application names this file, so it was not taken. Send the application first.",
    ),
    Problem(
        "upload_unknown",
        404,
        "沒有這個上傳，或已經過期。會自動重新開始。",
        "There is no such upload, or it has expired. It starts again by itself.",
    ),
    Problem(
        "upload_offset",
        409,
        "上傳的位置對不上，中心已收到 {offset} 位元組。會自動接著傳。",
        "The upload's offset does not match; the center holds {offset} bytes. It goes on from there.",
    ),
    Problem(
        "upload_checksum",
        460,
        "傳來的內容和檢查碼不合，沒有採用。會自動重傳。",
        "What arrived does not match its checksum and was not kept. It is sent again.",
    ),
    Problem(
        "disk_low",
        507,
        "這台機器的儲存空間不足（剩 {free_mb} MB），還不能送出；這份申請和已收的都還在。請工作人員清出空間，再按一次送出。",
        "This machine is short of storage ({free_mb} MB left) and cannot submit yet; this application and all others are safe."
        " Ask the staff to free some space, then submit again.",
    ),
    Problem(
        "submit_incomplete",
        422,
        "還有沒回答的問題，不能送出。請回到「{step}」完成後再送。",
        "Some questions are still open. Go back to “{step}”, finish it, then send.",
    ),
    Problem(
        "submit_changed",
        409,
        "送出的同時，這份申請在另一個視窗改過了。請再看一次，再按送出。",
        "This application was changed in another window while it was being sent. Look at it again, then send it.",
    ),
    Problem(
        "photo_lost",
        422,
        "有一張相片（{place}）讀不出來了。請重拍這一張再送出。",
        "One photo ({place}) can no longer be read. Take it again, then send.",
    ),
    # what the center, or the tablet itself, says about one operation
    Problem(
        "op_damaged",
        422,
        "這筆資料在機器上損壞了，沒有送出。請工作人員查看，必要時重新申請。",
        "This record was damaged on the machine and was not sent. Ask the staff; it may have to be made again.",
    ),
    Problem(
        "op_never_taken",
        409,
        "中心一直不能處理這筆資料。請聯絡志推中心。",
        "The center could not process this record. Contact the center.",
    ),
    Problem(
        "op_malformed",
        422,
        "中心打不開這筆資料。請聯絡志推中心。",
        "The center cannot read this record. Contact the center.",
    ),
    Problem(
        "op_digest_wrong",
        422,
        "這筆資料的檢查碼不合，中心沒有採用。請聯絡志推中心。",
        "This record does not match its digest and was not accepted. Contact the center.",
    ),
    Problem(
        "op_kind_unknown",
        422,
        "中心還不認得這種資料（第 {schema_v} 版，中心到第 {known} 版）。資料留在平板，中心更新後自動再送。",
        "The center does not know this kind of record yet (version {schema_v}, known up to {known}). "
        "It stays on the tablet and is sent again once the center is updated.",
    ),
    Problem(
        "op_seq_reused",
        409,
        "這台機器的編號重複了，可能是還原或複製的。請聯絡志推中心。",
        "This machine used a number twice; it may be a copy. Contact the center.",
    ),
    Problem(
        "op_application_exists",
        409,
        "中心已經有這一件申請。請更新清單查看。",
        "The center has this application already. Refresh the list.",
    ),
    Problem(
        "op_application_unknown",
        404,
        "中心還沒有收到這件申請，會自動再送。",
        "The center does not have this application yet; it is sent again.",
    ),
    Problem(
        "op_not_yours",
        403,
        "這件申請是別的單位的，不能從這台機器修改。請洽原單位。",
        "This application belongs to another unit and cannot be changed here. Ask that unit.",
    ),
    Problem(
        "op_proposed",
        409,
        "志推中心那邊也改過這一件，審查人員會選要用哪一份。兩份都留著，請等結果。",
        "Somebody else changed this application too; a reviewer will choose between the two. Both are kept. Wait for the result.",
    ),
    Problem(
        "op_requested",
        409,
        "這一件已經在審查，這次的修改會給審查人員看，由他們決定要不要用。請等結果。",
        "This application is already under review. The reviewers see this change and decide about it. Wait for the result.",
    ),
    Problem(
        "op_withdrawn_before",
        409,
        "這一件已經撤回，這次的修改沒有採用。還要申請的話，請重新送一件。",
        "This application was withdrawn, so the change was not used. To apply after all, send a new one.",
    ),
    Problem(
        "op_decided_already",
        409,
        "這一件已經有結果，不能撤回。請在送件匣看結果；有疑問請打電話給志推中心。",
        "This application is decided and cannot be withdrawn. See the result in the tray; with questions, call the center.",
    ),
    Problem(
        "op_card_revoked",
        409,
        "這一件的卡片已經註銷，不能再改。要新的卡片，請重新申請。",
        "The card of this application was cancelled for good, so it cannot be changed. For a new card, apply again.",
    ),
    Problem(
        "op_failed",
        500,
        "中心處理時出了狀況，會自動再送。",
        "The center had a problem with this record; it is sent again.",
    ),
    Problem(
        "op_photo_damaged",
        422,
        "這一件有 {n} 張相片在平板的磁碟上壞了，送不來。請和收件單位聯絡，請本人重拍。",
        "{n} photos of this application broke on the tablet's disk and cannot come. Ask the unit to take them again.",
    ),
    # what the administrator decides about operations that were not taken
    Problem(
        "letter_unknown",
        404,
        "沒有這一筆。請回到清單。",
        "There is no such record. Go back to the list.",
    ),
    Problem(
        "letter_settled",
        409,
        "這一筆已經處理過了。請看清單。",
        "This record has been dealt with already. See the list.",
    ),
    Problem(
        "letter_without_bytes",
        409,
        "這一筆的內容還沒送到中心，不能再試。平板下次連線時會送來；在平板上壞掉的，請收件單位重新送件。",
        "The content of this record is not here yet, so it cannot be tried again. The tablet brings it the next time it"
        " connects; if it broke there, ask the unit to send the application again.",
    ),
    Problem(
        "letter_unexplained",
        422,
        "請寫怎麼處理的，讓平板那邊的人知道，再按一次。",
        "Write how it was dealt with, then press again.",
    ),
    # the rescue file
    Problem(
        "rescue_unreadable",
        422,
        "這不是平板存出來的救援檔，或檔案開頭和結尾都壞了。請在平板再存一次。",
        "This is not a tablet's rescue file, or both its ends are damaged. Save it on the tablet once more.",
    ),
    Problem(
        "rescue_foreign",
        422,
        "這個救援檔來自別的中心登錄的平板，這裡打不開，一筆都沒有收。請交給那個中心。",
        "This rescue file is from a tablet enrolled at another center. Nothing was taken. Bring it there.",
    ),
    Problem(
        "rescue_unsigned",
        422,
        "這個救援檔的簽章不對，一筆都沒有收。請在平板再存一次。",
        "This rescue file's signature is wrong. Nothing was taken. Save it on the tablet once more.",
    ),
    Problem(
        "rescue_newer",
        422,
        "這個救援檔是新版程式存的，這裡還看不懂。請先更新中心。",
        "This rescue file was written by a newer program. Update the center first.",
    ),
    Problem(
        "rescue_missing",
        422,
        "還沒有選檔案。請選平板存出來的 .hcrescue 檔。",
        "No file was chosen. Choose the .hcrescue file from the tablet.",
    ),
)
