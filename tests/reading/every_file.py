# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of results file, as the programs of its users read it.

usage: every_file.py make TONNAGE FOLDER    solves what ships, and a case for each kind of study that does not
       every_file.py READER FOLDER          reads all of them; exit 77: the reader is not installed
Readers: ncdump, h5dump, h5py, netcdf4, xarray, octave, udunits, cf.
"""
import math
import os
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLAGS = {"flag_values", "flag_meanings"}
# Less of the same: the files have the same variables.
FEWER = {"brake-map": ["studies.map.grades=[-8 permil, -16 permil]", "studies.map.loads=[4000 t, 5200 t, 6000 t]"],
         "sensitivity-capacity": ["sweep.design.samples=16"]}


def skip(what):
    print(f"SKIPPED: {what} is not installed, so its users' view of the files is not tested", file=sys.stderr)
    sys.exit(77)


def call(*words, status=(0,), **options):
    done = subprocess.run(words, capture_output=True, text=True, **options)
    if done.returncode not in status:
        sys.exit(f"{words}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done


# --- making them

def kinds_of(text, known):
    return {kind for kind in re.findall(r"\bkind: *([a-z_]+)", text) if kind in known}


def make(tonnage, folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {**os.environ, "SOURCE_DATE_EPOCH": "0", "TONNAGE_PATH": f"{ROOT}/scenarios:{ROOT}/tests/data"}
    helped = call(tonnage, "run", "--help").stdout
    missing = set(re.findall(r"^  ([a-z_]+) ", helped.split("Studies that a file may ask for:")[1], re.M))
    known = set(missing)
    assert len(known) > 5, helped
    for scenario in sorted((ROOT / "scenarios").glob("*.yaml")):
        text = scenario.read_text()
        fewer = [word for value in FEWER.get(scenario.stem, []) for word in ("--set", value)]
        call(tonnage, "run", scenario, "-o", folder / f"{scenario.stem}.h5", *fewer, env=env, status=(0, 1))
        missing -= kinds_of(text, known)
        if re.search(r"^sweep:", text, re.M):
            call(tonnage, "sweep", scenario, "-o", folder / f"{scenario.stem}-cube.h5", *fewer, env=env)
    for shard in "1/2", "2/2":
        call(tonnage, "sweep", ROOT / "scenarios" / "sweep-capacity.yaml", "-o", folder / "shards.h5", "--shard", shard,
             env=env)
    for scenario in sorted((ROOT / "tests" / "cases").glob("*/scenario.yaml")):
        if not kinds_of(scenario.read_text(), known) & missing or (scenario.parent / "cmd").exists():
            continue
        out = folder / f"{scenario.parent.name}.h5"
        done = subprocess.run([tonnage, "run", scenario, "-o", out], env=env, capture_output=True)
        if done.returncode > 1:  # a case of what is refused
            out.unlink(missing_ok=True)
        else:
            missing -= kinds_of(scenario.read_text(), known)
    assert not missing, f"no file for studies of the kinds {missing}"
    print(len(list(folder.glob("*.h5"))), "files for", len(known), "kinds of study")


# --- reading them

def ncdump(path):
    if not shutil.which("ncdump"):
        skip("ncdump (netcdf-bin)")
    text = call("ncdump", "-h", path).stdout
    assert ':Conventions = "CF-1.10"' in text and "phony_dim" not in text, path
    assert "scenario_text" in text
    call("ncdump", path)  # every value


def h5dump(path):
    if not shutil.which("h5dump"):
        skip("h5dump (hdf5-tools)")
    done = call("h5dump", "-B", path)
    assert not done.stderr, done.stderr[:1000]
    assert "DATASET" in done.stdout and "error" not in done.stdout.lower().split("data {")[0]


def units_of(attrs):
    """Its units, or the variable that says them row by row."""
    text = attrs.get("units", attrs.get("ancillary_variables", ""))
    return text.decode() if isinstance(text, bytes) else text


def h5py(path):
    try:
        import h5py as h5
    except ImportError:
        skip("h5py (python3-h5py)")
    seen = []

    def visit(name, item):
        if not isinstance(item, h5.Dataset):
            return
        if item.attrs.get("NAME", b"").startswith(b"This is a netCDF dimension but not"):
            return
        seen.append(name)
        item[()]
        number = item.dtype.kind == "f"
        if number:
            assert units_of(item.attrs), name
        assert item.attrs["long_name"], name
        for i in range(item.ndim):
            assert item.attrs.get("CLASS") == b"DIMENSION_SCALE" or len(item.dims[i]) == 1, f"{name} has a dimension without a scale"

    with h5.File(path) as file:
        file.visititems(visit)
        assert file.attrs["title"]
    assert len(seen) > 10, seen


def netcdf4(path):
    try:
        import netCDF4
    except ImportError:
        skip("netCDF4 (python3-netcdf4)")

    def read(group):
        count = 0
        for variable in group.variables.values():
            variable[...]
            count += 1
        return count + sum(read(sub) for sub in group.groups.values())

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with netCDF4.Dataset(path) as file:
            assert read(file) > 5


def groups_of(path):
    import h5py as h5
    with h5.File(path) as file:
        return [None] + [name for name, item in file.items() if isinstance(item, h5.Group)]


def axis_label(attrs, name):
    """The label that xarray gives an axis."""
    units = attrs.get("units")
    return attrs.get("long_name", name) + (f" [{units}]" if units else "")


def plot(data, np, plt):
    """Draws each number over the first coordinate or column that it can be drawn over, as a user does. Returns how many."""
    count = 0
    for name, values in data.data_vars.items():
        if values.dtype.kind != "f" or values.ndim != 1 or values.sizes[values.dims[0]] < 2:
            continue
        dim = values.dims[0]
        over = dim if dim in data.coords else next(
            (other for other, v in data.variables.items() if v.dims == (dim,) and v.dtype.kind == "f"), None)
        if over is None or over == name or data[over].dtype.kind not in "fiu":
            continue
        axes = plt.figure().gca()
        if over in values.coords:
            values.plot(ax=axes, x=over)
        else:
            data[[name, over]].plot.scatter(x=over, y=name, ax=axes)
        words = " ".join((axes.get_xlabel() + " " + axes.get_ylabel()).split())
        for shown in (data[over], values):
            wanted = " ".join(axis_label(shown.attrs, shown.name).split())
            assert wanted in words, f"{name}: '{wanted}' is not on the axes: '{words}'"
        plt.close("all")
        count += 1
        if count == 3:
            break
    return count


def xarray(path):
    try:
        import h5netcdf  # noqa: F401
        import matplotlib
        matplotlib.use("Agg")
        import matplotlib.pyplot as plt
        import numpy as np
        import xarray as xr
    except ImportError as error:
        skip(f"{error.name} (python3-xarray, python3-h5netcdf, python3-matplotlib)")
    drawn = 0
    for engine in "netcdf4", "h5netcdf":
        for group in groups_of(path):
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.filterwarnings("ignore", message="numpy.ndarray size changed")  # of how Debian built netCDF4
                with xr.open_dataset(path, group=group, engine=engine) as data:
                    data.load()
                    for name, values in data.variables.items():
                        assert values.attrs.get("long_name"), f"{group}/{name} has no long name"
                        if values.dtype.kind == "f":
                            assert units_of(values.attrs), f"{group}/{name} has no units"
                    if engine == "netcdf4" and group != "provenance":
                        drawn += plot(data, np, plt)
                        if group is None and "sweep" in data.attrs:
                            axis = next((c for c in data.coords if data[c].dtype.kind == "f" and c in data.sizes
                                         and data.sizes[c] > 1), None)
                            if axis is None:  # every axis is sampled
                                continue
                            cube = next(v for v in data.data_vars.values()
                                        if axis in v.dims and v.dtype.kind == "f" and bool(v.notnull().any()))
                            cube.isel({d: 0 for d in cube.dims if d != axis}).plot(x=axis)
                            assert axis_label(data[axis].attrs, axis) == plt.gca().get_xlabel().replace("\n", " ")
                            plt.close("all")
                            drawn += 1
    return drawn


OCTAVE = """
pkg load netcdf
function read (nc, where)
  [nd, nv] = netcdf_inq (nc);
  for i = 0:nv-1
    [name, type] = netcdf_inqVar (nc, i);
    if type != netcdf_getConstant ("NC_STRING")
      x = netcdf_getVar (nc, i);
      if numel (x) > 0 && isa (x, "double")
        known = x(! isnan (x));
        units = "row by row";
        try
          units = netcdf_getAtt (nc, i, "units");
        end
        printf ("%s%s %d %.17g %s\\n", where, name, numel (x), sum (known(:)), units);
      end
    end
  end
