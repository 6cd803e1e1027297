"""Two drawn pictures for the demo's activity records: nobody's photograph."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

SKIES = ((198, 220, 235), (246, 226, 200))
SIZE = (960, 640)


def draw(number: int) -> bytes:
    """A square between houses with a row of stalls and people, as JPEG."""
    image = Image.new("RGB", SIZE, SKIES[number % len(SKIES)])
    pen = ImageDraw.Draw(image)
    for x in range(0, SIZE[0], 160):
        height = 220 + (x * 7 + number * 90) % 140
        pen.rectangle((x, 400 - height, x + 140, 400), fill=(214, 205, 190))
        for row in range(420 - height, 380, 44):
            for column in (x + 20, x + 62, x + 104):
                pen.rectangle((column, row, column + 20, row + 24), fill=(156, 170, 182))
    pen.rectangle((0, 400, *SIZE), fill=(226, 222, 212))
    for x in range(60, SIZE[0] - 120, 180):
        pen.polygon(((x, 430), (x + 70, 380), (x + 140, 430)), fill=(179, 38, 30))
        pen.rectangle((x + 8, 430, x + 132, 520), fill=(250, 247, 240))
    for i in range(14):
        x, y = 40 + i * 66, 540 + (i * 37 + number * 11) % 50
        pen.ellipse((x, y - 26, x + 18, y - 8), fill=(120, 90, 70))
        pen.rectangle(
            (x - 4, y - 8, x + 22, y + 40), fill=((179, 38, 30), (70, 100, 130), (90, 110, 80))[i % 3]
        )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
