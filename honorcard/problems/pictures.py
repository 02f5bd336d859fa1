"""Picture files, and what a photograph of a face or a page may lack."""

from __future__ import annotations

from honorcard.problems.entry import Problem

ENTRIES: tuple[Problem, ...] = (
    Problem(
        "picture_empty",
        422,
        "這個檔案是空的。請重拍，或再選一次檔案。",
        "This file is empty. Take the photo again or choose the file again.",
    ),
    Problem(  # R37
        "picture_not_a_picture",
        415,
        "這個檔案不是相片（看起來是{looks_zh}）。請拍照，或把檔案轉成 JPG、PNG 再選一次；只改副檔名沒有用。",
        "This file is not a photo (it looks like {looks_en}). Take a photo, or convert the file to JPG or PNG and choose it"
        " again; renaming it does not help.",
    ),
    Problem(
        "picture_damaged",
        422,
        "這張相片不完整，打不開。請重拍，或再傳一次原檔。",
        "This photo is incomplete and cannot be opened. Take it again, or choose the original file again.",
    ),
    Problem(
        "picture_too_small",
        422,
        "這張相片太小（{width}×{height}），看不清楚。請用相機重拍，或選原尺寸的檔案。",
        "This photo is too small ({width}×{height}) to read. Take it again with the camera or choose the full-size file.",
    ),
    Problem(
        "picture_too_many_pixels",
        413,
        "這張相片太大了（{megapixels} 百萬像素）。請用相機重拍，或縮小後再選一次。",
        "This photo is too large ({megapixels} megapixels). Take it again with the camera, or make it smaller first.",
    ),
    Problem(
        "picture_too_heavy",
        422,
        "這張相片打不開：處理它要花太多時間。請用相機重拍一張。",
        "This photo cannot be opened: it takes too long to process. Take a new one with the camera.",
    ),
    Problem(
        "picture_decoder_busy",
        503,
        "現在同時處理的相片太多。請等十秒再按一次，剛才的資料都還在。",
        "Too many photos are being processed. Wait ten seconds and press again; nothing is lost.",
    ),
    Problem(
        "page_no_page",
        422,
        "第 {page} 頁找不到四個邊，請把整頁放進畫面，下面墊深色的桌面，重拍；或自己拉四個角。",
        "Page {page}: its four edges cannot be seen. Put the whole page in view on a dark table and retake, or drag the corners.",
    ),
    Problem(
        "page_screen",
        422,
        "第 {page} 頁好像是翻拍螢幕。請把紙本放在桌上，直接拍。",
        "Page {page} looks like a photo of a screen. Lay the paper itself on the table and photograph that.",
    ),
    Problem(
        "page_cut_off",
        422,
        "第 {page} 頁有一邊沒拍到，請把相機拿高一點，重拍。",
        "Page {page}: one side is outside the picture. Hold the camera higher and retake.",
    ),
    Problem(
        "page_too_small",
        422,
        "第 {page} 頁拍得太小，請靠近一點，讓頁面填滿畫面，重拍。",
        "Page {page} is too small. Move closer so that it fills the picture, and retake.",
    ),
    Problem(
        "page_blurred",
        422,
        "第 {page} 頁模糊，請拿穩相機、等對焦後重拍。",
        "Page {page} is blurred. Hold the camera still, let it focus, and retake.",
    ),
    Problem(
        "page_glare",
        422,
        "第 {page} 頁反光，請關掉上方的燈，重拍。",
        "Page {page} reflects the light. Turn off the lamp above it and retake.",
    ),
    Problem(
        "page_blurred_at",
        422,
        "第 {page} 頁{where}模糊，請拿穩相機、等對焦後重拍。",
        "Page {page} is blurred ({where}). Hold the camera still, let it focus, and retake.",
    ),
    Problem(
        "page_glare_at",
        422,
        "第 {page} 頁{where}反光，請關掉上方的燈，重拍。",
        "Page {page} reflects the light ({where}). Turn off the lamp above it and retake.",
    ),
    Problem(
        "page_dark",
        422,
        "第 {page} 頁太暗，請開燈或移到亮處，重拍。",
        "Page {page} is too dark. Turn on a light or move to a brighter place, and retake.",
    ),
    Problem(
        "page_upside_down",
        422,
        "第 {page} 頁好像上下顛倒，請按「轉正這一頁」。",
        "Page {page} seems to be upside down. Press “Turn upright”.",
    ),
    Problem(
        "page_sideways_left",
        422,
        "第 {page} 頁好像橫放了，請按「轉正這一頁」。",
        "Page {page} seems to lie on its side. Press “Turn upright”.",
    ),
    Problem(
        "page_sideways_right",
        422,
        "第 {page} 頁好像橫放了，請按「轉正這一頁」。",
        "Page {page} seems to lie on its side. Press “Turn upright”.",
    ),
    Problem(
        "page_askew",
        422,
        "第 {page} 頁的字是斜的，請按「調整四個角」，把四個點拉到紙的角上。",
        "Page {page}: its writing leans. Press “Adjust corners” and put the four dots on the corners of the paper.",
    ),
    Problem(
        "page_tilted",
        422,
        "第 {page} 頁拍得太斜，請從正上方重拍。",
        "Page {page} was taken at too steep an angle. Retake it from straight above.",
    ),
    Problem(
        "face_no_face",
        422,
        "相片裡找不到臉，請面向鏡頭、臉上有光，重拍；或自己框出範圍。",
        "No face was found. Look at the camera with light on the face and retake, or frame it by hand.",
    ),
    Problem(
        "face_two_faces",
        422,
        "相片裡不只一張臉，請只留本人，重拍。",
        "There is more than one face. Only the volunteer may be in the picture; retake.",
    ),
    Problem(
        "face_too_far",
        422,
        "臉太小，請靠近鏡頭一步，重拍。",
        "The face is too small. Take one step towards the camera and retake.",
    ),
    Problem(
        "face_too_close",
        422,
        "臉太近，請退後一步，讓頭頂和肩膀都入鏡，重拍。",
        "The face is too close. Take one step back so that head and shoulders fit, and retake.",
    ),
    Problem(
        "face_cut_off",
        422,
        "頭有一部分在畫面外，請移到中間，重拍。",
        "Part of the head is outside the picture. Move to the middle and retake.",
    ),
    Problem(
        "face_dark",
        422,
        "臉太暗，請轉向光源或開燈，重拍。",
        "The face is too dark. Turn towards the light or turn on a lamp, and retake.",
    ),
    Problem(
        "face_burnt_out",
        422,
        "臉太亮，看不清五官，請避開直射的光，重拍。",
        "The face is too bright to make out. Move out of the direct light and retake.",
    ),
    Problem(
        "face_blurred",
        422,
        "臉部模糊，請站穩、等對焦後重拍。",
        "The face is blurred. Keep still, let the camera focus, and retake.",
    ),
    Problem(
        "face_turned_away",
        422,
        "臉轉向一邊或歪著，請正面看鏡頭，重拍。",
        "The face is turned or tilted. Look straight at the camera and retake.",
    ),
    Problem(
        "face_eyes_covered",
        422,
        "看不到眼睛，請拿下墨鏡或撥開頭髮，重拍。",
        "The eyes cannot be seen. Take off dark glasses or brush the hair aside, and retake.",
    ),
    Problem(
        "face_busy_background",
        422,
        "背景很花，站到素色的牆前面會更清楚。",
        "The background is busy. In front of a plain wall the face stands out better.",
    ),
    Problem(
        "face_framed_cut",
        422,
        "頭頂、下巴或耳朵在框外，請縮小或移動相片。",
        "Hair, chin or an ear is outside the frame. Make the photo smaller or move it.",
    ),
    Problem(
        "face_framed_small",
        422,
        "框裡的臉太小，請放大相片。",
        "The face is too small in the frame. Make the photo larger.",
    ),
)
