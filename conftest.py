"""Loads the service fixtures (databases, broker, browser) for every test."""

pytest_plugins = ["tests.services"]
