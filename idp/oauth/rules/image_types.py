"""Which pictures a service may show people, known by their first bytes."""

_SIGNATURES = (
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF87a"),
    ("image/gif", b"GIF89a"),
)
_RIFF, _WEBP = b"RIFF", b"WEBP"


def image_type(content: bytes) -> str | None:
    """The media type of a picture; nothing for all else, SVG among it, which may hold scripts."""
    if content.startswith(_RIFF) and content[8:12] == _WEBP:
        return "image/webp"
    return next((kind for kind, start in _SIGNATURES if content.startswith(start)), None)
