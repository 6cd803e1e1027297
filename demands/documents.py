"""A paper of the demand loop as a file to download, made when somebody asks."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from alliances.documents import Paper, file_name
from alliances.exporting import MEDIA_TYPES, PAPER_WRITERS


def paper_response(paper: Paper, suffix: str, *, offered: tuple[str, ...] = ("docx", "pdf")) -> HttpResponse:
    """``paper`` as an attachment named after its title and number; 404 for a format that is not ``offered``."""
    if suffix not in offered:
        raise Http404("没有这种格式。")
    response = HttpResponse(PAPER_WRITERS[suffix](paper), content_type=MEDIA_TYPES[suffix][1])
    response["Content-Disposition"] = content_disposition_header(True, file_name(paper, suffix))
    # Names and phones: kept by nobody on the way.
    response["Cache-Control"] = "private, no-store"
    return response
