"""Lists brought in and taken out by the city: a list as a whole, then one cell of it, then what goes out."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "exchange_gone",
        404,
        "找不到這一批。請從匯入匯出頁再看一次。",
        "This import is not here. Look again from the page of imports and exports.",
    ),
    Problem(
        "exchange_busy",
        409,
        "這一批還在處理，沒有改動。請等它做完再按。",
        "This import is still being worked on and nothing was changed. Wait until it is done and press again.",
    ),
    Problem(
        "exchange_not_now",
        409,
        "這一批現在不能這樣做，沒有改動。請看這一頁上寫的情形。",
        "That cannot be done with this import now, and nothing was changed. See on the page how it stands.",
    ),
    Problem(
        "exchange_nothing",
        422,
        "沒有可以匯入的列，沒有改動。請改好檔案再選一次。",
        "There is no line to import, and nothing was changed. Mend the file and choose it again.",
    ),
    Problem(
        "exchange_columns",
        422,
        "還缺這些欄：{columns}。請選它們是檔案裡的哪一欄。",
        "These columns are still missing: {columns_en}. Choose which columns of the file they are.",
    ),
    Problem(
        "exchange_column_twice",
        422,
        "同一欄選了兩次：{column}。一欄只能是一種資料。",
        "One column was chosen twice: {column}. A column can be one thing only.",
    ),
    Problem(
        "exchange_needed",
        422,
        "這一格不能空著。請補上。",
        "This cell must not be empty. Fill it in.",
    ),
    Problem(
        "exchange_too_long",
        422,
        "超過 {limit} 個字。請寫短一點。",
        "This is longer than {limit} characters. Shorten it.",
    ),
    Problem(
        "exchange_day_to_come",
        422,
        "{day} 還沒有到。請核對年份。",
        "{day} is still to come. Check the year.",
    ),
    Problem(
        "exchange_ends_before_it_begins",
        422,
        "{last} 在 {first} 之前。請改其中一個日期。",
        "{last} lies before {first}. Mend one of the two dates.",
    ),
    Problem(
        "exchange_no_hours",
        422,
        "時數是 0。請填實際時數，或刪掉這一列。",
        "The hours are 0. Put the real hours, or delete the row.",
    ),
    Problem(
        "exchange_hours_over_days",
        422,
        "時數比 {days} 天的全部時間還多。請核對日期和時數。",
        "That is more than all the hours of {days} days. Check dates and hours.",
    ),
    Problem(
        "exchange_counted_after_end",
        422,
        "採計的日期在有效日期之後。請核對兩個日期。",
        "Service is counted until a day after the card ends. Check both dates.",
    ),
    Problem(
        "exchange_country_needed",
        422,
        "護照要寫國籍，兩個國家可能有同一個號碼。請補上國籍。",
        "A passport needs its nationality, since two states may give one number. Add it.",
    ),
    Problem(
        "exchange_country",
        422,
        "沒有這個國家。請寫國名，或兩個字母的代碼，例如 VN。",
        "There is no such country. Write its name, or its code of two letters such as VN.",
    ),
    Problem(
        "exchange_course_kind",
        422,
        "訓練種類請寫「基礎」或「特殊」。",
        "The kind of training is 基礎 (basic) or 特殊 (special).",
    ),
    Problem(
        "exchange_unit_unknown",
        422,
        "沒有這個單位。請照單位代碼改，或先匯入單位。",
        "There is no such unit. Write its code, or import the units first.",
    ),
    Problem(
        "exchange_unit_twice",
        422,
        "有兩個單位叫這個名稱。請改寫單位代碼。",
        "Two units have this name. Write the unit's code instead.",
    ),
    Problem(
        "exchange_person_unknown",
        422,
        "還沒有這個人。請看證件核對證號，或先匯入志工。",
        "This person is not known yet. Compare the number with the document, or import the volunteers first.",
    ),
    Problem(
        "exchange_name_differs",
        422,
        "這個證號在這裡是另一個姓名。請看證件，改證號或姓名。",
        "This number has another name here. Look at the document and mend the number or the name.",
    ),
    Problem(
        "exchange_name_on_card",
        422,
        "這個人已經有卡，姓名要用更正換發來改。請把姓名改回卡上的。",
        "This person holds a card, whose name changes with a correction only. Put the name as it is on the card.",
    ),
    Problem(
        "exchange_line_twice",
        422,
        "和第 {other} 列重複。請刪掉其中一列。",
        "This repeats line {other}. Delete one of them.",
    ),
    Problem(
        "exchange_lines_disagree",
        422,
        "和第 {other} 列是同一筆，內容卻不一樣。請留下對的那一列。",
        "This is the same thing as line {other}, but says otherwise. Keep the line that is right.",
    ),
    Problem(
        "exchange_card_of_other",
        422,
        "這個卡號在這裡是另一個人的。請看卡片核對。",
        "This card number is another person's here. Compare it with the card.",
    ),
    Problem(
        "exchange_used_since",
        409,
        "後來有別的資料用到它，所以留著。",
        "Something entered since depends on it, so it stays.",
    ),
    Problem(
        "exchange_changed_since",
        409,
        "後來又改過，所以沒有改回去。",
        "It was changed again since, so it was not put back.",
    ),
    Problem(
        "exchange_layout",
        422,
        "欄位設定不完整：每一欄都要有名稱，固定值要填內容。請補上。",
        "The columns are not complete: each needs a heading, and a fixed value its text. Fill them in.",
    ),
    Problem(
        "exchange_big5",
        422,
        "有 {n} 個字 Big5 裡沒有，所以還沒有匯出。請先選要怎麼處理。",
        "Big5 lacks {n} of the characters, so nothing was exported yet. Choose first what to do with them.",
    ),
)
