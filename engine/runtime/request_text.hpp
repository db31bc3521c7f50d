#pragma once

#include <string>
#include <string_view>

#include "engine/runtime/types.hpp"

/// One-line texts of what hosts ask and are told; parts of trace lines.
namespace mpreg::runtime {

[[nodiscard]] std::string_view name_of(StorageStatus status);  ///< "corrupt".
[[nodiscard]] std::string_view name_of(KvOp op);               ///< "cas".

/// "ok n2 31B" or "timeout n2 \"why\"".
[[nodiscard]] std::string describe(const Outcome& outcome);

/// "call{add@^1 timeout=5s 12B}". Payloads appear by size only: traces are for people.
[[nodiscard]] std::string describe(const ClientRequest& request);

/// "add@1.2.0".
[[nodiscard]] std::string describe(const wire::FunctionRecord& function);

}  // namespace mpreg::runtime
