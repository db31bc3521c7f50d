#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/fabric/fabric.hpp"
#include "sim/subject.hpp"

namespace mpreg::sim {

/// The logic of production as a subject. Requires: options.finish() succeeded.
class FabricSubject final : public Subject {
 public:
  explicit FabricSubject(const fabric::Options& options) : fabric_(options) {}
  [[nodiscard]] const fabric::Fabric& fabric() const { return fabric_; }

  runtime::Engine& engine() override { return fabric_; }
  Standing standing() const override;
  Incarnation incarnation() const override { return fabric_.incarnation(); }
  std::uint64_t state_digest() const override { return fabric_.state_digest(); }
  std::uint64_t members_hash() const override { return fabric_.membership().members_hash(); }
  std::uint64_t catalog_hash() const override { return fabric_.catalog().summary().catalog_hash; }
  std::size_t suspects() const override { return fabric_.membership().members().suspects(); }
  std::uint64_t visible_hash() const override { return fabric_.catalog().visible_hash(); }
  std::uint64_t offered_hash() const override {
    return fabric_.catalog().hash_of_records(fabric_.options().self);
  }
  std::vector<MemberSeen> members() const override;
  std::vector<RecordSeen> offered() const override;
  std::vector<RecordSeen> visible() const override;
  TableSizes tables() const override { return fabric_.inspect().tables(); }
  const raft::Raft* raft() const override { return &fabric_.raft(); }
  std::vector<std::string> pending() const override { return fabric_.membership().pending(); }

 private:
  void append(NodeId owner, std::vector<RecordSeen>& seen) const;

  fabric::Fabric fabric_;
};

[[nodiscard]] std::unique_ptr<Subject> make_fabric(const fabric::Options& options);

}  // namespace mpreg::sim
