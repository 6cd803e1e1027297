"""What papers need on a screen beyond their texts."""

from django import template

from alliances.documents import qr

register = template.Library()


@register.filter
def qr_image(link: str) -> str:
    """The address of an ``img`` that shows the QR code of ``link``."""
    return qr.data_uri(link)
