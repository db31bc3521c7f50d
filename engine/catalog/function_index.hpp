#pragma once

#include <compare>
#include <cstdint>
#include <initializer_list>
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
  const SemanticVersion* version = nullptr;  ///< Of the function, parsed; never null.
  std::uint64_t written = 0;  ///< Version of the record at its owner; of a built-in one 0.
};

/// The order of results: version descending, owner, resources.
[[nodiscard]] bool precedes(const FunctionEntry& a, const FunctionEntry& b);

/// A function record became visible or hidden because of a change, its own or a rival's.
struct FunctionShift {
  enum class Kind : std::uint8_t {
    shown = 0,   ///< Was not visible, is now.
    hidden = 1,  ///< Was visible, is not any more.
    lost = 2,    ///< Came and is not visible, because of a rival.
  };
  Kind kind = Kind::shown;
  NodeId owner;
  ClusterId cluster;
  const wire::FunctionRecord* record = nullptr;
  NodeId winner;  ///< Whose binding of the name or id hides it; none when that is not the reason.
};

/// Functions by name, id and resource, with the rule that a name and an id belong together.
///
/// Name <-> id is one-to-one everywhere. Records with equal name and id form a pair; a pair is
/// visible if no other pair with its name, and none with its id, has a record of lower rank
/// (owner, version of the record). All others are hidden, on every node alike, in whatever order
/// they came: the rule is a function of the set. A hidden pair still holds its name and id against
/// later ones: otherwise one withdrawal could rename a chain of strangers.
/// Cost: O(log names) to look up; a change moves part of one array of providers of that name, and
/// decides anew about five pairs at most, however many contend for the name.
class FunctionIndex {
 public:
  /// Adds a candidate. Appends to `shifts` what becomes visible or hidden by it. False, and no
  /// effect, if its version is no semantic version.
  bool add(NodeId owner, ClusterId cluster, std::uint64_t written,
           const wire::FunctionRecord& record, std::vector<FunctionShift>& shifts);
  /// Removes a candidate, if it was added; the record must still be in place.
  void remove(NodeId owner, const wire::FunctionRecord& record, std::vector<FunctionShift>& shifts);

  /// Visible functions of a name, by (version descending, owner, resources). No allocation.
  [[nodiscard]] const std::vector<FunctionEntry>& named(std::string_view name) const;
  [[nodiscard]] const std::vector<FunctionEntry>& identified(std::string_view id) const;
  /// Names that have a visible function registered with the resource, ascending.
  [[nodiscard]] std::vector<std::string_view> names_with(std::string_view resource) const;
  /// All names that have a visible function, ascending.
  [[nodiscard]] std::vector<std::string_view> names() const;
  /// The owner whose record would hide a new one of `owner` with such name and id; none if it fits.
  [[nodiscard]] NodeId find_rival(NodeId owner, std::string_view name, std::string_view id) const;

 private:
  /// Who is first: lower owner, then lower version of the record.
  struct Rank {
    NodeId owner;
    std::uint64_t written = 0;
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  struct Pair {
    std::vector<FunctionEntry> entries;               ///< In result order; not empty.
    std::map<SemanticVersion, std::size_t> versions;  ///< Parsed once, and how many use it.
    std::set<Rank> ranks;                             ///< Of the entries.
    bool is_visible = false;
  };
  /// Pairs that exclude each other, by the lowest rank of each: the first one wins.
  using Contest = std::map<Rank, Pair*>;
  struct OfName {
    std::map<std::string, Pair, std::less<>> pairs;  ///< By id.
    Contest contest;
  };

  [[nodiscard]] static Pair* leader(const Contest& contest);
  [[nodiscard]] static NodeId winner_over(Rank first, const Contest& of_name, const Contest& of_id);
  [[nodiscard]] NodeId find_winner(const Pair& pair) const;
  static void rerank(Contest& contest, Pair& pair, const Rank* before);
  void settle(std::initializer_list<Pair*> touched, std::vector<FunctionShift>& shifts);
  void count_resources(const wire::FunctionRecord& record, bool is_removal);

  std::map<std::string, OfName, std::less<>> names_;
  std::map<std::string, Contest, std::less<>> ids_;
  std::map<std::string, std::map<std::string, std::size_t, std::less<>>, std::less<>>
      resources_;  ///< Resource -> name -> how many visible functions.
};

}  // namespace mpreg::catalog
