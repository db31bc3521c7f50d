# Tests: one executable and one ctest entry per module, labelled with the module's name (ctest -L gossip).

enable_testing()
find_package(GTest CONFIG REQUIRED)
find_package(rapidcheck CONFIG REQUIRED)

# The code of tests is not optimised, in any build: what it tests is, and it took half of the compile time of the tree.
add_library(mpreg_test_options INTERFACE)
target_link_libraries(mpreg_test_options INTERFACE mpreg_options GTest::gmock)
target_compile_options(mpreg_test_options INTERFACE -O0)

# One precompiled header (GoogleTest and the common standard headers), shared by all test executables.
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/test_pch.cpp CONTENT "" @ONLY)
add_library(mpreg_test_pch STATIC ${CMAKE_BINARY_DIR}/test_pch.cpp)
target_link_libraries(mpreg_test_pch PRIVATE mpreg_test_options)
target_precompile_headers(mpreg_test_pch PRIVATE
  <gtest/gtest.h> <gmock/gmock.h> <algorithm> <map> <optional> <set> <string> <variant> <vector>)

# Linked before the module under test, so that a helper may use what only that module brings.
mpreg_library(test_support FOLDER tests/support PCH test LINK mpreg_runtime mpreg_test_options)
# What the sanitizer builds run: engine/, sim/ and the laws; net/, node/ and its processes.
add_custom_target(core_tests)
add_custom_target(world_tests)

# mpreg_test(<name> FOLDER <path> LABELS <label>... LINK <target>... [CORE | WORLD] [APART]): test_<name> from
# <FOLDER>/*_test.cpp. Some files make one unit, since most of what the compiler does for a test is the same for the next;
# so names in a folder's unnamed namespaces differ. APART: each file is a unit.
function(mpreg_test name)
  cmake_parse_arguments(arg "CORE;WORLD;APART" "FOLDER" "LABELS;LINK" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${arg_FOLDER}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE mpreg_test_support ${arg_LINK} mpreg_test_options GTest::gmock_main)
  target_compile_definitions(test_${name} PRIVATE MPREG_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_precompile_headers(test_${name} REUSE_FROM mpreg_test_pch)
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  if(NOT arg_APART)
    set_target_properties(test_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 5)
  endif()
  add_test(NAME ${name} COMMAND test_${name} --gtest_brief=1 WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  if(arg_CORE)
    add_dependencies(core_tests test_${name})
    list(APPEND arg_LABELS core)
  endif()
  if(arg_WORLD)
    add_dependencies(world_tests test_${name})
    list(APPEND arg_LABELS world)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT 600)
endfunction()

foreach(module base wire runtime session membership gossip catalog routing rpc raft client fabric)
  mpreg_test(${module} CORE FOLDER tests/engine/${module} LABELS unit ${module} LINK mpreg_${module})
endforeach()
if(TARGET test_gossip)
  target_link_libraries(test_gossip PRIVATE mpreg_fabric)   # gossip is tested over real catalogs, joined as fabric joins them
endif()
foreach(module client fabric)
  if(TARGET test_${module})
    target_link_libraries(test_${module} PRIVATE mpreg_fabric mpreg_client)   # whole processes in one room
  endif()
endforeach()
mpreg_test(sim CORE FOLDER tests/sim LABELS unit sim LINK mpreg_sim)
mpreg_test(laws CORE FOLDER proptests LABELS law LINK mpreg_sim rapidcheck)
if(TEST laws)
  # The gate judges the tree, not luck: it tries the same cases each time. New ones are tried by test_laws itself.
  set_tests_properties(laws PROPERTIES ENVIRONMENT "RC_PARAMS=seed=1")
endif()
mpreg_test(net WORLD APART FOLDER tests/net LABELS unit net LINK mpreg_net mpreg_sim)
mpreg_test(threads WORLD FOLDER tests/node/threads LABELS unit node LINK mpreg_node mpreg_sim)
mpreg_test(lab WORLD FOLDER tests/node/lab LABELS unit lab LINK mpreg_lab)
mpreg_test(node WORLD FOLDER tests/node LABELS process full node LINK mpreg_lab)
if(TARGET test_node)
  set_tests_properties(node PROPERTIES RUN_SERIAL ON)   # real processes with real deadlines: alone on the machine
endif()
if(TARGET test_node AND TARGET mpreg)
  target_compile_definitions(test_node PRIVATE MPREG_BINARY="$<TARGET_FILE:mpreg>")
  add_dependencies(test_node mpreg)
endif()

# Reports in a browser, exports through the parsers of others, recordings of real nodes.
if(TARGET mpreg)
  foreach(name exports page recordings)
    add_test(NAME report.${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      COMMAND /usr/bin/python3 -m unittest discover -s tests/report -p "${name}_test.py")
    set_tests_properties(report.${name} PROPERTIES LABELS "process;full" TIMEOUT 600
      ENVIRONMENT "MPREG_BINARY=$<TARGET_FILE:mpreg>")
  endforeach()
  set_tests_properties(report.recordings PROPERTIES RUN_SERIAL ON)   # real processes, as above
endif()

# One test per plan. The seeds are 1..$TESTS_SCENARIO_SEEDS; tools/soak runs many more.
file(GLOB scenarios CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/scenarios/*.scn)
if(TARGET mpreg)
  foreach(file IN LISTS scenarios)
    get_filename_component(name ${file} NAME_WE)
    add_test(NAME scenario.${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
      COMMAND /usr/bin/python3 tools/soak --jobs 1 --mpreg $<TARGET_FILE:mpreg> scenarios/${name}.scn)
    set(labels scenario)
    if(name STREQUAL soak)
      list(APPEND labels full)   # a simulated day
    endif()
    set_tests_properties(scenario.${name} PROPERTIES LABELS "${labels}" TIMEOUT 900)
  endforeach()
endif()

# mpreg_planted: the command with the deliberate faults of tests/planted compiled in, each switched on by name. Copies of
# the sources take the place of what is in the archives; no other target sees them.
execute_process(COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/plant --files
  OUTPUT_VARIABLE planted_files OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" planted_files "${planted_files}")
list(TRANSFORM planted_files PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE planted_sources)
list(TRANSFORM planted_files PREPEND ${CMAKE_BINARY_DIR}/planted/ OUTPUT_VARIABLE planted_copies)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/planted/faults.toml)
add_custom_command(OUTPUT ${planted_copies}
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/plant --output ${CMAKE_BINARY_DIR}/planted
  DEPENDS ${planted_sources} ${CMAKE_SOURCE_DIR}/tools/plant ${CMAKE_SOURCE_DIR}/tests/planted/faults.toml VERBATIM)
add_library(mpreg_planted_objects OBJECT tests/planted/planted.cpp ${planted_copies})
target_compile_options(mpreg_planted_objects PRIVATE -include ${CMAKE_SOURCE_DIR}/tests/planted/planted.hpp)
target_link_libraries(mpreg_planted_objects PUBLIC mpreg_fabric mpreg_options)
add_executable(mpreg_planted node/main.cpp)
target_link_libraries(mpreg_planted PRIVATE mpreg_planted_objects mpreg_lab mpreg_options)
set_target_properties(mpreg_planted PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
if(TARGET test_lab)
  target_compile_definitions(test_lab PRIVATE MPREG_PLANTED_BINARY="$<TARGET_FILE:mpreg_planted>")
  add_dependencies(test_lab mpreg_planted)
endif()
