"""Lens rows."""


class Lenses:
    """The part of an `Index` that knows lenses."""
