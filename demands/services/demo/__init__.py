"""The demo's demand loop: doors for residents, demands lived from order to call-back, venues booked, and the county's four
lists, imported as the history that they are.

Told in the rotation's quarter (``story.Story``), whose clock and people it borrows.
"""

from demands.services.demo.chapter import Loop
from demands.services.demo.story import Story

__all__ = ["Loop", "Story"]
