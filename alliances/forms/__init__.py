"""Forms of the foundation."""
