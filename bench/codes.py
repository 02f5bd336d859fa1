"""Codes in pictures: ours against zxing-cpp's default on the same frames, and what each finds.

The frames are drawn here (a card's code, tilted, blurred, noisy, dim), seeded; a simulation, not photographs.
"""

from __future__ import annotations

import io
import random
import time

import cv2
import numpy as np
import qrcode
import zxingcpp
from PIL import Image

from bench.timing import HEAD, Times, row
from scanner import qr

FRAMES = 60
TEXT = "HTTPS://HC.TAIPEI/ABCDEFGHIJKLMNOP#" + "7" * 270


def frames() -> list[np.ndarray]:
    """(h, w, 3) uint8 BGR frames of 1280 × 720, harder and harder."""
    dice, noise = random.Random(7), np.random.default_rng(7)
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=4, box_size=6)
    code.add_data(TEXT)
    buffer = io.BytesIO()
    code.make_image().save(buffer)
    symbol = cv2.cvtColor(np.array(Image.open(buffer).convert("L")), cv2.COLOR_GRAY2BGR)
    made = []
    for number in range(FRAMES):
        hard = number / FRAMES
        side = dice.uniform(230, 420)
        turn, lean = dice.uniform(-25, 25), dice.uniform(0, 0.18) * hard
        center = np.array([dice.uniform(400, 880), dice.uniform(280, 440)])
        corners = np.array([[-1 + lean, -1], [1 - lean, -1], [1, 1], [-1, 1]]) * side / 2
        angle = np.deg2rad(turn)
        corners = corners @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + center
        h, w = symbol.shape[:2]
        matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]]), corners.astype(np.float32))
        frame = cv2.warpPerspective(symbol, matrix, (1280, 720), borderValue=(150, 160, 165), flags=cv2.INTER_AREA)
        frame = cv2.GaussianBlur(frame, (0, 0), 0.4 + 2.2 * hard)
        frame = frame.astype(np.float32) * (1 - 0.45 * hard) + noise.normal(0, 3 + 8 * hard, frame.shape)
        made.append(np.clip(frame, 0, 255).astype(np.uint8))
    return made


def run() -> None:
    """Prints the table."""
    print("## Codes in frames\n" + HEAD)
    pictures = frames()
    engines = {
        "zxing-cpp, its default (the peer)": lambda image: [
            found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
        ],
        "ours, still pictures": qr.decode,
        "ours, video frames": qr.decode_fast,
    }
    taken: dict[str, list[float]] = {name: [] for name in engines}
    read = dict.fromkeys(engines, 0)
    wrong = dict.fromkeys(engines, 0)
    for number, picture in enumerate(pictures):
        names = list(engines)
        for name in names[number % 3 :] + names[: number % 3]:
            begun = time.perf_counter()
            texts = list(engines[name](picture))
            taken[name].append((time.perf_counter() - begun) * 1000)
            read[name] += TEXT in texts
            wrong[name] += bool(texts) and TEXT not in texts
    times = {name: Times(float(np.median(ms)), float(np.percentile(ms, 95)), len(ms)) for name, ms in taken.items()}
    peer = times["zxing-cpp, its default (the peer)"]
    for name in engines:
        print(
            row(name, times[name], None if times[name] is peer else peer)
            + f" read {read[name]}/{FRAMES}, wrong {wrong[name]}"
        )
