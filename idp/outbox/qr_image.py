"""Drawing a QR code."""

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage

_MODULE_PIXELS = 8


def draw_qr(content: str) -> bytes:
    """A PNG of the QR code that holds ``content``, with its quiet zone."""
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M, box_size=_MODULE_PIXELS, image_factory=PilImage
    )
    code.add_data(content)
    file = io.BytesIO()
    code.make_image().save(file, format="PNG")
    return file.getvalue()
