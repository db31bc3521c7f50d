# Writes the unit that holds the build id: the version and a hash over the sources that decide what a run does.
# cmake -DLIST=<file of relative paths> -DROOT=<source folder> -DVERSION=<x.y.z> -DOUTPUT=<unit> -P WriteBuildId.cmake
file(READ ${LIST} files)
set(hashes "")
foreach(file IN LISTS files)
  file(SHA256 ${ROOT}/${file} hash)
  string(APPEND hashes "${file} ${hash}\n")
endforeach()
string(SHA256 whole "${hashes}")
string(SUBSTRING ${whole} 0 12 short)
file(WRITE ${OUTPUT} "#include \"node/build_id.hpp\"
namespace mpreg::node {
std::string_view build_id() { return \"${VERSION}+${short}\"; }
}  // namespace mpreg::node
")
