#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/sorted_vector.hpp"
#include "engine/catalog/admission.hpp"
#include "engine/catalog/function_index.hpp"
#include "engine/wire/builtin_functions.hpp"
#include "engine/wire/rpc_messages.hpp"

namespace mpreg::catalog {

/// A visible record of one kind. Pointers live until the next turn that changes the catalog.
template <class Body>
struct Entry {
  NodeId owner;
  ClusterId cluster;
  const Body* record = nullptr;
};
using NodeEntry = Entry<wire::NodeRecord>;
using SubscriptionEntry = Entry<wire::SubscriptionRecord>;
using QueueEntry = Entry<wire::QueueRecord>;
using CacheRoleEntry = Entry<wire::CacheRoleRecord>;
using CacheProfileEntry = Entry<wire::CacheProfileRecord>;

/// Which owners a query is about. None = any.
struct Place {
  ClusterId cluster;
  NodeId node;

  [[nodiscard]] bool holds(NodeId owner, ClusterId of_owner) const {
    return (node.is_none() || node == owner) && (cluster.is_none() || cluster == of_owner);
  }
};

/// Which nodes: all listed tags must be there.
struct NodeQuery {
  Place place;
  std::vector<std::string> resources;
  std::vector<std::string> capabilities;
};

/// All visible records, by everything one asks for. Holds no record itself: it points into the
/// owners' state, and whoever changes that tells it before and after.
///
/// Built-in functions have no records: they follow here, and nowhere else, from the node records,
/// and answer every query like all others. Functions that the policy hides, or that give the name
/// or the id of a built-in one another meaning, are not taken in.
/// Every result has a defined order, the same on every node that sees the same records. A query
/// starts from its most selective part and filters the rest.
class Index {
 public:
  /// The policy outlives this object.
  explicit Index(const Admission& admission) : admission_(admission) {}

  // --- functions: order (version descending, owner, resources) -------------------------------
  /// All versions and providers of a name; empty when there is none.
  [[nodiscard]] std::vector<FunctionEntry> functions_named(std::string_view name) const {
    return with_builtins(functions_.named(name), wire::find_builtin(name));
  }
  [[nodiscard]] std::vector<FunctionEntry> functions_identified(std::string_view id) const {
    return with_builtins(functions_.identified(id), wire::find_builtin(id));
  }
  /// Everything that the selector matches, names in ascending order when it leaves the name open.
  /// Errors: invalid_argument (the version constraint).
  [[nodiscard]] Result<std::vector<FunctionEntry>> functions(
      const wire::FunctionSelector& selector) const;
  /// The owner whose record would hide a new function of `owner`; none if there is no conflict.
  [[nodiscard]] NodeId find_rival(NodeId owner, std::string_view name, std::string_view id) const {
    return functions_.find_rival(owner, name, id);
  }

  // --- other kinds: order (owner, key) -----------------------------------------------------------
  [[nodiscard]] std::vector<NodeEntry> nodes(const NodeQuery& query = {}) const;
  [[nodiscard]] const NodeEntry* find_node(NodeId node) const;
  [[nodiscard]] std::vector<SubscriptionEntry> subscriptions(const Place& place = {}) const;
  /// Subscriptions that list exactly this pattern.
  [[nodiscard]] std::vector<SubscriptionEntry> subscriptions_to(std::string_view pattern) const;
  [[nodiscard]] std::vector<QueueEntry> queues(const Place& place = {}) const;
  [[nodiscard]] std::vector<QueueEntry> queues_named(std::string_view name,
                                                     const Place& place = {}) const;
  [[nodiscard]] std::vector<CacheRoleEntry> cache_roles(wire::CacheRole role,
                                                        const Place& place = {}) const;
  [[nodiscard]] std::vector<CacheProfileEntry> cache_profiles(const Place& place = {}) const;

  /// Owners with at least one visible record, ascending; of one cluster, or of all.
  [[nodiscard]] std::vector<NodeId> owners(ClusterId cluster = {}) const;
  /// Raised by every change among the visible records of a kind; equal numbers, equal answers.
  [[nodiscard]] std::uint64_t generation(wire::RecordKind kind) const {
    return generations_[static_cast<std::size_t>(kind)];
  }
  /// Visible records of a kind; built-in functions count as functions.
  [[nodiscard]] std::size_t size(wire::RecordKind kind) const {
    return sizes_[static_cast<std::size_t>(kind)];
  }

