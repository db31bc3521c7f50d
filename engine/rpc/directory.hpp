#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/result.hpp"
#include "engine/rpc/selection.hpp"
#include "engine/wire/rpc_messages.hpp"

namespace mpreg::catalog {
class Catalog;
}

namespace mpreg::rpc {

/// Who may be asked for a selector, as the catalog stands now.
///
/// The answer is kept per selector until the catalog's functions change; nothing outlives that, so
/// a function that appears is found by the next call, and one that vanished is not chosen again.
/// Limits: limits::selections_kept_max selectors.
class Directory {
 public:
  Directory(const catalog::Catalog& catalog, ClusterId cluster)
      : catalog_(catalog), cluster_(cluster) {}

  /// The candidates, perhaps none; valid until the next call of find. Errors: invalid_argument.
  /// Cost: a hash of the selector when it is known.
  [[nodiscard]] Result<const Candidates*> find(const wire::FunctionSelector& selector);
  /// Selectors known.
  [[nodiscard]] std::size_t size() const { return known_.size(); }
  /// For snapshots, see runtime/byte_archive.hpp: the selectors. Their candidates are found anew,
  /// so the catalog comes first.
  template <class Writer>
  void save(Writer& writer) const {
    writer.all(generation_, known_.size());
    known_.for_each_by_key(
        [&](std::uint64_t, const Selection& known) { writer.one(known.selector); });
  }
  template <class Reader>
  [[nodiscard]] bool load(Reader& reader) {
    std::vector<wire::FunctionSelector> selectors;
    reader.all(generation_, selectors);
    return reader.is_ok() && fill(selectors);
  }

 private:
  struct Selection {
    wire::FunctionSelector selector;
    Candidates candidates;
  };

  [[nodiscard]] Result<Candidates> look_up(const wire::FunctionSelector& selector) const;
  /// False for what is no memory of selectors.
  [[nodiscard]] bool fill(const std::vector<wire::FunctionSelector>& selectors);

  const catalog::Catalog& catalog_;
  ClusterId cluster_;
  std::uint64_t generation_ = 0;
  HashIndex<std::uint64_t, Selection> known_;  ///< By hash of the selector; compared when found.
  const Selection* latest_ = nullptr;          ///< In known_: the same one is often asked again.
};

}  // namespace mpreg::rpc
