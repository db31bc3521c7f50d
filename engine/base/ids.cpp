#include "engine/base/ids.hpp"

#include "engine/base/hash.hpp"
#include "engine/base/text.hpp"

namespace mpreg {
namespace {

// Fixed for ever: they are part of the protocol.
constexpr HashKey node_key{0x6d707265672d6e6fULL, 0x64652d69642d3031ULL};
constexpr HashKey cluster_key{0x6d707265672d636cULL, 0x75737465722d3031ULL};
constexpr HashKey group_key{0x6d707265672d6772ULL, 0x6f75702d69642d31ULL};

std::uint64_t named(HashKey key, std::string_view name) {
  const std::uint64_t hash = sip_hash(key, name);
  return hash == 0 ? 1 : hash;  // 0 means "none"
}

std::string short_form(char prefix, std::uint64_t value) {
  std::string text(1, prefix);
  if (value < 1'000'000) return text += std::to_string(value);
  return text += hex(value);
}

}  // namespace

NodeId node_id_of(std::string_view name) {
  constexpr std::uint64_t node_bits = ~std::uint64_t{0} >> 1;
  const std::uint64_t id = named(node_key, name) & node_bits;
  return NodeId{id == 0 ? 1 : id};
}
ClusterId cluster_id_of(std::string_view name) { return ClusterId{named(cluster_key, name)}; }
GroupId group_id_of(std::string_view name) { return GroupId{named(group_key, name)}; }

std::string describe(NodeId id) { return short_form('n', id.value); }
std::string describe(ClusterId id) { return short_form('c', id.value); }
std::string describe(GroupId id) { return short_form('g', id.value); }
std::string describe(LinkId id) { return short_form('l', id.value); }

}  // namespace mpreg
