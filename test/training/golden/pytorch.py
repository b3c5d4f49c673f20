"""Writes pytorch.json: losses, gradients and a short run of SGD and Adam of small networks in float64 PyTorch.

python3 pytorch.py > pytorch.json. The weights are drawn here and stored, laid out like the engine's parameters: convolutions
[filters, kernelY, kernelX, channels], depthwise [kernelY, kernelX, channels], dense inputs in height, width, channel order.
"""

import json

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
ZERO_POINT, DEVIATION = 120, 70
CLASSES = 3


def pads(size, kernel, stride):
    """TensorFlow's `same`: the odd pixel goes to the end."""
    total = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return total // 2, total - total // 2


def padded(x, layer):
    if layer.get("padding") != "same":
        return x
    (ky, kx), (sy, sx), (dy, dx) = layer["kernel"], layer["stride"], layer.get("dilation", (1, 1))
    top, bottom = pads(x.shape[2], (ky - 1) * dy + 1, sy)
    left, right = pads(x.shape[3], (kx - 1) * dx + 1, sx)
    return F.pad(x, (left, right, top, bottom))


def apply(layer, x, p):
    op, dilation = layer["op"], layer.get("dilation", 1)
    if op == "conv2d":
        return F.conv2d(padded(x, layer), p["weight"].permute(0, 3, 1, 2), p["bias"], layer["stride"], dilation=dilation)
    if op == "depthwise":
        weight = p["weight"].permute(2, 0, 1).unsqueeze(1)
        return F.conv2d(padded(x, layer), weight, p["bias"], layer["stride"], groups=x.shape[1], dilation=dilation)
    if op == "dense":
        return F.linear(x.permute(0, 2, 3, 1).flatten(1), p["weight"], p["bias"])[:, :, None, None]
    if op == "maxPool":
        return F.max_pool2d(x, layer["kernel"], layer["stride"])
    if op == "averagePool":
        return F.avg_pool2d(x, layer["kernel"], layer["stride"])
    if op == "globalAveragePool":
        return x.mean((2, 3), keepdim=True)
    if op == "relu":
        return F.hardtanh(x, 0, layer["max"]) if "max" in layer else F.relu(x)
    if op == "batchNorm":
        return F.batch_norm(x, None, None, p["gamma"], p["beta"], training=True, eps=1e-3)
    raise ValueError(op)


def conv(filters, kernel, stride=(1, 1), padding="same"):
    return {"op": "conv2d", "filters": filters, "kernel": list(kernel), "stride": list(stride), "padding": padding}


def depthwise(kernel, stride=(1, 1)):
    return {"op": "depthwise", "kernel": list(kernel), "stride": list(stride), "padding": "same"}


def pool(op):
    return {"op": op, "kernel": [2, 2], "stride": [2, 2], "padding": "valid"}


def dilated(layer, *dilation):
    return {**layer, "dilation": list(dilation)}


RELU6 = {"op": "relu", "max": 6}
RELU, GLOBAL, OUT = {"op": "relu"}, {"op": "globalAveragePool"}, {"op": "dense", "units": CLASSES}
NETWORKS = {
    "convolutions and pools": ([8, 8, 1], [conv(4, (5, 5), padding="valid"), RELU, pool("maxPool"), conv(5, (3, 3)), RELU, OUT]),
    "separable, strided": ([9, 9, 3], [conv(6, (3, 3), (2, 2)), RELU, depthwise((3, 3), (2, 2)), conv(7, (1, 1)), RELU, GLOBAL, OUT]),
    "batch norm": ([6, 6, 2], [conv(4, (3, 3)), {"op": "batchNorm"}, RELU, pool("averagePool"), {"op": "dense", "units": 5}, RELU, OUT]),
    "a series": ([16, 1, 2], [conv(5, (5, 1), (2, 1)), RELU, depthwise((3, 1)), conv(4, (1, 1)), RELU, OUT]),
    "dilated, clipped": (
        [9, 8, 2],
        [dilated(conv(4, (3, 3)), 2, 3), RELU6, dilated(depthwise((3, 2), (2, 1)), 3, 2), dilated(conv(5, (2, 3), padding="valid"), 2, 1), RELU6, OUT],
    ),
}


def parameters(shape, layers, generator):
    """Float32 values in float64, by layer name."""
    found, x = {}, torch.zeros(1, shape[2], shape[0], shape[1])
    for i, layer in enumerate(layers):
        channels, op = x.shape[1], layer["op"]
        extents = {
            "conv2d": lambda: {"weight": [layer["filters"], *layer["kernel"], channels], "bias": [layer["filters"]]},
            "depthwise": lambda: {"weight": [*layer["kernel"], channels], "bias": [channels]},
            "dense": lambda: {"weight": [layer["units"], x[0].numel()], "bias": [layer["units"]]},
            "batchNorm": lambda: {"gamma": [channels], "beta": [channels]},
        }.get(op, dict)()
        p = {name: (torch.randn(e, generator=generator) * 0.4).float().double() for name, e in extents.items()}
        if p:
            found[f"l{i}"] = p
        x = torch.zeros_like(apply(layer, x.expand(2, -1, -1, -1), p)[:1])
    return found


def run(layers, p, x, labels):
    for i, layer in enumerate(layers):
        x = apply(layer, x, p.get(f"l{i}", {}))
    return F.cross_entropy(x.flatten(1), labels)


def flat(p):
    return {layer: {name: [float(f"{v:.9g}") for v in t.detach().flatten().tolist()] for name, t in all.items()} for layer, all in p.items()}


def trained(optimiser, layers, initial, x, labels):
    p = {layer: {name: t.clone().requires_grad_() for name, t in all.items()} for layer, all in initial.items()}
    step = optimiser([t for all in p.values() for t in all.values()])
    losses = []
    for _ in range(8):
        step.zero_grad()
        loss = run(layers, p, x, labels)
        loss.backward()
        step.step()
        losses.append(loss.item())
    return losses


cases = []
for seed, (name, (shape, layers)) in enumerate(NETWORKS.items()):
    generator = torch.Generator().manual_seed(seed)
    initial = parameters(shape, layers, generator)
    samples = torch.randint(0, 256, (12, *shape), generator=generator)
    labels = torch.randint(0, CLASSES, (12,), generator=generator)
    x = (samples.double().permute(0, 3, 1, 2) - ZERO_POINT) / DEVIATION
    p = {layer: {key: t.clone().requires_grad_() for key, t in all.items()} for layer, all in initial.items()}
    loss = run(layers, p, x, labels)
    loss.backward()
    gradients = {layer: {key: t.grad for key, t in all.items()} for layer, all in p.items()}
    cases.append(
        {
            "name": name,
            "input": shape,
            "layers": layers,
            "samples": samples.flatten().tolist(),
            "labels": labels.tolist(),
            "parameters": flat(initial),
            "loss": loss.item(),
            "gradients": flat(gradients),
            "sgd": trained(lambda all: torch.optim.SGD(all, lr=0.05, momentum=0.9), layers, initial, x, labels),
            "adam": trained(lambda all: torch.optim.Adam(all, lr=0.01), layers, initial, x, labels),
        }
    )
print(json.dumps({"torch": torch.__version__, "zeroPoint": ZERO_POINT, "deviation": DEVIATION, "cases": cases}, separators=(",", ":")))
