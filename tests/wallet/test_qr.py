"""The phone's camera: what it reads of a picture, and what a picture cannot do to it."""

import io
import random
import struct
import warnings
import zlib

import pytest
import qrcode
from PIL import Image, ImageFilter

from wallet_sim.errors import QrRefused
from wallet_sim.qr import LARGEST_PICTURE, read_image

TEXT = "ecps://enrol?v=1&u=http%3A%2F%2Flocalhost%3A8000&t=ABC&k=1&x=2"


def drawn(text: str = TEXT, box: int = 6) -> Image.Image:
    picture = qrcode.QRCode(box_size=box, border=4)
    picture.add_data(text)
    image: Image.Image = picture.make_image().get_image().convert("RGB")
    return image


def packed(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def photograph(side: tuple[int, int]) -> Image.Image:
    """The QR as a camera sees it: small in a large picture, turned, and not quite sharp."""
    seen = drawn(box=max(6, side[0] // 200)).rotate(7, expand=True, fillcolor="white")
    picture = Image.new("RGB", side, (188, 180, 170))
    picture.paste(seen, (side[0] // 3, side[1] // 4))
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims so many pixels, and holds a part of them."""

    def chunk(name: bytes, content: bytes) -> bytes:
        mark = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + mark

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(3 * 1_000_000))
    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels)
    return png + chunk(b"IEND", b"")


# -- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "size", [(4097, 10), (20_000, 20_000), (100_000, 100_000), (2**31 - 1, 2**31 - 1)], ids=str
)
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    size: tuple[int, int],
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        with pytest.raises(QrRefused):
            read_image(bomb(*size))


def test_a_photograph_that_must_be_unpacked_whole_is_not_let_be_larger() -> None:
    """A JPEG in passes takes gigabytes out of a file of two megabytes."""
    with pytest.raises(QrRefused, match="too large"):
        read_image(packed(photograph((4608, 3456)), "JPEG", progressive=True))
    small = packed(photograph((1600, 1200)), "JPEG", progressive=True)
    assert read_image(small) == TEXT


def test_a_file_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(QrRefused, match="too large"):
        read_image(packed(drawn()) + bytes(LARGEST_PICTURE))


@pytest.mark.parametrize("kind", ["TIFF", "PPM", "ICO", "EPS", "PDF"])
def test_a_format_that_no_camera_makes_is_refused(kind: str) -> None:
    """Readers of such formats run programs, or are looked after by few."""
    with pytest.raises(QrRefused, match="no picture"):
        read_image(packed(drawn(), kind))


@pytest.mark.parametrize("text", [b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_picture_is_refused(text: bytes) -> None:
    with pytest.raises(QrRefused, match="no picture"):
        read_image(text)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_damaged_picture_is_refused_or_read_and_nothing_else(kind: str) -> None:
    whole = packed(drawn(box=2), kind)
    chance = random.Random(kind)
    for _ in range(60):
        cut = bytearray(whole[: chance.randrange(len(whole))])
        for _ in range(chance.randrange(8)):
            if cut:
                cut[chance.randrange(len(cut))] = chance.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                assert read_image(bytes(cut)) == TEXT
            except QrRefused:
                continue


def test_a_picture_must_show_one_qr_code() -> None:
    one = drawn()
    two = Image.new("RGB", (one.width * 2, one.height), "white")
    two.paste(one, (0, 0))
    two.paste(drawn("ecps://enrol?another"), (one.width, 0))
    for picture in (Image.new("RGB", (200, 200), "white"), two):
        with pytest.raises(QrRefused, match="one QR code"):
            read_image(packed(picture))


# -- what is read ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_picture_is_read_whatever_the_camera_makes(kind: str) -> None:
    assert read_image(packed(drawn(), kind)) == TEXT


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_a_picture_is_read_however_its_colours_are_kept(mode: str) -> None:
    image = drawn().convert("I;16") if mode == "I;16" else drawn().convert(mode)
    assert read_image(packed(image)) == TEXT


@pytest.mark.parametrize("side", [(1600, 1200), (4032, 3024), (8064, 6048)], ids=str)
def test_a_photograph_of_a_phone_is_read(side: tuple[int, int]) -> None:
    """Of 2, 12 and 48 megapixels: a JPEG is decoded no larger than is needed."""
    assert read_image(packed(photograph(side), "JPEG", quality=80)) == TEXT
