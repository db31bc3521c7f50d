#include <algorithm>

#include "engine/rpc/rpc.hpp"

namespace mpreg::rpc {

void Caller::tables(TableSizes& out) const {
  out.push_back({"calls_in_flight", flights_.size(), options_.calls_max});
  out.push_back({"calls_per_client", flights_.most_of_a_client(), options_.calls_per_client_max});
  out.push_back({"calls_bytes", flights_.bytes(), options_.calls_bytes_max});
  out.push_back({"calls_bytes_per_client", flights_.most_bytes_of_a_client(),
                 options_.calls_bytes_per_client_max});
  out.push_back({"provider_loads", loads_.size(), limits::members_max});
  out.push_back({"selections_kept", directory_.size(), limits::selections_kept_max});
}

void Answers::tables(TableSizes& out) const {
  out.push_back({"answers_kept", ends_.size(), ends_.count_max()});
  out.push_back({"answers_kept_bytes", ends_.bytes(), ends_.bytes_max()});
  out.push_back({"refusals_kept", refusals_.size(), refusals_.count_max()});
  out.push_back({"refusals_kept_bytes", refusals_.bytes(), refusals_.bytes_max()});
}

std::size_t Flights::most_of_a_client() const {
  std::size_t most = 0;
  for (std::uint32_t index = 0; index < slab_.extent(); ++index) {
    if (!slab_.is_used(index) || slab_[index].question.client.is_none()) continue;
    most = std::max<std::size_t>(most, count_of(slab_[index].question.client));
  }
  return most;
}

std::size_t Flights::most_bytes_of_a_client() const {
  std::size_t most = 0;
  for (std::uint32_t index = 0; index < slab_.extent(); ++index) {
    if (!slab_.is_used(index) || slab_[index].question.client.is_none()) continue;
    most = std::max(most, bytes_of(slab_[index].question.client));
  }
  return most;
}

void Rpc::tables(TableSizes& out) const {
  caller_.tables(out);
  out.push_back({"executions", callee_.size(), options_.executions_max});
  out.push_back({"executions_bytes", callee_.running_bytes(), options_.executions_bytes_max});
  out.push_back({"offers", callee_.workers().size(), limits::offers_max});
  answers_.tables(out);
}

}  // namespace mpreg::rpc
