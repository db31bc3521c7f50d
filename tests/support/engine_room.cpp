#include "tests/support/engine_room.hpp"

#include <cstring>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/hash.hpp"

namespace mpreg::testing {

class EngineRoom::Process final : public runtime::Clock,
                                  public runtime::Timers,
                                  public runtime::Transport,
                                  public runtime::Storage,
                                  public runtime::Host,
                                  public runtime::Crypto {
 public:
  Process(EngineRoom& room, std::size_t index, std::unique_ptr<fabric::Fabric> node,
          std::unique_ptr<client::Client> caller, NodeId self, ClusterId cluster,
          runtime::Recorder& recorder)
      : room_(room),
        index_(index),
        node_(std::move(node)),
        client_(std::move(caller)),
        driver_(node_ ? static_cast<runtime::Engine&>(*node_) : *client_,
                runtime::Ports{*this, *this, *this, *this, *this, *this, recorder}, self, cluster) {
  }

  void step(Input input) {
    if (!is_dead) driver_.step(std::move(input));
  }

  // Ports.
  [[nodiscard]] Instant now() const override { return room_.now_; }
  void arm(const runtime::TimerKey& key, Instant at) override { timers[key] = at; }
  void disarm(const runtime::TimerKey& key) override { timers.erase(key); }
  void dial(DialId dial, const std::string& address) override {
    room_.connect(index_, dial, address);
  }
  void send(LinkId link, wire::Priority, wire::Frame frame) override {
    room_.carry(index_, link, std::move(frame));
  }
  void hang_up(LinkId link, const std::string& why) override { room_.close(link, why); }
  void commit(WriteId write, const runtime::Batch& batch, runtime::Durability) override {
    for (const runtime::Change& change : batch) {
      if (change.is_erase)
        disk.erase(change.key);
      else
        disk[change.key] = change.value;
    }
    queue(input::Written{write, runtime::StorageStatus::ok});
  }
  void fetch(ReadId read, const std::string& from, const std::string& to,
             std::uint32_t limit) override {
    input::Fetched fetched;
    fetched.read = read;
    for (auto row = disk.lower_bound(from); row != disk.end() && row->first < to; ++row)
      if (fetched.rows.size() < limit) fetched.rows.push_back({row->first, row->second});
    queue(std::move(fetched));
  }
  void invoke(effect::Invoke&& invoke) override {
    ++invocations;
    if (!handler) return;
    if (auto outcome = handler(invoke)) queue(input::Returned{invoke.invoke, std::move(*outcome)});
  }
  void recall(InvokeId) override {}
  void reply(RequestId request, runtime::Outcome&& outcome) override {
    MPREG_ASSERT(!replies.contains(request));  // every request ends once
    replies.emplace(request, std::move(outcome));
  }
  void note(const runtime::Note& note) override { ++notes[note.kind]; }
  [[nodiscard]] wire::Tag sign(ByteView message) override {
    wire::Tag tag{};
    for (std::uint64_t part = 0; part < 4; ++part) {
      const std::uint64_t word = sip_hash(HashKey{42, part}, message);
      std::memcpy(tag.data() + 8 * part, &word, sizeof word);
    }
    return tag;
  }

  bool is_dead = false;
  std::map<runtime::TimerKey, Instant> timers;
  std::map<std::string, Bytes> disk;
  std::map<RequestId, runtime::Outcome> replies;
  std::map<runtime::NoteKind, std::size_t> notes;
  Handler handler;
  std::size_t invocations = 0;
  std::uint64_t next_request = 1;

  [[nodiscard]] const fabric::Fabric* node() const { return node_.get(); }
  [[nodiscard]] const client::Client* client() const { return client_.get(); }
  [[nodiscard]] const runtime::Driver& driver() const { return driver_; }

 private:
  void queue(Input input) { room_.under_way_.push_back({index_, std::move(input)}); }

  EngineRoom& room_;
  std::size_t index_;
  std::unique_ptr<fabric::Fabric> node_;
  std::unique_ptr<client::Client> client_;
  runtime::Driver driver_;
};

EngineRoom::EngineRoom() = default;
EngineRoom::~EngineRoom() = default;

std::size_t EngineRoom::add(std::unique_ptr<Process> process) {
  processes_.push_back(std::move(process));
  const std::size_t index = processes_.size() - 1;
  under_way_.push_back({index, input::Started{index + 1, Incarnation{index + 1}}});
  run();
  return index;
}

std::size_t EngineRoom::start_node(std::uint64_t k, std::vector<std::string> seeds,
                                   const std::function<void(fabric::Options&)>& tune) {
  fabric::Options options;
  options.name = "n" + std::to_string(k);
  options.self = NodeId{k};
  options.addresses = {options.name + ":1"};
  options.seeds = std::move(seeds);
  options.has_key = true;
  options.is_durable = true;
  if (tune) tune(options);
  const Status finished = options.finish();
  MPREG_ASSERT(finished);
  const std::size_t index = processes_.size();
  addresses_[options.addresses.front()] = index;
  runtime::Recorder* const recorder = recording_ ? recording_(options, index + 1) : nullptr;
  return add(std::make_unique<Process>(*this, index, std::make_unique<fabric::Fabric>(options),
                                       nullptr, options.self, options.session.cluster,
                                       recorder != nullptr ? *recorder : no_recorder_));
}

std::size_t EngineRoom::start_client(std::uint64_t k, std::vector<std::string> addresses) {
  client::Options options;
  options.name = "c" + std::to_string(k);
  options.self = client_id(k);
  options.has_key = true;
  options.addresses = std::move(addresses);
  return add(std::make_unique<Process>(*this, processes_.size(), nullptr,
                                       std::make_unique<client::Client>(options), options.self,
                                       cluster_id_of(options.cluster_name), no_recorder_));
}

// --- what passes
// ----------------------------------------------------------------------------------

void EngineRoom::connect(std::size_t dialer, DialId dial, const std::string& address) {
  const auto found = addresses_.find(address);
  if (found == addresses_.end() || processes_[found->second]->is_dead) {
    under_way_.push_back({dialer, input::DialFailed{dial, "nobody is there"}});
    return;
  }
  const LinkId link{next_link_++};
  Wire& wire = wires_[link];
  wire.ends[0] = dialer;
  wire.ends[1] = found->second;
  under_way_.push_back({dialer, input::LinkUp{link, dial, address}});
  under_way_.push_back({found->second, input::LinkUp{link, DialId{}, "room"}});
}

LinkId EngineRoom::open_raw(std::size_t process) {
  const LinkId link{next_link_++};
  Wire& wire = wires_[link];
  wire.ends[0] = raw_end;
  wire.ends[1] = process;
  under_way_.push_back({process, input::LinkUp{link, DialId{}, "raw"}});
  run();
  return link;
}

void EngineRoom::carry(std::size_t from, LinkId link, wire::Frame frame) {
  Wire& wire = wires_.at(link);
  if (!wire.is_open) return;
  const std::size_t to = wire.ends[0] == from ? wire.ends[1] : wire.ends[0];
  if (to == raw_end) {
    wire.raw.push_back(std::move(frame));
    return;
  }
  std::vector<std::byte> bytes(frame.head.view().begin(), frame.head.view().end());
  bytes.insert(bytes.end(), frame.payload.view().begin(), frame.payload.view().end());
  under_way_.push_back({to, input::Received{link, Bytes::take(std::move(bytes))}});
}

void EngineRoom::put(std::size_t process, LinkId link, Bytes frame) {
  under_way_.push_back({process, input::Received{link, std::move(frame)}});
  run();
}

void EngineRoom::close(LinkId link, const std::string& why) {
  Wire& wire = wires_.at(link);
  if (!std::exchange(wire.is_open, false)) return;
  for (const std::size_t end : wire.ends)
    if (end != raw_end) under_way_.push_back({end, input::LinkDown{link, why}});
}

void EngineRoom::kill(std::size_t process) {
  processes_[process]->is_dead = true;
  for (auto& [link, wire] : wires_)
    if (wire.ends[0] == process || wire.ends[1] == process) close(link, "reset");
  run();
}

void EngineRoom::run() {
  while (!under_way_.empty()) {
    Delivery next = std::move(under_way_.front());
    under_way_.pop_front();
    processes_[next.process]->step(std::move(next.input));
  }
}

void EngineRoom::advance(Duration span) {
  const Instant end = now_ + span;
  for (;;) {
    run();
    Process* due = nullptr;
    std::pair<Instant, runtime::TimerKey> earliest{Instant::max(), {}};
    for (const auto& process : processes_) {
      if (process->is_dead) continue;
      for (const auto& [key, at] : process->timers)
        if (at < earliest.first) {
          earliest = {at, key};
          due = process.get();
        }
    }
    if (due == nullptr || earliest.first > end) break;
    now_ = std::max(now_, earliest.first);
    due->timers.erase(earliest.second);
    due->step(input::Expired{earliest.second});
  }
  now_ = end;
}

// --- looking
// --------------------------------------------------------------------------------------

Bytes EngineRoom::snapshot(std::size_t process) const {
  return processes_[process]->driver().save().value_or(Bytes());
}

RequestId EngineRoom::ask(std::size_t process, runtime::ClientRequest what) {
  const RequestId request{processes_[process]->next_request++};
  under_way_.push_back({process, input::Command{request, std::move(what)}});
  run();
  return request;
}

const runtime::Outcome* EngineRoom::outcome_of(std::size_t process, RequestId request) const {
  const auto found = processes_[process]->replies.find(request);
  return found == processes_[process]->replies.end() ? nullptr : &found->second;
}

const std::vector<wire::Frame>& EngineRoom::sent_raw(LinkId link) const {
  return wires_.at(link).raw;
}
bool EngineRoom::is_raw_open(LinkId link) const { return wires_.at(link).is_open; }
void EngineRoom::serve(std::size_t process, Handler handler) {
  processes_[process]->handler = std::move(handler);
}
const fabric::Fabric& EngineRoom::fabric(std::size_t process) const {
  return *processes_[process]->node();
}
const client::Client& EngineRoom::client(std::size_t process) const {
  return *processes_[process]->client();
}
std::size_t EngineRoom::notes(std::size_t process, runtime::NoteKind kind) const {
  const auto found = processes_[process]->notes.find(kind);
  return found == processes_[process]->notes.end() ? 0 : found->second;
}
std::size_t EngineRoom::invocations(std::size_t process) const {
  return processes_[process]->invocations;
}
LinkId EngineRoom::link_between(std::size_t process, NodeId node) const {
  return processes_[process]->driver().context().links.find(node);
}

}  // namespace mpreg::testing
