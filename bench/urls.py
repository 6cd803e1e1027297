"""The product's routes, and beside each measured page the plain list of its rows."""

from django.urls import path

from bench.pages import PAGES
from bench.plain import PlainList, template_of
from config.urls import urlpatterns as product

urlpatterns = [
    *product,
    *(
        path(f"plain/{number}/", PlainList.as_view(page=page, template=template_of(page)))
        for number, page in enumerate(PAGES)
    ),
]
