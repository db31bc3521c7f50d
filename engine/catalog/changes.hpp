#pragma once

#include "engine/catalog/catalog.hpp"

namespace mpreg::catalog {

/// Carries what happens inside one owner's state on to the index and to the other components. Of
/// hidden owners nothing is carried on.
class Catalog::Changes : public ChangeSink {
 public:
  Changes(Catalog& catalog, Turn& turn, NodeId id, const Owner& owner)
      : catalog_(catalog), telling_{turn}, id_(id), owner_(owner) {}

  void removing(const wire::RecordKey& key, std::uint64_t version, const wire::RecordBody& body,
                bool is_replaced) override {
    if (owner_.is_visible) catalog_.hide(telling_, id_, owner_, key, version, body, is_replaced);
  }
  void added(const wire::RecordKey& key, std::uint64_t version,
             const wire::RecordBody& body) override {
    if (owner_.is_visible) catalog_.show(telling_, id_, owner_, key, version, body);
  }

 private:
  Catalog& catalog_;
  Telling telling_;
  NodeId id_;
  const Owner& owner_;
};

}  // namespace mpreg::catalog
