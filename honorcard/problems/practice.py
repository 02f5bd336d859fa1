"""The practice room: seats, and the last page."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "seat_unknown", 422, "沒有這個座位。座位是 1 到 40 號。", "There is no such seat. Seats are numbered 1 to 40."
    ),
    Problem(
        "seat_taken",
        409,
        "這個座位有人了。請看桌上的號碼，或選別的座位。真的是您的，請老師放開它。",
        "This seat is taken. Check the number on the table, or choose another. If it is yours, ask the trainer to free it.",
    ),
    Problem(
        "seats_full",
        409,
        "40 個座位都有人了。請和旁邊的人一起練習，或請老師放開座位。",
        "All 40 seats are taken. Practise with your neighbour, or ask the trainer to free a seat.",
    ),
    Problem(
        "practice_not_sent",
        404,
        "還沒有送出的申請，所以還沒有練習卡。請先送出。",
        "Nothing was submitted yet, so there is no card. Submit first.",
    ),
    Problem("ease_missing", 422, "請選一個：都懂了，或哪裡不懂。", "Choose one: was all of it clear, or not?"),
    Problem(
        "not_for_practice",
        409,
        "這個資料夾是正式的服務站。練習請用別的資料夾：--dir。",
        "This folder is a kiosk in real use. Practise in another one: --dir.",
    ),
)
