// A node as bytes, and back: the fields of every component, which each of them lists itself.
#include "engine/fabric/fabric.hpp"
#include "engine/runtime/snapshot_fields.hpp"

namespace mpreg::runtime {

template <>
inline constexpr session::Stage last_of<session::Stage> = session::Stage::spare;
template <>
inline constexpr session::Tagged last_of<session::Tagged> = session::Tagged::expected_proof;
template <>
inline constexpr rpc::Stage last_of<rpc::Stage> = rpc::Stage::pausing;
template <>
inline constexpr fabric::Boot::Stage last_of<fabric::Boot::Stage> = fabric::Boot::Stage::failed;

template <>
inline constexpr raft::Role last_of<raft::Role> = raft::Role::leader;
template <>
inline constexpr raft::Group::Stage last_of<raft::Group::Stage> = raft::Group::Stage::failed;

}  // namespace mpreg::runtime

namespace mpreg::fabric {

bool Fabric::save(runtime::ByteWriter& writer) const {
  fields(writer, *this);
  return true;
}

Status Fabric::load(runtime::ByteReader& reader) {
  fields(reader, *this);
  if (!reader.is_ok()) return fail(Errc::malformed, "the snapshot of the node cannot be read");
  return {};
}

}  // namespace mpreg::fabric
