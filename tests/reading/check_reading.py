# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the files of test_output with xarray (both engines), h5py and netCDF4, as users do.

usage: check_reading.py TEST_OUTPUT   (the test program; it writes the files into a folder)
Exit 77: xarray or one of its engines is not installed.
"""
import os
import shutil
import subprocess
import sys
import tempfile

try:
    import h5netcdf  # noqa: F401
    import h5py
    import netCDF4
    import numpy as np
    import xarray as xr
except ImportError as error:
    print("skipped:", error)
    sys.exit(77)


def check_results(path, engine):
    with xr.open_dataset(path, group="climb", engine=engine) as study:
        assert float(study.mass_kg) == 5.2e6
        assert study.mass_kg.attrs["units"] == "kg"
        assert study.mass_kg.attrs["long_name"] == "trailing load"
        assert study.time_s.dtype == np.float64, "durations stay numbers"
        assert study.parts_speed_m_s.dims == ("parts",)
        np.testing.assert_allclose(study.parts_speed_m_s, np.arange(1, 4) * 10 / 3.6, rtol=1e-15)
        assert list(study.parts_name.values) == ["", "even", ""]
        assert list(study.parts_ok.values) == [0, 1, 0]
        assert study.parts_ok.attrs["flag_meanings"] == "no yes"
        assert study.sizes["empty"] == 0
        assert str(study.binding.values) == "balance"
        assert study.attrs["study"] == "made" and study.attrs["train"] == "test"
    with xr.open_dataset(path, group="provenance", engine=engine) as provenance:
        assert str(provenance.scenario_text.values) == "tonnage: 1\n# café\n"
        assert provenance.input_sha256.values[1].startswith("ba7816bf8f01cfea")


def check_cube(path, engine):
    with xr.open_dataset(path, engine=engine) as cube:
        assert dict(cube.sizes)["load"] == 3 and dict(cube.sizes)["type"] == 2
        assert float(cube.mass_kg.sel(type="C70", load=5.2e6)) == 5.2e6
        assert np.isnan(float(cube.mass_kg.sel(type="C80", load=5.0e6)))
        assert int(cube.status.sel(type="C80", load=5.0e6)) == 1
        assert str(cube.reason.sel(type="C80", load=5.0e6).values) == "no such curve"
        assert cube["load"].attrs["units"] == "kg" and cube["load"].attrs["path"] == "trains.test.load"
        assert cube.attrs["Conventions"] == "CF-1.10"


def check_h5py(path):
    with h5py.File(path) as file:
        assert file["climb/mass_kg"][()] == 5.2e6
        speeds = file["climb/parts_speed_m_s"]
        assert speeds.dims[0][0].name == "/climb/parts"
        assert speeds.compression == "gzip" and speeds.shuffle and speeds.fletcher32
        assert file.attrs["title"].decode().startswith('a "title" with'), "fixed-length texts come as bytes"


def check_append(path):
    """netCDF refuses to add to a file whose creation order was not tracked."""
    with netCDF4.Dataset(path, "a") as file:
        file.comment = "added"
        file["climb"].createVariable("more", "f8", ("parts",))[:] = 1.0
    with netCDF4.Dataset(path) as file:
        assert file.comment == "added" and file["climb"]["more"][:].sum() == 3.0


def check_ncdump(path):
    if shutil.which("ncdump"):
        text = subprocess.run(["ncdump", "-h", path], check=True, capture_output=True, text=True).stdout
        assert "double mass_kg ;" in text and "phony_dim" not in text, text


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        results, cube = (os.path.join(folder, name) for name in ("results.h5", "cube.h5"))
        for engine in ("netcdf4", "h5netcdf"):
            check_results(results, engine)
            check_cube(cube, engine)
        check_h5py(results)
        check_ncdump(results)
        check_append(results)
    print("read by xarray, h5netcdf, netCDF4, h5py")


if __name__ == "__main__":
    main()
