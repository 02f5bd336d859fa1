"""Events and trainings: what is wrong with one that is made, with a code that is held up, with a time that is given."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "event_title_missing",
        422,
        "還沒有填活動名稱。請填 1 到 60 個字。",
        "The event has no name. Type 1 to 60 characters.",
    ),
    Problem(
        "event_day_wrong",
        422,
        "活動日期看不出來。請寫成 115.11.22。",
        "The day of the event cannot be read. Write it as 2026-11-22.",
    ),
    Problem(
        "event_times_wrong",
        422,
        "開始和結束的時間不對。請寫成 09:00，結束要比開始晚，最長 31 天。",
        "The times are wrong. Write 09:00; the end has to be after the start, 31 days later at most.",
    ),
    Problem(
        "event_hours_wrong",
        422,
        "固定時數要以 0.5 小時為單位，不能超過活動的天數。請改時數。",
        "Fixed hours are given in steps of 0.5, and no more than the event's days have. Change the hours.",
    ),
    Problem(
        "event_course_missing",
        422,
        "訓練要選基礎訓練或特殊訓練；特殊訓練要填領域。",
        "A training is basic or special; a special one needs its field.",
    ),
    Problem(
        "event_unknown",
        404,
        "這台機器沒有這個活動。請回活動清單再選一次。",
        "This machine has no such event. Go back to the list of events.",
    ),
    Problem(
        "event_closed",
        409,
        "這個活動已經結束報到。要補登，請到中心的活動頁更正。",
        "Check-in for this event is over. Correct it on the center's page of the event.",
    ),
    Problem(
        "event_code_unknown",
        422,
        "這不是榮譽卡，也不是收據。請掃卡片的 QR 碼，或輸入身分證字號。",
        "This is neither an honor card nor a slip. Scan the card's QR code, or type the identity number.",
    ),
    Problem(
        "event_number_wrong",
        422,
        "這個證號不對。請看著證件再輸入一次。",
        "This identity number is wrong. Type it again from the document.",
    ),
    Problem(
        "event_document_wrong",
        422,
        "這個證號不對。請看著證件再輸入一次；用護照的人，也要選國籍。",
        "This number is wrong. Type it again from the document; with a passport, choose the nationality too.",
    ),
    Problem(
        "event_name_missing",
        422,
        "還沒有填姓名。請照證件填寫。",
        "The name is missing. Type it as on the document.",
    ),
    Problem(
        "event_list_empty",
        422,
        "名單裡沒有可以用的人。請看有沒有「姓名」和「身分證字號」兩欄。",
        "Nobody on the list can be used. Look whether it has columns for name and identity number.",
    ),
    Problem(
        "event_reason_missing",
        422,
        "還沒有寫更正的原因。請寫一句話。",
        "The reason of the correction is missing. Write a sentence.",
    ),
    Problem(
        "event_person_missing",
        422,
        "找不到這位志工。請看證號和姓名對不對。",
        "No such volunteer was found. Check number and name.",
    ),
    Problem(
        "event_nobody",
        422,
        "還沒有可以開證明的人。請先把活動結束報到，並認出是誰。",
        "Nobody can be given a certificate yet. Close check-in first, and say who the people are.",
    ),
)
