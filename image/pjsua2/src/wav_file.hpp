// SPDX-License-Identifier: GPL-2.0-or-later
// A stereo 16-bit 8 kHz WAV file that is playable at every moment of its making.
#ifndef CALLFLOOR_WAV_FILE_HPP
#define CALLFLOOR_WAV_FILE_HPP

#include <cstddef>
#include <cstdint>
#include <string>

namespace callfloor {

class WavFile {
public:
    ~WavFile();

    // Creates or replaces the file and writes an empty header. Returns 0 or errno.
    int create(const std::string &path);
    // The others return true on success and on failure remember the first errno.
    bool append(const void *bytes, std::size_t count);
    bool write_header();
    bool sync();
    // Cuts off what a failed write left behind the last whole sample.
    void trim();
    void close();
    int error() const { return error_; }
    std::uint64_t data_bytes() const { return data_bytes_; }

private:
    // Returns how many bytes were written; fewer than `count` only on an error.
    std::size_t write_at(const void *bytes, std::size_t count, std::uint64_t offset);
    void sync_directory() const;

    std::string path_;
    int fd_ = -1;
    int error_ = 0;
    bool directory_synced_ = false;
    std::uint64_t data_bytes_ = 0;
};

}  // namespace callfloor

#endif
