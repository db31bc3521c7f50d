# Benchmark programs: one executable in <build>/bench per tools/bench/*_bench.cpp. A program brings its own main or
# BENCHMARK_MAIN(). Files without the suffix are shared helpers.
find_package(benchmark CONFIG)
mpreg_library(bench_support FOLDER tools/bench/support LINK mpreg_node)
file(GLOB bench_files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tools/bench/*_bench.cpp)
foreach(file IN LISTS bench_files)
  get_filename_component(name ${file} NAME_WE)
  add_executable(${name} ${file})
  target_link_libraries(${name} PRIVATE mpreg_bench_support mpreg_node mpreg_options)
  if(TARGET benchmark::benchmark)
    target_link_libraries(${name} PRIVATE benchmark::benchmark)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
endforeach()
