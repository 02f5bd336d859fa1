"""The problem catalogue: every sentence that tells a person something went wrong, in zh-Hant and English.

One entry a problem: a code, the HTTP status it travels under (RFC 9457), and two sentences that say what happened and what to do
next. Details are named placeholders. What is not here: how a problem is rendered (each app's pages module does that, once).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Problem:
    """One kind of trouble: its code, HTTP status and both sentences (with `{named}` details)."""

    code: str
    status: int
    zh: str
    en: str


class ProblemError(Exception):
    """A problem of the catalogue, raised with its details; never carries an identity number or a name."""

    def __init__(self, code: str, **details: Any) -> None:
        self.problem = CATALOGUE[code]
        self.details: Mapping[str, Any] = details
        super().__init__(code)

    @property
    def code(self) -> str:
        """The catalogue code."""
        return self.problem.code

    def sentence(self, language: Language) -> str:
        """The sentence for a person, details filled in."""
        return sentence(self.problem.code, language, self.details)

    def document(self, language: Language) -> dict[str, Any]:
        """The RFC 9457 problem document (`type`, `title`, `status`, plus the details as members)."""
        return {
            "type": f"urn:honorcard:problem:{self.code}",
            "title": self.sentence(language),
            "status": self.problem.status,
            **self.details,
        }


def sentence(code: str, language: Language, details: Mapping[str, Any] | None = None) -> str:
    """The sentence of a catalogue code in one language; unknown details stay as written in the sentence."""
    problem = CATALOGUE[code]
    template = problem.zh if language == "zh" else problem.en
    return template.format_map(_Kept(details or {}))


class _Kept(dict[str, Any]):
    """Leaves `{name}` standing when the detail is missing, so that a sentence never fails to appear."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


