"""A paper of the demand loop as a file to download."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from alliances.documents import Paper, file_name
from alliances.exporting import MEDIA_TYPES, PAPER_WRITERS

OFFERED = ("docx", "pdf")


def paper_response(paper: Paper, suffix: str) -> HttpResponse:
    """``paper`` as an attachment named after its title; 404 for a format that is not offered."""
    if suffix not in OFFERED:
        raise Http404("没有这种格式。")
    response = HttpResponse(PAPER_WRITERS[suffix](paper), content_type=MEDIA_TYPES[suffix][1])
    response["Content-Disposition"] = content_disposition_header(True, file_name(paper, suffix))
    response["Cache-Control"] = "private, no-store"
    return response
