"""`honorcard verify` on pictures of printed sheets: every answer of `honorcard samples`, printed, scanned and photographed."""

from __future__ import annotations

import argparse
import json
from datetime import datetime
from pathlib import Path

import cv2
import pytest

from commands import card
from honorcard.card.samples import write_samples
from honorcard.card.token import TAIPEI
from tests import prints

AT = datetime(2026, 11, 22, 9, 0, tzinfo=TAIPEI)


@pytest.fixture(scope="module")
def samples(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder, at=AT)
    return folder


def verified(samples: Path, pictures: dict[str, Path], capsys) -> dict[str, tuple[str, str]]:
    parser = argparse.ArgumentParser()
    card.add(parser.add_subparsers(required=True))
    asked = ["verify", "--pack", samples / "pack", "--trust", samples / "trust.json", "--at", AT.isoformat()]
    args = parser.parse_args([str(one) for one in (*asked, *pictures.values())])
    assert args.run(args) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return {name: (row["verdict"], row["code"]) for name, row in zip(pictures, rows, strict=True)}


def right(samples: Path) -> dict[str, tuple[str, str]]:
    rows = json.loads((samples / "answers.json").read_text())
    return {row["file"]: (row["verdict"], row["code"]) for row in rows}


@pytest.mark.parametrize(("dpi", "every"), [(150, 3), (200, 5), (300, 9)])
def test_a_scan_of_the_whole_sheet_is_answered_rightly(samples, tmp_path, capsys, dpi, every):
    wanted = dict(list(right(samples).items())[::every])
    pictures = {}
    for file in wanted:
        pictures[file] = tmp_path / f"{file}.png"
        cv2.imwrite(str(pictures[file]), prints.raster(samples / file, dpi), [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert verified(samples, pictures, capsys) == wanted


def test_a_photograph_of_the_print_is_answered_rightly(samples, tmp_path, capsys):
    wanted, pictures = right(samples), {}
    for n, file in enumerate(wanted):
        sheet = prints.printed(samples / file, dpi=(150, 200, 300)[n % 3])
        view = prints.any_view(4.5 + n % 3, seed=n)
        pictures[file] = tmp_path / f"{file}.jpg"
        cv2.imwrite(
            str(pictures[file]), prints.seen(sheet, view, prints.FULL_HD, seed=n), [cv2.IMWRITE_JPEG_QUALITY, 85]
        )
    assert verified(samples, pictures, capsys) == wanted


def test_a_photograph_beyond_reading_says_so_and_gives_no_verdict(samples, tmp_path, capsys):
    sheet = prints.printed(samples / "valid.pdf")
    far = tmp_path / "far.jpg"
    cv2.imwrite(str(far), prints.seen(sheet, prints.View(1.0, blur_px=2.0)))
    parser = argparse.ArgumentParser()
    card.add(parser.add_subparsers(required=True))
    lists = ["--pack", str(samples / "pack"), "--trust", str(samples / "trust.json")]
    args = parser.parse_args(["verify", *lists, str(far)])
    assert args.run(args) == 1
    assert json.loads(capsys.readouterr().out) == {"file": str(far), "error": "no_code"}
