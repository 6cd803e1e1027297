"""Resources, venues and their bookings."""

from django.urls import URLPattern, path

from demands.views import resources, resources_book, resources_bookings, resources_edit

_RESOURCE = "demands/resources/<int:pk>/"
_BOOKING = "demands/bookings/<int:pk>/"

urlpatterns: list[URLPattern] = [
    path("demands/resources/new/", resources_edit.new, name="resource-new"),
    path(_RESOURCE, resources.resource, name="resource"),
    path(f"{_RESOURCE}edit/", resources_edit.edit, name="resource-edit"),
    path(f"{_RESOURCE}hours/", resources_edit.hours, name="resource-hours"),
    path(f"{_RESOURCE}pause/", resources.pause, name="resource-pause"),
    path(f"{_RESOURCE}resume/", resources.resume, name="resource-resume"),
    path(f"{_RESOURCE}withdraw/", resources.withdraw, name="resource-withdraw"),
    path(f"{_RESOURCE}book/", resources_book.book, name="resource-book"),
    path("demands/menu/<int:pk>/", resources.menu, name="menu"),
    path("demands/bookings/", resources_bookings.listing, name="bookings"),
    path(_BOOKING, resources_bookings.booking, name="booking"),
    path(f"{_BOOKING}confirm/", resources_bookings.confirm, name="booking-confirm"),
    path(f"{_BOOKING}decline/", resources_bookings.decline, name="booking-decline"),
    path(f"{_BOOKING}use/", resources_bookings.use, name="booking-use"),
    path(f"{_BOOKING}cancel/", resources_bookings.cancel, name="booking-cancel"),
    path(f"{_BOOKING}asker/", resources_bookings.reveal, name="booking-asker"),
]