  // --- written by the Catalog ----------------------------------------------------------------
  /// The record at `body` may be seen now. Requires: it was not; `body` stays where it is.
  /// A function may stay hidden, or hide others: `shifts` tells what became of all of them; nothing
  /// of one that is not taken in, and nothing of built-in ones.
  void add(NodeId owner, ClusterId cluster, const wire::RecordKey& key, std::uint64_t written,
           const wire::RecordBody& body, std::vector<FunctionShift>& shifts);
  /// It may no longer be seen. Requires: it was added, and `body` is still what was added.
  void remove(NodeId owner, ClusterId cluster, const wire::RecordKey& key,
              const wire::RecordBody& body, std::vector<FunctionShift>& shifts);
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  /// The records themselves are added anew by the Catalog.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.generations_);
  }
  using Generations = std::array<std::uint64_t, wire::record_kind_count>;
  [[nodiscard]] const Generations& generations() const { return generations_; }
  /// Goes on counting from here.
  void set_generations(const Generations& generations) { generations_ = generations; }

 private:
  /// (owner, key): the order of results.
  using Name = std::pair<NodeId, std::string>;
  template <class Body>
  using Table = std::map<Name, Entry<Body>>;
  /// A tag's bearers.
  using Postings = std::map<std::string, SortedSet<NodeId>, std::less<>>;

  void count(wire::RecordKind kind, NodeId owner, ClusterId cluster, bool is_removal);
  void add_body(const Name& name, ClusterId cluster, const wire::NodeRecord& node);
  void add_body(const Name& name, ClusterId cluster, const wire::SubscriptionRecord& record);
  void add_body(const Name& name, ClusterId cluster, const wire::QueueRecord& record);
  void add_body(const Name& name, ClusterId cluster, const wire::CacheRoleRecord& record);
  void add_body(const Name& name, ClusterId cluster, const wire::CacheProfileRecord& record);
  void remove_body(const Name& name, const wire::NodeRecord& node);
  void remove_body(const Name& name, const wire::SubscriptionRecord& record);
  void remove_body(const Name& name, const wire::QueueRecord& record);
  void remove_body(const Name& name, const wire::CacheRoleRecord& record);
  void remove_body(const Name& name, const wire::CacheProfileRecord& record);
  void count_builtins(const NodeEntry& node, bool is_removal);
  [[nodiscard]] bool is_hidden(ClusterId cluster, const wire::FunctionRecord& function) const {
    return !admission_.shows_function(cluster, function.name) || wire::rebinds_builtin(function);
  }
  [[nodiscard]] bool serves(const NodeEntry& node, wire::Builtin builtin) const {
    return (admission_.shown_builtins(node.cluster, node.record->builtins) & bit_of(builtin)) != 0;
  }
  /// The entries and the nodes that serve the built-in function; null: the entries only.
  [[nodiscard]] std::vector<FunctionEntry> with_builtins(
      std::vector<FunctionEntry> entries, const wire::BuiltinFunction* builtin) const;
  void note_shifts(const std::vector<FunctionShift>& shifts, std::size_t first);
  [[nodiscard]] const SortedSet<NodeId>* rarest(const NodeQuery& query, bool& is_impossible) const;

  const Admission& admission_;
  FunctionIndex functions_;
  std::map<NodeId, NodeEntry> nodes_;
  Postings node_resources_;
  Postings node_capabilities_;
  Table<wire::SubscriptionRecord> subscriptions_;
  std::map<std::string, Table<wire::SubscriptionRecord>, std::less<>> patterns_;
  std::map<std::string, Table<wire::QueueRecord>, std::less<>> queues_;
  std::map<wire::CacheRole, Table<wire::CacheRoleRecord>> cache_roles_;
  Table<wire::CacheProfileRecord> cache_profiles_;
  std::map<ClusterId, SortedMap<NodeId, std::size_t>> owners_;  ///< Visible records of each.
  Generations generations_{};
  std::array<std::size_t, wire::record_kind_count> sizes_{};
};

}  // namespace mpreg::catalog
