// SPDX-License-Identifier: BSD-2-Clause
//
// Whether a gzip file is as it was made, by the checksum at its end, which libarchive does not look
// at.
#pragma once

#include <cstdint>
#include <string_view>

namespace coffer::runtime {

// False when it is gzip (RFC 1952), one member or several, and cut off or damaged. True for what is
// no gzip, for bytes behind the last member, and for more than `maxBytes` of content, which it does
// not look at to the end.
[[nodiscard]] bool isIntactIfGzip(std::string_view bytes, std::uint64_t maxBytes);

}  // namespace coffer::runtime
