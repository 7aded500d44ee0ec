"""Stored augmentations with the Python Imaging Library, the way torchvision's PIL path calls it; stepped from outside."""
import base64
import glob
import io
import json
import sys
import time

import PIL
from PIL import Image, ImageEnhance, ImageOps

folder, size = sys.argv[1], int(sys.argv[2])
count = len(glob.glob(folder + "/*.jpg"))
files = [open(f"{folder}/{i}.jpg", "rb").read() for i in range(count)]
stored = [json.load(open(f"{folder}/{i}.json")) for i in range(count)]


def decode(i):
    image = Image.open(io.BytesIO(files[i]))
    return ImageOps.exif_transpose(image).convert("RGB") if image.getexif().get(274, 1) != 1 else image.convert("RGB")


def crop(i, image):
    top, left, height, width = stored[i][0]
    return image.crop((left, top, left + width, top + height)).resize((size, size), Image.BICUBIC)


def affine(image, matrix):
    return image.transform(image.size, Image.AFFINE, matrix, Image.NEAREST, fillcolor=(0, 0, 0))


def operate(image, op, m):
    if op == 1:
        return affine(image, (1, m, 0, 0, 1, 0))
    if op == 2:
        return affine(image, (1, 0, 0, m, 1, 0))
    if op == 3:
        return affine(image, (1, 0, -int(m), 0, 1, 0))
    if op == 4:
        return affine(image, (1, 0, 0, 0, 1, -int(m)))
    if op == 5:
        return image.rotate(m, Image.NEAREST, fillcolor=(0, 0, 0))
    if op in (6, 7, 8, 9):
        kind = (ImageEnhance.Brightness, ImageEnhance.Color, ImageEnhance.Contrast, ImageEnhance.Sharpness)[op - 6]
        return kind(image).enhance(1 + m)
    if op == 10:
        return ImageOps.posterize(image, int(m))
    if op == 11:
        return ImageOps.solarize(image, m)
    if op == 12:
        return ImageOps.autocontrast(image)
    if op == 13:
        return ImageOps.equalize(image)
    return image


def operations(i, image):
    for op, m in stored[i][1] or []:
        image = operate(image, op, m)
    return image


decoded = [decode(i) for i in range(count)]
cropped = [crop(i, decoded[i]) for i in range(count)]
parts = {
    "all": lambda i: operations(i, crop(i, decode(i))),
    "decode": decode,
    "crop": lambda i: crop(i, decoded[i]),
    "operations": lambda i: operations(i, cropped[i]),
}

print("ready", PIL.__version__, flush=True)
for line in sys.stdin:
    line = line.strip()
    if line.startswith("result "):
        print(base64.b64encode(parts["all"](int(line[7:])).tobytes()).decode(), flush=True)
        continue
    wall, processor = time.perf_counter(), time.process_time()
    for i in range(count):
        parts[line](i)
    print(time.perf_counter() - wall, time.process_time() - processor, flush=True)
