"""The peer of `bench train`: MobileOne-S0 (k = 4) in plain PyTorch, branch by branch, as a user would write it.

Speaks a line protocol so that its steps can be interleaved with ours in one run: it prints `ready VERSION`, then for each
line `contiguous` or `channels_last` on standard input it takes one training step in that memory format and prints the
wall-clock and CPU seconds of that step. Arguments: pixels, batch, threads.
"""

import sys
import time

import torch
from torch import nn


def conv_bn(cin, cout, kernel, stride, groups):
    return nn.Sequential(
        nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(cout),
    )


class Block(nn.Module):
    def __init__(self, cin, cout, kernel, stride=1, groups=1, branches=4):
        super().__init__()
        self.convs = nn.ModuleList(conv_bn(cin, cout, kernel, stride, groups) for _ in range(branches))
        self.scale = conv_bn(cin, cout, 1, stride, groups) if kernel > 1 else None
        self.skip = nn.BatchNorm2d(cin) if cin == cout and stride == 1 else None

    def forward(self, x):
        y = sum(conv(x) for conv in self.convs)
        if self.scale is not None:
            y = y + self.scale(x)
        if self.skip is not None:
            y = y + self.skip(x)
        return torch.relu(y)


class S0(nn.Module):
    def __init__(self, classes, memory_format):
        super().__init__()
        self.memory_format = memory_format
        blocks, cin = [Block(3, 48, 3, 2, branches=1)], 48
        for width, units in ((48, 2), (128, 8), (256, 10), (1024, 1)):
            for unit in range(units):
                blocks.append(Block(cin, cin, 3, 2 if unit == 0 else 1, cin))
                blocks.append(Block(cin, width, 1))
                cin = width
        self.blocks = nn.Sequential(*blocks)
        self.linear = nn.Linear(cin, classes)

    def forward(self, x):
        # Debian's PyTorch 1.13 crashes in the channels-last weight gradient of a 3-channel strided 1x1 convolution, so the
        # stem always runs contiguous and the format is chosen behind it.
        x = self.blocks[0](x).contiguous(memory_format=self.memory_format)
        return self.linear(self.blocks[1:](x).mean((2, 3)))


class Arm:
    def __init__(self, memory_format, pixels, batch):
        torch.manual_seed(1)
        self.model = S0(10, memory_format)
        self.model.blocks[1:].to(memory_format=memory_format)
        self.optimizer = torch.optim.SGD(self.model.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)
        self.images = torch.randn(batch, 3, pixels, pixels)
        self.labels = torch.randint(0, 10, (batch,))

    def step(self):
        loss = nn.functional.cross_entropy(self.model(self.images), self.labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()


def main():
    pixels, batch, threads = (int(a) for a in sys.argv[1:4])
    torch.set_num_threads(threads)
    formats = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
    arms = {}
    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        name = line.strip()
        if name not in arms:
            arms[name] = Arm(formats[name], pixels, batch)
        wall, cpu = time.perf_counter(), time.process_time()
        arms[name].step()
        print(time.perf_counter() - wall, time.process_time() - cpu, flush=True)


main()
