"""What a tablet saw in a photograph that was kept all the same, in a word or two, for whoever looks at it later.

The codes are those of the problem catalogue; its sentences tell a photographer what to do, these tell a reviewer what to
look for. What is not here: finding it (scanner), where on the picture it is.
"""

from __future__ import annotations

from honorcard.problems import Language

_LABELS: dict[str, tuple[str, str]] = {
    "page_no_page": ("沒有拍到整頁", "no whole page"),
    "page_screen": ("翻拍螢幕", "photo of a screen"),
    "page_cut_off": ("有一邊沒拍到", "an edge is cut off"),
    "page_too_small": ("字太小", "too small"),
    "page_blurred": ("模糊", "blurred"),
    "page_glare": ("反光", "glare"),
    "page_dark": ("太暗", "too dark"),
    "face_no_face": ("找不到臉", "no face"),
    "face_two_faces": ("不只一個人", "more than one person"),
    "face_too_far": ("臉太小", "face too small"),
    "face_too_close": ("臉太近", "face too close"),
    "face_cut_off": ("臉沒有拍全", "face cut off"),
    "face_dark": ("太暗", "too dark"),
    "face_burnt_out": ("太亮", "too bright"),
    "face_blurred": ("模糊", "blurred"),
    "face_turned_away": ("沒有正面", "not facing the camera"),
    "face_eyes_covered": ("眼睛被遮住", "eyes covered"),
    "face_framed_cut": ("臉沒有框全", "face cut by the frame"),
    "face_framed_small": ("臉框得太小", "face small in the frame"),
}


def told(kept: tuple[str, ...]) -> tuple[str, ...]:
    """Of the hints a tablet keeps, `page_glare@00.21`, the codes that a reviewer is told, each once: what asks for another
    picture, not what a person sets right with a finger.
    """
    codes = (hint.partition("@")[0] for hint in kept)
    return tuple(dict.fromkeys(code for code in codes if code in _LABELS))


def words(codes: tuple[str, ...], language: Language) -> str:
    """The hints in words, 「模糊、反光」; one that this version does not know is left out."""
    known = [_LABELS[code][language != "zh"] for code in codes if code in _LABELS]
    return ("、" if language == "zh" else ", ").join(dict.fromkeys(known))
