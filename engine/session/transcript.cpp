#include "engine/session/transcript.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/little_endian.hpp"

namespace mpreg::session {
namespace {

/// Appends fields so that every reader would cut them at the same places.
class Canonical {
 public:
  Canonical() { bytes_.reserve(usual_bytes); }
  void number(std::uint64_t value) {
    std::array<std::byte, sizeof value> bytes{};
    store_little_endian(bytes.data(), value);
    append(bytes);
  }
  void text(std::string_view value) {
    number(value.size());
    append(as_bytes(value));
  }
  void tag(const wire::Tag& value) { append(value); }
  void hello(const wire::Hello& hello) {
    number(hello.major);
    number(hello.minor);
    number(static_cast<std::uint64_t>(hello.role));
    number(hello.has_key ? 1 : 0);
    number(hello.cluster.value);
    text(hello.cluster_name);
    number(hello.node.value);
    text(hello.name);
    number(hello.incarnation.value);
    tag(hello.challenge);
    number(hello.addresses.size());
    for (const std::string& address : hello.addresses) text(address);
  }
  [[nodiscard]] Bytes take() && { return Bytes::take(std::move(bytes_)); }

 private:
  /// Of a proof between nodes with names and addresses of usual length.
  static constexpr std::size_t usual_bytes = 448;

  void append(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }

  std::vector<std::byte> bytes_;
};

}  // namespace

Bytes challenge_input(NodeId self, Incarnation incarnation, LinkId link, std::uint64_t nonce_high,
                      std::uint64_t nonce_low) {
  Canonical input;
  input.text("mpreg session challenge 1");
  input.number(self.value);
  input.number(incarnation.value);
  input.number(link.value);
  input.number(nonce_high);
  input.number(nonce_low);
  return std::move(input).take();
}

Bytes proof_input(Side prover, const wire::Hello& dialer, const wire::Hello& acceptor) {
  Canonical input;
  input.text("mpreg session proof 1");
  input.number(static_cast<std::uint64_t>(prover));
  input.hello(dialer);
  input.hello(acceptor);
  return std::move(input).take();
}

bool is_equal_in_constant_time(const wire::Tag& a, const wire::Tag& b) {
  std::byte difference{0};
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == std::byte{0};
}

}  // namespace mpreg::session
