# The Python module `mpreg` for Debian's interpreter: importable from <build>/python, installed beside other packages.

set(Python_EXECUTABLE /usr/bin/python3)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 CONFIG REQUIRED)

file(GLOB python_core CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bindings/python/core/*.cpp)
file(GLOB python_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/bindings/python/mpreg
  ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/*.py ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/*.pyi
  ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/py.typed)
add_library(mpreg_python_core OBJECT ${python_core})
set_target_properties(mpreg_python_core PROPERTIES CXX_VISIBILITY_PRESET hidden)
target_link_libraries(mpreg_python_core PUBLIC mpreg_options mpreg_sim mpreg_build_id pybind11::module)

# mpreg_python_package(<target> FOLDER <path> [LINK <target>...]): a package `mpreg` in a folder. The files in Python are
# links: an edit of one needs no build.
function(mpreg_python_package target)
  cmake_parse_arguments(arg "" "FOLDER" "LINK" ${ARGN})
  pybind11_add_module(${target} MODULE NO_EXTRAS $<TARGET_OBJECTS:mpreg_python_core>)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME _core LIBRARY_OUTPUT_DIRECTORY ${arg_FOLDER}/mpreg LINKER_LANGUAGE CXX)
  target_link_libraries(${target} PRIVATE ${arg_LINK} mpreg_sim mpreg_build_id)
  file(MAKE_DIRECTORY ${arg_FOLDER}/mpreg)
  foreach(file IN LISTS python_files)
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/${file} ${arg_FOLDER}/mpreg/${file} SYMBOLIC)
  endforeach()
endfunction()

mpreg_python_package(mpreg_python FOLDER ${CMAKE_BINARY_DIR}/python)
# The same with the deliberate faults of tests/planted, for the tests alone.
mpreg_python_package(mpreg_python_planted FOLDER ${CMAKE_BINARY_DIR}/tests/python LINK mpreg_planted_objects)

# cmake --install <build> --component python [--prefix P]: P/lib/python3/dist-packages/mpreg, where Debian looks for /usr.
set(MPREG_PYTHON_DIR lib/python3/dist-packages CACHE STRING "Where the package goes, below the prefix")
install(TARGETS mpreg_python LIBRARY DESTINATION ${MPREG_PYTHON_DIR}/mpreg COMPONENT python)
list(TRANSFORM python_files PREPEND ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/ OUTPUT_VARIABLE python_paths)
install(FILES ${python_paths} DESTINATION ${MPREG_PYTHON_DIR}/mpreg COMPONENT python)

# One ctest entry for each file of tests/python.
file(GLOB python_tests CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/python/*_test.py)
foreach(file IN LISTS python_tests)
  get_filename_component(name ${file} NAME_WE)
  string(REGEX REPLACE "_test$" "" name ${name})
  add_test(NAME python.${name} COMMAND ${Python_EXECUTABLE} ${file} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set(labels python)
  if(name STREQUAL scripts)
    list(APPEND labels full)   # five experiments and their figures
  endif()
  set_tests_properties(python.${name} PROPERTIES LABELS "${labels}" TIMEOUT 600
    ENVIRONMENT "PYTHONPATH=${CMAKE_BINARY_DIR}/python;MPREG=$<TARGET_FILE:mpreg>;MPREG_BUILD=${CMAKE_BINARY_DIR};MPLBACKEND=Agg")
endforeach()
