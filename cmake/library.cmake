# SPDX-License-Identifier: GPL-3.0-or-later
# libtonnage, static and shared: all folders but the command.
set(tn_folders tn_models tn_sim tn_reader tn_output)
set(tn_headers
  models/adhesion.h models/arena.h models/brake.h models/context.h models/effort.h models/exchange.h models/field.h
  models/heat.h models/line.h
  models/locomotive.h models/nearest.h models/quantity.h models/resistance.h models/status.h models/track.h
  models/train.h models/wagon.h models/weather.h
  models/pipe.h models/pneumatic.h models/shoe.h models/valve.h
  sim/brake_cycle.h sim/brake_test.h sim/capacity.h sim/compression.h sim/descent.h sim/design.h sim/dispatch.h
  sim/distribution.h sim/disturbances.h sim/network.h sim/random.h sim/rating.h sim/replay.h sim/restart.h sim/run.h
  sim/safe.h sim/saturation.h sim/section_times.h sim/simulate.h sim/simulation.h sim/start.h sim/stop.h sim/study.h
  sim/sweep.h sim/timetable.h sim/timetable_study.h sim/traffic.h sim/train_path.h sim/uncertainty.h
  scenarios/reader/displib.h scenarios/reader/import.h scenarios/reader/scenario.h
  output/displib_write.h output/plot.h output/report.h output/results.h output/stop_times.h output/whole_folder.h)

add_library(tonnage_static STATIC)
add_library(tonnage_shared SHARED)
set_target_properties(tonnage_static PROPERTIES EXPORT_NAME static)
set_target_properties(tonnage_shared PROPERTIES EXPORT_NAME tonnage
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
if(NOT TN_FUZZ) # clang leaves the runtime of the sanitizers to the program
  target_link_options(tonnage_shared PRIVATE LINKER:--no-undefined)
endif()
set(tn_libraries GSL::gsl OpenMP::OpenMP_C PkgConfig::yaml PkgConfig::nettle tn_hdf5)
foreach(library tonnage_static tonnage_shared)
  set_target_properties(${library} PROPERTIES OUTPUT_NAME tonnage)
  foreach(folder ${tn_folders})
    target_sources(${library} PRIVATE $<TARGET_OBJECTS:${folder}>)
  endforeach()
  target_link_libraries(${library} PRIVATE ${tn_libraries} $<BUILD_INTERFACE:tn_flags>)
  target_include_directories(${library} INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/tonnage>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/models>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/sim>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/scenarios/reader>
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/output>)
endforeach()

include(CMakePackageConfigHelpers)
set(tn_package ${CMAKE_INSTALL_LIBDIR}/cmake/tonnage)
configure_package_config_file(cmake/tonnage-config.cmake.in ${PROJECT_BINARY_DIR}/tonnage-config.cmake
  INSTALL_DESTINATION ${tn_package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tonnage-config-version.cmake COMPATIBILITY SameMinorVersion)
# The package may be moved: places are relative to the .pc file.
file(RELATIVE_PATH tn_up ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/tonnage.pc.in ${PROJECT_BINARY_DIR}/tonnage.pc @ONLY)

install(TARGETS tonnage_shared tonnage_static tn_hdf5 EXPORT tonnage
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT tonnage NAMESPACE tonnage:: DESTINATION ${tn_package} FILE tonnage-targets.cmake)
install(FILES ${PROJECT_BINARY_DIR}/tonnage-config.cmake ${PROJECT_BINARY_DIR}/tonnage-config-version.cmake
  DESTINATION ${tn_package})
install(FILES ${PROJECT_BINARY_DIR}/tonnage.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES ${tn_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tonnage)
install(DIRECTORY scenarios/ DESTINATION ${CMAKE_INSTALL_DATADIR}/tonnage/scenarios
  FILES_MATCHING PATTERN "*.yaml" PATTERN "*.csv" PATTERN reader EXCLUDE)
