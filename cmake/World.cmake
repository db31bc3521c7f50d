# The real world: net/ (Boost.Asio, libsodium), node/ and the `mpreg` command.

find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(spdlog CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(LMDB REQUIRED IMPORTED_TARGET lmdb)

# The one unit that compiles Boost.Asio; every other unit sees declarations only.
add_library(mpreg_asio_options INTERFACE)
target_compile_definitions(mpreg_asio_options INTERFACE
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(mpreg_asio_options INTERFACE Boost::headers Threads::Threads)
if(MPREG_SANITIZE MATCHES "thread")
  # ThreadSanitizer cannot see fences (g++: -Wtsan); Asio's locks order the same accesses.
  target_compile_definitions(mpreg_asio_options INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
endif()
file(GLOB asio_unit CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/net/asio_impl.cpp)
if(asio_unit)
  add_library(mpreg_asio STATIC net/asio_impl.cpp)
  target_compile_options(mpreg_asio PRIVATE -w)
  target_link_libraries(mpreg_asio PUBLIC mpreg_asio_options)
else()
  add_library(mpreg_asio INTERFACE)
  target_link_libraries(mpreg_asio INTERFACE mpreg_asio_options)
endif()

mpreg_pch(world LINK mpreg_options mpreg_asio_options tl::expected
  HEADERS ${common_headers} <boost/asio/io_context.hpp> <boost/asio/ip/tcp.hpp> <boost/asio/post.hpp>
    <boost/asio/steady_timer.hpp>)
mpreg_library(net FOLDER net PCH world EXCLUDE net/asio_impl.cpp LINK mpreg_session mpreg_asio PkgConfig::SODIUM)

# mpreg_build_id: which sources the logic was built from; runs compare by it (node/build_id.hpp).
file(GLOB_RECURSE logic_files CONFIGURE_DEPENDS RELATIVE ${CMAKE_SOURCE_DIR}
  ${CMAKE_SOURCE_DIR}/engine/*.cpp ${CMAKE_SOURCE_DIR}/engine/*.hpp ${CMAKE_SOURCE_DIR}/engine/*.capnp
  ${CMAKE_SOURCE_DIR}/sim/*.cpp ${CMAKE_SOURCE_DIR}/sim/*.hpp)
list(SORT logic_files)
set(build_id_unit ${CMAKE_BINARY_DIR}/generated/build_id.cpp)
list(TRANSFORM logic_files PREPEND ${CMAKE_SOURCE_DIR}/ OUTPUT_VARIABLE logic_paths)
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/generated/logic_files.txt CONTENT "${logic_files}" @ONLY)
add_custom_command(OUTPUT ${build_id_unit}
  COMMAND ${CMAKE_COMMAND} -DLIST=${CMAKE_BINARY_DIR}/generated/logic_files.txt -DROOT=${CMAKE_SOURCE_DIR}
    -DVERSION=${PROJECT_VERSION} -DOUTPUT=${build_id_unit} -P ${CMAKE_SOURCE_DIR}/cmake/WriteBuildId.cmake
  DEPENDS ${logic_paths} ${CMAKE_BINARY_DIR}/generated/logic_files.txt ${CMAKE_SOURCE_DIR}/cmake/WriteBuildId.cmake
  VERBATIM)
add_library(mpreg_build_id STATIC ${build_id_unit})
target_link_libraries(mpreg_build_id PRIVATE mpreg_options)

# mpreg_report_page: the sources of the report page as texts (node/lab/report/page.hpp).
set(page_unit ${CMAKE_BINARY_DIR}/generated/report_page.cpp)
set(page_folder ${CMAKE_SOURCE_DIR}/node/lab/report)
file(GLOB page_sources CONFIGURE_DEPENDS ${page_folder}/*.html ${page_folder}/*.css ${page_folder}/*.js)
add_custom_command(OUTPUT ${page_unit}
  COMMAND ${CMAKE_COMMAND} -DFOLDER=${page_folder} -DOUTPUT=${page_unit} -P ${CMAKE_SOURCE_DIR}/cmake/EmbedPage.cmake
  DEPENDS ${page_sources} ${CMAKE_SOURCE_DIR}/cmake/EmbedPage.cmake
  VERBATIM)
add_library(mpreg_report_page STATIC ${page_unit})
target_link_libraries(mpreg_report_page PRIVATE mpreg_options)

# Node and client, without the laboratory: what is tested for races builds no simulator.
set(lab_commands node/cli.cpp node/cli_replay.cpp node/cli_sim.cpp node/demo.cpp)
mpreg_library(node FOLDER node PCH world GLOB node/client/*.cpp EXCLUDE node/main.cpp ${lab_commands}
  LINK mpreg_net mpreg_fabric mpreg_client mpreg_build_id PkgConfig::LMDB spdlog::spdlog CLI11::CLI11
    tomlplusplus::tomlplusplus Boost::json)
mpreg_library(lab FOLDER node/lab PCH world GLOB node/replay/*.cpp ${lab_commands}
  LINK mpreg_node mpreg_sim mpreg_report_page)
get_target_property(node_kind mpreg_node TYPE)
if(node_kind STREQUAL "STATIC_LIBRARY")
  target_compile_definitions(mpreg_node PUBLIC MPREG_VERSION="${PROJECT_VERSION}")
endif()

file(GLOB main_unit CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/node/main.cpp)
if(main_unit)
  add_executable(mpreg node/main.cpp)
  target_link_libraries(mpreg PRIVATE mpreg_lab)
  set_target_properties(mpreg PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endif()
