// SPDX-License-Identifier: GPL-2.0-or-later
#include "wav_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

namespace callfloor {
namespace {

constexpr std::uint32_t kHeaderBytes = 44;
constexpr std::uint32_t kRate = 8000;
constexpr std::uint16_t kChannels = 2;
constexpr std::uint16_t kBlockBytes = 2 * kChannels;

void put16(unsigned char *at, std::uint16_t value) {
    at[0] = static_cast<unsigned char>(value);
    at[1] = static_cast<unsigned char>(value >> 8);
}

void put32(unsigned char *at, std::uint32_t value) {
    put16(at, static_cast<std::uint16_t>(value));
    put16(at + 2, static_cast<std::uint16_t>(value >> 16));
}

}  // namespace

WavFile::~WavFile() { close(); }

int WavFile::create(const std::string &path) {
    path_ = path;
    fd_ = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR | O_CLOEXEC, 0640);
    if (fd_ < 0) return errno;
    if (write_header()) return 0;
    const int error = error_;
    close();
    return error;
}

bool WavFile::append(const void *bytes, std::size_t count) {
    const std::size_t written = write_at(bytes, count, kHeaderBytes + data_bytes_);
    data_bytes_ += written - written % kBlockBytes;
    return written == count;
}

// RIFF sizes are 32 bits: past 37 hours the header stays at its greatest and players read to the end of the file.
bool WavFile::write_header() {
    const std::uint64_t greatest = 0xFFFFFFFFU - kHeaderBytes - kBlockBytes;
    const auto data = static_cast<std::uint32_t>(std::min(data_bytes_, greatest - greatest % kBlockBytes));
    unsigned char header[kHeaderBytes];
    std::memcpy(header, "RIFF", 4);
    put32(header + 4, data + kHeaderBytes - 8);
    std::memcpy(header + 8, "WAVEfmt ", 8);
    put32(header + 16, 16);
    put16(header + 20, 1);  // PCM
    put16(header + 22, kChannels);
    put32(header + 24, kRate);
    put32(header + 28, kRate * kBlockBytes);
    put16(header + 32, kBlockBytes);
    put16(header + 34, 16);
    std::memcpy(header + 36, "data", 4);
    put32(header + 40, data);
    return write_at(header, sizeof header, 0) == sizeof header;
}

std::size_t WavFile::write_at(const void *bytes, std::size_t count, std::uint64_t offset) {
    const char *next = static_cast<const char *>(bytes);
    std::size_t written = 0;
    while (written < count) {
        const ssize_t put = ::pwrite(fd_, next + written, count - written, static_cast<off_t>(offset + written));
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) {
            if (!error_) error_ = put < 0 ? errno : ENOSPC;
            break;
        }
        written += static_cast<std::size_t>(put);
    }
    return written;
}

bool WavFile::sync() {
    if (!directory_synced_) sync_directory();
    directory_synced_ = true;
    if (::fdatasync(fd_) == 0) return true;
    if (!error_) error_ = errno;
    return false;
}

// A new file's name is durable only when its directory is (fsync(2)).
void WavFile::sync_directory() const {
    const std::size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

void WavFile::trim() {
    if (::ftruncate(fd_, static_cast<off_t>(kHeaderBytes + data_bytes_)) != 0 && !error_) error_ = errno;
}

void WavFile::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

}  // namespace callfloor
