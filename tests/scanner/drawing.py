"""Pictures the scanner's tests look at, drawn here: QR codes, a page of a record book on a desk, a person."""

from __future__ import annotations

import cv2
import numpy as np
import qrcode


def code(text: str, module_px: int = 8, border: int = 4) -> np.ndarray:
    """A QR code, (h, w, 3) uint8, black on white."""
    symbol = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=border)
    symbol.add_data(text)
    symbol.make()
    modules = np.where(np.array(symbol.get_matrix()), 0, 255).astype(np.uint8)
    return cv2.merge([cv2.resize(modules, None, fx=module_px, fy=module_px, interpolation=cv2.INTER_NEAREST)] * 3)


def desk(width: int, height: int, colour: tuple[int, int, int] = (60, 90, 120), seed: int = 1) -> np.ndarray:
    """A desk with some grain, (height, width, 3) uint8."""
    grain = np.random.default_rng(seed).normal(0, 6, (height, width, 1))
    return np.clip(np.full((height, width, 3), colour, np.float32) + grain, 0, 255).astype(np.uint8)


def lay(scene: np.ndarray, sheet: np.ndarray, corners: list[tuple[float, float]]) -> np.ndarray:
    """The sheet drawn into a copy of the scene, its corners (clockwise from top left) on the given points."""
    height, width = sheet.shape[:2]
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(source, np.array(corners, np.float32))
    size = scene.shape[1::-1]
    flat = cv2.warpPerspective(sheet, matrix, size, flags=cv2.INTER_AREA)
    inside = cv2.warpPerspective(np.full((height, width), 255, np.uint8), matrix, size, flags=cv2.INTER_LINEAR)
    share = inside[:, :, None].astype(np.float32) / 255
    return (scene * (1 - share) + flat * share).astype(np.uint8)


def record_page(width: int = 1050, height: int = 1480, seed: int = 3) -> np.ndarray:
    """A page of a service record: ruled table and lines of writing, (height, width, 3) uint8."""
    chance = np.random.default_rng(seed)
    page = np.full((height, width, 3), (225, 235, 238), np.uint8)
    for y in range(140, height - 80, 84):
        cv2.line(page, (70, y), (width - 70, y), (120, 110, 110), 2)
        for x in (90, 330, 640, 860):
            word = "".join(chance.choice(list("ABCDEFGHKLMNPRSTUVWXYZ23456789"), 7))
            cv2.putText(page, word, (x, y - 22), cv2.FONT_HERSHEY_SIMPLEX, 1.15, (50, 40, 40), 2, cv2.LINE_AA)
    for x in (70, 310, 620, 840, width - 70):
        cv2.line(page, (x, 140), (x, height - 80), (120, 110, 110), 2)
    return page


def person(width: int = 900, height: int = 1200, head: int = 330, centre: tuple[int, int] | None = None) -> np.ndarray:
    """A person drawn from soft shapes, (height, width, 3) uint8. head: width of the face in pixels."""
    x, y = centre or (width // 2, round(height * 0.42))
    picture = np.full((height, width, 3), (205, 200, 190), np.uint8)
    u = head / 200  # all measures below are for a face 200 wide

    def at(dx: float, dy: float) -> tuple[int, int]:
        return round(x + dx * u), round(y + dy * u)

    def oval(
        dx: float, dy: float, rx: float, ry: float, colour: tuple[int, int, int], start: int = 0, end: int = 360
    ) -> None:
        cv2.ellipse(picture, at(dx, dy), (round(rx * u), round(ry * u)), 0, start, end, colour, -1, cv2.LINE_AA)

    skin, shade, hair = (160, 190, 230), (125, 155, 200), (35, 30, 30)
    oval(0, 330, 230, 170, (120, 80, 40))
    oval(0, 150, 52, 90, shade)
    oval(0, -30, 122, 140, hair)
    oval(0, 10, 100, 130, skin)
    oval(0, -85, 100, 52, hair, 180, 360)
    for side in (-1, 1):
        oval(side * 42, -8, 30, 20, shade)
        oval(side * 42, -4, 21, 10, (245, 245, 245))
        oval(side * 42, -4, 9, 9, (40, 30, 30))
        cv2.ellipse(
            picture,
            at(side * 42, -24),
            (round(28 * u), round(9 * u)),
            0,
            190,
            350,
            hair,
            max(2, round(7 * u)),
            cv2.LINE_AA,
        )
        oval(side * 12, 48, 8, 5, (95, 120, 165))
    oval(0, 40, 17, 14, shade)
    oval(0, 84, 36, 11, (95, 95, 185))
    cv2.line(picture, at(-34, 83), at(34, 83), (60, 60, 120), max(1, round(3 * u)), cv2.LINE_AA)
    oval(0, 104, 26, 6, shade)
    return cv2.GaussianBlur(picture, (0, 0), 0.006 * head)
