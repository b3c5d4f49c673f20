"""Writes gaussian.json beside this file: reference values of a Gaussian process with the arc kernel, by NumPy alone.

Nothing is shared with the code under test: the kernel is taken from its embedding, the posterior from explicit inverses,
the likelihood's gradient from central differences.  Run: python3 test/search/golden/gaussian.py
"""

import json
import pathlib

import numpy as np

random = np.random.default_rng(20)
KINDS = [0, 0, 1, 1, 1, 2, 3]
JITTER = 1e-8  # of the signal, on the diagonal of a draw's covariance


def some_points(count):
    points = random.random((count, len(KINDS)))
    points[random.random(points.shape) < 0.3] = np.nan
    return points


def kernel(a, b, hyper):
    omega = np.sqrt(np.asarray(hyper["weights"]))[KINDS]

    def embedded(x):
        angle = np.pi * hyper["turn"] * x
        return np.concatenate([np.nan_to_num(omega * np.sin(angle)), np.nan_to_num(omega * np.cos(angle))], axis=1)

    difference = embedded(a)[:, None, :] - embedded(b)[None, :, :]
    r = np.sqrt((difference**2).sum(-1))
    return hyper["signal"] * (1 + np.sqrt(5) * r + 5 * r**2 / 3) * np.exp(-np.sqrt(5) * r)


def likelihood(x, y, hyper):
    k = kernel(x, x, hyper) + hyper["noise"] * np.eye(len(x))
    sign, logdet = np.linalg.slogdet(k)
    assert sign > 0
    return float(-0.5 * (y @ np.linalg.inv(k) @ y + logdet + len(x) * np.log(2 * np.pi)))


def gradient(x, y, hyper):
    logs = np.log([hyper["signal"], hyper["noise"], *hyper["weights"]])

    def at(logs):
        signal, noise, *weights = np.exp(logs)
        return likelihood(x, y, {"signal": signal, "noise": noise, "weights": weights, "turn": hyper["turn"]})

    step = 1e-5
    return [(at(logs + step * unit) - at(logs - step * unit)) / (2 * step) for unit in np.eye(len(logs))]


def case(count, queries, hyper):
    x, y, q = some_points(count), random.standard_normal(count), some_points(queries)
    inverse = np.linalg.inv(kernel(x, x, hyper) + hyper["noise"] * np.eye(count))
    across = kernel(q, x, hyper)
    mean = across @ inverse @ y
    covariance = kernel(q, q, hyper) - across @ inverse @ across.T
    normals = random.standard_normal((3, queries))
    lower = np.linalg.cholesky(covariance + JITTER * hyper["signal"] * np.eye(queries))
    return {
        "hyper": hyper,
        "points": listed(x),
        "values": y.tolist(),
        "queries": listed(q),
        "mean": mean.tolist(),
        "variance": np.diag(covariance).tolist(),
        "logLikelihood": likelihood(x, y, hyper),
        "gradient": gradient(x, y, hyper),
        "normals": normals.tolist(),
        "draws": [(mean + lower @ z).tolist() for z in normals],
    }


def listed(points):
    return [[None if np.isnan(value) else value for value in row] for row in points.tolist()]


cases = [
    case(4, 3, {"signal": 1.0, "noise": 0.1, "weights": [1.0, 1.0, 1.0, 1.0], "turn": 0.5}),
    case(30, 8, {"signal": 2.5, "noise": 0.01, "weights": [0.3, 2.0, 0.001, 7.0], "turn": 0.9}),
    case(80, 20, {"signal": 0.7, "noise": 0.3, "weights": [0.05, 0.4, 3.0, 0.2], "turn": 0.25}),
]
path = pathlib.Path(__file__).with_suffix(".json")
path.write_text(json.dumps({"kinds": KINDS, "cases": cases}) + "\n")
