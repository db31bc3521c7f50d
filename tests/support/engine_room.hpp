#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/client/client.hpp"
#include "engine/fabric/fabric.hpp"
#include "engine/runtime/driver.hpp"
#include "engine/runtime/recorders.hpp"

namespace mpreg::testing {

/// A room of whole processes: nodes and clients with their Drivers, over ordered links in virtual
/// time.
///
/// No loss, no delay: what happens is what the engines want. Frames may be watched, dropped and put
/// in.
class EngineRoom {
 public:
  /// One process. Functions it hosts are answered at once by `serve`.
  class Process;
  /// What user code answers; nothing: it never returns.
  using Handler = std::function<std::optional<runtime::Outcome>(const effect::Invoke&)>;

  EngineRoom();
  ~EngineRoom();

  /// Starts a node called n<k> at address "n<k>:1" that knows `seeds`. `tune` may change its
  /// options.
  std::size_t start_node(std::uint64_t k, std::vector<std::string> seeds = {},
                         const std::function<void(fabric::Options&)>& tune = {});
  /// Who records a node that starts from now on, by its options and its seed; null: nobody. The
  /// recorder outlives the node.
  using Recording = std::function<runtime::Recorder*(const fabric::Options&, std::uint64_t seed)>;
  void record(Recording recording) { recording_ = std::move(recording); }
  /// Starts a client that dials `addresses` in turn.
  std::size_t start_client(std::uint64_t k, std::vector<std::string> addresses);

  /// Delivers until nothing is under way; time stands still.
  void run();
  /// Lets time pass; timers fire in order.
  void advance(Duration span);
  [[nodiscard]] Instant now() const { return now_; }
  /// All state of a node, as it may be put into a recording.
  [[nodiscard]] Bytes snapshot(std::size_t process) const;
  /// The process vanishes; its links break.
  void kill(std::size_t process);

  /// Asks a process something; its reply is read by outcome_of().
  RequestId ask(std::size_t process, runtime::ClientRequest what);
  /// The reply to a request, or null when there is none yet.
  [[nodiscard]] const runtime::Outcome* outcome_of(std::size_t process, RequestId request) const;

  /// Opens a link to a process that no engine stands behind; what arrives there is kept.
  LinkId open_raw(std::size_t process);
  /// Puts bytes on any link of a process, as if its other end had sent them.
  void put(std::size_t process, LinkId link, Bytes frame);
  /// Frames that a process sent on a raw link so far.
  [[nodiscard]] const std::vector<wire::Frame>& sent_raw(LinkId link) const;
  [[nodiscard]] bool is_raw_open(LinkId link) const;

  void serve(std::size_t process, Handler handler);
  [[nodiscard]] const fabric::Fabric& fabric(std::size_t process) const;
  [[nodiscard]] const client::Client& client(std::size_t process) const;
  [[nodiscard]] std::size_t notes(std::size_t process, runtime::NoteKind kind) const;
  /// Invocations of user code a process has had.
  [[nodiscard]] std::size_t invocations(std::size_t process) const;
  /// The authenticated link of a process to a node, or none.
  [[nodiscard]] LinkId link_between(std::size_t process, NodeId node) const;

 private:
  friend class Process;
  struct Delivery {
    std::size_t process = 0;
    Input input;
  };
  struct Wire {
    std::size_t ends[2] = {0, 0};  ///< Process indexes; raw_end for nobody.
    bool is_open = true;
    std::vector<wire::Frame> raw;  ///< Sent to a raw end.
  };
  static constexpr std::size_t raw_end = ~std::size_t{0};

  void connect(std::size_t dialer, DialId dial, const std::string& address);
  void carry(std::size_t from, LinkId link, wire::Frame frame);
  void close(LinkId link, const std::string& why);
  std::size_t add(std::unique_ptr<Process> process);

  Recording recording_;
  runtime::NullRecorder no_recorder_;

  Instant now_{seconds(100).nanos};
  std::vector<std::unique_ptr<Process>> processes_;
  std::map<std::string, std::size_t> addresses_;
  std::map<LinkId, Wire> wires_;  ///< A link has one id for both ends.
  std::deque<Delivery> under_way_;
  std::uint64_t next_link_ = 1;
};

}  // namespace mpreg::testing
