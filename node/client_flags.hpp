#pragma once

#include <memory>

#include "engine/base/result.hpp"
#include "node/cli_options.hpp"
#include "node/client/connection.hpp"

namespace mpreg::node {

/// Opens the connection a client verb asked for and waits for it. Errors are printed to stderr;
/// then `code` is the exit code and the pointer is null.
[[nodiscard]] std::unique_ptr<Connection> connect(const ClientFlags& flags, const char* verb,
                                                  std::size_t threads, int& code);

/// The time a client verb gives its call. Requires: connect() succeeded with the same flags.
[[nodiscard]] Duration timeout_of(const ClientFlags& flags);

/// A function as the node will know it. Errors: invalid_argument (the version).
[[nodiscard]] Result<wire::FunctionRecord> function_record(std::string name, std::string version,
                                                           std::vector<std::string> resources);

}  // namespace mpreg::node
