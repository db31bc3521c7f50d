#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace mpreg {

/// A strong integer id: compares and hashes, converts to nothing by itself.
///
/// `Tag` makes each id a type of its own, so that a link cannot be passed where a node is meant.
template <class Tag>
struct Id {
  std::uint64_t value = 0;  ///< 0 means "none".

  constexpr Id() = default;
  constexpr explicit Id(std::uint64_t number) : value(number) {}
  [[nodiscard]] constexpr bool is_none() const { return value == 0; }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;
};

/// A node for ever, across restarts: a stable hash of its configured name (node_id_of). Clients
/// have ids of the same type in a space of their own (client_id), so that none can take a node's.
using NodeId = Id<struct NodeTag>;
/// A cluster: a stable hash of its configured name (cluster_id_of).
using ClusterId = Id<struct ClusterTag>;
/// A transport link of one node's life; the transport counts them up from 1.
using LinkId = Id<struct LinkTag>;
/// One attempt to open a link; chosen by the engine.
using DialId = Id<struct DialTag>;
/// A request to the Crypto port; chosen by the engine.
using SignId = Id<struct SignTag>;
/// A storage write or read; chosen by the engine.
using WriteId = Id<struct WriteTag>;
using ReadId = Id<struct ReadTag>;
/// A request of a local client or operator; chosen by the host.
using RequestId = Id<struct RequestTag>;
/// An invocation of user code in flight in the Host; chosen by the engine.
using InvokeId = Id<struct InvokeTag>;
/// A call for its whole life, unique with its origin node and incarnation.
using CallId = Id<struct CallTag>;
/// One message on the wire, unique with its source node.
using MessageId = Id<struct MessageTag>;

/// A consensus group: a stable hash of its configured name (group_id_of).
using GroupId = Id<struct GroupTag>;

/// One life of a node's process: larger is newer. In production microseconds of the start; in the
/// simulator a counter. Never compared between different nodes.
using Incarnation = Id<struct IncarnationTag>;

/// Ids of named things, by SipHash under fixed keys: every process derives the same number.
[[nodiscard]] NodeId node_id_of(std::string_view name);
/// The id of a client from a number of its own: random, for its life.
[[nodiscard]] constexpr NodeId client_id(std::uint64_t number) {
  return NodeId{number | std::uint64_t{1} << 63};
}
/// Ids of clients have the top bit, those of nodes do not.
[[nodiscard]] constexpr bool is_client_id(NodeId id) { return (id.value >> 63) != 0; }
[[nodiscard]] ClusterId cluster_id_of(std::string_view name);
[[nodiscard]] GroupId group_id_of(std::string_view name);

[[nodiscard]] std::string describe(NodeId id);  ///< "n7" below a million, else "n" + 16 hex digits.
[[nodiscard]] std::string describe(ClusterId id);
[[nodiscard]] std::string describe(GroupId id);
[[nodiscard]] std::string describe(LinkId id);  ///< "l3".

}  // namespace mpreg
