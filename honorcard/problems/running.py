"""Running a center: too much at once, backups and restores, steps of the schema."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "center_busy",
        503,
        "志推中心現在忙不過來。請稍後再試，資料不會不見。",
        "The center is busy right now. Try again later; nothing is lost.",
    ),
    Problem(
        "signing_paced",
        422,
        "24 小時內已發 {signed} 張卡，到了安全上限。這件留在複審，明天再核准。今天真的有這麼多件，請通知系統管理員。",
        "{signed} cards were signed within 24 hours, which is the safety limit. This case stays in second review: approve it "
        "tomorrow. If there are really so many today, tell the administrator.",
    ),
    Problem(
        "center_full",
        507,
        "志推中心的儲存空間快滿了，先不收。資料都在這台機器裡，稍後自動再送。",
        "The center is running out of storage and takes nothing more for now. Everything is kept here and sent again later.",
    ),
    Problem(
        "object_store_wrong",
        422,
        "center.json 的 {setting} 不對。object_store 寫成 s3://儲存區/路徑，object_endpoint 寫成 https://主機；都空白就存在資料夾。"
        "改好再啟動。",
        "{setting} in center.json cannot be used. Write object_store as s3://bucket/prefix and object_endpoint as https://host, "
        "or leave both empty to keep files in a folder. Then start again.",
    ),
    Problem(
        "backup_none",
        422,
        "這個資料夾裡沒有完整的備份。請確認路徑。",
        "There is no whole backup in this folder. Check the path.",
    ),
    Problem(
        "backup_damaged",
        422,
        "備份的 {file} 壞了或少了，這份備份不能用。請換一份，並檢查磁碟。",
        "{file} of the backup is damaged or missing; this backup cannot be used. Take another one, and check the disk.",
    ),
    Problem(
        "backup_files_missing",
        422,
        "中心自己少了 {files} 個檔案，備份裡也沒有。已經備份的都留著；請檢查存放照片的地方，再備份一次。",
        "The center itself lacks {files} files, and so does the backup. What was copied is kept. "
        "Look at where the photographs lie, then back up again.",
    ),
    Problem(
        "backup_failed",
        422,
        "{tool} 沒有成功（{exit}）。請確認資料庫連得上、磁碟有空間，再試一次。",
        "{tool} failed ({exit}). Check that the database answers and the disk has room, then try again.",
    ),
    Problem(
        "backup_tool_missing",
        422,
        "這台機器沒有 {tool}。請安裝 postgresql-client，再試一次。",
        "This machine has no {tool}. Install postgresql-client, then try again.",
    ),
    Problem(
        "backup_other_store",
        422,
        "備份來自另一種資料庫。SQLite 的備份還原到 SQLite，PostgreSQL 的還原到 PostgreSQL。",
        "The backup comes from the other kind of database. Put SQLite's back into SQLite, PostgreSQL's into PostgreSQL.",
    ),
    Problem(
        "backup_keys_taken",
        422,
        "放金鑰的資料夾裡已經有東西，沒有蓋過去。請指定一個空的資料夾。",
        "The folder for the keys is not empty, and nothing was overwritten. Name an empty one.",
    ),
    Problem(
        "restore_not_empty",
        422,
        "那裡已經有資料庫，沒有蓋過去。請指定一個空的地方。",
        "There is a database already, and nothing was overwritten. Name an empty place.",
    ),
    Problem(
        "restore_keys_missing",
        422,
        "沒有發證金鑰。請用 --keys 指定當初另外保存的金鑰資料夾；沒有它，還原的資料打不開、舊卡驗不過。",
        "The issuer's keys are missing. Name the folder they were kept in with --keys: without them what is restored cannot be "
        "opened, and no card verifies.",
    ),
    Problem(
        "restore_unfinished",
        503,
        "上次的還原沒有做完。請再執行一次 honorcard restore，中心才會啟動。",
        "The last restore did not finish. Run honorcard restore once more; the center starts after that.",
    ),
    Problem(
        "schema_too_new",
        503,
        "資料庫已經由更新的版本改過，這個版本不能用。請改用新版本啟動。",
        "A newer version has changed the database and this one can no longer work with it. Start the newer version.",
    ),
    Problem(
        "schema_needs_stop",
        409,
        "資料庫的步驟 {steps} 會拿掉執行中的版本還要用的東西。請先停掉所有舊版中心，再加 --stopped 執行；"
        "或先更新到中間的版本。什麼都還沒有改。",
        "Steps {steps} of the database take away what the running version still uses. Stop every older center first and run "
        "again with --stopped, or go by way of a version in between. Nothing has been changed yet.",
    ),
    Problem(
        "schema_behind",
        503,
        "資料庫還沒有更新。請先執行 honorcard migrate，再啟動中心。",
        "The database has steps to take. Run honorcard migrate first, then start the center.",
    ),
)
