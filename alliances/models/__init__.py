from alliances.models.alliance import Agreement, Alliance, Member, Unit
from alliances.models.audit import LogEntry
from alliances.models.circle import Attachment, Bulletin
from alliances.models.commitments import Commitment
from alliances.models.exports import ExportJob
from alliances.models.imports import ImportDraft
from alliances.models.organisation import DayCorrection, NumberSeries, Organisation
from alliances.models.outbox import DemoClock, Message, SweepRun
from alliances.models.people import Appointment, Invitation, Person, User
from alliances.models.reminders import ReminderLine

__all__ = [
    "Agreement",
    "Alliance",
    "Appointment",
    "Attachment",
    "Bulletin",
    "Commitment",
    "DayCorrection",
    "DemoClock",
    "ExportJob",
    "ImportDraft",
    "Invitation",
    "LogEntry",
    "Member",
    "Message",
    "NumberSeries",
    "Organisation",
    "Person",
    "ReminderLine",
    "SweepRun",
    "Unit",
    "User",
]
