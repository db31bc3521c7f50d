#include "sim/worker_subject.hpp"

#include "engine/client/client.hpp"

namespace mpreg::sim {
namespace {

client::Options client_options(const fabric::Options& options) {
  client::Options client;
  client.name = options.name;
  client.self = options.self;
  client.cluster_name = options.cluster_name;
  client.has_key = options.has_key;
  client.addresses = options.seeds;
  return client;
}

class WorkerSubject final : public Subject {
 public:
  explicit WorkerSubject(const fabric::Options& options) : client_(client_options(options)) {}

  runtime::Engine& engine() override { return client_; }
  Standing standing() const override {
    return client_.is_connected() ? Standing::serving : Standing::booting;
  }
  Incarnation incarnation() const override { return {}; }
  std::uint64_t state_digest() const override { return client_.calls(); }
  std::uint64_t members_hash() const override { return 0; }
  std::uint64_t catalog_hash() const override { return 0; }
  std::size_t suspects() const override { return 0; }
  std::uint64_t visible_hash() const override { return 0; }
  std::uint64_t offered_hash() const override { return 0; }
  std::vector<MemberSeen> members() const override { return {}; }
  std::vector<RecordSeen> offered() const override { return {}; }
  std::vector<RecordSeen> visible() const override { return {}; }
  TableSizes tables() const override { return client_.tables(); }
  std::vector<std::string> pending() const override {
    if (client_.is_connected()) return {};
    return {"is not connected: " + client_.last_failure().message};
  }

 private:
  client::Client client_;
};

}  // namespace

std::unique_ptr<Subject> make_worker(const fabric::Options& options) {
  return std::make_unique<WorkerSubject>(options);
}

}  // namespace mpreg::sim
