"""Token, keys, pack, sheet, slip."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
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
        "keys_used_up",
        409,
        "255 個金鑰編號都用完了。請建立新的根金鑰，並通知所有查驗的場館。",
        "All 255 key numbers are used. Make a new root key, and tell every venue that verifies.",
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
        "收據和出生年月日對不上，或這一件不在這台機器。請再看一次生日；沒有錯，就請到送件的那一台，或找工作人員。",
        "The slip and date of birth do not match, or it is not here. If the date is right, go where you applied, or ask staff.",
    ),
    Problem(
        "old_card_needs_line",
        503,
        "用榮譽卡找新卡要連線，現在連不上。請改用收據，或請工作人員列印。",
        "Finding the new card by a card needs a connection, and there is none now. Use the slip, or ask the staff to print.",
    ),
    Problem(
        "old_card_does_not_match",
        403,
        "榮譽卡和出生年月日對不上。請再輸入一次，或請工作人員幫忙列印。",
        "The card and the date of birth do not match. Type it again, or ask the staff to print the card.",
    ),
    Problem(
        "old_card_tries_spent",
        429,
        "這張榮譽卡試太多次了。請工作人員看證件後幫您列印。",
        "This card was tried too often. Ask the staff, who print it after seeing your identity document.",
    ),
    Problem(
        "old_card_none_good",
        409,
        "目前沒有可以列印的卡片。請用收據查詢進度，或問工作人員。",
        "There is no card to print at present. Look up the progress with your slip, or ask the staff.",
    ),
    Problem(
        "old_card_reprints_spent",
        409,
        "這張卡片這個月補印過很多次了。請工作人員看證件後幫您列印。",
        "This card was printed again many times this month. Ask the staff, who print it after seeing your identity document.",
    ),
    Problem(
        "card_data",
        422,
        "製卡資料不完整或格式不對：{field}。請修正後再做一次。",
        "The card's data is incomplete or malformed: {field}. Correct it and run again.",
    ),
)
