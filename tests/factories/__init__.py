"""Rows for tests, made the short way: no audit rows, no messages, no checks but those of the database."""
