#pragma once

#include <string>

#include "engine/wire/frame.hpp"

/// Texts of frames, decoded only when somebody wants to read them.
namespace mpreg::runtime {

/// A frame on its way in, not yet verified: what it says, or why it cannot be read.
[[nodiscard]] std::string describe_frame(const Bytes& frame);
/// A frame on its way out.
[[nodiscard]] std::string describe_frame(const wire::Frame& frame);

}  // namespace mpreg::runtime
