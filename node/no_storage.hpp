#pragma once

#include "engine/runtime/runtime.hpp"

namespace mpreg::node {

/// The Storage port of a node that keeps nothing: the engine is told so (Options::is_durable is
/// false) and never asks.
class NoStorage : public runtime::Storage {
 public:
  void commit(WriteId, const runtime::Batch&, runtime::Durability) override;
  void fetch(ReadId, const std::string&, const std::string&, std::uint32_t) override;
};

}  // namespace mpreg::node
