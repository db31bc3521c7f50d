#include "engine/raft/options.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"

namespace mpreg::raft {
namespace {

/// Clients call a function whose name begins with "mpreg.kv." and ends with the group's.
constexpr std::size_t group_name_bytes_max = limits::name_bytes_max - 16;

Result<GroupOptions> parse_group(std::string_view text) {
  const auto refuse = [text](const std::string& why) {
    return fail(Errc::invalid_argument, "raft.groups has \"" + printable(text) + "\": " + why);
  };
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0)
    return refuse("expected NAME:MEMBER+MEMBER+...");
  if (colon > group_name_bytes_max)
    return refuse("a name of at most " + std::to_string(group_name_bytes_max) + " bytes");
  GroupOptions group;
  group.name = text.substr(0, colon);
  group.id = group_id_of(group.name);
  for (std::size_t begin = colon + 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find('+', begin), text.size());
    const std::string_view member = text.substr(begin, end - begin);
    begin = end + 1;
    if (member.empty() || member == "#") return refuse("a member has no name");
    NodeId node = node_id_of(member);
    if (member.front() == '#') {
      const char* const last = member.data() + member.size();
      const auto read = std::from_chars(member.data() + 1, last, node.value);
      if (read.ec != std::errc{} || read.ptr != last || node.is_none())
        return refuse("a member's id is no number");
    }
    group.members.push_back(node);
  }
  std::sort(group.members.begin(), group.members.end());
  if (std::adjacent_find(group.members.begin(), group.members.end()) != group.members.end())
    return refuse("a member is named twice");
  if (group.members.size() > limits::raft_members_max)
    return refuse("at most " + std::to_string(limits::raft_members_max) + " members");
  return group;
}

}  // namespace

Status Options::finish() {
  if (heartbeat * 3 > election_timeout)
    return fail(
        Errc::invalid_argument,
        "raft.heartbeat = " + describe(heartbeat) +
            ": must be at most a third of raft.election_timeout = " + describe(election_timeout));
  if (groups.size() > limits::raft_groups_max)
    return fail(Errc::invalid_argument,
                "raft.groups: at most " + std::to_string(limits::raft_groups_max) + " groups");
  joined.clear();
  std::vector<GroupId> ids;
  for (const std::string& text : groups) {
    MPREG_TRY(GroupOptions group, parse_group(text));
    ids.push_back(group.id);
    if (std::binary_search(group.members.begin(), group.members.end(), self))
      joined.push_back(std::move(group));
  }
  std::sort(ids.begin(), ids.end());
  if (std::adjacent_find(ids.begin(), ids.end()) != ids.end())
    return fail(Errc::invalid_argument, "raft.groups: a group is named twice");
  std::sort(joined.begin(), joined.end(),
            [](const GroupOptions& a, const GroupOptions& b) { return a.id < b.id; });
  return {};
}

}  // namespace mpreg::raft
