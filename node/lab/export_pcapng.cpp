#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "node/lab/exports.hpp"
#include "sim/explain/story.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

constexpr std::uint16_t link_type_raw = 101;  ///< IPv4 and nothing before it.
constexpr std::uint16_t accepting_port = 7000;
constexpr std::uint16_t dialing_port_min = 32'768;
constexpr std::uint32_t dialing_ports = 28'000;
constexpr std::size_t segment_bytes_max = 16'000;  ///< Longer frames are several packets.
constexpr std::size_t ip_bytes = 20;
constexpr std::size_t tcp_bytes = 20;

enum TcpFlag : std::uint8_t { tcp_fin = 0x01, tcp_syn = 0x02, tcp_push = 0x08, tcp_ack = 0x10 };

/// Bytes in network order, or in the little-endian order that this file's blocks have.
class Bytes8 {
 public:
  void big16(std::uint32_t value) { put(value, {8, 0}); }
  void big32(std::uint32_t value) { put(value, {24, 16, 8, 0}); }
  void little16(std::uint32_t value) { put(value, {0, 8}); }
  void little32(std::uint32_t value) { put(value, {0, 8, 16, 24}); }
  void byte(std::uint32_t value) { put(value, {0}); }
  void text(std::string_view text) { data_ += text; }
  void add(ByteView bytes) {
    for (const std::byte byte : bytes) data_ += static_cast<char>(byte);
  }
  void pad() { data_.resize((data_.size() + 3) / 4 * 4); }
  void set_big16(std::size_t at, std::uint32_t value) {
    data_[at] = static_cast<char>(value >> 8);
    data_[at + 1] = static_cast<char>(value);
  }
  [[nodiscard]] const std::string& data() const { return data_; }

 private:
  void put(std::uint32_t value, std::initializer_list<unsigned> shifts) {
    for (const unsigned shift : shifts) data_ += static_cast<char>(value >> shift & 0xffU);
  }
  std::string data_;
};

/// The sum of RFC 1071 over bytes, not yet folded.
std::uint32_t word_sum(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    const auto byte = static_cast<unsigned char>(bytes[at]);
    sum += at % 2 == 0 ? std::uint32_t{byte} << 8 : byte;
  }
  return sum;
}
std::uint32_t folded(std::uint32_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return ~sum & 0xffff;
}

/// One end of a connection as the packets show it.
struct End {
  std::uint32_t address = 0;
  std::uint16_t port = 0;
  std::uint32_t next = 0;      ///< Sequence number of the next byte it sends.
  std::uint32_t heard_to = 0;  ///< It has taken everything before this.
};

struct Segment {
  End from;  ///< As they are when it is sent.
  End to;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledged = 0;
  std::uint8_t flags = 0;
};

std::string packet(const Segment& segment, std::string_view payload, std::uint32_t identity) {
  Bytes8 tcp;
  tcp.big16(segment.from.port);
  tcp.big16(segment.to.port);
  tcp.big32(segment.sequence);
  tcp.big32(segment.acknowledged);
  tcp.byte(tcp_bytes / 4 << 4);
  tcp.byte(segment.flags);
  tcp.big16(0xffff);  // window
  tcp.big16(0);       // checksum, below
  tcp.big16(0);
  tcp.text(payload);
  Bytes8 pseudo;
  pseudo.big32(segment.from.address);
  pseudo.big32(segment.to.address);
  pseudo.big16(6);
  pseudo.big16(static_cast<std::uint32_t>(tcp.data().size()));
  tcp.set_big16(16, folded(word_sum(pseudo.data()) + word_sum(tcp.data())));
  Bytes8 ip;
  ip.byte(0x45);
  ip.byte(0);
  ip.big16(static_cast<std::uint32_t>(ip_bytes + tcp.data().size()));
  ip.big16(identity & 0xffff);
  ip.big16(0x4000);  // not to be fragmented
  ip.byte(64);
  ip.byte(6);
  ip.big16(0);
  ip.big32(segment.from.address);
  ip.big32(segment.to.address);
  ip.set_big16(10, folded(word_sum(ip.data())));
  return ip.data() + tcp.data();
}

/// A pcapng file with one interface.
class Capture {
 public:
  /// `source`: the interface's name.
  explicit Capture(std::string_view source) {
    Bytes8 section;
    section.little32(0x1a2b3c4d);
    section.little16(1);
    section.little16(0);
    section.little32(0xffffffff);  // its length is not told
    section.little32(0xffffffff);
    option(section, 4, "mpreg");
    block(0x0a0d0d0a, section);
    Bytes8 interface;
    interface.little16(link_type_raw);
    interface.little16(0);
    interface.little32(0);  // packets are whole
    option(interface, 2, source);
    option(interface, 9, "\x09");  // nanoseconds
    block(1, interface);
  }
  void add(Instant at, const std::string& packet, const std::string& comment) {
    Bytes8 body;
    const auto nanos = static_cast<std::uint64_t>(at.nanos);
    body.little32(0);
    body.little32(static_cast<std::uint32_t>(nanos >> 32));
    body.little32(static_cast<std::uint32_t>(nanos));
    body.little32(static_cast<std::uint32_t>(packet.size()));
    body.little32(static_cast<std::uint32_t>(packet.size()));
    body.text(packet);
    body.pad();
    if (!comment.empty()) option(body, 1, comment);
    block(6, body);
    ++packets_;
  }
  [[nodiscard]] std::uint32_t packets() const { return packets_; }
  [[nodiscard]] std::string finish() && { return std::move(file_); }

