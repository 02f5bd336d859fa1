"""The kinds of lists and their columns: what each is called, by which names it is found, what may stand in it.

The names are ours, put together from forms and printouts of the city and the national system; no file of either system's
import was seen (docs/exchange.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from honorcard.problems import Language

Kind = Literal["units", "volunteers", "hours", "training", "cards"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Reads = Literal[
    "code", "text", "name", "english", "identity", "passport", "country", "birth", "day", "later", "hours", "unit", "category",
    "course",
]  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A column of a list. code: our name for it; reads: how a cell is read; sample: what a list may say."""

    code: str
    zh: str
    en: str
    reads: Reads
    names: str  # as headings are folded (headings.folded), the best first
    needed: bool = False
    longest: int = 100
    sample: str = ""

    def label(self, language: Language) -> str:
        """What it is called on a page."""
        return self.zh if language == "zh" else self.en


_NAME = "志工姓名 姓名 中文姓名 持卡人姓名 持卡人 名字 志工 volunteername fullname name volunteer"
_IDENTITY = (
    "身分證字號 身分證統一編號 國民身分證統一編號 身分證號碼 身分證號 身分證 統一證號 居留證號 居留證號碼 證件號碼 證號 "
    "idnumber nationalid identitynumber idno"
)
_UNIT = (
    "運用單位代碼 單位代碼 運用單位 志願服務運用單位 所屬單位 服務單位 單位名稱 運用單位名稱 單位 隊別 unitcode unit unitname "
    "organisation organization"
)

_WHO = (
    Field("identity", "身分證字號", "ID number", "identity", _IDENTITY, sample="A123456789"),
    Field(
        "passport", "護照號碼", "Passport number", "passport", "護照號碼 護照 護照號 passportnumber passportno passport"
    ),
    Field("country", "國籍", "Nationality", "country", "國籍 護照國別 發照國 nationality country"),
)

