"""The peer of `bench engines`: folded MobileOne-S0 and FastViT-T8 in plain PyTorch, exported by torch.onnx.

Arguments: a folder. Writes mobileone_s0.onnx (224 pixels) and fastvit_t8.onnx (256 pixels), batch 1, random weights, then prints
`ready VERSION`. The layers are those of the papers' deployed forms; times do not depend on what the weights are.
"""

import os
import sys

import torch
from torch import nn


def conv(cin, cout, kernel, stride=1, groups=1):
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups)


class Gate(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.reduce = conv(channels, channels // 16, 1)
        self.expand = conv(channels // 16, channels, 1)

    def forward(self, x):
        return x * torch.sigmoid(self.expand(torch.relu(self.reduce(x.mean((2, 3), keepdim=True)))))


class Residual(nn.Module):
    def __init__(self, channels, ratio):
        super().__init__()
        self.mixer = conv(channels, channels, 3, groups=channels)
        self.local = nn.Conv2d(channels, channels, 7, 1, 3, groups=channels, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.expand = conv(channels, channels * ratio, 1)
        self.project = conv(channels * ratio, channels, 1)
        self.scale = nn.Parameter(torch.full((channels, 1, 1), 1e-5))

    def forward(self, x):
        x = self.mixer(x)
        y = self.project(nn.functional.gelu(self.expand(self.norm(self.local(x)))))
        return x + self.scale * y


def mobileone_s0():
    layers, cin = [conv(3, 48, 3, 2), nn.ReLU()], 48
    for width, units in ((48, 2), (128, 8), (256, 10), (1024, 1)):
        for unit in range(units):
            layers += [conv(cin, cin, 3, 2 if unit == 0 else 1, cin), nn.ReLU(), conv(cin, width, 1), nn.ReLU()]
            cin = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(cin, 1000))


def fastvit_t8():
    layers = [conv(3, 48, 3, 2), nn.GELU(), conv(48, 48, 3, 2, 48), nn.GELU(), conv(48, 48, 1), nn.GELU()]
    cin = 48
    for stage, (width, depth) in enumerate(((48, 2), (96, 2), (192, 4), (384, 2))):
        if stage > 0:
            layers += [conv(cin, width, 7, 2, cin), conv(width, width, 1), nn.GELU()]
        layers += [Residual(width, 3) for _ in range(depth)]
        cin = width
    layers += [conv(cin, 2 * cin, 3, 1, cin), Gate(2 * cin), nn.GELU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2 * cin, 1000))


folder = sys.argv[1]
for name, model, pixels in (("mobileone_s0", mobileone_s0(), 224), ("fastvit_t8", fastvit_t8(), 256)):
    torch.onnx.export(
        model.eval(),
        torch.rand(1, 3, pixels, pixels),
        os.path.join(folder, name + ".onnx"),
        opset_version=16,
        input_names=["images"],
        output_names=["logits"],
        dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}},
    )
print("ready", torch.__version__, flush=True)
