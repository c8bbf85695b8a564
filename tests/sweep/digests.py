# SPDX-License-Identifier: GPL-3.0-or-later
import hashlib

import h5py
import numpy


def digests(path):
    """A digest of the bytes of each dataset but those that tell of the run itself."""
    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith(("provenance", "shard")):
            value = item[()]
            data = value.tobytes() if not item.dtype.hasobject else repr(numpy.asarray(value).tolist()).encode()
            found[name] = hashlib.sha256(data).hexdigest() + str(item.shape)

    with h5py.File(path) as file:
        file.visititems(visit)
    return found
