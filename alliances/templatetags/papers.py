"""What papers need on a screen beyond their texts."""

from typing import Any

from django import template

from alliances.documents import charts, qr

register = template.Library()


@register.filter
def qr_image(link: str) -> str:
    """The address of an ``img`` that shows the QR code of ``link``."""
    return qr.data_uri(link)


@register.filter
def chart_image(block: dict[str, Any]) -> str:
    """The address of an ``img`` that shows a paper's chart; its words are ``block["text"]``."""
    return charts.data_uri(block)
