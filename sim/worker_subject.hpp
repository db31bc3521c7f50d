#pragma once

#include "sim/subject.hpp"

namespace mpreg::sim {

/// The client of production, client::Client, as a process that serves functions: a worker.
///
/// Of the options it uses self, name, cluster_name, has_key and seeds: the nodes that it connects
/// to, tried in order. It serves while it is connected. It is no member and offers no records of
/// its own: what checkers see of those is empty.
[[nodiscard]] std::unique_ptr<Subject> make_worker(const fabric::Options& options);

}  // namespace mpreg::sim
