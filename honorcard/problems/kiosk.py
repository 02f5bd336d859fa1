"""The tablet itself: PIN and passphrase, slips, sheets, printing, storage."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "not_on_this_device",
        403,
        "這台機器不辦這一項。請用別台，或請工作人員幫忙。",
        "This machine does not do that. Use another one, or ask the staff.",
    ),
    Problem(
        "one_at_a_time",
        409,
        "鏡頭前有兩張。請一次只拿一張。",
        "There are two in front of the camera. Hold up one at a time.",
    ),
    Problem(
        "held_up_unknown",
        422,
        "這不是收據，也不是榮譽卡。請拿收據或榮譽卡，QR 碼對準鏡頭。",
        "This is neither a slip nor an honor card. Hold the QR code of a slip or a card to the camera.",
    ),
    Problem(
        "reprints_spent",
        403,
        "這張卡在這裡印過 {times} 次了。還要再印，請工作人員幫忙。",
        "This card was printed here {times} times. Ask the staff for another one.",
    ),
    Problem(
        "no_files_here",
        403,
        "這台機器給大家用，不存檔。請在這裡印，或請工作人員幫忙。",
        "This machine is for everybody and hands out no files. Print here, or ask the staff.",
    ),
    Problem(
        "pin_too_short",
        422,
        "PIN 要 6 到 12 個數字。請再輸入一次。",
        "A PIN has 6 to 12 digits. Type it again.",
    ),
    Problem(
        "pin_differs",
        422,
        "兩次輸入的 PIN 不一樣。請再輸入一次。",
        "The two PINs differ. Type them again.",
    ),
    Problem(
        "recovery_wrong",
        403,
        "救援碼不對。請看設定時印出的紙，再輸入一次。",
        "The recovery code is wrong. Type it again from the sheet printed at set-up.",
    ),
    Problem(
        "slip_tries_spent",
        403,
        "這張收據已經試了 5 次。請工作人員幫忙列印。",
        "This slip has been tried five times. Ask the staff to print the card.",
    ),
    Problem(
        "slip_not_yet",
        409,
        "這件還在審核，卡片還沒有核發。核發後再拿收據來印。",
        "This application is still under review. Come back with the slip when the card has been issued.",
    ),
    Problem(
        "sheet_unknown",
        404,
        "找不到這張申請單，可能已經收起來了。請回申請單清單。",
        "This sheet does not exist; perhaps it was put away. Go back to the list of sheets.",
    ),
    Problem(
        "sheet_nothing_sent",
        404,
        "這張申請單還沒有送出任何一位，沒有收據可印。",
        "Nobody on this sheet has been sent yet, so there are no slips to print.",
    ),
    Problem(
        "record_not_yet",
        409,
        "這件還沒有審查結果，履歷還沒有送到這台機器。有結果後再拿收據來看。",
        "Nothing has been decided on this application yet, so its service record is not here. Come back with the slip later.",
    ),
    Problem(
        "record_unreadable",
        409,
        "這份履歷是新版系統做的，這台機器還看不懂。請到另一台服務站，或通知工作人員更新。",
        "This record was made by a newer system that this machine cannot read. Use another station, or ask staff to update.",
    ),
    Problem(
        "card_not_here",
        404,
        "這台機器沒有這張卡片。請到收件的那台服務站列印，或請工作人員幫忙。",
        "This machine does not hold the card. Print it at the station that took the application, or ask the staff.",
    ),
    Problem(
        "card_sealed_elsewhere",
        409,
        "這張卡片在這台機器打不開。請用收據列印，或請志推中心列印。",
        "This card does not open on this machine. Print it with the slip, or at the center.",
    ),
    Problem(
        "printer_not_set",
        409,
        "這台機器還沒有設定印表機。請下載 PDF 列印，或請工作人員設定。",
        "No printer is set up here. Download the PDF and print that, or ask the staff to set one up.",
    ),
    Problem(
        "printer_address_wrong",
        422,
        "印表機的網址不對。請輸入 ipp:// 或 ipps:// 開頭的網址，或 cups: 加上佇列名稱。",
        "The printer's address is not right. Type one that begins with ipp:// or ipps://, or cups: and a queue's name.",
    ),
    Problem(
        "printer_out_of_order",
        409,
        "印表機暫停服務。請工作人員處理，或存成 PDF 列印。",
        "The printer is out of order. Ask the staff to see to it, or save the PDF and print that.",
    ),
    Problem(
        "reprint_needs_reason",
        422,
        "這張卡片印過了。請選再印一次的原因。",
        "This card was printed before. Choose why it is printed again.",
    ),
    Problem(
        "app_too_old",
        409,
        "這台機器的程式太舊，{day} 起不能收新的申請。已經開始的可以做完，已收的照常送出。請管理員更新；急著收件，請用別台。",
        "This machine's program is too old: since {day} no new application can be started. Those already begun can be finished,"
        " and all are sent as usual. Ask the administrator to update it; in a hurry, use another machine.",
    ),
    Problem(
        "storage_low",
        507,
        "這台機器的儲存空間快滿了，先不要收新的申請。已經開始的都可以做完。請找工作人員清出空間。",
        "This machine is nearly full, so no new application can be started. Those already begun can be "
        "finished. Ask the staff to free space.",
    ),
    Problem(
        "store_damaged",
        500,
        "這台機器存的資料有一處壞了。請關掉程式再打開，完好的資料會自動救回；還是不行請通知管理員。",
        "Something stored on this machine is damaged. Close the program and open it again: what is whole is taken over by "
        "itself. If that does not help, tell the administrator.",
    ),
    # the passphrase that opens what is stored here
    Problem(
        "passphrase_short",
        422,
        "開機密語太短。請至少用 {least} 個字，例如四個不相干的詞。",
        "The passphrase is too short. Use at least {least} characters, for example four unrelated words.",
    ),
    Problem(
        "passphrase_differs",
        422,
        "兩次輸入的開機密語不一樣。請再輸入一次。",
        "The two passphrases differ. Type them again.",
    ),
    Problem(
        "passphrase_wrong",
        403,
        "開機密語不對。請再輸入一次。",
        "This is not the passphrase. Type it again.",
    ),
    # what waits, carried to the center by hand
    Problem(
        "rescue_nothing",
        409,
        "這台機器沒有要送的資料，不用存檔。",
        "Nothing on this machine has to be carried to the center.",
    ),
    Problem(
        "settings_code_wrong",
        422,
        "這不是設定碼，或裡面的值不能用。請在另一台機器打開「照顧這台機器」的設定碼，再掃一次。",
        "This is no settings code, or its values cannot be used. Open the settings code on the other machine and scan it again.",
    ),
    Problem(
        "settings_pin_wrong",
        403,
        "PIN 不對，設定沒有改。請再輸入一次。",
        "The PIN is wrong and nothing was changed. Type it again.",
    ),
    # the Wi-Fi that phones join
    Problem(
        "wifi_name_wrong",
        422,
        "Wi-Fi 名稱要有 1 到 32 個英數字，中文最多 10 個字。請照分享器上寫的再輸入一次。",
        "A Wi-Fi name has 1 to 32 characters, or up to 10 Chinese ones. Type it again as the router says it.",
    ),
    Problem(
        "wifi_password_wrong",
        422,
        "Wi-Fi 密碼要有 8 到 63 個英數字或符號。沒有密碼就留空。",
        "A Wi-Fi password has 8 to 63 letters, figures or signs. Leave it empty when there is none.",
    ),
)
