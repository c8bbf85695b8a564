#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A results file as the lines that fuzz_results.c builds one from: a seed for its corpus.

usage: describe.py OUT.h5 [GROUP [MOST_VALUES]]   (the group alone, `/` all; 4 values of each dimension unless told)"""
import sys

import h5py
import numpy as np


def word(value):
    if isinstance(value, bytes):
        value = value.decode()
    return "_".join(str(value).split())[:80] or "-"


def type_and_values(data, dtype):
    if h5py.check_string_dtype(dtype) or dtype.kind in "SO":
        return "s", [word(v) for v in data]
    kinds = {("f", 8): "f8", ("f", 4): "f4", ("i", 4): "i4", ("i", 1): "i1", ("u", 8): "u8"}
    return kinds.get((dtype.kind, dtype.itemsize), "f8"), [f"{float(v):.6g}" for v in data]


def attributes(path, thing):
    for name, value in thing.attrs.items():
        if name in ("REFERENCE_LIST", "DIMENSION_LIST", "CLASS", "NAME") or name.startswith("_N"):
            continue
        if isinstance(value, (str, bytes)):
            text = word(value)
            print(f"attr {path} {name} s{len(text.encode()) + 1} - {text}")
        elif np.isscalar(value):
            print(f"attr {path} {name} {'i4' if isinstance(value, np.integer) else 'f8'} - {value}")


def main():
    only = sys.argv[2].strip("/") if len(sys.argv) > 2 else ""
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 4
    scales = []
    with h5py.File(sys.argv[1]) as file:
        attributes("/", file)

        def visit(path, thing):
            if only and path.split("/")[0] != only:
                return
            if isinstance(thing, h5py.Group):
                print(f"group {path}")
            else:
                cut = thing[tuple(slice(0, most) for _ in thing.shape)]
                kind, values = type_and_values(np.atleast_1d(cut).ravel()[:36], thing.dtype)
                dims = "x".join(str(min(n, most)) for n in thing.shape) or "-"
                print(f"data {path} {kind} {dims} {' '.join(values)}")
                if thing.attrs.get("CLASS") in (b"DIMENSION_SCALE", "DIMENSION_SCALE"):
                    print(f"scale {path} {word(thing.attrs['NAME'])}")
                for i, dim in enumerate(thing.dims):
                    scales.extend((path, i, scale.name.lstrip("/")) for scale in dim.values())
            attributes(path, thing)

        file.visititems(visit)
        for path, i, scale in scales:
            print(f"attach {path} {i} {scale}")


if __name__ == "__main__":
    main()
