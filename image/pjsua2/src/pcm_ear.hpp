// SPDX-License-Identifier: GPL-2.0-or-later
// What is listened for in the audio of a line: DTMF digits and voices.
#ifndef CALLFLOOR_PCM_EAR_HPP
#define CALLFLOOR_PCM_EAR_HPP

#include <cstddef>
#include <functional>

#include <spandsp.h>

#include "pcm_voice.hpp"

namespace callfloor {

class PcmEar {
public:
    // on_digit gets each DTMF digit when it has been heard for two blocks of 12.75 ms.
    explicit PcmEar(std::function<void(char)> on_digit);
    ~PcmEar();
    PcmEar(const PcmEar &) = delete;
    PcmEar &operator=(const PcmEar &) = delete;

    // Bytes of s16le at 8 kHz as they come; a sample may be split. At most kMostBytes.
    void hear(const unsigned char *bytes, std::size_t count);
    unsigned long long voice_frames() const { return voice_.frames(); }

    static constexpr std::size_t kMostBytes = 2048;

private:
    static void on_digits(void *self, const char *digits, int count);

    std::function<void(char)> on_digit_;
    dtmf_rx_state_t *dtmf_;
    VoiceMeter voice_;
    unsigned char odd_byte_ = 0;  // first half of a sample whose other half has not come yet
    bool have_odd_byte_ = false;
};

}  // namespace callfloor

#endif