end
nc = netcdf_open (argv (){1}, "NOWRITE");
read (nc, "");
for g = netcdf_inqGrps (nc)
  read (g, [netcdf_inqGrpName(g) "/"]);
end
netcdf_close (nc);
"""


def octave(path):
    if not shutil.which("octave-cli"):
        skip("Octave (octave, octave-netcdf)")
    if subprocess.run(["octave-cli", "-q", "--eval", "pkg load netcdf"], capture_output=True).returncode:
        skip("Octave's netCDF package (octave-netcdf)")
    import h5py as h5
    import numpy as np
    with tempfile.NamedTemporaryFile("w", suffix=".m") as script:
        script.write(OCTAVE)
        script.flush()
        text = call("octave-cli", "-q", script.name, path).stdout
    count = 0
    with h5.File(path) as file:
        for line in text.splitlines():
            name, size, total, units = line.split(" ", 3)
            values = file[name][()]
            finite = np.asarray(values)[~np.isnan(values)]
            wanted = file[name].attrs.get("units", b"row by row").decode()
            assert int(size) == np.size(values) and units.strip() == wanted, line
            assert math.isclose(float(total), float(finite.sum()), rel_tol=1e-9, abs_tol=1e-9) or not np.isfinite(finite).all(), line
            count += 1
    assert count > 0, text


def attributes_of(path):
    """(name of variable or group, attributes) of everything but bare dimensions."""
    import netCDF4

    def walk(group, where):
        yield where, {key: group.getncattr(key) for key in group.ncattrs()}, group
        for name, variable in group.variables.items():
            yield f"{where}{name}", {key: variable.getncattr(key) for key in variable.ncattrs()}, variable
        for name, sub in group.groups.items():
            yield from walk(sub, f"{where}{name}/")

    with netCDF4.Dataset(path) as file:
        yield from walk(file, "/")


PARSED = set()


def parse_units(units, where):
    if units in PARSED:
        return
    done = subprocess.run(["udunits2", "-H", units, "-W", ""], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, f"{where}: UDUNITS cannot read '{units}': {done.stderr}"
    PARSED.add(units)


def udunits(path):
    if not shutil.which("udunits2"):
        skip("udunits2 (udunits-bin)")
    for name, attributes, variable in attributes_of(path):
        if "units" in attributes:
            parse_units(attributes["units"], name)
        if name.endswith("_units"):
            for units in variable[...].flatten():
                parse_units(units, name)


def cf(path):
    """What CF-1.10 asks of files like these: 2.2 to 2.7, 3.1 to 3.5, 9."""
    try:
        import netCDF4
    except ImportError:
        skip("netCDF4 (python3-netcdf4)")
    types = {"f8", "i4", "i1", "u8"}
    for name, attributes, item in attributes_of(path):
        if isinstance(item, netCDF4.Variable):
            last = name.rsplit("/", 1)[1]
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", last), f"2.3: {name}"
            assert item.dtype is str or item.dtype.str[1:] in types, f"2.2: {name} is {item.dtype}"
            assert len(set(item.dimensions)) == len(item.dimensions), f"2.4: {name} has a dimension twice"
            assert attributes.get("long_name") or attributes.get("standard_name"), f"3.2: {name}"
            if FLAGS & attributes.keys():
                words = attributes["flag_meanings"].split()
                assert len(words) == len(attributes["flag_values"]) == len(set(words)), f"3.5: {name}"
                assert attributes["flag_values"].dtype == item.dtype, f"3.5: {name}"
                assert set(map(int, item[...].flatten())) <= set(map(int, attributes["flag_values"])), f"3.5: {name}"
            for other in attributes.get("coordinates", "").split():
                assert other in item.group().variables, f"5: {name} names {other}"
            if item.dimensions == (last,) and item.dtype is not str:
                steps = [b - a for a, b in zip(item[:-1], item[1:])]
                assert all(s > 0 for s in steps) or all(s < 0 for s in steps), f"2.4: {name} is not monotonic"
        for key in attributes:
            assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", key), f"2.3: attribute {key} of {name}"
        if name == "/":
            assert attributes["Conventions"] == "CF-1.10" and attributes["title"], "2.6"
            assert {"history", "source"} <= attributes.keys(), "2.6.2"
            if "featureType" in attributes:
                trajectory(item)


def trajectory(file):
    """9.3.3, 9.5: a ragged array, contiguous."""
    assert file.featureType == "trajectory"
    ids = [v for v in file.variables.values() if getattr(v, "cf_role", None) == "trajectory_id"]
    rows = [v for v in file.variables.values() if getattr(v, "sample_dimension", None)]
    assert len(ids) == len(rows) == 1 and ids[0].dimensions == rows[0].dimensions
    dimension = rows[0].sample_dimension
    assert int(rows[0][:].sum()) == file.dimensions[dimension].size
    assert all(hasattr(v, "coordinates") or name in ("time_s", "distance_m")
               for name, v in file.variables.items() if v.dimensions == (dimension,))


READERS = {f.__name__: f for f in (ncdump, h5dump, h5py, netcdf4, xarray, octave, udunits, cf)}


def main():
    if sys.argv[1] == "make":
        return make(Path(sys.argv[2]).resolve(), Path(sys.argv[3]))
    paths = sorted(str(path) for path in Path(sys.argv[2]).glob("*.h5"))
    assert paths, "no files"
    told = [READERS[sys.argv[1]](path) for path in paths]
    if sys.argv[1] == "xarray":
        assert sum(told) > 10, told
        print(sum(told), "plots")
    if sys.argv[1] == "udunits":
        for units in re.findall(r'\[TN_Q_\w+\] = {"([^"]+)"', (ROOT / "models" / "quantity.c").read_text()):
            parse_units(units, "models/quantity.c")
        print("units:", ", ".join(sorted(PARSED)))
    print(sys.argv[1], "reads", len(paths), "files")


if __name__ == "__main__":
    main()
