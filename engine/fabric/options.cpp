#include "engine/fabric/options.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"

namespace mpreg::fabric {
namespace {

Status check_name(const char* setting, const std::string& name) {
  const auto refuse = [&](const char* why) {
    return fail(Errc::invalid_argument,
                std::string(setting) + " = \"" + printable(name) + "\": " + why);
  };
  if (name.empty()) return refuse("a name is needed");
  if (name.size() > limits::name_bytes_max) return refuse("at most 128 bytes");
  const bool is_plain = std::ranges::all_of(name, [](char c) { return c > ' ' && c < 127; });
  if (!is_plain) return refuse("plain ASCII without spaces");
  return {};
}

Status check_list(const char* setting, const std::vector<std::string>& values,
                  std::size_t bytes_max) {
  for (const std::string& value : values)
    if (value.empty() || value.size() > bytes_max)
      return fail(Errc::invalid_argument, std::string(setting) + " has \"" + printable(value) +
                                              "\": expected 1 to " + std::to_string(bytes_max) +
                                              " bytes");
  return {};
}

}  // namespace

Status Options::finish() {
  MPREG_CHECK(check_name("node.name", name));
  MPREG_CHECK(check_name("cluster.name", cluster_name));
  MPREG_CHECK(check_list("node.resources", resources, limits::name_bytes_max));
  MPREG_CHECK(check_list("node.addresses", addresses, limits::address_bytes_max));
  if (membership.probe_timeout >= membership.probe_interval)
    return fail(
        Errc::invalid_argument,
        "membership.probe_timeout = " + describe(membership.probe_timeout) +
            ": must be below membership.probe_interval = " + describe(membership.probe_interval));
  if (self.is_none()) self = node_id_of(name);
  const ClusterId cluster = cluster_id_of(cluster_name);

  session.self = self;
  session.name = name;
  session.cluster = cluster;
  session.cluster_name = cluster_name;
  session.has_key = has_key;
  membership.self = self;
  membership.name = name;
  membership.cluster = cluster;
  membership.addresses = addresses;
  membership.seeds = seeds;
  catalog.self = self;
  catalog.cluster = cluster;
  gossip.self = self;
  rpc.self = self;
  rpc.cluster = cluster;
  raft.self = self;
  MPREG_CHECK(raft.finish());
  if (!raft.joined.empty() && !is_durable)
    return fail(Errc::invalid_argument,
                "raft.groups: a member of a group needs storage that keeps what it promised");
  return {};
}

}  // namespace mpreg::fabric
