// SPDX-License-Identifier: GPL-2.0-or-later
#include "pcm_ear.hpp"

#include <cstdint>
#include <cstring>
#include <utility>

namespace callfloor {
namespace {

// dB by which the low tone may exceed the high one, and the other way round: administrations ask for 4 to 10 of either
// (ITU-T Q.24 annex A). spandsp's own 4 for the high tone heard nothing at 5; with 7 no more of speech is a digit.
constexpr int kTwist = 8;
constexpr int kReverseTwist = 7;
constexpr int kAsItIs = -99;

}  // namespace

PcmEar::PcmEar(std::function<void(char)> on_digit)
    : on_digit_(std::move(on_digit)), dtmf_(dtmf_rx_init(nullptr, &PcmEar::on_digits, this)) {
    dtmf_rx_parms(dtmf_, -1, kTwist, kReverseTwist, kAsItIs);
}

PcmEar::~PcmEar() { dtmf_rx_free(dtmf_); }

void PcmEar::hear(const unsigned char *bytes, std::size_t count) {
    std::int16_t samples[kMostBytes / 2 + 1];
    unsigned char *joined = reinterpret_cast<unsigned char *>(samples);
    std::size_t size = 0;
    if (have_odd_byte_) joined[size++] = odd_byte_;
    std::memcpy(joined + size, bytes, count);
    size += count;
    have_odd_byte_ = size % 2 != 0;
    if (have_odd_byte_) odd_byte_ = joined[size - 1];
    dtmf_rx(dtmf_, samples, static_cast<int>(size / 2));
    voice_.hear(samples, size / 2);
}

void PcmEar::on_digits(void *self, const char *digits, int count) {
    for (int i = 0; i < count; ++i) static_cast<PcmEar *>(self)->on_digit_(digits[i]);
}

}  // namespace callfloor
