"""The yardstick: the list view that Django's own tutorial would make, behind the same middleware and login."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import LoginRequiredMixin
from django.db.models import QuerySet
from django.template import Template, engines
from django.views.generic import ListView

from bench.pages import Page

ROWS = 50


class PlainList(LoginRequiredMixin, ListView):
    """50 rows a page in a bare table, with Django's paginator. ``page`` and ``template`` come from ``as_view``."""

    paginate_by = ROWS
    page: Page | None = None
    template: Template | None = None

    def get_queryset(self) -> QuerySet:
        return self.page.rows()

    def get_template_names(self) -> Any:
        return self.template


def template_of(page: Page) -> Template:
    """A page with one table of the page's columns, compiled once."""
    texts = [column if "{%" in column else f"{{{{ object.{column} }}}}" for column in page.columns]
    cells = "".join(f"<td>{text}</td>" for text in texts)
    head = "".join(f"<th>{number}</th>" for number in range(len(texts)))
    return engines["django"].from_string(
        f"<!doctype html><html lang=zh><title>{page.name}</title><table><tr>{head}</tr>"
        f"{{% for object in object_list %}}<tr>{cells}</tr>{{% endfor %}}</table>"
        "{% if page_obj.has_next %}<a href='?page={{ page_obj.next_page_number }}'>next</a>{% endif %}</html>"
    )
