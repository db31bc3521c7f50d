#pragma once

#include "engine/runtime/recorders.hpp"
#include "engine/runtime/runtime.hpp"

namespace mpreg::runtime {

/// A world where nothing happens: every effect vanishes, time stands where it is put, tags are
/// zeros. For replays, and for tests that look at effects only.
class NullPorts {
 public:
  void set_now(Instant now) { clock_.at = now; }

  /// The ports, all of them null but the recorder. This object and the recorder must outlive them.
  [[nodiscard]] Ports with(Recorder& recorder) {
    return {clock_, timers_, transport_, storage_, host_, crypto_, recorder};
  }

 private:
  struct NullClock final : Clock {
    Instant at;
    [[nodiscard]] Instant now() const override { return at; }
  };
  struct NullTimers final : Timers {
    void arm(const TimerKey&, Instant) override {}
    void disarm(const TimerKey&) override {}
  };
  struct NullTransport final : Transport {
    void dial(DialId, const std::string&) override {}
    void send(LinkId, wire::Priority, wire::Frame) override {}
    void hang_up(LinkId, const std::string&) override {}
  };
  struct NullStorage final : Storage {
    void commit(WriteId, const Batch&, Durability) override {}
    void fetch(ReadId, const std::string&, const std::string&, std::uint32_t) override {}
  };
  struct NullHost final : Host {
    void invoke(effect::Invoke&&) override {}
    void recall(InvokeId) override {}
    void reply(RequestId, Outcome&&) override {}
    void note(const Note&) override {}
  };
  struct NullCrypto final : Crypto {
    [[nodiscard]] wire::Tag sign(ByteView) override { return {}; }
  };

  NullClock clock_;
  NullTimers timers_;
  NullTransport transport_;
  NullStorage storage_;
  NullHost host_;
  NullCrypto crypto_;
};

}  // namespace mpreg::runtime
