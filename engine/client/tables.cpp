#include "engine/base/limits.hpp"
#include "engine/client/client.hpp"

namespace mpreg::client {

TableSizes Client::tables() const {
  TableSizes all;
  sessions_.tables(all);
  all.push_back({"calls", calls_.size(), options_.calls_max});
  all.push_back({"executions", executions_.size(), limits::executions_max});
  all.push_back({"begun", begun_.size(), options_.begun_max});
  all.push_back({"registrations", registering_.size(), 2 * limits::offers_max});
  all.push_back({"functions", functions_.size(), limits::offers_max});
  return all;
}

}  // namespace mpreg::client
