// SPDX-License-Identifier: GPL-2.0-or-later
// A conference port whose audio comes from and goes to a FrameEnd.
#ifndef CALLFLOOR_CONF_PORT_HPP
#define CALLFLOOR_CONF_PORT_HPP

#include <cstdint>
#include <memory>

#include <pjsua2.hpp>

namespace callfloor {

constexpr unsigned kRate = 8000;
constexpr unsigned kFrameSamples = 160;
constexpr unsigned kFrameBytes = 2 * kFrameSamples;

// Both functions run in the conference's clock thread, once a tick at most: they must never block.
// The conference asks give() only of ports somebody listens to, but calls take() each tick.
class FrameEnd {
public:
    virtual ~FrameEnd() = default;
    // Fills 160 samples; false means silence.
    virtual bool give(std::int16_t *samples) = 0;
    // Takes 160 samples, nullptr when nobody transmits; timestamp counts samples at 8 kHz.
    virtual void take(const std::int16_t *samples, std::uint64_t timestamp) = 0;
};

// The port holds a share of `end` until the conference has let go of it, which happens some ticks after
// pjmedia_port_destroy(). Its memory is its own. Raises pj::Error.
pjmedia_port *make_conf_port(const char *name, const std::shared_ptr<FrameEnd> &end);

// The pool `port` was made in.
pj_pool_t *conf_port_pool(pjmedia_port *port);

// False once the library was shut down: its ports and pools are gone and must not be touched.
bool library_alive();

[[noreturn]] void raise_errno(int error, const char *what, const std::string &where);

}  // namespace callfloor

#endif
