"""What the rotation puts into the registries; called once from ``apps.ready``."""


def register() -> None:
    """Filled below as the rotation's parts come."""
