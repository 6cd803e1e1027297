"""List pages measured against a plain Django list of the same rows: ``make bench``, or ``python -m bench``."""
