"""A unit's list of people: the file as a whole, then one row of it."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "roster_file_missing",
        422,
        "還沒有選檔案。請選 XLSX 或 CSV 的名單。",
        "No file was chosen. Choose a list as XLSX or CSV.",
    ),
    Problem(
        "roster_file_too_large",
        413,
        "檔案超過 {limit_mb} MB。請刪掉圖片和用不到的工作表，另存新檔再試。",
        "The file is over {limit_mb} MB. Remove pictures and sheets that are not needed, save it and try again.",
    ),
    Problem(
        "roster_xls",
        422,
        "這是舊版 Excel（.xls）或有密碼的檔案，讀不出來。請在 Excel 取消密碼，另存成 .xlsx 或 CSV。",
        "This is an old Excel file (.xls) or one with a password. Take the password away in Excel and save it as .xlsx or CSV.",
    ),
    Problem(
        "roster_ods",
        422,
        "這裡讀不了 {kind} 檔。請打開它，另存成 .xlsx 或 CSV。",
        "{kind} files cannot be read here. Open the file and save it as .xlsx or CSV.",
    ),
    Problem(
        "roster_not_a_table",
        422,
        "這個檔案不是名單。請選 XLSX 或 CSV 檔。",
        "This file is not a list. Choose an XLSX or CSV file.",
    ),
    Problem(
        "roster_damaged",
        422,
        "這個檔案壞了，讀不完整，所以一列都沒有採用。請在 Excel 打開後另存新檔再試。",
        "The file is damaged and cannot be read to its end, so none of it was used. Open it in Excel, save it anew and retry.",
    ),
    Problem(
        "roster_too_much",
        422,
        "這個檔案展開後太大。請只留名單那一張工作表，複製到新檔案再試。",
        "This file is too large once unpacked. Copy the list alone into a new file and try again.",
    ),
    Problem(
        "roster_rows_too_many",
        422,
        "名單超過 {limit} 列。請分成幾個檔案，一次檢查一個；同一位的各列要在同一個檔案。",
        "The list has more than {limit} rows. Split it into several files, keeping the rows of one person together.",
    ),
    Problem(
        "roster_columns_too_many",
        422,
        "第 {line} 列超過 {limit} 欄。請只留用得到的欄再試。",
        "Row {line} has more than {limit} columns. Keep only those that are needed and try again.",
    ),
    Problem(
        "roster_encoding",
        422,
        "第 {line} 列有看不懂的字元。請在 Excel 另存成「CSV UTF-8」或 .xlsx 再試。",
        "Row {line} has characters that cannot be read. In Excel, save it as “CSV UTF-8” or .xlsx and try again.",
    ),
    Problem(
        "roster_csv_broken",
        422,
        "第 {line} 列附近的引號沒有成對，後面的列分不開。請改好引號，或存成 .xlsx。",
        "A quotation mark near row {line} has no partner, so the rows after it run together. Mend it, or save as .xlsx.",
    ),
    Problem(
        "roster_hidden",
        422,
        "名單在隱藏的工作表裡。請取消隱藏再試。",
        "The list is on a hidden sheet. Unhide it and try again.",
    ),
    Problem(
        "roster_empty",
        422,
        "這個檔案裡沒有人。請確認名單有欄位名稱，下面有資料。",
        "There is nobody in this file. It needs a row of headings and rows of people below it.",
    ),
    Problem(
        "roster_columns_missing",
        422,
        "找不到這些欄：{columns}。請在第一列寫欄位名稱，或照範例檔的寫法。",
        "These columns were not found: {columns_en}. Put the headings in the first row, or name them as the sample does.",
    ),
    Problem(
        "roster_column_twice",
        422,
        "有兩欄都叫「{column}」，不知道要用哪一欄。請刪掉或改名其中一欄。",
        "Two columns are called “{column}” and it is not clear which to use. Remove or rename one of them.",
    ),
    Problem(
        "roster_gone",
        404,
        "檢查結果只留 15 分鐘，已經清掉了。請再選一次檔案。",
        "Results are kept for 15 minutes only and are gone. Choose the file again.",
    ),
    # one row of it
    Problem(
        "roster_formula",
        422,
        "{where} 是公式，檔案裡沒有算好的值。請在 Excel 打開、存檔再試，或改成數值。",
        "{where} is a formula whose value is not in the file. Open it in Excel and save it, or type the value.",
    ),
    Problem(
        "roster_cell_error",
        422,
        "{where} 是錯誤值。請改好這一格的公式，或直接輸入。",
        "{where} shows an error. Mend its formula, or type the value.",
    ),
    Problem(
        "roster_merged",
        422,
        "這一格和上面合併了，不知道這一列是多少。請取消合併，每列各填一個。",
        "This cell is merged with the one above, so the row's own value is not known. Unmerge it and fill in each row.",
    ),
    Problem(
        "roster_name_missing",
        422,
        "沒有姓名。請補上，或刪掉這一列。",
        "The name is missing. Add it, or delete the row.",
    ),
    Problem(
        "roster_name_lost",
        422,
        "姓名裡有「?」：存檔時掉了字。請補上那個字，另存成「CSV UTF-8」或 .xlsx。",
        "The name has a “?” where a rare character was lost. Put it back and save as “CSV UTF-8” or .xlsx.",
    ),
    Problem(
        "roster_id_length",
        422,
        "身分證或統一證號要 10 個字。請看證件改；是護照的話，號碼前面加「護照」兩個字。",
        "An ID number has 10 characters. Compare it with the document; write “passport” before a passport number.",
    ),
    Problem(
        "roster_id_characters",
        422,
        "證號是 1 個英文字母加 9 個數字。請看證件改；是護照的話，號碼前面加「護照」兩個字。",
        "An ID number is 1 letter and 9 digits. Compare it with the document; write “passport” before a passport number.",
    ),
    Problem(
        "roster_id_check_digit",
        422,
        "這個號碼不對，多半是打錯一個字。請看證件改。",
        "This number does not add up: most likely a slip. Compare it with the document.",
    ),
    Problem(
        "roster_day_missing",
        422,
        "沒有日期。請照紀錄冊補上，例如 108.06.02。",
        "The date is missing. Add it from the record book, for example 108.06.02 or 2019-06-02.",
    ),
    Problem(
        "roster_day_too_early",
        422,
        "{day} 太早了。請核對民國年和西元年，年份寫完整。",
        "{day} is too early. Check whether ROC and Gregorian years were mixed up, and write the full year.",
    ),
    Problem(
        "roster_day_to_come",
        422,
        "{day} 還沒有到。請照紀錄冊上最後一筆改。",
        "{day} is still to come. Put the day of the latest entry in the record book.",
    ),
    Problem(
        "roster_start_after_last",
        422,
        "開始日 {first} 在最近服務日 {last} 之後。請看紀錄冊，改其中一個。",
        "The first day, {first}, lies after the latest, {last}. Look at the record book and mend one of them.",
    ),
    Problem(
        "roster_hours_missing",
        422,
        "沒有時數。請照紀錄冊補上，沒有就填 0。",
        "The hours are missing. Add them from the record book, or 0 when there are none.",
    ),
    Problem(
        "roster_hours_are_a_day",
        422,
        "這一格是日期，不是時數。請把儲存格格式改成「數值」，看數字對不對。",
        "This cell is a date, not hours. Change its format to a number and check the figure.",
    ),
    Problem(
        "roster_minutes_unreadable",
        422,
        "看不懂這個分鐘數。請輸入整數，例如 90。",
        "These minutes cannot be read. Type a whole number, for example 90.",
    ),
    Problem(
        "roster_category",
        422,
        "沒有這一種服務。請填其中一種：{categories}。一般單位可以空著。",
        "There is no such kind of service. Use one of: {categories_en}. Ordinary units may leave it empty.",
    ),
    Problem(
        "roster_previous_missing",
        422,
        "寫了換發，但沒有前卡到期日。請看舊卡的有效期限補上。",
        "This is a renewal without the old card's last day. Add it from the old card.",
    ),
    Problem(
        "roster_same_name",
        422,
        "和第 {other} 列同名，分不出是不是同一位。請兩列都填身分證字號或出生日期。",
        "Row {other} has the same name. Add ID numbers or birth dates to both rows to tell whether it is one person.",
    ),
    Problem(
        "roster_rows_disagree",
        422,
        "和第 {other} 列是同一個證號，這一欄卻不一樣。請看證件，改其中一列。",
        "Row {other} is the same person, but says something else here. Look at the document and mend one of them.",
    ),
    Problem(
        "roster_row_twice",
        422,
        "和第 {other} 列重複，時數會算兩次。請刪掉其中一列。",
        "This repeats row {other}, so its hours would count twice. Delete one of them.",
    ),
)