 private:
  /// The list of options ends where the block does.
  static void option(Bytes8& body, std::uint32_t code, std::string_view value) {
    body.little16(code);
    body.little16(static_cast<std::uint32_t>(value.size()));
    body.text(value);
    body.pad();
  }
  void block(std::uint32_t type, const Bytes8& body) {
    Bytes8 framed;
    const auto size = static_cast<std::uint32_t>(body.data().size() + 12);
    framed.little32(type);
    framed.little32(size);
    framed.text(body.data());
    framed.little32(size);
    file_ += framed.data();
  }

  std::string file_;
  std::uint32_t packets_ = 0;
};

/// What the capture is made of, in the order in which it happens.
struct Step {
  enum class Kind : std::uint8_t { open, send, come, close };
  Instant at;
  std::uint64_t order = 0;
  Kind kind = Kind::open;
  std::size_t index = 0;  ///< Of a link, or of a passage.
  std::uint8_t end = 0;   ///< Of close.
};

std::vector<Step> steps_of(const explain::Chronicle& chronicle) {
  std::vector<Step> steps;
  for (std::size_t index = 0; index < chronicle.links().size(); ++index) {
    const explain::LinkEntry& link = chronicle.links()[index];
    steps.push_back({link.opened, link.order, Step::Kind::open, index, 0});
    for (std::uint8_t end = 0; end < 2; ++end)
      if (link.ended[end])
        steps.push_back({*link.ended[end], ~std::uint64_t{0}, Step::Kind::close, index, end});
  }
  for (std::size_t index = 0; index < chronicle.passages().size(); ++index) {
    const explain::Passage& passage = chronicle.passages()[index];
    steps.push_back({passage.sent, passage.sent_order, Step::Kind::send, index, 0});
    if (passage.fate == explain::Fate::taken || passage.fate == explain::Fate::not_taken)
      steps.push_back({passage.came, passage.came_order, Step::Kind::come, index, 0});
  }
  std::stable_sort(steps.begin(), steps.end(), [](const Step& a, const Step& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  });
  return steps;
}

class Writer {
 public:
  explicit Writer(const explain::Chronicle& chronicle)
      : chronicle_(chronicle),
        capture_(chronicle.is_recorded() ? "recorded" : "simulated"),
        sent_(chronicle.passages().size()) {}

  std::string run() && {
    for (const Step& step : steps_of(chronicle_)) {
      if (step.kind == Step::Kind::open) open(step);
      if (step.kind == Step::Kind::send) send(step);
      if (step.kind == Step::Kind::come) come(step);
      if (step.kind == Step::Kind::close) close(step);
    }
    return std::move(capture_).finish();
  }

 private:
  using Ends = std::array<End, 2>;

  static std::uint32_t address_of(std::uint32_t place) { return 10U << 24 | (place & 0xffffU); }

  void write(Instant at, const Segment& segment, std::string_view payload,
             const std::string& comment = {}) {
    capture_.add(at, packet(segment, payload, capture_.packets()), comment);
  }

  void open(const Step& step) {
    const explain::LinkEntry& link = chronicle_.links()[step.index];
    Ends& ends = ends_[link.connection];
    const auto port = static_cast<std::uint16_t>(dialing_port_min + step.index % dialing_ports);
    ends[0] = {address_of(link.dialer), port, 0, 0};
    ends[1] = {address_of(link.acceptor), accepting_port, 0, 0};
    write(step.at, {ends[0], ends[1], 0, 0, tcp_syn}, {});
    write(step.at, {ends[1], ends[0], 0, 1, tcp_syn | tcp_ack}, {});
    write(step.at, {ends[0], ends[1], 1, 1, tcp_ack}, {});
    for (End& end : ends) end.next = end.heard_to = 1;
  }

  void send(const Step& step) {
    const explain::Passage& passage = chronicle_.passages()[step.index];
    const auto known = ends_.find(passage.route.connection);
    if (known == ends_.end()) return;
    End& from = known->second[passage.route.end];
    const End& to = known->second[1 - passage.route.end];
    sent_[step.index] = {from, to, from.next, from.heard_to, tcp_push | tcp_ack};
    // A copy is what the network repeats of the frame that is told next.
    if (!passage.route.is_copy) from.next += static_cast<std::uint32_t>(passage.frame.size());
  }

  void come(const Step& step) {
    const explain::Passage& passage = chronicle_.passages()[step.index];
    const auto known = ends_.find(passage.route.connection);
    Segment segment = sent_[step.index];
    if (known == ends_.end() || segment.flags == 0) return;
    Bytes8 bytes;
    bytes.add(passage.frame.head.view());
    bytes.add(passage.frame.payload.view());
    const std::string_view frame = bytes.data();
    const std::string comment = explain::describe(chronicle_, passage);
    for (std::size_t begin = 0; begin < frame.size(); begin += segment_bytes_max) {
      const std::string_view part = frame.substr(begin, segment_bytes_max);
      write(step.at, segment, part, begin == 0 ? comment : std::string());
      segment.sequence += static_cast<std::uint32_t>(part.size());
    }
    End& receiver = known->second[1 - passage.route.end];
    receiver.heard_to = std::max(receiver.heard_to, segment.sequence);
  }

  void close(const Step& step) {
    Ends& ends = ends_.at(chronicle_.links()[step.index].connection);
    End& from = ends[step.end];
    write(step.at, {from, ends[1 - step.end], from.next, from.heard_to, tcp_fin | tcp_ack}, {});
    ++from.next;
  }

  const explain::Chronicle& chronicle_;
  Capture capture_;
  std::map<std::uint64_t, Ends> ends_;  ///< By connection.
  std::vector<Segment> sent_;           ///< By passage; without flags: not known.
};

}  // namespace

std::string pcapng_of(const explain::Chronicle& chronicle) { return Writer(chronicle).run(); }

}  // namespace mpreg::node
