// SPDX-License-Identifier: GPL-2.0-or-later
// The descriptor of a line: s16le in and out without waiting, whatever stands behind it.
#ifndef CALLFLOOR_PCM_FILE_HPP
#define CALLFLOOR_PCM_FILE_HPP

#include <cstddef>
#include <memory>

#include <sys/types.h>

namespace callfloor {

class PcmFile {
public:
    // Takes over the descriptor, which must be non-blocking; finds out what it is.
    static std::unique_ptr<PcmFile> open(int fd);
    virtual ~PcmFile();
    PcmFile(const PcmFile &) = delete;
    PcmFile &operator=(const PcmFile &) = delete;

    // As read(2) and write(2): -1 with EAGAIN is "nothing now", another errno or 0 read the end of the line.
    virtual ssize_t read(void *bytes, std::size_t most);
    virtual ssize_t write(const void *bytes, std::size_t count);
    // Should the driver be given some of so many bytes that wait? What it queues is delay nobody can drop any more.
    virtual bool wants(std::size_t waiting) const;
    // The line itself sends something just now, which a write would spoil.
    virtual bool sends_by_itself() const;

protected:
    explicit PcmFile(int fd) : fd_(fd) {}
    const int fd_;
};

}  // namespace callfloor

#endif
