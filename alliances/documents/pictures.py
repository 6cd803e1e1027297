"""Pictures small enough for a paper: what is stored for the screen is larger than a printed row needs."""

import base64
import io

from PIL import Image, UnidentifiedImageError

from alliances.documents.paper import Block

LONGEST_SIDE = 900  # pixels: 75 mm at 300 dots an inch
QUALITY = 80


def picture_item(content: bytes, text: str) -> Block | None:
    """One of a ``pictures`` block's items from a stored JPEG, scaled down; None for what cannot be opened."""
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG",)) as source:
            source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            drawn = source.convert("RGB")
            drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError):
        return None
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=QUALITY)
    jpeg = base64.b64encode(out.getvalue()).decode()
    return {"jpeg": jpeg, "width": drawn.width, "height": drawn.height, "text": text}
