# Language level, warnings, sanitizers and output folders for every target of the tree.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# -g1: line tables are enough for a backtrace, and links stay quick.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g")

# ccache when it is there. The sloppiness lets it cache units that use a precompiled header.
if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(MPREG_CCACHE ccache)
  if(MPREG_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${MPREG_CCACHE})
  endif()
endif()

# Every target of ours links this: the warnings and the switches that reproducible traces need.
add_library(mpreg_options INTERFACE)
target_include_directories(mpreg_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_features(mpreg_options INTERFACE cxx_std_20)
target_compile_options(mpreg_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(mpreg_options INTERFACE -Wreserved-identifier)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 raises these falsely inside std::string and std::vector once it inlines (GCC bugs 105329, 105651, 107852).
  # AddressSanitizer and clang look at the same code.
  target_compile_options(mpreg_options INTERFACE
    -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread)
endif()

# The same objects go into programs and into the Python module. Nobody replaces our functions from outside, so that g++
# may inline and call directly as it does without; measured: docs/PERFORMANCE.md.
add_compile_options(-fPIC)   # not the property: programs would get -fPIE, and no precompiled header of a library
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fno-semantic-interposition>)
endif()

# For the whole tree, third-party generated code included, so that all objects agree.
add_compile_options(
  -fno-omit-frame-pointer
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=   # __FILE__ is relative: the build path reaches no output
  -ffile-prefix-map=${CMAKE_BINARY_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)   # what ccache needs for a precompiled header
endif()

# The two stages of tools/dist, in one folder: the compiler looks for an object's profile beside the object.
if(MPREG_PROFILE STREQUAL "record")
  add_compile_options(-fprofile-generate -fprofile-update=prefer-atomic)
  add_link_options(-fprofile-generate)
elseif(MPREG_PROFILE STREQUAL "use")
  # Partial training: what the training never ran is optimised as without a profile, not for size.
  add_compile_options(-fprofile-use -fprofile-partial-training -Wno-missing-profile -flto=auto)
  add_link_options(-fprofile-use -flto=auto)
elseif(MPREG_PROFILE)
  message(FATAL_ERROR "MPREG_PROFILE is '${MPREG_PROFILE}': expected record, use or nothing; tools/dist sets it")
endif()

if(MPREG_SANITIZE)
  add_compile_options(-fsanitize=${MPREG_SANITIZE} -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)  # false inside tl::expected once instrumented
  endif()
  add_link_options(-fsanitize=${MPREG_SANITIZE} -fno-sanitize-recover=all)
endif()
if(MPREG_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    message(FATAL_ERROR "MPREG_FUZZ needs clang (libFuzzer): configure with the preset 'fuzz'")
  endif()
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(PkgConfig REQUIRED)
find_package(CapnProto CONFIG REQUIRED)
find_package(tl-expected CONFIG REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
