from demands.models.acceptances import Acceptance, CallBack
from demands.models.claims import Claim, Extension, NotePhoto, Offer, ProgressNote
from demands.models.demands import Author, Category, Demand, IntakePoint
from demands.models.resources import Booking, OpeningHour, Resource

__all__ = [
    "Acceptance",
    "Author",
    "Booking",
    "CallBack",
    "Category",
    "Claim",
    "Demand",
    "Extension",
    "IntakePoint",
    "NotePhoto",
    "Offer",
    "OpeningHour",
    "ProgressNote",
    "Resource",
]
