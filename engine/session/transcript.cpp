#include "engine/session/transcript.hpp"

#include <string>
#include <string_view>

namespace mpreg::session {
namespace {

/// Appends fields so that every reader would cut them at the same places.
class Canonical {
 public:
  void number(std::uint64_t value) {
    char bytes[8];
    for (unsigned at = 0; at < 8; ++at) bytes[at] = static_cast<char>((value >> (8 * at)) & 0xff);
    bytes_.append(bytes, sizeof bytes);
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_ += value;
  }
  void tag(const wire::Tag& value) {
    bytes_.append(reinterpret_cast<const char*>(value.data()), value.size());
  }
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
  [[nodiscard]] Bytes take() const { return Bytes::copy_of(bytes_); }

 private:
  std::string bytes_;
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
  return input.take();
}

Bytes proof_input(Side prover, const wire::Hello& dialer, const wire::Hello& acceptor) {
  Canonical input;
  input.text("mpreg session proof 1");
  input.number(static_cast<std::uint64_t>(prover));
  input.hello(dialer);
  input.hello(acceptor);
  return input.take();
}

bool is_equal_in_constant_time(const wire::Tag& a, const wire::Tag& b) {
  std::byte difference{0};
  for (std::size_t i = 0; i < a.size(); ++i) difference |= a[i] ^ b[i];
  return difference == std::byte{0};
}

}  // namespace mpreg::session
