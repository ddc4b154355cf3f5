// SPDX-License-Identifier: GPL-2.0-or-later
// A DAHDI channel as the descriptor of a line. It comes and goes in linear mode; in between we expand and compress ourselves,
// by the tables of the SIP legs' G.711: the driver expands A-law to the edges of its steps (dahdi-base.c, alaw2linear), so that
// half of all samples would change on the way.
#ifndef CALLFLOOR_DAHDI_FILE_HPP
#define CALLFLOOR_DAHDI_FILE_HPP

#include <cstdint>

#include "pcm_file.hpp"

namespace callfloor {

class DahdiFile : public PcmFile {
public:
    // Null when the descriptor is no DAHDI channel, and is then not taken over.
    static std::unique_ptr<DahdiFile> open(int fd);
    ~DahdiFile() override;

    ssize_t read(void *bytes, std::size_t most) override;
    ssize_t write(const void *bytes, std::size_t count) override;
    bool wants(std::size_t waiting) const override;
    bool sends_by_itself() const override;

private:
    DahdiFile(int fd, bool alaw);

    const bool alaw_;
    // Samples in the driver that are not sent yet: it plays one for each that it hears, and does not tell.
    std::size_t queued_ = 0;
};

}  // namespace callfloor

#endif
