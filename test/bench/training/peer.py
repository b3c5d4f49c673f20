"""PyTorch training the networks of the bench: reads lines of a network and seconds, answers with JSON lines.

The first line says the version. Each network runs in the fastest of four configurations, found by trying (memory format, Adam's form).
"""

import json
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(1)
torch.manual_seed(0)
BATCH = 64
COUNT = 1280


class A(nn.Module):
    shape = (1, 28, 28)

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.dense = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 3), nn.Linear(400, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.dense(x.flatten(1))


class Separable(nn.Module):
    def __init__(self, shape, first, stride, blocks):
        super().__init__()
        self.shape = shape
        self.conv = nn.Conv2d(shape[0], first, 3, stride=stride, padding=1)
        self.blocks = nn.ModuleList()
        for inputs, outputs, step in blocks:
            depthwise = nn.Conv2d(inputs, inputs, 3, stride=step, padding=1, groups=inputs)
            self.blocks.append(nn.Sequential(depthwise, nn.Conv2d(inputs, outputs, 1)))
        self.dense = nn.Linear(blocks[-1][1], 10)

    def forward(self, x):
        x = F.relu(self.conv(x))
        for block in self.blocks:
            x = F.relu(block(x))
        return self.dense(x.mean((2, 3)))


NETWORKS = {
    "A": A,
    "B": lambda: Separable((3, 32, 32), 16, 1, [(16, 32, 2), (32, 32, 2)]),
    "C": lambda: Separable((1, 28, 28), 4, 2, [(4, 8, 1), (8, 12, 2)]),
}


def prepare(name, channels_last, foreach):
    network = NETWORKS[name]()
    x = torch.randn(COUNT, *network.shape)
    labels = torch.randint(0, 10, (COUNT,))
    if channels_last:
        x = x.to(memory_format=torch.channels_last)
        network = network.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, foreach=foreach)

    def epoch():
        for first in range(0, COUNT, BATCH):
            optimiser.zero_grad(set_to_none=True)
            F.cross_entropy(network(x[first : first + BATCH]), labels[first : first + BATCH]).backward()
            optimiser.step()

    epoch()
    return epoch


def measure(epoch, seconds):
    wall, cpu, images = time.perf_counter(), time.process_time(), 0
    while time.perf_counter() - wall < seconds:
        epoch()
        images += COUNT
    return {"images": images, "seconds": time.perf_counter() - wall, "cpuSeconds": time.process_time() - cpu}


def fastest(name):
    tried = [prepare(name, last, foreach) for last in (False, True) for foreach in (False, True)]
    speeds = []
    for epoch in tried:
        found = measure(epoch, 0.2)
        speeds.append(found["images"] / found["cpuSeconds"])
    return tried[speeds.index(max(speeds))]


print(json.dumps({"version": torch.__version__}), flush=True)
ready = {}
for line in sys.stdin:
    name, seconds = line.split()
    if name not in ready:
        ready[name] = fastest(name)
    print(json.dumps(measure(ready[name], float(seconds))), flush=True)
