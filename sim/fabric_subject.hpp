#pragma once

#include "sim/subject.hpp"

namespace mpreg::sim {

/// The logic of production, fabric::Fabric, as a subject. Requires: options.finish() succeeded.
[[nodiscard]] std::unique_ptr<Subject> make_fabric(const fabric::Options& options);

}  // namespace mpreg::sim