FIELDS: dict[Kind, tuple[Field, ...]] = {
    "units": (
        Field(
            "code", "單位代碼", "Unit code", "code", "運用單位代碼 單位代碼 單位編號 運用單位編號 代碼 編號 unitcode code",
            True, 32, "U001",
        ),
        Field(
            "name", "單位名稱", "Unit name", "text", "運用單位名稱 單位名稱 志願服務運用單位 運用單位 單位 名稱 unitname unit name",
            True, 100, "北門文化導覽志工隊",
        ),
        Field("district", "行政區", "District", "text", "行政區 區別 區 地區 district", longest=40, sample="大同區"),
    ),
    "volunteers": (
        Field("name", "姓名", "Name", "name", _NAME, True, sample="陳文雄"),
        *_WHO,
        Field(
            "birth", "出生日期", "Birth date", "birth", "出生年月日 出生日期 生日 出生日 出生 birthdate dateofbirth birthday",
            sample="051.03.30",
        ),
        Field("english_name", "英文姓名", "English name", "english", "英文姓名 英文名字 英文名 護照英文姓名 englishname"),
        Field("unit", "運用單位", "Unit", "unit", _UNIT, sample="U001"),
        Field(
            "book", "紀錄冊字號", "Record book number", "text",
            "紀錄冊字號 服務紀錄冊字號 志願服務紀錄冊字號 紀錄冊編號 服務紀錄冊編號 紀錄冊號碼 紀錄冊 服務紀錄冊 手冊編號 "
            "recordbooknumber recordbook booknumber",
            longest=40, sample="北市志 0012345",
        ),
        Field(
            "since", "加入日期", "Joined on", "day", "加入日期 到隊日期 入隊日期 開始服務日期 志工起日 起日 joinedon since from",
            sample="112.11.01",
        ),
        Field(
            "until", "離開日期", "Left on", "later", "離開日期 離隊日期 退隊日期 志工迄日 迄日 訖日 lefton until to",
        ),
    ),
    "hours": (
        Field("name", "姓名", "Name", "name", _NAME, sample="陳文雄"),
        *_WHO,
        Field("unit", "運用單位", "Unit", "unit", _UNIT, True, sample="U001"),
        Field(
            "start", "服務起日", "First day", "day",
            "服務起日 服務開始日 服務開始日期 服務起始日期 服務日期起 服務期間起 服務日期 服務日 日期 起日 開始日期 開始 起 "
            "servicefrom startdate start from servicedate date",
            True, sample="115.10.01",
        ),
        Field(
            "end", "服務迄日", "Last day", "day",
            "服務迄日 服務訖日 服務結束日 服務結束日期 服務日期迄 服務日期訖 服務期間迄 迄日 訖日 結束日期 結束 迄 訖 止 至 "
            "serviceto enddate end to",
            sample="115.10.31",
        ),
        Field(
            "hours", "服務時數", "Hours", "hours", "服務時數 服務小時 服務小時數 時數 小時數 小時 總時數 servicehours hours",
            True, sample="12.5",
        ),
        Field("item", "服務項目", "Kind of work", "text", "服務項目 項目 item", sample="導覽解說"),
        Field("content", "服務內容", "What was done", "text", "服務內容 內容 工作內容 content description", sample="展場導覽"),
        Field("category", "服務種類", "Kind of service", "category", "服務種類 服務類別 志工類別 志工種類 類別 category"),
    ),
    "training": (
        Field("name", "姓名", "Name", "name", _NAME, sample="陳文雄"),
        *_WHO,
        Field(
            "course_kind", "訓練種類", "Kind of training", "course", "訓練種類 訓練類別 訓練別 種類 類別 coursekind kind",
            True, sample="基礎",
        ),
        Field("field", "領域", "Field", "text", "領域 特殊訓練領域 服務領域 類科 field", longest=40),
        Field(
            "course", "課程名稱", "Course", "text", "課程名稱 訓練名稱 課程 訓練課程 course coursename", sample="志願服務基礎訓練"
        ),
        Field("hours", "訓練時數", "Hours", "hours", "訓練時數 受訓時數 課程時數 時數 小時 traininghours hours", sample="6"),
        Field(
            "day", "結業日期", "Completed on", "day",
            "結業日期 完成日期 結訓日期 訓練日期 受訓日期 發證日期 日期 completedon completed date", True, sample="112.10.15",
        ),
        Field(
            "certificate", "證書字號", "Certificate number", "text",
            "證書字號 結業證書字號 結業證明字號 證書編號 證書號碼 證書 certificatenumber certificate", longest=60,
        ),
    ),
    "cards": (
        Field("name", "姓名", "Name", "name", _NAME, sample="陳文雄"),
        *_WHO,
        Field(
            "card", "卡號", "Card number", "text",
            "卡號 榮譽卡號 榮譽卡卡號 榮譽卡編號 榮譽卡字號 證號碼 卡片編號 cardnumber number", True, 32, "1120001",
        ),
        Field(
            "issuer", "發卡機關", "Issued by", "text", "發卡機關 核發機關 發卡單位 核發單位 縣市 issuer issuedby", longest=60,
            sample="臺北市政府社會局",
        ),
        Field("issued", "發卡日期", "Issued on", "day", "發卡日期 核發日期 發卡日 核發日 核定日期 issuedon", sample="112.11.30"),
        Field(
            "valid_until", "有效日期", "Valid until", "later",
            "有效日期 有效期限 到期日 到期日期 有效期 效期 榮譽卡到期日 榮譽卡有效期限 validuntil expirydate expiry expires", True,
            sample="115.11.30",
        ),
        Field(
            "counted_until", "採計至", "Service counted until", "day",
            "採計至 時數採計至 服務採計迄日 採計迄日 採計訖日 最後採計日 counteduntil", sample="112.10.31",
        ),
    ),
}  # fmt: skip


def field(kind: Kind, code: str) -> Field | None:
    """The column of that code."""
    return next((one for one in FIELDS[kind] if one.code == code), None)
