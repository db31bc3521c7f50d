#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/semantic_version.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::catalog {

/// A function that may be called. Pointers live until the next turn that changes the catalog.
struct FunctionEntry {
  NodeId owner;
  ClusterId cluster;
  const wire::FunctionRecord* record = nullptr;
  SemanticVersion version;  ///< Of the record, parsed.
};

/// A function record became visible or hidden because of a change, its own or a rival's.
struct FunctionShift {
  NodeId owner;
  ClusterId cluster;
  const wire::RecordBody* body = nullptr;
  wire::RecordKey key;
  bool is_removal = false;
  bool is_conflict = false;  ///< A removal because `winner` binds the name or the id differently.
  NodeId winner;
};

/// Functions by name, id and resource, with the rule that a name and an id belong together.
///
/// Name <-> id is one-to-one everywhere. A record counts if the *first* record with its name has
/// its id, and the first record with its id has its name; first = lowest (owner, version of the
/// record, key). The others are hidden, on every node alike, in whatever order they came: the
/// rule is a function of the set. A hidden record still holds its name and id against later ones:
/// otherwise one withdrawal could rename a chain of strangers.
class FunctionIndex {
 public:
  /// Adds a record as a candidate. Appends to `shifts` what becomes visible or hidden by it.
  void add(NodeId owner, ClusterId cluster, const wire::RecordKey& key, std::uint64_t version,
           const wire::RecordBody& body, std::vector<FunctionShift>& shifts);
  /// Removes a candidate. Requires: it was added with this version, its body still in place.
  void remove(NodeId owner, const wire::RecordKey& key, std::uint64_t version,
              const wire::FunctionRecord& function, std::vector<FunctionShift>& shifts);

  /// Visible functions of a name, by (version descending, owner, key). No allocation.
  [[nodiscard]] const std::vector<FunctionEntry>& named(std::string_view name) const;
  [[nodiscard]] const std::vector<FunctionEntry>& identified(std::string_view id) const;
  /// Names that have a visible function registered with the resource, ascending.
  [[nodiscard]] std::vector<std::string_view> names_with(std::string_view resource) const;
  /// All names that have a visible function, ascending.
  [[nodiscard]] std::vector<std::string_view> names() const;
  /// The owner whose record holds the name or the id against such a function; none if it fits.
  [[nodiscard]] NodeId find_rival(NodeId owner, std::string_view name, std::string_view id) const;

 private:
  /// Decides who is first.
  struct Rank {
    NodeId owner;
    std::uint64_t version = 0;
    std::string key;
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  struct Candidate {
    ClusterId cluster;
    const wire::RecordBody* body = nullptr;
    SemanticVersion version;
    bool is_visible = false;
  };
  struct NameGroup {
    std::map<Rank, Candidate> candidates;
    std::vector<FunctionEntry> visible;
  };
  using IdGroup = std::map<Rank, std::string>;  ///< The name under which the candidate is filed.

  void settle(const std::string& name, const Rank& rank, Candidate& candidate,
              std::vector<FunctionShift>& shifts);
  void settle_name(const std::string& name, std::vector<FunctionShift>& shifts);
  void settle_id(std::string_view id, std::vector<FunctionShift>& shifts);
  void show(NameGroup& group, const Rank& rank, const Candidate& candidate);
  void hide(NameGroup& group, const Rank& rank, const Candidate& candidate);

  std::map<std::string, NameGroup, std::less<>> names_;
  std::map<std::string, IdGroup, std::less<>> ids_;
  std::map<std::string, std::map<std::string, std::size_t>, std::less<>>
      resources_;  ///< Resource -> name -> how many visible functions.
};

}  // namespace mpreg::catalog
