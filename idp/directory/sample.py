"""The thirty invented professionals of every simulation (`data/directory-sample.json`)."""

from idp.provider import Provider


def load_sample(provider: Provider) -> None:
    """Load them as a generation of their own, with their contacts."""
    del provider
