#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/driver.hpp"
#include "engine/runtime/null_ports.hpp"
#include "engine/runtime/recording.hpp"

namespace mpreg::testing {

/// Recordings in memory: what a node's files would hold.
struct Segments {
  std::vector<std::vector<std::byte>> files{{}};

  [[nodiscard]] runtime::RecordingWriter::Sink sink() {
    return [this](ByteView data) {
      files.back().insert(files.back().end(), data.begin(), data.end());
    };
  }
  /// As a host does it when a file is large enough.
  void rotate(runtime::RecordingWriter& writer, const Bytes& snapshot = {}) {
    writer.flush();
    files.emplace_back();
    writer.begin_segment(snapshot);
  }
  [[nodiscard]] std::vector<Bytes> bytes() const {
    std::vector<Bytes> copies;
    for (const auto& file : files) copies.push_back(Bytes::copy_of(ByteView(file)));
    return copies;
  }
};

inline runtime::RecordingInfo sample_info() {
  return {"0.1.0-test", NodeId{7}, ClusterId{9}, "name=n7\ncluster=c\n", 77};
}

/// What a recording says, and how its reading ended.
struct ReadOut {
  std::vector<runtime::RecordedTurn> turns;
  Errc code = Errc::ok;
  std::string message;
  std::size_t torn_bytes = 0;
};

/// Reads everything. Reading never ends otherwise than by the end or an error.
inline ReadOut read_all(std::vector<Bytes> segments) {
  ReadOut out;
  auto reader = runtime::RecordingReader::open(std::move(segments));
  if (!reader) {
    out.code = reader.error().code;
    out.message = reader.error().message;
    return out;
  }
  while (true) {
    auto turn = reader->next();
    if (!turn) {
      out.code = turn.error().code;
      out.message = turn.error().message;
      break;
    }
    if (!*turn) break;
    out.turns.push_back(std::move(**turn));
  }
  out.torn_bytes = reader->torn_bytes();
  return out;
}

/// Drives an engine through inputs, one a millisecond, over null ports. After each,
/// `after(driver)`.
template <class After>
void drive(runtime::Engine& engine, runtime::Recorder& recorder, const std::vector<Input>& inputs,
           const After& after) {
  runtime::NullPorts world;
  runtime::Driver driver(engine, world.with(recorder), sample_info().node, sample_info().cluster);
  Instant now{};
  for (const Input& input : inputs) {
    now = now + milliseconds(1);
    world.set_now(now);
    driver.step(Input(input));
    after(std::as_const(driver));
  }
}
inline void drive(runtime::Engine& engine, runtime::Recorder& recorder,
                  const std::vector<Input>& inputs) {
  drive(engine, recorder, inputs, [](const runtime::Driver&) {});
}

/// The life of an engine in segments of so many inputs each.
inline Segments recorded_in_parts(runtime::Engine& engine, const std::vector<Input>& inputs,
                                  std::size_t part) {
  Segments segments;
  runtime::RecordingWriter writer(sample_info(), segments.sink());
  std::size_t count = 0;
  drive(engine, writer, inputs, [&](const runtime::Driver& driver) {
    if (++count % part == 0 && count < inputs.size())
      segments.rotate(writer, driver.save().value_or(Bytes()));
  });
  writer.flush();
  return segments;
}

}  // namespace mpreg::testing
