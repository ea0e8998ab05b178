"""Reading a QR from the real image: of a mail or of the portal (phone-protocol.md 5 and 10)."""

import io
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import zxingcpp
from PIL import Image

from wallet_sim.errors import QrRefused

LARGEST_PICTURE = 8 * 1024 * 1024  # bytes: what cameras of phones make
_LARGEST_SIDE = 4096  # pixels of what is decoded
_ENOUGH = (2048, 2048)  # pixels to read a QR by
# Read in Python or by libraries kept for the web: never a format that runs programs (EPS).
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_TOKEN = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_LOOKALIKES = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class ScannedQr:
    """What the QR of the mail, or of the portal, says."""

    base_url: str
    token: str
    kid: str
    expires_at: int


def normalise_token(typed: str) -> str:
    """The token as the provider made it: case, spaces, hyphens and lookalikes do not matter.

    Raises:
        QrRefused: it is no token (26 characters of Crockford's base32).
    """
    token = re.sub(r"[\s-]", "", typed).upper().translate(_LOOKALIKES)
    if not _TOKEN.fullmatch(token):
        raise QrRefused("an activation code has 26 letters and digits")
    return token


def read_image(picture: bytes | Path) -> str:
    """The text of the one QR in a picture: PNG, JPEG, WebP, GIF or BMP.

    Raises:
        QrRefused: no picture, too large a one, or not exactly one QR in it.
    """
    data = picture.read_bytes() if isinstance(picture, Path) else picture
    if len(data) > LARGEST_PICTURE:
        raise QrRefused("the picture is too large")
    try:
        found = zxingcpp.read_barcodes(
            _decode(data), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
        )
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        # Pillow has no class of its own for the many ways in which a picture is broken.
        raise QrRefused("this is no picture") from error
    if len(found) != 1:
        raise QrRefused("the picture must show one QR code")
    return str(found[0].text)


def _decode(data: bytes) -> Image.Image:
    """The picture in grey; nothing is decoded before its size is known."""
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        # A photograph is decoded as small as is enough (JPEG alone can): one that comes in passes,
        # as no camera makes it, would be unpacked whole all the same.
        if "progressive" not in image.info:
            image.draft("L", _ENOUGH)
        if max(image.size) > _LARGEST_SIDE:
            raise QrRefused("the picture is too large")
        return image.convert("L")


def parse_activation(text: str, *, base_url: str, now: int) -> ScannedQr:
    """The content of a mailed QR meant for this phone's provider.

    Raises:
        QrRefused: another provider, another purpose or version, malformed, or expired.
    """
    return _parse(text, "enrol", base_url=base_url, now=now)


def parse_pairing(text: str, *, base_url: str, now: int) -> ScannedQr:
    """The content of a QR of the portal of this phone's provider (decision 33).

    Raises:
        QrRefused: another provider, another purpose or version, malformed, or expired.
    """
    return _parse(text, "pair", base_url=base_url, now=now)


def _parse(text: str, act: str, *, base_url: str, now: int) -> ScannedQr:
    try:
        parts = urlsplit(text)
        values = parse_qs(parts.query, max_num_fields=10)
    except ValueError as error:
        raise QrRefused("this QR code is malformed") from error
    if parts.scheme != "ecps" or (parts.netloc or parts.path) != act:
        raise QrRefused("this QR code is for something else")
    if any(len(value) != 1 for value in values.values()) or values.get("v") != ["1"]:
        raise QrRefused("this QR code is of another version")
    try:
        qr = ScannedQr(
            base_url=values["u"][0].rstrip("/"),
            token=normalise_token(values["t"][0]),
            kid=values["k"][0],
            expires_at=int(values["x"][0]),
        )
    except (KeyError, ValueError) as error:
        raise QrRefused("this QR code is incomplete") from error
    if qr.base_url != base_url:
        raise QrRefused("this QR code comes from another provider than the one asked")
    if qr.expires_at <= now:
        raise QrRefused("this QR code has expired: begin again")
    return qr
