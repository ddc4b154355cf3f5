// SPDX-License-Identifier: GPL-2.0-or-later
#include "dahdi_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <pjmedia/alaw_ulaw.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "conf_port.hpp"

namespace callfloor {
namespace {

// <dahdi/user.h>; the same in 2.11 and 3.1.
constexpr int kElast = 500;  // ELAST: an event waits on the channel; its owner will take it
constexpr int kLawAlaw = 2;  // DAHDI_LAW_ALAW
struct Params {              // struct dahdi_params
    int before[10];
    int law;
    int idle_bits;
    char name[40];
    int times[11];
    unsigned alarms;
};
constexpr int kFlushRead = 1;  // DAHDI_FLUSH_READ
constexpr unsigned long kFlush = _IOW(0xDA, 3, int);
constexpr unsigned long kGetParams = _IOWR(0xDA, 5, Params);
constexpr unsigned long kDialing = _IOR(0xDA, 35, int);
constexpr unsigned long kSetLinear = _IOW(0xDA, 40, int);

constexpr std::size_t kMostSamples = 1024;
constexpr std::size_t kPrimeBytes = 2 * kFrameBytes;      // with less, each late tick of ours would be a gap ...
constexpr std::size_t kMostQueued = 3 * kFrameSamples;    // ... and 60 ms are delay enough

// What the driver says for "nothing now" besides EAGAIN.
ssize_t nothing_now() {
    if (errno == kElast) errno = EAGAIN;
    return -1;
}

}  // namespace

std::unique_ptr<DahdiFile> DahdiFile::open(int fd) {
    Params params{};
    if (::ioctl(fd, kGetParams, &params) != 0) return nullptr;
    return std::unique_ptr<DahdiFile>(new DahdiFile(fd, params.law == kLawAlaw));
}

DahdiFile::DahdiFile(int fd, bool alaw) : PcmFile(fd), alaw_(alaw) {
    int linear = 0;
    ::ioctl(fd_, kSetLinear, &linear);
    // What it heard before anybody listened: the driver keeps the oldest, which would only delay the rest.
    int what = kFlushRead;
    ::ioctl(fd_, kFlush, &what);
}

DahdiFile::~DahdiFile() {
    int linear = 1;
    ::ioctl(fd_, kSetLinear, &linear);
}

// A block at most.
ssize_t DahdiFile::read(void *bytes, std::size_t most) {
    std::array<unsigned char, kMostSamples> companded;
    const ssize_t got = ::read(fd_, companded.data(), std::min(most / 2, companded.size()));
    if (got < 0) return nothing_now();
    if (got == 0) {
        errno = EAGAIN;
        return -1;
    }
    const auto count = static_cast<std::size_t>(got);
    queued_ -= std::min(queued_, count);
    std::array<std::int16_t, kMostSamples> samples;
    if (alaw_) {
        pjmedia_alaw_decode(samples.data(), companded.data(), count);
    } else {
        pjmedia_ulaw_decode(samples.data(), companded.data(), count);
    }
    std::memcpy(bytes, samples.data(), 2 * count);
    return static_cast<ssize_t>(2 * count);
}

// A block at most, too: what is asked is whole samples.
ssize_t DahdiFile::write(const void *bytes, std::size_t count) {
    const std::size_t wanted = std::min(count / 2, kMostSamples);
    std::array<std::int16_t, kMostSamples> samples;
    std::memcpy(samples.data(), bytes, 2 * wanted);
    std::array<unsigned char, kMostSamples> companded;
    if (alaw_) {
        pjmedia_alaw_encode(companded.data(), samples.data(), wanted);
    } else {
        pjmedia_ulaw_encode(companded.data(), samples.data(), wanted);
    }
    const ssize_t put = ::write(fd_, companded.data(), wanted);
    if (put < 0) return nothing_now();
    queued_ += static_cast<std::size_t>(put);
    return 2 * put;
}

bool DahdiFile::wants(std::size_t waiting) const {
    return queued_ == 0 ? waiting >= kPrimeBytes : queued_ < kMostQueued;
}

// Digits: a write would end them.
bool DahdiFile::sends_by_itself() const {
    int dialing = 0;
    return ::ioctl(fd_, kDialing, &dialing) == 0 && dialing != 0;
}

}  // namespace callfloor
