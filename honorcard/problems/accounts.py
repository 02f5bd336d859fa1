"""Signing in to the center: passwords, second factor, registering a unit."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem("not_signed_in", 401, "請先登入。", "Sign in first."),
    Problem(
        "password_short",
        422,
        "密碼至少要 {least} 個字。請換一個長一點的。",
        "A password needs at least {least} characters. Choose a longer one.",
    ),
    Problem(
        "password_common",
        422,
        "這個密碼太容易猜到。請換一個，例如連著寫幾個不相干的詞。",
        "This password is guessed too easily. Choose another, such as a few unrelated words in a row.",
    ),
    Problem(
        "password_old_wrong",
        422,
        "現在的密碼不對，密碼沒有改。請再輸入一次。",
        "The present password is wrong, and nothing was changed. Type it again.",
    ),
    Problem(
        "password_not_twice",
        422,
        "兩次輸入的新密碼不一樣。請再輸入一次。",
        "The two new passwords differ. Type them again.",
    ),
    Problem(
        "password_same",
        422,
        "新密碼和現在的一樣。請換一個。",
        "The new password is the present one. Choose another.",
    ),
    Problem(
        "factor_code_wrong",
        422,
        "這個驗證碼不對，或已經用過。請等 App 換下一組 6 位數字，再輸入。",
        "This code is wrong or was used before. Wait for the next six digits in the app, then type them.",
    ),
    Problem(
        "factor_required",
        422,
        "您的角色要用驗證碼登入，不能關掉。換手機請選「換一支手機」。",
        "Your role signs in with a code, so it stays on. For another phone choose “Use another phone”.",
    ),
    Problem(
        "registration_full",
        503,
        "等待核准的註冊太多，暫時不能再收。請過幾天再來，或打電話給志推中心。",
        "Too many registrations are waiting, and no more can be taken now. Come back in a few days, or call the center.",
    ),
    Problem(
        "registration_decided",
        409,
        "這個註冊剛剛有人處理過了。請看清單目前的樣子。",
        "Somebody has just decided on this registration. Look at the list as it stands now.",
    ),
    Problem(
        "registration_not_an_officer",
        409,
        "這個電子郵件是審查或管理人員的帳號，不能同時是承辦人。請退回，請對方用另一個信箱註冊。",
        "This e-mail address belongs to an account of another role, which cannot also be a unit's officer. Refuse it, and ask "
        "them to register with another address.",
    ),
    Problem(
        "registration_reason_missing",
        422,
        "請寫下退回的原因，單位才知道怎麼改。",
        "Write down why, so that the unit knows what to change.",
    ),
    Problem(
        "unit_last",
        422,
        "承辦人至少要有一個單位，最後一個不能移除。請先加上另一個，或停用帳號。",
        "An officer has at least one unit, and the last one stays. Add another first, or close the account.",
    ),
)
