"""The spreadsheet reader: from an office's .xlsx or .csv to rows with parsed values and refusals.

The reader knows no model; ``importer`` is the base of what gives rows a meaning. An importer lists its ``Column``\\ s, calls ``read_tables`` and decides what the rows
mean. The reader takes what staff really send (titles above the header, merged blocks, full-width digits,
dates in many styles, totals and signatures below) and refuses what cannot be read, always with a sentence
in Chinese.
"""

from alliances.importing.base import Column, Limits, Refusal, Row, Table, Tables, Unreadable, shown
from alliances.importing.parsers import choice, day, integer, month, month_list, names, phone, text
from alliances.importing.reading import read_tables
from alliances.importing.template import write_template

__all__ = [
    "Column",
    "Limits",
    "Refusal",
    "Row",
    "Table",
    "Tables",
    "Unreadable",
    "choice",
    "day",
    "integer",
    "month",
    "month_list",
    "names",
    "phone",
    "read_tables",
    "shown",
    "text",
    "write_template",
]
