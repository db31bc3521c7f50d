#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/table_size.hpp"
#include "engine/fabric/options.hpp"
#include "engine/runtime/runtime.hpp"
#include "engine/wire/catalog_messages.hpp"
#include "engine/wire/membership_messages.hpp"

namespace mpreg::raft {
class Raft;
}

namespace mpreg::sim {

/// One member as a node sees it.
struct MemberSeen {
  NodeId node;
  Incarnation incarnation;
  wire::MemberState state = wire::MemberState::alive;
  friend bool operator==(const MemberSeen&, const MemberSeen&) = default;
};

/// One catalog record as a node sees it, or a built-in function (version 0), which has none.
struct RecordSeen {
  NodeId owner;
  wire::RecordKey key;
  std::uint64_t version = 0;
  friend bool operator==(const RecordSeen&, const RecordSeen&) = default;
  friend auto operator<=>(const RecordSeen&, const RecordSeen&) = default;
};

/// How far a process has come.
enum class Standing : std::uint8_t {
  booting,  ///< It does not know yet who it is, and takes no commands.
  serving,
  failed,  ///< It cannot serve and is about to end.
};

/// The logic of one simulated node, and the windows through which checkers look at it.
///
/// Checkers never change a node. Production has one implementation, over fabric::Fabric; tests of
/// the simulator bring small ones of their own.
class Subject {
 public:
  virtual ~Subject() = default;
  [[nodiscard]] virtual runtime::Engine& engine() = 0;
  [[nodiscard]] virtual Standing standing() const = 0;
  /// The incarnation of this life. Requires: serving.
  [[nodiscard]] virtual Incarnation incarnation() const = 0;
  /// A hash of all state; equal states give equal numbers in every build.
  [[nodiscard]] virtual std::uint64_t state_digest() const = 0;
  /// Equal views of who is alive give equal numbers.
  [[nodiscard]] virtual std::uint64_t members_hash() const = 0;
  /// Equal knowledge of the owners' records gives equal numbers.
  [[nodiscard]] virtual std::uint64_t catalog_hash() const = 0;
  /// How many live members it suspects.
  [[nodiscard]] virtual std::size_t suspects() const = 0;
  /// The sum of a hash of each record this node would choose from.
  [[nodiscard]] virtual std::uint64_t visible_hash() const = 0;
  /// The same of the records it offers.
  [[nodiscard]] virtual std::uint64_t offered_hash() const = 0;
  /// All members known, by id.
  [[nodiscard]] virtual std::vector<MemberSeen> members() const = 0;
  /// The records and built-in functions this node offers, by key.
  [[nodiscard]] virtual std::vector<RecordSeen> offered() const = 0;
  /// The records and built-in functions this node would choose from, by owner and key.
  [[nodiscard]] virtual std::vector<RecordSeen> visible() const = 0;
  /// How full every table is.
  [[nodiscard]] virtual TableSizes tables() const = 0;
  /// Its consensus groups; null when it has none.
  [[nodiscard]] virtual const raft::Raft* raft() const { return nullptr; }
  /// Why the node is not at rest, in words; empty when it is.
  [[nodiscard]] virtual std::vector<std::string> pending() const = 0;
};

/// Builds the logic of a node whose process begins.
using SubjectFactory = std::function<std::unique_ptr<Subject>(const fabric::Options&)>;

}  // namespace mpreg::sim
