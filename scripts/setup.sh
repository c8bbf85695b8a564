# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by demo and check: the Debian packages that they need, and how they are installed.
# shellcheck shell=sh

packages_build="gcc libc6-dev make cmake pkg-config libgsl-dev libhdf5-dev zlib1g-dev libyaml-dev nettle-dev librandom123-dev"
packages_run="gnuplot-nox fonts-dejavu-core fonts-droid-fallback"
packages_check="git clang-format clang-tidy cppcheck libomp-dev libcmocka-dev libopenmpi-dev openmpi-bin slurm-wlm munge python3 python3-h5netcdf python3-h5py python3-html5lib python3-netcdf4 python3-xarray python3-matplotlib python3-yaml python3-jsonschema python3-selenium chromium chromium-driver netcdf-bin hdf5-tools udunits-bin octave octave-netcdf bash fish zsh groff man-db mandoc"

say()
{
    printf '\n== %s\n' "$*"
}

# The packages of the list that are not there.
missing()
{
    for package in "$@"; do
        case $(dpkg-query -W -f='${Status}' "$package" 2>/dev/null) in
        *' installed') continue ;;
        esac
        case $package in # also there in another build or from another source
        gnuplot-nox) command -v gnuplot >/dev/null && continue ;;
        git | clang-format | clang-tidy | make) command -v "$package" >/dev/null && continue ;;
        esac
        printf '%s ' "$package"
    done
}

# Installs what is missing; with everything there it needs neither root nor network.
set_up()
{
    if ! command -v dpkg-query >/dev/null; then
        say "This is not Debian: I take it that these are there: $*"
        return
    fi
    wanted=$(missing "$@")
    [ -n "$wanted" ] || return 0
    say "Installing from Debian's packages: $wanted"
    root=
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Neither root nor sudo. As root: apt-get update && apt-get install $wanted" >&2
            exit 1
        fi
        root="sudo"
    fi
    # shellcheck disable=SC2086 # a list of words
    $root apt-get -qq update && $root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -y --no-install-recommends install $wanted >/dev/null || {
        echo "apt-get could not install: $wanted" >&2
        exit 1
    }
}

cores()
{
    getconf _NPROCESSORS_ONLN
}

# build PRESET: quiet unless it fails.
build()
{
    say "Building ($1)"
    cmake --preset "$1" >"build-$1.log" 2>&1 && cmake --build --preset "$1" -j "$(cores)" >>"build-$1.log" 2>&1 || {
        tail -n 60 "build-$1.log" >&2
        echo "the build failed; all of it is in build-$1.log" >&2
        exit 1
    }
    grep -E 'warning:' "build-$1.log" || rm -f "build-$1.log"
}
