# The gates and the other builds as ctest tests, so that tools/test has one summary. Label `full` marks what
# tools/test --quick leaves out. Registered in the release preset only.

set(tools ${CMAKE_SOURCE_DIR}/tools)
set(python /usr/bin/python3)

# mpreg_gate(<name> [FULL] [SERIAL] [TIMEOUT <seconds>] COMMAND <command>...)
function(mpreg_gate name)
  cmake_parse_arguments(arg "FULL;SERIAL" "TIMEOUT" "COMMAND" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 600)
  endif()
  add_test(NAME ${name} COMMAND ${arg_COMMAND} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(labels gate)
  if(arg_FULL)
    list(APPEND labels full)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${labels}" TIMEOUT ${arg_TIMEOUT})
  if(arg_SERIAL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
endfunction()

mpreg_gate(gate.format COMMAND ${tools}/check_format)
mpreg_gate(gate.layers COMMAND ${python} ${tools}/check_layers.py)
mpreg_gate(gate.words COMMAND ${python} ${tools}/check_words.py --quiet)
mpreg_gate(gate.symbols COMMAND ${python} ${tools}/check_symbols.py --build ${CMAKE_BINARY_DIR})
mpreg_gate(gate.refusals COMMAND ${python} -m unittest discover -s tests/gates -p "*_test.py")
mpreg_gate(gate.refusals.builds FULL COMMAND ${python} -m unittest discover -s tests/gates/builds -p "*_test.py")
mpreg_gate(gate.headers FULL SERIAL COMMAND ${python} ${tools}/check_headers.py --build ${CMAKE_BINARY_DIR})
mpreg_gate(gate.tidy FULL SERIAL TIMEOUT 1200 COMMAND ${tools}/check_tidy)
mpreg_gate(gate.readme FULL SERIAL TIMEOUT 1200 COMMAND ${python} ${tools}/check_readme.py)
mpreg_gate(build.clang FULL SERIAL TIMEOUT 1800
  COMMAND sh -c "cmake --preset clang && cmake --build --preset clang")
# Units and laws, and the real processes as well.
mpreg_gate(build.asan FULL SERIAL TIMEOUT 1800 COMMAND sh -c
  "cmake --preset asan && cmake --build --preset asan --target core_tests world_tests && \
tools/fixed_addresses ctest --preset asan -L 'core|world' -j 2")
# Whatever has threads: net/, and node/ with its processes left out.
mpreg_gate(build.tsan FULL SERIAL TIMEOUT 1800 COMMAND sh -c
  "cmake --preset tsan && cmake --build --preset tsan --target test_net test_threads && \
tools/fixed_addresses ctest --preset tsan -R '^(net|threads)$'")
mpreg_gate(trace.matrix FULL SERIAL TIMEOUT 1800 COMMAND ${tools}/trace_matrix)
mpreg_gate(fuzz.smoke FULL SERIAL TIMEOUT 1200 COMMAND ${tools}/fuzz_smoke 60)
