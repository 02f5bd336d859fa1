"""A dozen places for the demo. The public ones are real and named in the news as taking the card; which form they take is
not known here, so that they say so. Three are invented, to show what the other answers look like.
"""

from __future__ import annotations

from honorcard.venues import Venue

NOTE = "示範資料，出發前請先查場館公告。"

PLACES: tuple[Venue, ...] = (
    Venue("S001", "國立故宮博物院", "臺北市", "culture_education", note=NOTE),
    Venue("S002", "臺北市立動物園", "臺北市", "recreation", note=NOTE),
    Venue("S003", "武陵農場", "臺中市", "scenic_area", note=NOTE),
    Venue("S004", "國立臺灣博物館", "臺北市", "culture_education", note=NOTE),
    Venue("S005", "國立自然科學博物館", "臺中市", "culture_education", note=NOTE),
    Venue("S006", "國立海洋生物博物館", "屏東縣", "culture_education", note=NOTE),
    Venue("S007", "溪頭自然教育園區", "南投縣", "scenic_area", note=NOTE),
    Venue("S008", "阿里山國家森林遊樂區", "嘉義縣", "scenic_area", note=NOTE),
    Venue("S009", "太平山國家森林遊樂區", "宜蘭縣", "scenic_area", note=NOTE),
    Venue("S010", "北門文化館（虛構）", "臺北市", "culture_education", "both", NOTE, "大同區"),
    Venue("S011", "雲霧風景區（虛構）", "南投縣", "scenic_area", "paper", NOTE, "仁愛鄉", "門票半價", "Half-price admission"),
    Venue("S012", "港口海洋館（虛構）", "高雄市", "culture_education", "digital", NOTE, "旗津區", "門票八折", "20 % off admission"),
)
