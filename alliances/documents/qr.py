"""QR codes for papers: a paper keeps the link alone, the picture is made when it is rendered."""

import base64
import io

import segno

BORDER = 2  # modules of quiet zone; the paper around it is white


def _code(link: str) -> segno.QRCode:
    return segno.make(link, error="m", micro=False)


def svg(link: str) -> str:
    """The code as an SVG without a size of its own; the same link, the same text."""
    target = io.BytesIO()
    _code(link).save(target, kind="svg", xmldecl=False, omitsize=True, border=BORDER)
    return target.getvalue().decode()


def png(link: str, scale: int = 6) -> bytes:
    """The code as a PNG of ``scale`` pixels a module."""
    target = io.BytesIO()
    _code(link).save(target, kind="png", scale=scale, border=BORDER)
    return target.getvalue()


def data_uri(link: str) -> str:
    """The PNG as an address for an ``img`` of a page."""
    return f"data:image/png;base64,{base64.b64encode(png(link)).decode()}"
