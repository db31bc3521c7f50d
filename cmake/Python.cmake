# The Python module `mpreg` for Debian's interpreter: importable from <build>/python, installed beside other packages.

set(Python_EXECUTABLE /usr/bin/python3)
find_package(Python REQUIRED COMPONENTS Interpreter Development.Module)
find_package(pybind11 CONFIG REQUIRED)

set(python_package ${CMAKE_BINARY_DIR}/python/mpreg)
file(GLOB python_core CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/bindings/python/core/*.cpp)
pybind11_add_module(mpreg_python MODULE NO_EXTRAS ${python_core})
target_link_libraries(mpreg_python PRIVATE mpreg_options mpreg_sim mpreg_build_id)
set_target_properties(mpreg_python PROPERTIES OUTPUT_NAME _core LIBRARY_OUTPUT_DIRECTORY ${python_package})

# The files in Python are links: an edit needs no build.
file(GLOB python_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}/bindings/python/mpreg
  ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/*.py ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/*.pyi
  ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/py.typed)
file(MAKE_DIRECTORY ${python_package})
foreach(file IN LISTS python_files)
  file(CREATE_LINK ${CMAKE_SOURCE_DIR}/bindings/python/mpreg/${file} ${python_package}/${file} SYMBOLIC)
endforeach()

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
  set_tests_properties(python.${name} PROPERTIES LABELS "python" TIMEOUT 600
    ENVIRONMENT "PYTHONPATH=${CMAKE_BINARY_DIR}/python;MPREG=$<TARGET_FILE:mpreg>;MPREG_BUILD=${CMAKE_BINARY_DIR};MPLBACKEND=Agg")
endforeach()
