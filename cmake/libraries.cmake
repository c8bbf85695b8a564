# SPDX-License-Identifier: GPL-3.0-or-later
find_package(GSL 2.7 REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(nettle REQUIRED IMPORTED_TARGET nettle)
find_path(TN_RANDOM123 Random123/philox.h REQUIRED) # Debian: librandom123-dev

# The serial HDF5, also where the MPI build is installed beside it.
set(HDF5_PREFER_PARALLEL OFF)
find_package(ZLIB REQUIRED)
find_package(HDF5 1.10.3 REQUIRED COMPONENTS C HL)
if(HDF5_IS_PARALLEL)
  message(FATAL_ERROR "this is the MPI build of HDF5; install the serial one (Debian: libhdf5-dev), "
    "or name its compiler wrapper with -DHDF5_C_COMPILER_EXECUTABLE=h5cc")
endif()
add_library(tn_hdf5 INTERFACE)
target_include_directories(tn_hdf5 SYSTEM INTERFACE ${HDF5_C_INCLUDE_DIRS} ${ZLIB_INCLUDE_DIRS})
target_link_libraries(tn_hdf5 INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES} ${ZLIB_LIBRARIES})
