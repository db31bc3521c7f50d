#pragma once

#include <functional>
#include <string>

#include "engine/fabric/fabric.hpp"
#include "node/app_host.hpp"

namespace mpreg::node {

/// Lets clients of the fabric ask the consensus groups that this node is a member of: each is a
/// function "mpreg.kv.GROUP" (kv_json.hpp). Loop thread only.
class KvService {
 public:
  /// Gives a request to the engine, after the turn that runs; the outcome comes once.
  using Ask = std::function<void(runtime::KvRequest, AppHost::ReplyHandler)>;

  /// Requires: `fabric` outlives this.
  KvService(const fabric::Fabric& fabric, Ask ask);

  /// Answers one question.
  void answer(const std::string& group, const Invocation& question,
              const std::function<void(Returned)>& done) const;

 private:
  [[nodiscard]] Bytes status(const std::string& group) const;

  const fabric::Fabric& fabric_;
  Ask ask_;
};

}  // namespace mpreg::node
