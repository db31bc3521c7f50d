// The one unit that compiles Boost.Asio; see BOOST_ASIO_SEPARATE_COMPILATION in cmake/World.cmake.
#include <boost/asio/impl/src.hpp>