_ENTRIES: tuple[Problem, ...] = (
    # --- general (pages, requests) ---
    Problem("not_found", 404, "找不到這個頁面。請回首頁再試一次。", "This page does not exist. Go back to the start page."),
    Problem("not_allowed", 403, "您的帳號不能做這件事。請換一個帳號登入。", "Your account may not do this. Sign in with another account."),
    Problem("form_expired", 400, "這一頁放太久了。請重新整理後再送一次，資料都還在。", "This page was open too long. Reload it and send again; nothing is lost."),
    Problem("wrong_host", 400, "這個網址不是這台機器的。請用畫面上的網址打開。", "This address is not this machine's. Open it by the address shown on its screen."),
    Problem("went_wrong", 500, "機器出了一點狀況，資料都還在。請再試一次；還是不行就請找工作人員。", "Something went wrong; nothing is lost. Try again, or call the staff."),
    Problem("disk_full", 507, "這台機器的儲存空間滿了，剛才那一步沒有存進去。請找工作人員清出空間後再按一次。", "This machine's storage is full and the last step was not saved. Ask the staff to free some space, then press again."),
    Problem("too_large", 413, "檔案太大了（上限 {limit_mb} MB）。請用相機重拍，或換一個小一點的檔案。", "The file is too large (limit {limit_mb} MB). Take the photo again or choose a smaller file."),
    # --- rules (identity numbers, dates, hours) ---
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
    # --- pictures (scanner) ---
    Problem(
        "picture_empty",
        422,
        "這個檔案是空的。請重拍，或再選一次檔案。",
        "This file is empty. Take the photo again or choose the file again.",
    ),
    Problem(  # R37
        "picture_not_a_picture",
        415,
        "這個檔案不是相片（看起來是{looks_zh}）。請拍照，或把檔案轉成 JPG、PNG 再選一次；只改副檔名沒有用。",
        "This file is not a photo (it looks like {looks_en}). Take a photo, or convert the file to JPG or PNG and choose it"
        " again; renaming it does not help.",
    ),
    Problem(
        "picture_damaged",
        422,
        "這張相片不完整，打不開。請重拍，或再傳一次原檔。",
        "This photo is incomplete and cannot be opened. Take it again, or choose the original file again.",
    ),
    Problem(
        "picture_too_small",
        422,
        "這張相片太小（{width}×{height}），看不清楚。請用相機重拍，或選原尺寸的檔案。",
        "This photo is too small ({width}×{height}) to read. Take it again with the camera or choose the full-size file.",
    ),
    Problem(
        "picture_too_many_pixels",
        413,
        "這張相片太大了（{megapixels} 百萬像素）。請用相機重拍，或縮小後再選一次。",
        "This photo is too large ({megapixels} megapixels). Take it again with the camera, or make it smaller first.",
    ),
    Problem(
        "picture_too_heavy",
        422,
        "這張相片打不開：處理它要花太多時間。請用相機重拍一張。",
        "This photo cannot be opened: it takes too long to process. Take a new one with the camera.",
    ),
    Problem(
        "picture_decoder_busy",
        503,
        "現在同時處理的相片太多。請等十秒再按一次，剛才的資料都還在。",
        "Too many photos are being processed. Wait ten seconds and press again; nothing is lost.",
    ),
    Problem(
        "page_no_page",
        422,
        "第 {page} 頁找不到四個邊，請把整頁放進畫面，下面墊深色的桌面，重拍；或自己拉四個角。",
        "Page {page}: its four edges cannot be seen. Put the whole page in view on a dark table and retake, or drag the corners.",
    ),
    Problem(
        "page_cut_off",
        422,
        "第 {page} 頁有一邊沒拍到，請把相機拿高一點，重拍。",
        "Page {page}: one side is outside the picture. Hold the camera higher and retake.",
    ),
    Problem(
        "page_too_small",
        422,
        "第 {page} 頁拍得太小，請靠近一點，讓頁面填滿畫面，重拍。",
        "Page {page} is too small. Move closer so that it fills the picture, and retake.",
    ),
    Problem(
        "page_blurred",
        422,
        "第 {page} 頁模糊，請拿穩相機、等對焦後重拍。",
        "Page {page} is blurred. Hold the camera still, let it focus, and retake.",
    ),
    Problem(
        "page_glare",
        422,
        "第 {page} 頁反光，請關掉上方的燈，重拍。",
        "Page {page} reflects the light. Turn off the lamp above it and retake.",
    ),
    Problem(
        "page_dark",
        422,
        "第 {page} 頁太暗，請開燈或移到亮處，重拍。",
        "Page {page} is too dark. Turn on a light or move to a brighter place, and retake.",
    ),
    Problem(
        "page_tilted",
        422,
        "第 {page} 頁拍得太斜，請從正上方重拍。",
        "Page {page} was taken at too steep an angle. Retake it from straight above.",
    ),
    Problem(
        "face_no_face",
        422,
        "相片裡找不到臉，請面向鏡頭、臉上有光，重拍；或自己框出範圍。",
        "No face was found. Look at the camera with light on the face and retake, or frame it by hand.",
    ),
    Problem(
        "face_two_faces",
        422,
        "相片裡不只一張臉，請只留本人，重拍。",
        "There is more than one face. Only the volunteer may be in the picture; retake.",
    ),
    Problem(
        "face_too_far",
        422,
        "臉太小，請靠近鏡頭一步，重拍。",
        "The face is too small. Take one step towards the camera and retake.",
    ),
    Problem(
        "face_too_close",
        422,
        "臉太近，請退後一步，讓頭頂和肩膀都入鏡，重拍。",
        "The face is too close. Take one step back so that head and shoulders fit, and retake.",
    ),
    Problem(
        "face_cut_off",
        422,
        "頭有一部分在畫面外，請移到中間，重拍。",
        "Part of the head is outside the picture. Move to the middle and retake.",
    ),
    Problem(
        "face_dark",
        422,
        "臉太暗，請轉向光源或開燈，重拍。",
        "The face is too dark. Turn towards the light or turn on a lamp, and retake.",
    ),
    Problem(
        "face_burnt_out",
        422,
        "臉太亮，看不清五官，請避開直射的光，重拍。",
        "The face is too bright to make out. Move out of the direct light and retake.",
    ),
    Problem(
        "face_blurred",
        422,
        "臉部模糊，請站穩、等對焦後重拍。",
        "The face is blurred. Keep still, let the camera focus, and retake.",
    ),
    Problem(
        "face_turned_away",
        422,
        "臉轉向一邊或歪著，請正面看鏡頭，重拍。",
        "The face is turned or tilted. Look straight at the camera and retake.",
    ),
    # --- card (token, pack, sheet, slip) ---
    Problem(
        "fonts_missing",
        503,
        "這台機器缺少字型，還不能印卡。請安裝套件 {package}，再試一次。",
        "This machine lacks a font and cannot print cards yet. Install the package {package}, then try again.",
    ),
    Problem(
        "glyph_missing",
        422,
        "這些字這台機器印不出來：{characters}。請安裝全字庫字型，或請承辦人確認用字。",
        "This machine cannot print these characters: {characters}. Install the CNS 11643 fonts, or ask the "
        "officer to check the spelling.",
    ),
    Problem(
        "name_too_long",
        422,
        "姓名太長，卡片印不下（上限 {limit} 字）。請確認姓名。",
        "The name is too long for the card (limit {limit} characters). Check the name.",
    ),
    Problem(
        "photo_unreadable",
        422,
        "大頭照讀不出來。請重新上傳或重拍。",
        "The headshot cannot be read. Upload or take it again.",
    ),
    Problem(
        "photo_too_rich",
        422,
        "大頭照壓縮後還是太大，放不進離線名單。請換一張背景單純的照片。",
        "The headshot stays too large for the offline list. Use a photo with a plain background.",
    ),
    Problem(
        "trust_unreadable",
        422,
        "讀不到信任清單，或檔案壞了。請重新下載信任清單。",
        "The trust list is missing or damaged. Download it again.",
    ),
    Problem(
        "trust_unsigned",
        422,
        "信任清單不是由本系統的根金鑰簽署，沒有採用。請向社會局索取正確的檔案。",
        "The trust list is not signed by our root key and was not used. Ask the bureau for the right file.",
    ),
    Problem(
        "keys_exist",
        409,
        "這個資料夾已經有金鑰。請換一個資料夾，或改用輪替。",
        "This folder holds keys already. Choose another folder, or rotate them.",
    ),
    Problem(
        "key_unknown",
        404,
        "沒有這把金鑰可用（{kid}）。請查看金鑰清單。",
        "No such key can be used ({kid}). Look at the key list.",
    ),
    Problem(
        "key_unreadable",
        422,
        "金鑰檔 {file} 打不開。請確認檔案和密碼。",
        "The key file {file} does not open. Check the file and its passphrase.",
    ),
    Problem(
        "pack_unreadable",
        422,
        "讀不到離線名單，或檔案壞了。請重新下載名單。",
        "The offline list is missing or damaged. Download it again.",
    ),
    Problem(
        "pack_unsigned",
        422,
        "離線名單不是由本系統簽署，沒有採用。請重新下載名單。",
        "The offline list is not signed by our system and was not used. Download it again.",
    ),
    Problem(
        "pack_rolled_back",
        409,
        "這份離線名單（第 {version} 版）比用過的（第 {high_water} 版）舊，沒有採用。請下載最新的名單。",
        "This offline list (version {version}) is older than one already used (version {high_water}) and was "
        "not used. Download the newest list.",
    ),
    Problem(
        "receipt_unreadable",
        422,
        "收據號碼不對。請照收據再輸入一次，例如 HC-7K3M-22QF。",
        "The receipt number is not right. Type it again as printed, for example HC-7K3M-22QF.",
    ),
    Problem(
        "slip_unreadable",
        422,
        "這不是榮譽卡申請收據的條碼。請掃收據上的 QR 碼。",
        "This is not the code of an application slip. Scan the QR code on the slip.",
    ),
    Problem(
        "slip_does_not_open",
        403,
        "收據和出生年月日對不上。請再輸入一次，或請工作人員幫忙列印。",
        "The slip and the date of birth do not match. Type it again, or ask the staff to print the card.",
    ),
    Problem(
        "card_data",
        422,
        "製卡資料不完整或格式不對：{field}。請修正後再做一次。",
        "The card's data is incomplete or malformed: {field}. Correct it and run again.",
    ),
    # --- sync (transport, intake, enrolment) ---
    Problem(
        "device_not_enrolled",
        409,
        "這台機器還沒有登記到志推中心，不能送件。請管理員用登記碼登記後再送，草稿都還在。",
        "This machine is not enrolled with the center yet, so nothing can be sent. Enrol it with a code; the draft is kept.",
    ),
    Problem(
        "enrol_code_wrong",
        403,
        "登記碼不對。請看著中心畫面再輸入一次；錯太多次要請中心換一組。",
        "The enrolment code is wrong. Type it again as the center shows it; after too many tries a new one is needed.",
    ),
    Problem(
        "enrol_code_expired",
        403,
        "登記碼過期了（15 分鐘內有效）。請中心再給一組新的。",
        "The enrolment code has expired (it lasts 15 minutes). Ask the center for a new one.",
    ),
    Problem(
        "enrol_code_used",
        403,
        "登記碼已經用過了。請中心再給一組新的。",
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
        "這台機器的儲存空間不足（剩 {free_mb} MB），先不收新的申請；已收的都還在。請工作人員清出空間。",
        "This machine is short of storage ({free_mb} MB left) and takes no new applications; what it has is safe."
        " Ask the staff to free some space.",
    ),
    Problem(
        "submit_incomplete",
        422,
        "還有沒回答的問題，不能送出。請回到「{step}」完成後再送。",
        "Some questions are still open. Go back to “{step}”, finish it, then send.",
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
        "中心還不認得這種資料（第 {schema_v} 版，中心到第 {known} 版）。請聯絡志推中心。",
        "The center does not know this kind of record (version {schema_v}, known up to {known}). Contact the center.",
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
        "op_not_returned",
        409,
        "這件申請現在不能修改（不是退件，或已經改過）。請更新清單查看。",
        "This application cannot be changed now (not returned, or changed since). Refresh the list.",
    ),
    Problem(
        "op_failed",
        500,
        "中心處理時出了狀況，會自動再送。",
        "The center had a problem with this record; it is sent again.",
    ),
    # --- kiosk ---
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
        "印表機的網址不對。請輸入 ipp:// 或 ipps:// 開頭的網址。",
        "The printer's address is not right. Type one that begins with ipp:// or ipps://.",
    ),
    Problem(
        "reprint_needs_reason",
        422,
        "這張卡片印過了。請選再印一次的原因。",
        "This card was printed before. Choose why it is printed again.",
    ),
    # kiosk: an application, one question a page
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
        "This QR code is not an honor card's. Scan the one on the old card, or type the date and "
        "photograph the card.",
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
        "This card's QR code does not check out. Type its date and photograph the card; a reviewer will "
        "compare them.",
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
        "這份申請不在這台機器上：已經送出，或已經刪除。請到收件匣查看。",
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
        "The conditions are not met yet, so it cannot be sent. Everything is kept here; press again on "
        "the day shown.",
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
        "這件沒有要補正的地方。請到收件匣看它目前的狀態。",
        "There is nothing to correct in this case. Look in the tray to see where it stands.",
    ),
    Problem(
        "case_does_not_open",
        409,
        "這件補正資料在這台機器打不開。請到原來收件的那台機器補正。",
        "This returned case does not open on this machine. Correct it on the machine that took it.",
    ),
    Problem(
        "storage_low",
        507,
        "這台機器的儲存空間快滿了，先不要收新的申請。已經開始的都可以做完。請找工作人員清出空間。",
        "This machine is nearly full, so no new application can be started. Those already begun can be "
        "finished. Ask the staff to free space.",
    ),
    # --- center ---
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
    Problem("card_unknown", 404, "找不到這張卡。請看卡號再試一次。", "There is no such card. Check its number and try again."),
    Problem(
        "card_ended_already",
        409,
        "這張卡已經註銷或換發，不能再改。請重新整理。",
        "This card was already revoked or replaced and cannot be changed. Reload.",
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

CATALOGUE: dict[str, Problem] = {entry.code: entry for entry in _ENTRIES}
